"""REST routes about single files of projects: a page of text, the bytes, versions, what changed; and full text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, request

from ..errors import BadRequest, Busy
from ..files.search_pattern import pattern_of
from ..hub.ring import encode
from ..json_values import as_json, schema_of
from ..times import iso_time
from ..web.api import Api, reply
from ..web.file_responses import RangeNotSatisfiable, Show, file_response
from ..web.params import Flag, Integer, OptionalChoice, OptionalText, Text
from ..web.people import person_of
from .contents.diff import Hunk
from .contents.encodings import ENCODINGS
from .contents.line_part import LinePart
from .contents.reader import ArtifactReader, Changes, LinkTarget, Page
from .contents.search import Done, Hit, SearchLimits, SearchProgress, search
from .model import Artifact
from .routes import PROJECT
from .versions.store import LastView

SEARCHES_AT_ONCE = 4
_WAIT_S = 3.0
_MOST_HITS = 1_000
_PATH = Text("path", "the file's path in the project as it is shown")
_FROM_LINE = Integer("from_line", "number of the first line to show", 1, 1, 1 << 40)
_AT_END = Flag("end", "`1`: the last page of the file, whatever `from_line` says")
_ENCODING = OptionalChoice("encoding", "read it in this encoding; without it the encoding is found out", ENCODINGS)
_LINE = Integer("line", "number of the line", 1, 1, 1 << 40)
_COLUMN = Integer("column", "the column (UTF-16 code units) that is to be in the part", 1, 1, 1 << 40)
_PICTURE = Flag("picture", "`1`: an SVG as a picture, only for an `img` of a page; else like `raw`")
_STAMP = OptionalText("stamp", "anything: browsers keep what is at one address, so a changed picture has another one")
_RAW = Flag("raw", "`1`: the bytes, as text or picture in a sandbox; takes ranges")
_DOWNLOAD = Flag("download", "`1`: the bytes, to be saved as a file; takes ranges")
_CONTENT = "`current`, `looked` (viewed last), `previous` (the last one that differs) or the SHA-256 of a version"
_OLD = Text("from", f"the older content: {_CONTENT}", default="previous")
_NEW = Text("to", f"the newer content: {_CONTENT}", default="current")
_SHA256 = OptionalText("sha256", "the content that was shown; without it what the file is now")
_SOUGHT = Text("q", "what to search for, in one line")
_REGEX = Flag("regex", "`1`: it is an expression in RE2's syntax")
_CASE = Flag("case", "`1`: capital and small letters differ")
_UNDER = Text("under", "only in this folder, at any depth")
_MAX_HITS = Integer("limit", f"at most so many hits, 1 to {_MOST_HITS:,}", 200, 1, _MOST_HITS)


def artifact_file_routes(api: Api, reading: Callable[[str], ArtifactReader]) -> None:
    """Declare the routes. `reading(project)` reads the files of a project; it raises NotFound if the dashboard does not
    watch any artifacts."""
    searches = threading.BoundedSemaphore(SEARCHES_AT_ONCE)

    @api.get(
        "/api/artifacts/<project>/file",
        PROJECT,
        _PATH,
        _FROM_LINE,
        _AT_END,
        _ENCODING,
        _RAW,
        _PICTURE,
        _STAMP,
        _DOWNLOAD,
        answer={
            "type": "object",
            "required": ["artifact", "preview", "truncated", "encoding", "binary", "versions"],
            "properties": {"artifact": schema_of(Artifact)},
        },
    )
    def show_file(project: str) -> Response:
        """A page of a file's text with its encoding, or the bytes; what is not text is never shown as text."""
        path = _path()
        download = _DOWNLOAD.value()
        picture = _PICTURE.value()
        if _RAW.value() or picture or download:
            return _bytes(reading(project), project, path, download, picture)
        page = reading(project).page(project, path, _FROM_LINE.value(), _ENCODING.value(), _AT_END.value())
        response = Response(encode(_page(page)), mimetype="application/json", headers={"Cache-Control": "no-cache"})
        response.add_etag()
        response.make_conditional(request)
        return response

    @api.get(
        "/api/artifacts/<project>/line",
        PROJECT,
        _PATH,
        _LINE,
        _COLUMN,
        _ENCODING,
        answer=schema_of(LinePart),
    )
    def show_line(project: str) -> LinePart:
        """The part of a line around a column, for lines that are longer than what is shown of them."""
        return reading(project).line(project, _path(), _LINE.value(), _COLUMN.value(), _ENCODING.value())

    @api.get("/api/artifacts/<project>/link", PROJECT, _PATH, answer=schema_of(LinkTarget))
    def show_link(project: str) -> LinkTarget:
        """Where a symbolic link leads; it is not followed."""
        return reading(project).link(project, _path())

    @api.get("/api/artifacts/<project>/moved", PROJECT, _PATH, answer={"type": "object", "required": ["moved_to"]})
    def show_move(project: str) -> dict[str, Any]:
        """Where a file is that was moved or renamed, with its versions; null if it is not known to be."""
        found = reading(project).moved(project, _path())
        may_see = found is not None and person_of(request.environ).may_see(found[0])
        return {"moved_to": {"project": found[0], "path": found[1]} if found and may_see else None}

    @api.get("/api/artifacts/<project>/versions", PROJECT, _PATH)
    def list_versions(project: str) -> dict[str, Any]:
        """The contents of a file that were seen since the service first started, newest first; the one viewed last."""
        found = reading(project).history(project, _path())
        return {
            "versions": [
                {
                    "sha256": version.sha256,
                    "seen_at": iso_time(version.seen_at),
                    "size_bytes": version.size_bytes,
                    "current": version.sha256 == found.current,
                }
                for version in found.versions
            ],
            "looked_at": _looked(found.looked),
        }

    @api.get(
        "/api/artifacts/<project>/diff",
        PROJECT,
        _PATH,
        _OLD,
        _NEW,
        _ENCODING,
        answer={
            "type": "object",
            "required": ["from", "to", "hunks", "added", "removed", "truncated"],
            "properties": {"hunks": {"type": "array", "items": schema_of(Hunk)}},
        },
    )
    def show_diff(project: str) -> dict[str, Any]:
        """What changed in a file between two of its contents, by lines and within lines."""
        return _changes(reading(project).changes(project, _path(), _OLD.value(), _NEW.value(), _ENCODING.value()))

    @api.post(
        "/api/artifacts/<project>/looked",
        PROJECT,
        _PATH,
        _SHA256,
        answer={"type": "object", "required": ["looked_at"]},
    )
    def mark_looked(project: str) -> dict[str, Any]:
        """Note that a file was viewed, so that `diff?from=looked` shows what changed since; null if not stored."""
        return {"looked_at": _looked(reading(project).look(project, _path(), _SHA256.value()))}

    @api.get(
        "/api/artifacts/<project>/search",
        PROJECT,
        _SOUGHT,
        _REGEX,
        _CASE,
        _UNDER,
        _MAX_HITS,
    )
    def search_contents(project: str) -> Response:
        """Where a text occurs in the files: JSON lines `hit`, `progress`, at last `done`, as they are found."""
        pattern = pattern_of(_SOUGHT.value(), _REGEX.value(), _CASE.value())
        limits = SearchLimits(hits=_MAX_HITS.value())
        read = reading(project)
        paths = read.searched(project, _UNDER.value().strip("/"))
        if not searches.acquire(timeout=_WAIT_S):
            raise Busy(f"{SEARCHES_AT_ONCE} searches are going on already; try again in a moment.")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        response = Response(
            _lines(search(read.root, paths, pattern, limits)), mimetype="application/x-ndjson", headers=headers
        )
        response.call_on_close(_once(searches.release))
        return response


def _lines(found: Iterator[Hit | SearchProgress | Done]) -> Iterator[str]:
    for one in found:
        match one:
            case Hit():
                yield encode({"hit": as_json(one)}) + "\n"
            case SearchProgress():
                yield encode({"progress": as_json(one)}) + "\n"
            case Done():
                yield encode({"done": as_json(one.progress)}) + "\n"


def _bytes(reading: ArtifactReader, project: str, path: str, download: bool, picture: bool) -> Response:
    opened = reading.open(project, path)
    show = Show.DOWNLOAD if download else Show.PICTURE if picture else Show.TEXT
    try:
        return file_response(request, opened.handle, opened.status, opened.head, opened.artifact.name, show)
    except RangeNotSatisfiable as refusal:
        refused = reply(refusal.as_json(), refusal.http_status)
        refused.headers["Content-Range"] = f"bytes */{opened.status.st_size}"
        return refused


def _page(page: Page) -> dict[str, Any]:
    shown = page.preview
    return {
        "artifact": as_json(page.artifact),
        "preview": {
            "text": shown.text,
            "from_line": shown.from_line,
            "lines": shown.lines,
            "total_lines": shown.total_lines,
            "next_line": shown.next_line,
            "clipped": list(shown.clipped),
            "hidden": list(shown.hidden),
        },
        "truncated": shown.truncated,
        "encoding": shown.encoding,
        "encoding_guessed": shown.guessed,
        "damaged": shown.damaged,
        "binary": shown.binary,
        "size_bytes": shown.size_bytes,
        "sha256": shown.sha256,
        "versions": page.versions,
    }


def _changes(changes: Changes) -> dict[str, Any]:
    return {"from": as_json(changes.old), "to": as_json(changes.new), **as_json(changes.diff)}


def _looked(looked: LastView | None) -> dict[str, str] | None:
    return {"sha256": looked.sha256, "time": iso_time(looked.time)} if looked else None


def _path() -> str:
    path = _PATH.value()
    if not path:
        raise BadRequest("`path` is missing: the file's path in the project.")
    return path


def _once(release: Callable[[], None]) -> Callable[[], None]:
    """The function, called by the first caller."""
    left = [release]
    return lambda: left.pop()() if left else None
