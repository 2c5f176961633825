"""`Entry`: where one entry of a session is, and its place among the others; `EntrySource`: a session as entries.

Entries are in the order in which they were made, which OpenCode writes into their ids: so what is new comes last, and
the number of an entry stays what it is. (A prompt that waits while an answer is written would otherwise be pushed on.)
Ids and times: github.com/anomalyco/opencode, `packages/opencode/src/id/id.ts`.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import msgspec

from ...times import iso_time_ms

_ID = re.compile(r"[a-z]+_([0-9a-f]{9})([0-9a-f]{3})")
_PERIOD_MS = 1 << 36
"""Ids have so many bits of the time, so they begin anew after two years."""
_SLACK_MS = 60_000

Order = tuple[int, int, str, int, str]


class Entry(NamedTuple):
    """`order` is where it comes; `ref` is what the source finds it by."""

    order: Order
    ref: int


class EntryReader(Protocol):
    """One look at the entries of a session."""

    def layout(self) -> object:
        """Another value when what was a `ref` may be something else."""

    def count(self) -> int:
        """How many entries there are."""

    def entries(self, is_all: bool) -> list[Entry] | None:
        """All entries, or those that were made since the last time; in any order. None if the last ones of then are
        not there any more."""

    def line(self, ref: int) -> bytes | None:
        """An entry as one line of JSON, `{}` if it is gone; None if it is too long."""

    def todos(self) -> list[dict[str, Any]]:
        """The to-dos as they are now, `{content, status}`; [] where the source has none of its own."""


class EntrySource(Protocol):
    """A session. Raises FileRefused, OSError."""

    def state(self) -> object:
        """Another value whenever something may have been written."""

    def reading(self) -> AbstractContextManager[EntryReader]:
        """Look at it."""

    def glance_lines(self) -> list[bytes]:
        """The session itself, its first prompt, and its last messages, each behind its parts."""


def made_at(name: str, not_before_ms: int, not_after_ms: int) -> tuple[int, int] | None:
    """(ms, number in it) at which an id was made; None if it does not say that, or nothing believable."""
    match = _ID.match(name)
    if match is None:
        return None
    base = not_before_ms - _SLACK_MS
    time_ms = base + (int(match[1], 16) - base) % _PERIOD_MS
    return (time_ms, int(match[2], 16)) if time_ms <= not_after_ms + _SLACK_MS else None


def order_of(message: str, created_ms: int, part: str | None, not_after_ms: int) -> Order:
    """The place of a message, or of a part of one, of which `created_ms` is the time of the message."""
    made = made_at(part or message, created_ms, not_after_ms)
    time_ms, number = made if made is not None else (created_ms, 0)
    return time_ms, number, message, int(part is not None), part or ""


def entry_line(kind: str, time_ms: int | None, facts: dict[str, Any], data: bytes) -> bytes:
    """The JSON object of an entry, with what its row has beside it in front."""
    if data[:1] != b"{":
        return data  # it is shown that it cannot be read
    head: dict[str, Any] = {"entry": kind}
    if time_ms is not None and 0 <= time_ms < 1 << 46:
        head["timestamp"] = iso_time_ms(time_ms)
    text = msgspec.json.encode(head | facts)
    rest = data[1:].lstrip()
    return text[:-1] + (b"" if rest[:1] == b"}" else b",") + rest
