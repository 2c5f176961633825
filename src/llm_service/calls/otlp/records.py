"""What an OTLP request has in either encoding: its records, and the error that refuses the whole of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Signal = Literal["traces", "logs", "metrics"]
Value = str | int | float | bool
STATUS_ERROR = 2
MAX_OBJECTS = 500_000
"""So many spans, attributes, values and so on may a body have: an empty one takes two bytes and 100 to 200 in memory. A
body of 8 MB with ordinary attributes has half as many."""


class BadBody(ValueError):
    """The whole body is rejected: with this message and this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def too_many(count: int, what: str) -> BadBody:
    """The error for a body with more than `count` of something."""
    return BadBody(413, f"A body may have at most {count:,} {what}; let the exporter send smaller batches.")


@dataclass(frozen=True, slots=True)
class OtlpRecord:
    """A span or a log record."""

    resource: Mapping[str, Value]
    scope: str
    name: str
    """Name of the span; event name of a log record."""
    attributes: Mapping[str, Value]
    trace: str
    span: str
    parent: str
    start_ns: int
    """Start of the span; time of the log record, or if it has none, when it was observed. 0: unknown."""
    end_ns: int
    failed: bool
    message: str
    """Message of the span's status; body of a log record, if that is text."""
