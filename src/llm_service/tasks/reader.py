"""Reading task files: a path under the collaboration root becomes a `TaskFile`, whatever its bytes are."""

from __future__ import annotations

import hashlib
import logging
import os
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from .. import files
from ..errors import FileChanging, FileRefused, FileVanished, InternalError, Unparseable
from ..times import iso_time
from ..watch.scan import Wanted, signature_of
from .claims import claims_of
from .model import FileFacts, Place, TaskError, TaskFile, is_lane_folder, place_of, summarize


def pack(data: bytes) -> bytes:
    """Compress a file's bytes for keeping; 20,000 tasks fit into a few tens of megabytes."""
    return zlib.compress(data, 1)


def unpack(packed: bytes) -> bytes:
    """The bytes that were packed."""
    return zlib.decompress(packed)


log = logging.getLogger(__name__)

_PARSED_KEPT = 256


class TaskSource:
    """Knows which files under the root are tasks and how to read one."""

    def __init__(self, root: str, lanes: tuple[str, ...], max_file_bytes: int) -> None:
        self.root = root
        self.lanes = lanes
        self._max_file_bytes = max_file_bytes
        self._parsed: OrderedDict[bytes, files.Document] = OrderedDict()
        self.wanted = Wanted(
            folder=lambda path: is_lane_folder(path, lanes),
            file=lambda path: place_of(path, lanes) is not None,
        )

    def place(self, path: str) -> Place | None:
        """The place of a relative path, None if no task lies there. The path is made printable."""
        return place_of(files.printable(path), self.lanes)

    def read(self, path: str, previous: TaskFile | None, now: float) -> TaskFile | None:
        """Read one file; None if it is gone. A file that cannot be read or parsed becomes a broken task.

        `previous` is what was known of that path: its object is returned if the content is the same, and its
        last good version is kept. Raises FileChanging if someone writes just now. `now` is Unix time.
        """
        try:
            return self._read(path, previous, now)
        except FileChanging:
            raise
        except Exception:  # whatever is in one file, the others must still be followed
            log.exception("%s could not be read", files.printable(path))
            return self._unreadable(path, previous)

    def _read(self, path: str, previous: TaskFile | None, now: float) -> TaskFile | None:
        place = self.place(path)
        if place is None:
            return None
        try:
            content = files.read_file(self.root, path, self._max_file_bytes)
        except FileVanished:
            return None
        except FileChanging:
            raise
        except FileRefused as refusal:
            return self._refused(place, path, refusal, previous)
        digest = hashlib.blake2b(content.data, digest_size=16).digest()
        signature = content.signature
        if previous is not None and previous.digest == digest and previous.summary.error is None:
            facts = (previous.summary.size_bytes, previous.summary.modified_at)
            if facts == (signature.size_bytes, iso_time(signature.mtime_ns / 1e9)):
                return previous
        packed = pack(content.data)
        size, mtime_ns = signature.size_bytes, signature.mtime_ns
        try:
            document = self._document(digest, content.data)
        except Unparseable as failure:
            problem = failure.problem
            error = TaskError(problem.message, problem.line, problem.column, problem.code)
            summary = summarize(place, files.salvage(failure.text), FileFacts(size, mtime_ns, error=error))
            good = previous.good if previous else None
            return TaskFile(summary, digest, packed, good, previous.good_seen_at if previous else None)
        facts_read = FileFacts(
            size,
            mtime_ns,
            documents=1 + len(document.extra) + (1 if document.extra_error else 0),
            duplicate_keys=bool(document.duplicate_keys),
            utf8=document.encoding.startswith("utf-8"),
        )
        claims = claims_of(document.value)
        return TaskFile(summarize(place, document.value, facts_read, claims), digest, packed, packed, now, claims)

    def _unreadable(self, path: str, previous: TaskFile | None) -> TaskFile | None:
        """The card of a file at which reading failed in a way that it never should; None if nothing is there."""
        place = self.place(path)
        refusal = InternalError("This file could not be read because of an error of ours; the log says more.")
        return self._refused(place, path, refusal, previous) if place else None

    def _document(self, digest: bytes, data: bytes) -> files.Document:
        """The parsed content; the last few are kept, because a task often moves on with the same content."""
        document = self._parsed.pop(digest, None) or files.parse_mapping(data)
        self._parsed[digest] = document
        if len(self._parsed) > _PARSED_KEPT:
            self._parsed.popitem(last=False)
        return document

    def _refused(self, place: Place, path: str, refusal: FileRefused, previous: TaskFile | None) -> TaskFile | None:
        try:
            signature = signature_of(os.lstat(os.path.join(self.root, path)))
        except OSError:
            return None
        error = TaskError(refusal.message, None, None, refusal.code)
        facts = FileFacts(signature.size_bytes, signature.mtime_ns, error=error)
        good, seen_at = (previous.good, previous.good_seen_at) if previous else (None, None)
        return TaskFile(summarize(place, {}, facts), refusal.code.encode(), None, good, seen_at)


def details(file: TaskFile) -> dict[str, Any]:
    """What the detail view of one file shows beside its summary, out of the text as last read.

    `{document, extra_documents, raw, encoding, problem, last_good}`; `document` is {} and `problem` has the
    lines around the error when the file does not parse; `raw` is None for a file that could not be read.
    """
    shown: dict[str, Any] = {
        "document": {}, "extra_documents": [], "raw": None, "encoding": None, "problem": None, "last_good": None,
    }  # fmt: skip
    error = file.summary.error
    if file.raw is not None:
        text = files.decode(unpack(file.raw))
        shown |= {"raw": text.text, "encoding": text.encoding}
    if error is None and file.raw is not None:
        document = files.parse_mapping(unpack(file.raw))
        shown |= {"document": document.value, "extra_documents": list(document.extra)}
        if document.extra_error is not None:
            shown["problem"] = _problem(document.extra_error, document.text)
    elif error is not None:
        problem = files.Problem(error.message, error.line, error.column, error.code)
        shown["problem"] = _problem(problem, shown["raw"] or "")
        if file.good is not None and file.good_seen_at is not None:
            good = files.parse_mapping(unpack(file.good))
            shown["last_good"] = {
                "document": good.value, "raw": good.text, "seen_at": iso_time(file.good_seen_at),
            }  # fmt: skip
    return shown


def _problem(problem: files.Problem, text: str) -> dict[str, Any]:
    return {
        "message": problem.message, "line": problem.line, "column": problem.column, "code": problem.code,
        "context": files.context_lines(text, problem.line),
    }  # fmt: skip


def document_of(packed: bytes) -> Mapping[str, Any]:
    """The mapping in packed bytes, {} if they do not parse: for comparing versions."""
    try:
        value: Mapping[str, Any] = files.parse_mapping(unpack(packed)).value
    except Unparseable:
        return {}
    return value
