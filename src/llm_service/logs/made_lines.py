"""Parsed lines out of their parts."""

from __future__ import annotations

from collections.abc import Sequence

from . import cleaning
from .model import Fact, ParsedLine, Span
from .visible import is_shown


def with_phase(line: ParsedLine, phase: str) -> ParsedLine:
    """The line as the begin of a phase that a pattern found."""
    facts = (
        *(fact for fact in line.facts if fact.kind != "phase"),
        phase_fact(phase, line.message, is_recorded=False),
    )
    return ParsedLine(
        line.message,
        line.level,
        line.source,
        phase,
        line.time,
        line.raw,
        line.spans,
        is_shown(line.message, line.level, line.is_folded, facts),
        line.is_folded,
        facts,
    )


def phase_fact(phase: str, text: str, is_recorded: bool) -> Fact:
    """ "phase" `{phase, text}`: the phase that begins, and the line or command that says so."""
    return Fact("phase", {"phase": phase, "text": text[:200]}, is_recorded)


def unless_recorded(found: Sequence[Fact], recorded: Sequence[Fact]) -> list[Fact]:
    """The facts by patterns of which there is no recorded one of the same kind."""
    kinds = {fact.kind for fact in recorded}
    return [fact for fact in found if fact.kind not in kinds]


def made_line(
    message: str,
    level: str,
    source: str = "agent",
    phase: str | None = None,
    time: str | None = None,
    raw: str = "",
    spans: tuple[Span, ...] = (),
    is_folded: bool = False,
    facts: tuple[Fact, ...] = (),
    may_be_noise: bool = True,
) -> ParsedLine:
    """A line with its texts cut, and whether it is shown; `may_be_noise` as in `is_shown`."""
    is_same = raw == message
    message = cleaning.cut(message)
    raw = message if is_same else cleaning.cut(raw)
    shown = is_shown(message, level, is_folded, facts, may_be_noise)
    return ParsedLine(message, level, source, phase, time, raw, spans, shown, is_folded, facts)
