"""The index of a log on disk: `<run>.jsonl`, a line for each segment that closed, each phase, and the end.

Lines are only appended. After a kill the last one may be half written: reading stops there, and what it would have
said is read from the log again. It is a cache: without it, the log is read from its start.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from .marks import FileIdentity, Mark, PhaseStart
from .segments import SegmentTable

VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
MAX_INDEX_BYTES = 64 << 20
_LAST_LINE_BYTES = 65_536


class SegmentFile:
    """The index file of one run."""

    def __init__(self, folder: str, run_id: str) -> None:
        """Raises ValueError for an id that is no plain name."""
        if not _NAME.fullmatch(run_id):
            raise ValueError(f"{run_id[:50]!r} is not the id of a run")
        self.path = os.path.join(folder, f"{run_id}.jsonl")
        self._waiting: list[str] = []
        self._is_whole = False
        """The last line is not half written."""

    def begin(self, generation: int) -> None:
        """The log is another one: what was stored is dropped."""
        self._waiting.clear()
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with open(self.path, "w", encoding="ascii") as file:
            file.write(_line({"version": VERSION, "generation": generation}))
        self._is_whole = True

    def add_segment(self, end: Mark, flags: int, fingerprint: bytes) -> None:
        """A segment with these flags closed at `end`, before which the log has this fingerprint."""
        self._waiting.append(_line({"segment": [*_of_mark(end), flags, fingerprint.hex()]}))

    def add_phase(self, start: PhaseStart) -> None:
        """A phase began."""
        self._waiting.append(_line({"phase": [start.phase, start.seq, start.time, start.counts]}))

    def add_arrival(self, seq: int, at_ms: int) -> None:
        """Line `seq` arrived."""
        self._waiting.append(_line({"arrival": [seq, at_ms]}))

    def add_end(self, end: Mark, flags: int, identity: FileIdentity) -> None:
        """The log is complete."""
        place = [identity.device, identity.inode, identity.size, identity.changed_ns]
        self._waiting.append(_line({"end": [*_of_mark(end), flags], "identity": place}))

    def flush(self) -> None:
        """Write what was added. Raises OSError."""
        if self._waiting:
            with open(self.path, "a+b") as file:
                if not self._is_whole:
                    file.truncate(_whole_bytes(file))
                    self._is_whole = True
                file.write("".join(self._waiting).encode())
            self._waiting.clear()

    def remove(self) -> None:
        """Remove the file."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def load(self) -> tuple[SegmentTable, bytes] | None:
        """(the table, the fingerprint of the log before its last mark); None if nothing usable is stored."""
        try:
            if os.path.getsize(self.path) > MAX_INDEX_BYTES:
                return None
            with open(self.path, encoding="ascii") as file:
                records = list(_records(file))
            if not records or records[0].get("version") != VERSION:
                return None
            return _table(records)
        except (OSError, ValueError, TypeError, KeyError, IndexError, OverflowError):
            return None


def _table(records: list[dict[str, Any]]) -> tuple[SegmentTable, bytes]:
    table = SegmentTable(int(records[0]["generation"]))
    fingerprint = b""
    for record in records[1:]:
        if "segment" in record:
            *mark, flags, mark_fingerprint = record["segment"]
            table.end, table.flags = _mark(mark), int(flags)
            table.close_segment()
            table.identity, table.is_complete = None, False
            fingerprint = bytes.fromhex(mark_fingerprint)
        elif "phase" in record:
            phase, seq, time, counts = record["phase"]
            if not table.phases or seq > table.phases[-1].seq:
                table.add_phase(PhaseStart(phase, seq, time, tuple(counts)))
        elif "arrival" in record:
            table.arrivals.add(*map(int, record["arrival"]))
        elif "end" in record:
            *mark, flags = record["end"]
            table.end, table.flags = _mark(mark), int(flags)
            table.identity, table.is_complete = FileIdentity(*record["identity"]), True
    if not table.is_complete:
        table.reopen()
    return table, fingerprint


def _whole_bytes(file: BinaryIO) -> int:
    """The size without a last line that has no end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LAST_LINE_BYTES))
    end = file.read().rfind(b"\n")
    return max(0, size - _LAST_LINE_BYTES) + end + 1


def _records(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.endswith("\n"):
            return
        record = json.loads(line)
        if not isinstance(record, dict):
            raise TypeError
        yield record


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":")) + "\n"


def _of_mark(mark: Mark) -> list[Any]:
    return [mark.offset, mark.counts, mark.time_ms, mark.phase, base64.b64encode(mark.state).decode()]


def _mark(values: list[Any]) -> Mark:
    offset, counts, time_ms, phase, state = values
    return Mark(offset, tuple(counts), time_ms, phase, base64.b64decode(state))
