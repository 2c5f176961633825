"""`HostStates`: what the other hosts share, by observer, collection and key, as the JSON that they wrote."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import msgspec

from .packer import Packer

Rows = Mapping[str, Mapping[str, bytes]]
"""Collection -> key -> JSON."""
ProjectOf = Callable[[str, str, bytes], str | None]
"""The project of an entry: `(collection, key, JSON)`; None if it is about none."""

_PACKED_AT_ONCE = 500


class _Entries:
    """Those of one collection of one host, packed: ten hosts have 200,000 tasks."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._packer: Packer | None = None

    def __len__(self) -> int:
        return len(self._packed)

    def put(self, key: str, data: bytes) -> None:
        if self._packer is None:
            self._packer = Packer(data)
        self._packed[key] = self._packer.pack(data)

    def put_all(self, entries: Mapping[str, bytes]) -> None:
        if self._packer is None:
            self._packer = Packer(next(iter(entries.values())))
        self._packed.update(zip(entries, self._packer.pack_all(list(entries.values())), strict=True))

    def remove(self, key: str) -> None:
        self._packed.pop(key, None)

    def get(self, key: str) -> bytes | None:
        packed = self._packed.get(key)
        return None if packed is None or self._packer is None else self._packer.unpack(packed)

    def keys(self) -> list[str]:
        return list(self._packed)

    def unpacked(self) -> dict[str, bytes]:
        packer = self._packer
        return {} if packer is None else {key: packer.unpack(data) for key, data in self._packed.items()}


class HostState:
    """What one host shares. Not thread-safe. What was `put` can be read once `HostStates.replace` has taken it."""

    def __init__(self) -> None:
        self.collections: dict[str, _Entries] = {}
        self.count = 0
        self._pending: dict[str, dict[str, bytes]] = {}
        """Entries that are packed together."""

    def put(self, collection: str, key: str, data: bytes) -> None:
        """One entry more."""
        pending = self._pending.get(collection)
        if pending is None:
            pending = self._pending[collection] = {}
        pending[key] = data
        self.count += 1
        if len(pending) >= _PACKED_AT_ONCE:
            self._pack(collection)

    def settle(self) -> None:
        """Pack what waits for that."""
        for collection in list(self._pending):
            self._pack(collection)

    def _pack(self, collection: str) -> None:
        self.collections.setdefault(collection, _Entries()).put_all(self._pending.pop(collection))

    def keys(self, collection: str) -> list[str]:
        """The keys of a collection."""
        entries = self.collections.get(collection)
        return [] if entries is None else entries.keys()

    def get(self, collection: str, key: str) -> bytes | None:
        """The entry; None if there is none."""
        entries = self.collections.get(collection)
        return None if entries is None else entries.get(key)


class HostStates:
    """Thread-safe. The values were checked before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: dict[str, dict[str, _Entries]] = {}

    def put(self, observer: str, collection: str, key: str, data: bytes | None) -> None:
        """An entry is new or different, or gone (None)."""
        with self._lock:
            entries = self._hosts.setdefault(observer, {}).setdefault(collection, _Entries())
            if data is None:
                entries.remove(key)
            else:
                entries.put(key, data)

    def replace(self, observer: str, state: HostState) -> HostState:
        """All of an observer, as it is from now on; returns what it was."""
        state.settle()
        before = HostState()
        with self._lock:
            before.collections = self._hosts.get(observer, {})
            self._hosts[observer] = state.collections
        return before

    def forget(self, observer: str) -> None:
        """Nothing is known of it any more."""
        with self._lock:
            self._hosts.pop(observer, None)

    def of(self, observer: str) -> Rows:
        """All that is known of an observer."""
        with self._lock:
            return {name: entries.unpacked() for name, entries in self._hosts.get(observer, {}).items()}

    def observers(self) -> list[str]:
        """Of whom something is known."""
        with self._lock:
            return list(self._hosts)

    def rows(
        self, collections: Collection[str], project_of: ProjectOf, projects: Collection[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """`{observer, collection, key, value}` of these, for `json_text`, for who may see these projects."""
        with self._lock:
            names = [(observer, name) for observer, host in self._hosts.items() for name in host if name in collections]
        for observer, collection in names:
            with self._lock:  # not all at once: events of other hosts wait meanwhile
                entries = self._hosts.get(observer, {}).get(collection)
                found = {} if entries is None else entries.unpacked()
            for key, data in found.items():
                project = None if projects is None else project_of(collection, key, data)
                if projects is None or project is None or project in projects:
                    yield {"observer": observer, "collection": collection, "key": key, "value": msgspec.Raw(data)}
