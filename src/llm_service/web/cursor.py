"""Where a client is in the events of several hosts: the cursor, the same over Socket.IO, SSE, WebSocket and REST.

Every snapshot has one; a client keeps it up to date by the `origin` of events, and gives it to any dashboard of the
board to go on from there. As text it is JSON, `{observer: "<epoch>-<number>"}`, or in short, for an address:
`<observer><epoch>-<number>`, both numbers in base 36, joined by `.`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request

from ..hub.board_settings import MAX_FOLLOWED
from ..hub.outbox import MAX_OBSERVERS, Position, parse_position, position_text
from ..hub.ring import Envelope, Hub

CURSOR_HEADER = "X-Cursor"
"""A request may have its cursor here: as JSON, that of 200 hosts is longer than an address may be."""
_MAX_CURSOR = 20_000
_MAX_HOSTS = MAX_OBSERVERS + MAX_FOLLOWED + 1
"""The others of a board, those that are followed, and the dashboard's own."""
_SHORT = re.compile(r"[0-9a-f]{16}[0-9a-z]{1,12}-[0-9a-z]{1,12}")


class Seen:
    """What a client has of the events of each host, where that may be more than this dashboard has."""

    def __init__(self, cursor: Mapping[str, str] | None = None) -> None:
        found = {name: parse_position(text) for name, text in (cursor or {}).items()}
        self._positions: dict[str, Position] = {name: at for name, at in found.items() if at is not None}

    def has(self, envelope: Envelope) -> bool:
        """True if it got the event before, maybe at another dashboard."""
        origin = envelope.origin
        if not self._positions or origin is None or origin[0] not in self._positions:
            return False
        seen, position = self._positions[origin[0]], parse_position(origin[1])
        if position is not None and position[0] == seen[0] and position <= seen:
            return True
        if position is not None:
            del self._positions[origin[0]]
        return False


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a client gets that comes with a cursor: first `missed`; then what has a number after `seq` and it has not
    `seen`."""

    missed: list[Envelope]
    seq: int
    seen: Seen


def resume(hub: Hub, cursor: Mapping[str, str]) -> Resumed | None:
    """How to go on from a cursor; None if something would be missing: then the client needs a snapshot."""
    seq = hub.seq  # before: what is published meanwhile is then both missed and after it, and is seen
    missed = hub.since_positions(cursor) if cursor else None
    if missed is None:
        return None
    return Resumed(missed, seq, Seen(advanced(cursor, missed)))


def advanced(cursor: Mapping[str, str], got: Iterable[Envelope]) -> dict[str, str]:
    """The cursor of a client that has got these events too."""
    positions = {one.origin[0]: one.origin[1] for one in got if one.origin is not None and one.origin[1] is not None}
    return {**cursor, **positions}


def cursor_of_request(request: Request) -> str | None:
    """The cursor of a request as text: in its header, or in its address; None if it has none."""
    return request.headers.get(CURSOR_HEADER) or request.args.get("cursor") or None


def cursor_text(positions: Mapping[str, str]) -> str:
    """A cursor: opaque to the client, and as it may send it to any dashboard."""
    return json.dumps(dict(positions), separators=(",", ":"))


def read_cursor(value: Any) -> dict[str, str]:
    """Observer -> position, of a cursor as text in either form or as an object; {} for what is none."""
    if isinstance(value, str) and len(value) <= _MAX_CURSOR:
        try:
            value = json.loads(value) if value.lstrip().startswith("{") else _read_short(value)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(value, dict) or len(value) > _MAX_HOSTS:
        return {}
    is_good = all(isinstance(text, str) and parse_position(text) for text in value.values())
    return value if is_good else {}


def _read_short(text: str) -> dict[str, str]:
    """A cursor in its short form. Raises ValueError."""
    found = dict[str, str]()
    for part in text.split("."):
        if _SHORT.fullmatch(part) is None:
            raise ValueError("not a host and its position")
        epoch, _, number = part[16:].partition("-")
        found[part[:16]] = position_text((int(epoch, 36), int(number, 36)))
    return found
