"""What streams and facts consist of: `Message`, `Fact`, and which facts say the same (pure values)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ..errors import BadRequest

TOPICS = ("insights", "knowledge", "metrics", "logs")
"""The streams to which agents and services add messages: `work/streams/<topic>.jsonl`."""
SEVERITIES = ("info", "warning", "error")
FACT_STATUSES = ("proposed", "accepted", "declined", "superseded")
MAX_TEXT = 4_000
"""Characters of a message or a fact; more is cut off visibly."""
_EDGES = " .;:!,\"'`*_“”‘’"


class FactChanged(BadRequest):
    """The fact says something else than what the person decided about."""

    code = "FACT_CHANGED"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a stream.

    `id`: microseconds since 1970, which only rise. `source` is what its author calls themselves; `origin` is how it
    came: "service" (found by this dashboard), "file" (read from `work/streams`) or "request" (REST, MCP). Only what
    comes from the service is checked: all else is the untrusted text of an agent.
    """

    id: int
    topic: str
    text: str
    source: str
    severity: str | None = None
    job: str | None = None
    project: str | None = None
    """Whose people may see it: the project of its job; None: all."""
    data: dict[str, Any] = field(default_factory=dict)
    rests_on: str | None = None
    """What it was concluded from."""
    is_recorded: bool = False
    """True if that was recorded by a program, False if it was inferred or only claimed."""
    origin: str = "service"
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource:
    """Who says a fact: an agent, a person or a log line (`line` from 1 of the log of `run`)."""

    source: str
    job: str | None = None
    run: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFile:
    """A fact as one file says it. `created_at` and `decided_at` are ISO-8601."""

    path: str
    id: str
    text: str
    tags: tuple[str, ...] = ()
    sources: tuple[FactSource, ...] = ()
    status: str = "proposed"
    created_at: str = ""
    decided_at: str | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact, folded from all files with the same text: their sources and tags together.

    `is_confirmed`: a person decided so through this dashboard; without it `status` is only what a file says, which
    an agent may have written. `digest` names the text: a decision is about exactly this.
    """

    id: str
    text: str
    status: str
    is_confirmed: bool
    digest: str
    tags: tuple[str, ...] = ()
    sources: tuple[FactSource, ...] = ()
    files: tuple[str, ...] = ()
    created_at: str = ""
    decided_at: str | None = None
    superseded_by: str | None = None
    project: str | None = None
    """Whose people may see it, while it is not accepted: the one project of all its sources; None: all."""


def normalized(text: str) -> str:
    """A text without what makes no difference to its meaning: case, blanks, punctuation at its ends, widths."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_EDGES)


def digest_of(text: str) -> str:
    """The name of what a text says: equal for texts that are `normalized` to the same."""
    return sha256(normalized(text).encode("utf-8", "replace")).hexdigest()[:32]
