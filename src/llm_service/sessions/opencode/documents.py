"""`SessionDocuments`: one session of OpenCode before 1.2, in a tree of JSON files, as entries.

`storage/session/<project>/<session>.json`, `storage/message/<session>/<message>.json`,
`storage/part/<message>/<part>.json`, `storage/todo/<session>.json`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ... import files
from ...errors import FileRefused, FileVanished
from ..formats.values import object_of, parse, text_of, whole_of
from ..index import MAX_LINE_BYTES
from .entries import Entry, entry_line, made_at, order_of

_RECENT_S = 3_600.0
_LAST_MESSAGES, _LAST_PARTS, _FIRST_MESSAGES = 4, 8, 3
_MOST_ENTRIES = 300_000


class SessionDocuments:
    """An `EntrySource` and its `EntryReader`; `path` is that of the session's own file."""

    def __init__(self, root: str, path: str) -> None:
        self._root, self._path = root, path
        self.session = path.rpartition("/")[2].removesuffix(".json")
        self._names: list[tuple[str, str | None]] = []
        """ref -> (message, part)"""
        self._refs: dict[tuple[str, str | None], int] = {}
        self._messages: dict[str, tuple[int, str | None]] = {}

    def state(self) -> tuple[float, ...]:
        """See `EntrySource`. Parts are written without a trace in what is above them, so while a session is young every
        look may find more."""
        times = [self._time(self._path), self._time(f"storage/message/{self.session}")]
        is_young = time.time() - max(times) < _RECENT_S
        return (*times, time.monotonic() if is_young else 0.0)

    @contextmanager
    def reading(self) -> Iterator[SessionDocuments]:
        """See `EntrySource`."""
        self._document(self._path)
        yield self

    def glance_lines(self) -> list[bytes]:
        """See `EntrySource`. Raises FileRefused, OSError."""
        own = self._document(self._path)
        value = parse(own) or {}
        created = whole_of(object_of(value.get("time")).get("created"))
        found = [entry_line("session", created, {}, own)]
        names = sorted(self._list(f"storage/message/{self.session}"))
        for name, _ in names[:_FIRST_MESSAGES]:
            found += self._part_lines(name, slice(_FIRST_MESSAGES))
        for name, _ in names[-_LAST_MESSAGES:]:
            found += self._part_lines(name, slice(-_LAST_PARTS, None))
            found += [line for line in [self._line(name, None)] if line]
        return found

    def layout(self) -> int:
        """See `EntryReader`."""
        return 0

    def count(self) -> int:
        """See `EntryReader`."""
        return len(self._names)

    def entries(self, is_all: bool) -> list[Entry] | None:
        """See `EntryReader`."""
        if is_all:
            self._names, self._refs, self._messages = [], {}, {}
        found, there = list[Entry](), set[tuple[str, str | None]]()
        for message, changed_ms in self._list(f"storage/message/{self.session}"):
            there.add((message, None))
            found += self._new(message, None, changed_ms)
            for part, part_changed_ms in self._list(f"storage/part/{message}"):
                there.add((message, part))
                found += self._new(message, part, part_changed_ms)
        return None if len(there) < len(self._names) else found

    def line(self, ref: int) -> bytes | None:
        """See `EntryReader`."""
        return self._line(*self._names[ref])

    def todos(self) -> list[dict[str, Any]]:
        """See `EntryReader`."""
        try:
            value = json.loads(self._document(f"storage/todo/{self.session}.json"))
        except (FileRefused, OSError, ValueError, RecursionError):
            return []
        return [each for each in value[:200] if isinstance(each, dict)] if isinstance(value, list) else []

    def _new(self, message: str, part: str | None, changed_ms: int) -> list[Entry]:
        if (message, part) in self._refs or len(self._names) >= _MOST_ENTRIES:
            return []
        ref = self._refs[message, part] = len(self._names)
        self._names.append((message, part))
        return [Entry(order_of(message, self._message(message)[0], part, changed_ms), ref)]

    def _message(self, name: str) -> tuple[int, str | None]:
        """(time in ms, who said it)"""
        known = self._messages.get(name)
        if known is None:
            try:
                value = parse(self._document(f"storage/message/{self.session}/{name}.json")) or {}
            except (FileRefused, OSError):
                value = {}
            created, role = whole_of(object_of(value.get("time")).get("created")), text_of(value.get("role"), 50)
            known = max(0, created or 0), role or None
            if value:
                self._messages[name] = known
        return known

    def _part_lines(self, message: str, where: slice) -> list[bytes]:
        names = sorted(self._list(f"storage/part/{message}"))[where]
        return [line for part, _ in names if (line := self._line(message, part))]

    def _line(self, message: str, part: str | None) -> bytes | None:
        path = f"storage/message/{self.session}/{message}.json"
        if part is not None:
            path = f"storage/part/{message}/{part}.json"
        try:
            data = self._document(path)
        except FileVanished:
            return b"{}"
        except (FileRefused, OSError):
            return None
        created_ms, role = self._message(message)
        made = made_at(part or message, created_ms, time.time_ns() // 1_000_000)
        at_ms = made[0] if made is not None else created_ms or None
        return entry_line("message" if part is None else "part", at_ms, {} if part is None else {"role": role}, data)

    def _document(self, path: str) -> bytes:
        """A document in one line: in its texts a line end is `\\n`."""
        return files.read_file(self._root, path, MAX_LINE_BYTES).data.strip().replace(b"\n", b" ").replace(b"\r", b" ")

    def _list(self, folder: str) -> list[tuple[str, int]]:
        """(name without `.json`, time of the last change in ms) of the documents in a folder."""
        try:
            with os.scandir(os.path.join(self._root, folder)) as found:
                return [
                    (entry.name[:-5], entry.stat(follow_symlinks=False).st_mtime_ns // 1_000_000)
                    for entry in found
                    if entry.name.endswith(".json")
                ]
        except OSError:
            return []

    def _time(self, path: str) -> float:
        try:
            return os.stat(os.path.join(self._root, path), follow_symlinks=False).st_mtime
        except OSError:
            return 0.0
