"""What parses lines, for those who store and search them: `Parser`, `MakeParser`; and `survey` of parsed lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..processes.model import Run
from .formats.heads import DIGITS, read_head
from .formats.logfmt import FIRST_LETTERS
from .lines import Lines
from .model import ParsedLine
from .tally import Tally

_BEFORE_TIME = frozenset(each.encode() for each in DIGITS | {"["})
_LOGFMT = frozenset(each.encode() for each in FIRST_LETTERS)


class Parser(Protocol):
    """`LineParser` of parser.py."""

    is_unchanged: bool
    """Redaction has left the last block that was parsed as it was."""

    def redact(self, block: bytes) -> bytes:
        """The lines of a block as they are, but redacted; for one who does not `parse` it."""

    def parse(self, block: bytes) -> Sequence[ParsedLine]:
        """The lines of a block of whole lines, redacted."""

    def state(self) -> bytes:
        """What another parser needs to go on behind the last block."""


MakeParser = Callable[[Run, bytes], Parser]
"""A parser for the log of a run, in this state (b"": at its start)."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the index notes of some lines."""

    counts: Tally
    phases: tuple[int, ...]
    """The places of the lines with which a phase begins."""
    has_facts: bool
    time: str | None
    """The last time in them."""


def survey(lines: Sequence[ParsedLine]) -> Survey:
    """What is known of the lines, none of which is made for that but the last one with a time."""
    known = Lines.of(lines)
    notable = known.notable()
    phases = tuple(place for place in notable if known.read[place].phase is not None)
    has_facts = any(known.read[place].facts for place in notable)
    return Survey(known.counts, phases, has_facts, _last_time(known))


def _last_time(lines: Lines) -> str | None:
    read = lines.read
    for place, text in lines.texts_from_end():
        if place in read:
            time = read[place].time
        elif (first := text[:1]) in _BEFORE_TIME:
            time = None if text[2:3] == b":" else read_head(text.decode("utf-8", "replace"))[1]
        elif first == b"{" or first == b"\x1b" or (first in _LOGFMT and b"=" in text[:10]):
            time = lines[place].time
        else:
            continue
        if time is not None:
            return time
    return None


def time_ms(time: str | None) -> int:
    """Milliseconds since 1970 of an ISO-8601 time; 0 for none or one that is none."""
    if time is None:
        return 0
    try:
        return int(datetime.fromisoformat(time).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
