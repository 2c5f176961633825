"""Snapshots, made and compressed once for all who ask at the same time: `Snapshots.get(topics, form)`.

To make one of 5,000 tasks takes 50 ms of CPU. So there is one of a form at a time, and it is for everybody who asked
before it was begun, and for those who come while nothing changes. What is kept is compressed: 118 KB where the text has
3.7 MB.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .compression import compressor, gunzipped
from .cursor import cursor_text
from .json_text import json_text
from .people import visible
from .service import Service
from .snapshot_parts import snapshot_messages

JSON, PARTS, OPENING = "json", "parts", "opening"
"""The forms: one JSON object; the messages of `snapshot_parts.py`, one a line; `Service.opening`, of all topics."""
_MAX_AGE_S = 2.0
"""Some figures depend on the time of day, and no event says that they have changed."""
_MOST = 8
_ITEMS_AT_ONCE = 500
"""So many are encoded at once: the encoder holds up all other threads."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of topics at an event's number, as gzip."""

    seq: int
    gzip: bytes
    began_at: float

    def text(self) -> str:
        """The text that was compressed."""
        return gunzipped(self.gzip).decode()


class Snapshots:
    """The snapshots of a service. Thread-safe; `get` blocks while one is made."""

    def __init__(self, service: Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._service = service
        self._clock = clock
        self._making = {form: threading.Lock() for form in (JSON, PARTS, OPENING)}
        self._made: dict[tuple[frozenset[str], str, frozenset[str] | None], Snapshot] = {}

    def get(self, topics: Collection[str], form: str = JSON, projects: frozenset[str] | None = None) -> Snapshot:
        """The snapshot of these topics, for who may see these projects (None: all); not older than the call."""
        asked_at = self._clock()
        known = frozenset(topics).intersection(self._service.topics)
        key = frozenset({"all"}) if "all" in known else known, form, projects
        with self._making[form]:
            found = self._made.get(key)
            if found is None or not (found.began_at >= asked_at or self._is_current(found)):
                if form != OPENING:
                    with self._making[OPENING]:  # what is shown first is made first, and both are asked for together
                        pass
                self._made.pop(key, None)
                found = self._made[key] = self._make(*key)
                self._forget_the_oldest()
        return found

    def _forget_the_oldest(self) -> None:
        while len(self._made) > _MOST:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread does the same
                del self._made[next(iter(self._made))]

    def _is_current(self, snapshot: Snapshot) -> bool:
        hub = self._service.hub
        is_young = self._clock() - snapshot.began_at < _MAX_AGE_S
        return is_young and snapshot.seq == hub.seq and hub.progress.ready

    def _make(self, topics: frozenset[str], form: str, projects: frozenset[str] | None) -> Snapshot:
        began_at = self._clock()
        seq = self._service.hub.seq  # before the state: an event may then repeat, but none is missed
        head: dict[str, Any] = {"epoch": self._service.hub.epoch, "seq": seq}
        if self._service.observer is not None:
            head |= {"observer": self._service.observer, "cursor": cursor_text(self._service.hub.positions())}
        pieces: Iterable[str]
        if form == OPENING:
            opening = self._service.opening()
            pieces = (json_text(head | (opening if projects is None else visible(opening, projects))),)
        elif form == PARTS:
            pieces = (f"{message}\n" for message in snapshot_messages(head, self._service.snapshot(topics, projects)))
        else:
            pieces = _as_object(head | self._service.snapshot(topics, projects))
        packer = compressor()
        packed = b"".join(packer.compress(piece.encode()) for piece in pieces) + packer.flush()
        return Snapshot(seq, packed, began_at)


def _as_object(body: Mapping[str, Any]) -> Iterator[str]:
    """JSON text of an object, piece by piece."""
    for number, (key, value) in enumerate(body.items()):
        yield f"{',' if number else '{'}{json.dumps(key)}:"
        yield from _as_list(value) if isinstance(value, list) else (json_text(value),)
    yield "}"


def _as_list(items: list[Any]) -> Iterable[str]:
    yield "["
    for start in range(0, len(items), _ITEMS_AT_ONCE):
        yield f"{',' if start else ''}{json_text(items[start : start + _ITEMS_AT_ONCE])[1:-1]}"
    yield "]"
