"""`Reconciler`: publishes what this host shares and no event has said: what was there at the start, what time changes.

Tasks have an event for everything. Other features read their files at the start without one, and some of their values
change with the time of day; a thread compares what is now with what was said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..hub.event import Event
from ..hub.outbox import Outbox
from ..hub.woken_thread import WokenThread
from .events import HostChanged

INTERVAL_S = 2.0
_AT_ONCE = 200
_ATTEMPTS = 3
_encode = msgspec.json.Encoder().encode
Shared = Mapping[str, Mapping[str, Any]]
"""Collection -> key -> value."""


class Reconciler:
    """`shared()` gives the collections that are compared, `publish` puts an event on the hub."""

    def __init__(
        self,
        outbox: Outbox,
        shared: Callable[[], Shared],
        publish: Callable[[Event], object],
        project_of: Callable[[str, str, bytes], str | None],
    ) -> None:
        self._outbox, self._shared, self._publish, self._project_of = outbox, shared, publish, project_of
        self._said: dict[str, dict[str, bytes]] = {}
        self._number = 0
        self._thread = WokenThread("reconciler", self._run)

    def start(self) -> None:
        """Begin to compare."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    def turn(self) -> int:
        """Compare once; returns how many entries differed."""
        for _ in range(_ATTEMPTS):
            self._catch_up()
            found = {
                name: {key: _encode(value) for key, value in entries.items()}
                for name, entries in self._shared().items()
            }
            # A value that was read before an event must not be said after it.
            if self._outbox.position[1] == self._number:
                return self._say(found)
            time.sleep(0.01)
        return 0

    def _run(self) -> None:
        while self._thread.rest(INTERVAL_S):
            self.turn()

    def _catch_up(self) -> None:
        """Note what events have said since."""
        while events := self._outbox.after(self._number):
            for one in events:
                for name, key, value in one.event.entries():
                    self._note(name, key, None if value is None else _encode(value))
            self._number = events[-1].number
        if events is None:  # more than the outbox has: everything is compared anew
            self._number = self._outbox.position[1]

    def _note(self, name: str, key: str, data: bytes | None) -> None:
        entries = self._said.get(name)
        if entries is not None:
            if data is None:
                entries.pop(key, None)
            else:
                entries[key] = data

    def _say(self, found: Mapping[str, Mapping[str, bytes]]) -> int:
        count = 0
        for name, entries in found.items():
            said = self._said.setdefault(name, {})
            changed = [(key, data) for key, data in entries.items() if said.get(key) != data]
            removed = {key: self._project_of(name, key, data) for key, data in said.items() if key not in entries}
            count += len(changed) + len(removed)
            by_project = dict[str | None, dict[str, Any]]()
            for key, data in changed:
                by_project.setdefault(self._project_of(name, key, data), {})[key] = msgspec.json.decode(data)
            for project, values in by_project.items():
                keys = list(values)
                for start in range(0, len(keys), _AT_ONCE):
                    changes = {key: values[key] for key in keys[start : start + _AT_ONCE]}
                    self._publish(HostChanged(collection=name, set=changes, project=project))
            for project in set(removed.values()):
                keys = [key for key, its in removed.items() if its == project]
                for start in range(0, len(keys), _AT_ONCE):
                    part = tuple(keys[start : start + _AT_ONCE])
                    self._publish(HostChanged(collection=name, set={}, removed=part, project=project))
            said.update(changed)
            for key in removed:
                said.pop(key, None)
        return count
