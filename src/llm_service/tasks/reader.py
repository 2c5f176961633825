"""Reads task files: a path under the collaboration root becomes a `TaskFile`, whatever the file contains."""

from __future__ import annotations

import hashlib
import logging
import os
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from .. import files
from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished, InternalError, Unparseable
from ..times import iso_time
from ..watch.retry import is_absence
from ..watch.scan import Filter, signature_of
from .claims import Claims, claims_of
from .left_out import lane_meant_by
from .model import FileFacts, Location, TaskError, TaskFile, TaskSummary, is_lane_folder, location_of
from .summary import summarize, summarize_elsewhere
from .values import plain_json

log = logging.getLogger(__name__)

_PARSED_CACHE_SIZE = 256


def pack(data: bytes) -> bytes:
    """The content of a file, compressed for memory: 20,000 tasks take a few tens of megabytes."""
    packer = zlib.compressobj(1, memLevel=5)  # 12 us for 2 kB; with the default 43, nearly all to clear its memory
    return packer.compress(data) + packer.flush()


def unpack(packed: bytes) -> bytes:
    """The content of which `pack` made `packed`."""
    return zlib.decompress(packed)


class _Parsed(NamedTuple):
    """What a content gives: its document, the content compressed, its claims, and its summary where it was first."""

    document: files.Document
    packed: bytes
    claims: Claims
    summary: TaskSummary


class TaskSource:
    """Selects the files under the root that are tasks, and reads them."""

    def __init__(self, root: str, lanes: tuple[str, ...], max_file_bytes: int) -> None:
        self.root = root
        self.lanes = lanes
        self._max_file_bytes = max_file_bytes
        self.folders = files.SafeRoot(root)
        """`with source.folders:` around several reads keeps the folders of the last file open for the next."""
        self._parsed_cache: OrderedDict[bytes, _Parsed] = OrderedDict()
        self.filter = Filter(
            folder=lambda path: is_lane_folder(path, lanes),
            file=lambda path: location_of(path, lanes) is not None,
            expected=lambda path: path in lanes,
            namesake=lambda path: lane_meant_by(path, lanes),
        )

    def location(self, path: str) -> Location | None:
        """The location of a relative path (which becomes printable), None if a file there is not a task."""
        return location_of(files.printable(path), self.lanes)

    def read(self, path: str, previous: TaskFile | None, now: float) -> TaskFile | None:
        """Read a file; None if it does not exist. A file that cannot be read or parsed becomes a broken task.

        `previous` is the result of the last read of that path: it is returned again if the content is the same, and a
        broken task inherits its last good version. `now` is Unix time. Raises FileChanging if the file is being
        written.
        """
        try:
            return self._read(path, previous, now)
        except FileChanging:
            raise
        except Exception:  # a defect that one file reveals must not stop the other tasks
            log.exception("%s could not be read", files.printable(path))
            return self._failed_file(path, previous)

    def _read(self, path: str, previous: TaskFile | None, now: float) -> TaskFile | None:
        location = self.location(path)
        if location is None:
            return None
        try:
            content = self._content(path)
        except FileVanished:
            return None
        except FileChanging:
            raise
        except FileRefused as refusal:
            return self._broken_file(location, path, refusal, previous)
        digest = hashlib.blake2b(content.data, digest_size=16).digest()
        signature = content.signature
        if previous is not None and previous.digest == digest and previous.summary.error is None:
            known = (previous.summary.size_bytes, previous.summary.modified_at)
            if known == (signature.size_bytes, iso_time(signature.mtime_ns / 1e9)):
                return previous
        size, mtime_ns = signature.size_bytes, signature.mtime_ns
        try:
            parsed = self._parsed(digest, content, location)
        except Unparseable as failure:
            problem = failure.problem
            packed = pack(content.data)
            error = TaskError(problem.message, problem.line, problem.column, problem.code)
            summary = summarize(location, files.salvage(failure.text), FileFacts(size, mtime_ns, error=error))
            last_good = previous.last_good if previous else None
            return TaskFile(summary, digest, packed, last_good, previous.last_good_read_at if previous else None)
        facts = _facts(parsed.document, signature)
        summary = summarize_elsewhere(parsed.summary, location, parsed.document.value, facts)
        return TaskFile(summary, digest, parsed.packed, parsed.packed, now, parsed.claims)

    def _content(self, path: str) -> files.FileContent:
        try:
            return files.read_file(self.folders, path, self._max_file_bytes)
        except FileVanished:  # perhaps from a folder that was replaced since it was opened
            self.folders.close()
            return files.read_file(self.folders, path, self._max_file_bytes)

    def _failed_file(self, path: str, previous: TaskFile | None) -> TaskFile | None:
        """The broken task of a file whose reading raised an unexpected exception; None if the file does not exist."""
        location = self.location(path)
        refusal = InternalError("This file could not be read because of an internal error; the log has the details.")
        return self._broken_file(location, path, refusal, previous) if location else None

    def _parsed(self, digest: bytes, content: files.FileContent, location: Location) -> _Parsed:
        """What the content gives, cached, because a task often moves to the next lane with the same content."""
        parsed = self._parsed_cache.pop(digest, None)
        if parsed is None:
            document = files.parse_mapping(content.data, as_written=True)
            claims = claims_of(document.value)
            summary = summarize(location, document.value, _facts(document, content.signature), claims)
            parsed = _Parsed(document, pack(content.data), claims, summary)
        self._parsed_cache[digest] = parsed
        if len(self._parsed_cache) > _PARSED_CACHE_SIZE:
            self._parsed_cache.popitem(last=False)
        return parsed

    def _broken_file(
        self, location: Location, path: str, refusal: FileRefused, previous: TaskFile | None
    ) -> TaskFile | None:
        try:
            signature = signature_of(os.lstat(os.path.join(self.root, path)))
        except OSError as problem:
            if is_absence(problem):
                return None
            signature = files.Signature(0, 0, 0)
        error = TaskError(refusal.message, None, None, refusal.code)
        if previous is not None and isinstance(refusal, FileUnreadable):
            # It is there, and nothing says that it changed: what is known of it stays, marked.
            return replace(previous, summary=replace(previous.summary, error=error))
        facts = FileFacts(signature.size_bytes, signature.mtime_ns, error=error)
        last_good, seen_at = (previous.last_good, previous.last_good_read_at) if previous else (None, None)
        return TaskFile(summarize(location, {}, facts), refusal.code.encode(), None, last_good, seen_at)


def _facts(document: files.Document, signature: files.Signature) -> FileFacts:
    return FileFacts(
        signature.size_bytes,
        signature.mtime_ns,
        documents=1 + len(document.extra) + (1 if document.extra_error else 0),
        duplicate_keys=bool(document.duplicate_keys),
        utf8=document.encoding.startswith("utf-8"),
    )


def details(file: TaskFile) -> dict[str, Any]:
    """The details of a file besides its summary, from its content as last read.

    `{document, extra_documents, raw, encoding, problem, last_good}`. If the file does not parse, `document` is {} and
    `problem` has the lines around the error; `raw` is None if it could not be read.
    """
    shown: dict[str, Any] = {
        "document": {}, "extra_documents": [], "raw": None, "encoding": None, "problem": None, "last_good": None,
    }  # fmt: skip
    error = file.summary.error
    if file.raw is not None:
        text = files.decode(unpack(file.raw))
        shown |= {"raw": text.text, "encoding": text.encoding}
    if error is None and file.raw is not None:
        document = files.parse_mapping(unpack(file.raw), as_written=True)
        shown |= {"document": plain_json(document.value), "extra_documents": plain_json(list(document.extra))}
        if document.extra_error is not None:
            shown["problem"] = _problem(document.extra_error, document.text)
    elif error is not None:
        problem = files.Problem(error.message, error.line, error.column, error.code)
        shown["problem"] = _problem(problem, shown["raw"] or "")
        if file.last_good is not None and file.last_good_read_at is not None:
            last_good = files.parse_mapping(unpack(file.last_good), as_written=True)
            shown["last_good"] = {
                "document": plain_json(last_good.value), "raw": last_good.text,
                "seen_at": iso_time(file.last_good_read_at),
            }  # fmt: skip
    return shown


def _problem(problem: files.Problem, text: str) -> dict[str, Any]:
    return {
        "message": problem.message, "line": problem.line, "column": problem.column, "code": problem.code,
        "context": files.context_lines(text, problem.line),
    }  # fmt: skip


def document_of(packed: bytes) -> Mapping[str, Any]:
    """The mapping in packed content as written, {} if it does not parse: for comparing versions."""
    try:
        value: Mapping[str, Any] = files.parse_mapping(unpack(packed), as_written=True).value
    except Unparseable:
        return {}
    return value
