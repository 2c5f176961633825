"""Lines that need more than the format of their head read: see `scan.lines_with_words`, and all lines in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from . import cleaning
from .agents.reader import AgentReader
from .agents.values import AgentLine
from .ansi import shift, split_ansi, without_titles
from .formats.heads import NO_HEAD, Head, read_head
from .formats.json_lines import MAX_CHARACTERS, decode_object, read_json_line
from .formats.logfmt import FIRST_LETTERS, read_logfmt
from .made_lines import made_line, phase_fact, unless_recorded
from .model import Fact, ParsedLine, Span
from .phases import default_phase
from .project_paths import ProjectPaths
from .scan import LEVEL, RARE, is_rare, rare_texts, says_something
from .tracebacks import FIRST_CHARACTERS, Place, Tracebacks
from .words import facts_of_words, level_of_words

_EXAMINED = 20_000
_MAX_MESSAGE = cleaning.MAX_CHARACTERS + 1_000
NO_SPANS: tuple[Span, ...] = ()


_LATER = ParsedLine("")


class _Said(NamedTuple):
    """An event of an agent, the line that it came in, its text without colours, its message, and the text in which what
    is rare has to be looked for ("": none)."""

    event: AgentLine
    raw: str
    text: str
    message: str
    question: str


class DetailReader:
    """Reads such lines of one log in order; `traceback` and `agents` are the states of an earlier one."""

    def __init__(self, paths: ProjectPaths, traceback: str = "", agents: Any = None) -> None:
        self.paths = paths
        self.tracebacks = Tracebacks(traceback)
        self.agents = AgentReader(agents)

    def read(self, line: str, mark: int = LEVEL | RARE) -> ParsedLine:
        """Any line of text, redacted. `mark` says what may be in it."""
        return self._read(line, mark, self.tracebacks.kind != "")

    def _read(self, line: str, mark: int, is_in_traceback: bool, may_be_object: bool = True) -> ParsedLine:
        raw, spans = line, NO_SPANS
        if not line.isprintable():
            raw = cleaning.without_controls(cleaning.last_state(without_titles(line)))
        text = raw
        if "\x1b" in raw:
            text, spans = split_ansi(raw)
        if text is not line and not mark & RARE and is_rare(text):
            mark |= RARE  # what was looked for at the end of the line had colours behind it
        first = text[:1]
        if first == "{" and may_be_object and (parsed := self._object(text, raw, mark)):
            return parsed
        place = self.tracebacks.place(text) if is_in_traceback or first in FIRST_CHARACTERS else None
        if place is Place.FOLDED:
            message, spans = self.paths.relative_with(text, spans)
            return made_line(message, "info", raw=raw, spans=spans, is_folded=True)
        if first in FIRST_LETTERS and "=" in text[:10] and (logfmt := read_logfmt(text)):
            message, level, time = logfmt
            return self._text(self.paths.relative(message), level, time, raw, NO_SPANS, mark)
        head = NO_HEAD if place is Place.ERROR else read_head(text)
        level, time, message, spans = self._behind_head(text, spans, head)
        level = "error" if place is Place.ERROR else level
        return self._text(message, level, time, raw, spans, mark)

    def read_known(self, line: str, level: str, is_shown: bool) -> ParsedLine:
        """A line, redacted, of which it is known what it counts as, and that it has no facts, begins no phase and is in
        no traceback."""
        raw, spans = line, NO_SPANS
        if not line.isprintable():
            raw = cleaning.without_controls(cleaning.last_state(without_titles(line)))
        text = raw
        if "\x1b" in raw:
            text, spans = split_ansi(raw)
        if text[:1] in FIRST_LETTERS and "=" in text[:10] and (logfmt := read_logfmt(text)):
            message, _, time = logfmt
            message, spans = self.paths.relative(message), NO_SPANS
        else:
            _, time, message, spans = self._behind_head(text, spans, read_head(text))
        return ParsedLine(cleaning.cut(message), level, "agent", None, time, cleaning.cut(raw), spans, is_shown)

    def _behind_head(
        self, text: str, spans: tuple[Span, ...], head: Head
    ) -> tuple[str | None, str | None, str, tuple[Span, ...]]:
        """(level, time, message, its spans) of a text with this head."""
        level, time, at, name = head
        prefix = f"{name}: " if name else ""
        message = prefix + text[at:]
        if spans:
            spans = shift(spans, len(prefix) - at, len(message))
        return level, time, *self.paths.relative_with(message, spans)

    def read_object(self, line: str, mark: int) -> ParsedLine:
        """A line, redacted, that begins with "{", perhaps behind colours, and is not within a traceback. Other lines do
        not change how it is read, but those of agents, so all of a block may be read after the rest."""
        return self.read_objects([(line, mark)])[0]

    def read_objects(self, lines: Sequence[tuple[str, int]]) -> list[ParsedLine]:
        """The same of each of these (line, mark), in order: what is rare in what agents said is looked for together."""
        read: list[ParsedLine] = []
        said: list[tuple[int, int, _Said]] = []
        for line, mark in lines:
            if mark & LEVEL or "\x1b" in line or not line.isascii():
                read.append(self._read(line, mark | LEVEL, is_in_traceback=False))
            elif (fields := _fields_of(line)) is None:
                read.append(self._read(line, mark, is_in_traceback=False, may_be_object=False))
            elif event := self._event(fields):
                said.append((len(read), mark, self._said(event, line, mark)))
                read.append(_LATER)
            else:
                logged = self._logged(fields, line, line, mark)
                read.append(logged or self._read(line, mark, is_in_traceback=False, may_be_object=False))
        if said:
            are_rare = iter(rare_texts([one.question for _, _, one in said if one.question]))
            for place, mark, one in said:
                read[place] = self._agent_line(one, next(are_rare) if one.question else mark & RARE != 0)
        return read

    def _object(self, text: str, raw: str, mark: int) -> ParsedLine | None:
        if (fields := _fields_of(text)) is None:
            return None
        if event := self._event(fields):
            said = self._said(event, raw, mark)
            return self._agent_line(said, is_rare(said.question) if said.question else mark & RARE != 0)
        return self._logged(fields, text, raw, mark)

    def _event(self, fields: dict[str, Any]) -> AgentLine | None:
        return self.agents.read(fields) if "type" in fields and isinstance(fields["type"], str) else None

    def _logged(self, fields: dict[str, Any], text: str, raw: str, mark: int) -> ParsedLine | None:
        if (log := read_json_line(fields)) is None:
            return None
        message, level, time = log
        if "\x1b" in message:
            message, _ = split_ansi(message)
        message = self.paths.relative(cleaning.one_line(message))
        if "\\" in text and not mark & RARE and is_rare(message):
            mark |= RARE
        return self._text(message, level, time, raw, NO_SPANS, mark)

    def _said(self, event: AgentLine, raw: str, mark: int) -> _Said:
        text = event.text or raw
        if "\x1b" in text:
            text, _ = split_ansi(text)
        plain = cleaning.one_line(text[:_MAX_MESSAGE])
        message = self.paths.relative(plain)
        # What is rare was looked for in the line as it came: what is at the end of a text is not at the end of it, and
        # a word behind an escaped line break is no word.
        question = ""
        if not mark & RARE and (event.is_prose or event.level == "info"):
            question = text if message is plain else f"{text}\n{message}"
        return _Said(event, raw, text, message, question)

    def _agent_line(self, said: _Said, is_special: bool) -> ParsedLine:
        event, raw, text, message, _ = said
        facts, phase = event.facts, event.phase
        if facts and ("\\" in raw or self._may_have_path(raw)):
            facts = tuple([self._with_paths(fact) for fact in facts])
        if event.is_prose and is_special:
            facts = (*facts, *unless_recorded(facts_of_words(text[:_EXAMINED]), facts))
            if phase is None and (phase := default_phase(text)):
                facts = (*facts, phase_fact(phase, text, is_recorded=False))
        return made_line(message, event.level, event.source, phase, None, raw, NO_SPANS, False, facts, is_special)

    def _text(
        self, message: str, level: str | None, time: str | None, raw: str, spans: tuple[Span, ...], mark: int
    ) -> ParsedLine:
        """A line whose head was read: what its words say."""
        if level is None:
            level = level_of_words(message) if mark & LEVEL else "info"
        if not mark & RARE:  # so it is no noise either
            shown = level != "debug"
            return ParsedLine(cleaning.cut(message), level, "agent", None, time, cleaning.cut(raw), spans, shown)
        facts: list[Fact] = []
        phase = None
        if says_something(message):
            facts = facts_of_words(message)
            phase = default_phase(message)
            if phase:
                facts.append(phase_fact(phase, message, is_recorded=False))
        return made_line(message, level, "agent", phase, time, raw, spans, facts=tuple(facts))

    def _may_have_path(self, raw: str) -> bool:
        """True if a text in a line without escapes may have to be changed."""
        return not raw.isprintable() or (self.paths.text != "" and self.paths.text in raw)

    def _with_paths(self, fact: Fact) -> Fact:
        """The fact with paths below the project."""
        folder = self.paths.text
        for value in fact.data.values():
            if isinstance(value, str):
                if not value.isprintable() or (folder and folder in value):
                    break
            elif isinstance(value, list | dict):
                break
        else:
            return fact
        return Fact(fact.kind, self._relative(fact.data), fact.is_recorded)

    def _relative(self, value: Any) -> Any:
        """Plain JSON of a fact with paths below the project, on one line."""
        if isinstance(value, str):
            return self.paths.relative(cleaning.clean(value))
        if isinstance(value, list):
            return [self._relative(each) for each in value]
        if isinstance(value, dict):
            return {key: self._relative(each) for key, each in value.items()}
        return value


def _fields_of(text: str) -> dict[str, Any] | None:
    return decode_object(text) if len(text) <= MAX_CHARACTERS else None
