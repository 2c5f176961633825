"""Lines that need more than the format of their head read: see `scan.special_lines`, and all lines in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import cleaning
from .agents.reader import AgentReader
from .agents.values import AgentLine
from .ansi import shift, split_ansi
from .formats.heads import NO_HEAD, read_head
from .formats.json_lines import MAX_CHARACTERS, decode_object, read_json_line
from .formats.logfmt import FIRST_LETTERS, read_logfmt
from .model import Fact, ParsedLine, Span
from .phases import default_phase
from .project_paths import ProjectPaths
from .scan import LEVEL, RARE
from .tracebacks import FIRST_CHARACTERS, Place, Tracebacks
from .visible import is_shown
from .words import facts_of_words, level_of_words

_EXAMINED = 20_000
NO_SPANS: tuple[Span, ...] = ()


class DetailReader:
    """Reads such lines of one log in order; `traceback` and `agents` are the states of an earlier one."""

    def __init__(self, paths: ProjectPaths, traceback: str = "", agents: Any = None) -> None:
        self.paths = paths
        self.tracebacks = Tracebacks(traceback)
        self.agents = AgentReader(agents)

    def read(self, line: str, mark: int = LEVEL | RARE) -> ParsedLine:
        """Any line of text, redacted. `mark` says what may be in it."""
        raw, spans = line, NO_SPANS
        if not line.isprintable():
            raw = cleaning.without_controls(cleaning.last_state(line))
        text = raw
        if "\x1b" in raw:
            text, spans = split_ansi(raw)
        if text.startswith("{") and (parsed := self._object(text, raw, mark)):
            return parsed
        first = text[:1]
        place = self.tracebacks.place(text) if self.tracebacks.kind or first in FIRST_CHARACTERS else None
        if place is Place.FOLDED:
            message, spans = self.paths.relative_with(text, spans)
            return _line(message, "info", raw=raw, spans=spans, is_folded=True)
        if first in FIRST_LETTERS and "=" in text[:10] and (logfmt := read_logfmt(text)):
            message, level, time = logfmt
            return self._text(self.paths.relative(message), level, time, raw, NO_SPANS, mark)
        level, time, at, name = NO_HEAD if place is Place.ERROR else read_head(text)
        prefix = f"{name}: " if name else ""
        message = prefix + text[at:]
        if spans:
            spans = shift(spans, len(prefix) - at, len(message))
        message, spans = self.paths.relative_with(message, spans)
        level = "error" if place is Place.ERROR else level
        return self._text(message, level, time, raw, spans, mark)

    def _object(self, text: str, raw: str, mark: int) -> ParsedLine | None:
        if len(text) > MAX_CHARACTERS or (fields := decode_object(text)) is None:
            return None
        if "\\" in text:
            mark |= RARE  # a word after an escaped line break is not one of the line's
        if event := self.agents.read(fields):
            return self._agent(event, raw, mark)
        if (log := read_json_line(fields)) is None:
            return None
        message, level, time = log
        if "\x1b" in message:
            message, _ = split_ansi(message)
        return self._text(self.paths.relative(cleaning.one_line(message)), level, time, raw, NO_SPANS, mark)

    def _agent(self, event: AgentLine, raw: str, mark: int) -> ParsedLine:
        text = event.text or raw
        if "\x1b" in text:
            text, _ = split_ansi(text)
        facts = [Fact(fact.kind, self._relative(fact.data), fact.is_recorded) for fact in event.facts]
        phase = event.phase
        if event.is_prose and mark & RARE:
            facts += _unless_recorded(facts_of_words(text[:_EXAMINED]), facts)
            if phase is None and (phase := default_phase(text)):
                facts.append(_phase_fact(phase, text, is_recorded=False))
        message = self.paths.relative(cleaning.one_line(text[: cleaning.MAX_CHARACTERS + 1_000]))
        return _line(message, event.level, event.source, phase, None, raw, facts=tuple(facts))

    def _text(
        self, message: str, level: str | None, time: str | None, raw: str, spans: tuple[Span, ...], mark: int
    ) -> ParsedLine:
        """A line whose head was read: what its words say."""
        if level is None:
            level = level_of_words(message) if mark & LEVEL else "info"
        if not mark & RARE:  # so it is no noise either
            shown = level != "debug"
            return ParsedLine(cleaning.cut(message), level, "agent", None, time, cleaning.cut(raw), spans, shown)
        facts = facts_of_words(message)
        phase = default_phase(message)
        if phase:
            facts.append(_phase_fact(phase, message, is_recorded=False))
        return _line(message, level, "agent", phase, time, raw, spans, facts=tuple(facts))

    def _relative(self, value: Any) -> Any:
        """Plain JSON of a fact with paths below the project, on one line."""
        if isinstance(value, str):
            return self.paths.relative(cleaning.clean(value))
        if isinstance(value, list):
            return [self._relative(each) for each in value]
        if isinstance(value, dict):
            return {key: self._relative(each) for key, each in value.items()}
        return value


def with_phase(line: ParsedLine, phase: str) -> ParsedLine:
    """The line as the begin of a phase that a pattern found."""
    facts = (
        *(fact for fact in line.facts if fact.kind != "phase"),
        _phase_fact(phase, line.message, is_recorded=False),
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


def _phase_fact(phase: str, text: str, is_recorded: bool) -> Fact:
    """ "phase" `{phase, text}`: the phase that begins, and the line or command that says so."""
    return Fact("phase", {"phase": phase, "text": text[:200]}, is_recorded)


def _unless_recorded(found: Sequence[Fact], recorded: Sequence[Fact]) -> list[Fact]:
    """The facts by patterns of which there is no recorded one of the same kind."""
    kinds = {fact.kind for fact in recorded}
    return [fact for fact in found if fact.kind not in kinds]


def _line(
    message: str,
    level: str,
    source: str = "agent",
    phase: str | None = None,
    time: str | None = None,
    raw: str = "",
    spans: tuple[Span, ...] = (),
    is_folded: bool = False,
    facts: tuple[Fact, ...] = (),
) -> ParsedLine:
    is_same = raw == message
    message = cleaning.cut(message)
    raw = message if is_same else cleaning.cut(raw)
    shown = is_shown(message, level, is_folded, facts)
    return ParsedLine(message, level, source, phase, time, raw, spans, shown, is_folded, facts)
