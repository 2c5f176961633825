"""The page's own files: compressed once, at addresses that name their version, so that browsers keep them.

`/` is `index.html` with those addresses, with one stylesheet for all that it and the board need, and a hint for each
script and each answer of the service that the first card needs: else a browser learns of an import only when the file
before has come. What “Now” needs besides `lib/early.js` asks for, which knows the address. The files are at their
plain addresses too, as they are.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
import threading
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import NotFound

from . import page_modules
from .compression import accepts_gzip
from .page_modules import BUNDLE, NOW, PAGES, Modules

PREFIX = "/v"
_IMMUTABLE = "private, max-age=31536000, immutable"
_TEXTS = (".js", ".mjs", ".css", ".html", ".svg", ".json")
STYLES = "first.css"
_STYLES_OF_PAGE = re.compile(r"styles: \[([^\]]+)\]\.map\(\(name\) => `/(pages/(?:board|now)/)\$\{name\}`\)")
_FIRST_PAGES = ("pages/now/page.js", "pages/board/page.js")
_STYLESHEET = re.compile(r'\s*<link rel="stylesheet" href="/([^"]+)" />')
_ASKED_FIRST = ("/api/opening", "/api/snapshot?form=lines")
"""What `live/opening.js` asks for."""
_COMPRESSION = 9
_EXPORTS = re.compile(r"^export ", re.M)


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file: its bytes with versioned addresses, its type, and the bytes compressed if that makes them smaller."""

    body: bytes
    kind: str
    small: bytes | None


@dataclass(slots=True)
class _Version:
    """All files as they were at one moment; each is read and compressed when it is asked for first."""

    state: dict[str, tuple[int, int]]
    name: str
    modules: Modules
    files: dict[str, PageFile] = field(default_factory=dict)


class PageFiles:
    """The files of a folder. They may change while the service runs: then `/` leads to a new version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._version: _Version | None = None

    def index(self) -> tuple[str, PageFile]:
        """The version, and `index.html` for it."""
        version = self._current()
        return version.name, self._get(version, "index.html")

    def file(self, version: str, path: str) -> tuple[bool, PageFile]:
        """Whether that is the present version, and a file of the present one. Raises NotFound."""
        current = self._version or self._current()
        return version == current.name, self._get(current, path)

    def _current(self) -> _Version:
        state = _state(self._folder)
        with self._lock:
            if self._version is None or self._version.state != state:
                self._version = _Version(state, _name(self._folder, state), Modules(self._folder))
            return self._version

    def _get(self, version: _Version, path: str) -> PageFile:
        found = version.files.get(path)
        if found is None:
            if path not in version.state and path not in (BUNDLE, NOW, STYLES):
                raise NotFound
            found = version.files[path] = self._prepare(version, path)
        return found

    def _prepare(self, version: _Version, path: str) -> PageFile:
        if not path.endswith(_TEXTS):
            return PageFile((self._folder / path).read_bytes(), _kind(path), None)
        if path.endswith((".js", ".mjs")):
            text = version.modules.text(path)
            if path == PAGES:
                text = _STYLES_OF_PAGE.sub("styles: []", text)
        elif path == STYLES:
            text = "".join((self._folder / name).read_text(encoding="utf-8") for name in self._first_styles())
        else:
            text = (self._folder / path).read_text(encoding="utf-8")
        if path == "index.html":
            text = _STYLESHEET.sub("", text).replace("</head>", f"{self._hints(version.modules)}</head>")
        body = _versioned(text, self._folder, version.name).encode()
        small = gzip.compress(body, _COMPRESSION, mtime=0)
        return PageFile(body, _kind(path), small if len(small) < len(body) else None)

    def _hints(self, modules: Modules) -> str:
        """The stylesheet, and links to what the first card needs, then to what comes after it."""
        scripts, after = (
            [f'<link rel="modulepreload" href="/{path}" />' for path in paths]
            for paths in (modules.addresses, modules.addresses_after)
        )
        answers = [f'<link rel="preload" as="fetch" href="{address}" crossorigin />' for address in _ASKED_FIRST]
        links = [f'<link rel="stylesheet" href="/{STYLES}" />', *scripts, *answers, *after]
        return "".join(f"  {link}\n  " for link in links)

    def _first_styles(self) -> list[str]:
        """The stylesheets of `index.html`, of “Now” and of the board, in their order."""
        names = _STYLESHEET.findall((self._folder / "index.html").read_text(encoding="utf-8"))
        for path in _FIRST_PAGES:
            if found := _STYLES_OF_PAGE.search((self._folder / path).read_text(encoding="utf-8")):
                names += [f"{found[2]}{name}" for name in re.findall(r'"([^"]+)"', found[1])]
        return names


def page_blueprint(folder: Path) -> Blueprint:
    """The routes `/` and `/v/<version>/<path>`."""
    files = _files_of(folder)
    blueprint = Blueprint("page", __name__)

    @blueprint.get("/")
    def index() -> Response:
        version, page = files.index()
        response = _response(page, request)
        response.headers["Cache-Control"] = "no-cache"
        response.set_etag(f"{version}-{response.content_encoding or 'plain'}")
        response.make_conditional(request)
        return response

    @blueprint.get(f"{PREFIX}/<version>/<path:path>")
    def file(version: str, path: str) -> Response:
        is_current, page = files.file(version, path)
        response = _response(page, request)
        # A page that was opened before an update asks for files of its version: it gets those that there are.
        response.headers["Cache-Control"] = _IMMUTABLE if is_current else "no-store"
        return response

    @blueprint.get("/<any(lib,live,pages,shell,stores,ui):top>/<path:rest>.js")
    def plain(top: str, rest: str) -> Response:
        """The same module as at the address with the version, so that nothing is there twice."""
        path = f"{top}/{rest}.js"
        version, _ = files.index()
        _, page = files.file(version, path)
        text = page.body.decode()
        if _EXPORTS.search(text):
            address = f'"{PREFIX}/{version}/{path}"'
            text = f"export * from {address};\n"
            if "export default" in page.body.decode():
                text += f"export {{ default }} from {address};\n"
        response = Response(text, content_type=page.kind)
        response.headers["Cache-Control"] = "no-cache"
        return response

    return blueprint


@cache
def _files_of(folder: Path) -> PageFiles:
    """Those of a folder, once for all services of a process: to put them together takes as long as a page's loading."""
    return PageFiles(folder)


def _response(page: PageFile, asked: Request) -> Response:
    is_small = page.small is not None and accepts_gzip(asked)
    response = Response(page.small if is_small else page.body, content_type=page.kind)
    if is_small:
        response.headers["Content-Encoding"] = "gzip"
    if page.small is not None:
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Path -> time and size of all files."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    stats = ((path.relative_to(folder).as_posix(), path.stat()) for path in paths)
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in sorted(stats)}


def _name(folder: Path, state: dict[str, tuple[int, int]]) -> str:
    """A name of the content of all files, and of how they are put together: what browsers keep depends on both."""
    digest = sha256()
    for script in (Path(__file__), Path(page_modules.__file__)):
        digest.update(sha256(script.read_bytes()).digest())
    for path in state:
        digest.update(f"{path}\0".encode())
        digest.update(sha256((folder / path).read_bytes()).digest())
    return digest.hexdigest()[:12]


def _kind(path: str) -> str:
    if path.endswith((".js", ".mjs")):
        return "text/javascript; charset=utf-8"
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if path.endswith(_TEXTS) else kind


def _versioned(text: str, folder: Path, version: str) -> str:
    """Absolute addresses of the page's own files with the version before them."""
    entries = [entry.name + ("/" if entry.is_dir() else "") for entry in folder.iterdir()]
    names = "|".join(map(re.escape, sorted([*entries, BUNDLE, NOW, STYLES])))
    return re.sub(rf"([\"'`])/(?=(?:{names}))", rf"\g<1>{PREFIX}/{version}/", text)
