"""The limits of one YAML stream, and the problem of a stream that exceeds them or does not parse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for one stream. Real task files have about 100 nodes, 6 levels and no anchors.

    An alias counts as much as the value of its anchor: in nodes, characters and depth.
    """

    depth: int = 60
    nodes: int = 15_000
    characters: int = 4_194_304
    anchors: int = 1_000
    documents: int = 100


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why bytes are not a document: the parser's message, line and column (1-based, None if unknown), and a code."""

    message: str
    line: int | None
    column: int | None
    code: str


class Refused(Exception):
    """An event of the parser that is not built."""

    def __init__(self, message: str, event: Any, code: str = "NOT_YAML") -> None:
        super().__init__(message)
        mark = event.start_mark
        self.problem = Problem(message[:500], mark.line + 1, mark.column + 1, code)
