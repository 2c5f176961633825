"""What parses lines, for those who store and search them: `Parser`, `MakeParser`; and `survey` of parsed lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..processes.model import Run
from .model import ParsedLine
from .tally import CLASSES, INDEX, Tally


class Parser(Protocol):
    """`LineParser` of parser.py."""

    def redact(self, block: bytes) -> bytes:
        """The lines of a block as they are, but redacted; for one who does not `parse` it."""

    def parse(self, block: bytes) -> list[ParsedLine]:
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
    """Go through the lines once."""
    counts = [0] * len(CLASSES)
    index = INDEX
    phases: list[int] = []
    has_facts = False
    for number, line in enumerate(lines):
        counts[index[line.level, line.is_shown]] += 1
        if line.phase is not None:
            phases.append(number)
        if line.facts:
            has_facts = True
    time = next((line.time for line in reversed(lines) if line.time is not None), None)
    return Survey(tuple(counts), tuple(phases), has_facts, time)


def time_ms(time: str | None) -> int:
    """Milliseconds since 1970 of an ISO-8601 time; 0 for none or one that is none."""
    if time is None:
        return 0
    try:
        return int(datetime.fromisoformat(time).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
