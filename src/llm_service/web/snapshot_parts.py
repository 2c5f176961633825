"""A snapshot in messages that every WebSocket client accepts: `snapshot_parts(body, limit)`.

Common clients close a connection at a message over 1 MiB (websockets) or 4 MiB (aiohttp). The parts are put together
by one rule: lists are appended, mappings are merged key by key, everything else replaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .json_text import json_text

PART_BYTES = 240_000
"""Of the body of a part. The contract allows 256 KB with what stands before it."""


def snapshot_messages(head: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    """The messages of a snapshot, each with `{type, ..., part, of}` from 1 on and a part of the body."""
    parts = list(snapshot_parts(body))
    for number, part in enumerate(parts, 1):
        begin = json_text({"type": "snapshot", **head, "part": number, "of": len(parts)})
        yield begin if part == "{}" else f"{begin[:-1]},{part[1:]}"


def snapshot_parts(value: Any, limit: int = PART_BYTES) -> Iterator[str]:
    """The value as JSON texts of at most `limit` characters each; one text or number alone is never cut."""
    if isinstance(value, dict):
        yield from _pack(_entries(value, limit), "{}", limit)
    elif isinstance(value, list):
        yield from _pack(((None, json_text(item)) for item in value), "[]", limit)
    else:
        yield json_text(value)


def _entries(value: dict[str, Any], limit: int) -> Iterator[tuple[str, str]]:
    """(key, text) of each entry; several with the same key if its value is long."""
    for key, item in value.items():
        name = json.dumps(key)
        for part in snapshot_parts(item, max(1, limit - len(name) - 3)):
            yield key, f"{name}:{part}"


def _pack(items: Iterable[tuple[str | None, str]], brackets: str, limit: int) -> Iterator[str]:
    """The items between brackets, as many in each text as fit; a text has a key only once."""
    opening, closing = brackets[0], brackets[1]
    batch: list[str] = []
    size, last_key = 2, None
    for key, item in items:
        if batch and (size + len(item) + 1 > limit or (key is not None and key == last_key)):
            yield f"{opening}{','.join(batch)}{closing}"
            batch, size = [], 2
        batch.append(item)
        size += len(item) + 1
        last_key = key
    yield f"{opening}{','.join(batch)}{closing}"
