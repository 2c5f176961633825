"""Sessions of agents, as their hooks report them. Values; `state.py` makes them of lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a session does. `IDLE` is not blocked: it did what it was asked for."""

    WORKING = "working"
    PERMISSION = "permission"
    QUESTION = "question"
    FAILED = "failed"
    IDLE = "idle"
    ENDED = "ended"


WAITING = frozenset((State.PERMISSION, State.QUESTION, State.FAILED))
"""The states in which it goes on only if a person does something."""


class Certainty(StrEnum):
    """`CONFIRMED`: a hook says so; `DERIVED`: it follows from what hooks say; `UNKNOWN`: it cannot be told."""

    CONFIRMED = "confirmed"
    DERIVED = "derived"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookLine:
    """One line of a session's file, as it came: texts are not redacted yet. `event` is the name that the agent's
    program gives it, `kind` what the event says more about itself (type of a notification, reason, source); `call` is
    the call of a `tool`, `subagent` whose it is (None: the session's own); `asks`: the last message ends with a
    question; `background`: so many tasks run on. `time` is ISO-8601 UTC."""

    time: str
    client: str
    event: str
    session: str
    cwd: str | None = None
    tool: str | None = None
    call: str | None = None
    subagent: str | None = None
    kind: str | None = None
    model: str | None = None
    agent: str | None = None
    text: str | None = None
    asks: bool = False
    background: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something for which a session waits. `call` and `tool` are those of which a permission is asked, `subagent` who
    asks; `went_on`: a call that began later has ended since, so a next one means that this was answered; `siblings` are
    the calls that were open already."""

    state: State
    since: str
    certainty: Certainty
    rests_on: str
    text: str | None = None
    tool: str | None = None
    call: str | None = None
    subagent: str | None = None
    went_on: bool = False
    siblings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call of a tool that has begun and not ended."""

    call: str
    tool: str | None
    subagent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What is known of a session after its lines. `base` is what it does apart from its `waits`, the oldest first."""

    session: str
    client: str
    started_at: str
    base: State
    base_since: str
    base_certainty: Certainty
    base_rests_on: str
    last_at: str
    last_event: str
    cwd: str | None = None
    model: str | None = None
    agent: str | None = None
    waits: tuple[Wait, ...] = ()
    calls: tuple[OpenCall, ...] = ()
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as clients get it. `state` is one of `State`, `certainty` one of `Certainty`; `rests_on` says what both
    rest on, and `text` what it asks. `project` is "" for a session that is in none: only who may see all sees it."""

    id: str
    client: str
    agent: str | None
    model: str | None
    project: str
    folder: str | None
    """Where it works, below the workspace; "" is the workspace itself, None if that is not known."""
    state: str
    since: str
    certainty: str
    rests_on: str
    tool: str | None
    text: str | None
    waits: int
    """For so many things it waits."""
    started_at: str
    last_at: str
    lines: int
    file: str
    """Its file below the workspace."""
