"""What both kinds of sources do alike: add a message to a stream, select accepted facts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import BadRequest
from ..knowledge.folder import append_line
from ..knowledge.model import Fact
from ..knowledge.queries import select_facts, words_of
from ..knowledge.reader import MAX_LINE_BYTES, BadLine, said
from .shapes import fact_row
from .sources import Json


def facts_found(facts: Iterable[Fact], words: str, limit: int) -> Json:
    """The accepted ones of these facts that have all words."""
    found = select_facts(facts, ("accepted",), words_of(words))
    return {"facts": [fact_row(fact) for fact in found[:limit]], "total": len(found)}


def say(streams: str, topic: str, message: Mapping[str, Any]) -> Json:
    """Add a message to the file of a stream. Raises BadRequest, CannotWrite."""
    try:
        said(dict(message))
    except BadLine as problem:
        raise BadRequest(f"This is no message: {problem}.") from problem
    line = json.dumps(dict(message), separators=(",", ":"), allow_nan=False).encode()
    if len(line) >= MAX_LINE_BYTES:
        raise BadRequest(f"A message may have at most {MAX_LINE_BYTES:,} bytes.")
    append_line(streams, f"{topic}.jsonl", line)
    return {"topic": topic, "accepted": True}
