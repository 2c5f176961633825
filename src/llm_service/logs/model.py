"""A line of a log, as it is stored, sent and shown (pure values). Everything in it has been redacted."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

LEVELS = ("debug", "info", "warning", "error")
SOURCES = ("system", "agent", "user")
PHASES = ("idle", "specify", "plan", "implement", "test", "review")

Span = tuple[int, int, str]
"""(start, end, style) in characters of the message; style: the names of `static/lib/ansi.js`, separated by spaces."""


class Fact(Struct, frozen=True):
    """What a line says by itself, recorded and not guessed, or by a pattern (`is_recorded` False): `kind` is "phase",
    "todos", "files", "command", "cost", "rate_limit", "waiting", "turn", "result", "session", "tests", "fact"
    (proposed knowledge); `data` is plain JSON, documented beside the reader that makes it."""

    kind: str
    data: dict[str, Any]
    is_recorded: bool = True


class ParsedLine(Struct, frozen=True, gc=False):
    """One line that a program printed. `message` has no ANSI sequences, no line breaks and no level or time of its own
    format; `raw` is the line as it came, redacted, and of progress with `\\r` its last state. `time` is ISO-8601 UTC,
    None where the line has none.

    A Struct of msgspec and no dataclass: one is made in 0.12 µs, a frozen dataclass in 1.7, of the 3.3 that a line has.
    """

    message: str
    level: str = "info"
    source: str = "agent"
    phase: str | None = None
    """The phase that begins with this line, None if none does."""
    time: str | None = None
    raw: str = ""
    spans: tuple[Span, ...] = ()
    is_shown: bool = True
    """In the user view: see `visible.should_show_to_user`."""
    is_folded: bool = False
    """A line of a traceback, which is folded under its error."""
    facts: tuple[Fact, ...] = ()


class LogLine(Struct, frozen=True, gc=False):
    """A parsed line at its place: line `seq` (from 1) of the log of a run, in the phase that it belongs to."""

    run: str
    job: str
    seq: int
    time: str | None
    level: str
    source: str
    phase: str
    message: str
    raw: str
    spans: tuple[Span, ...] = ()
    is_shown: bool = True
    is_folded: bool = False
