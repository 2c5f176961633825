"""What reads the lines of one growing file: the interface, and what all such readers need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from ..model import MAX_TEXT, Call, CallRefused

MALFORMED = (CallRefused, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What a line of any shape may raise while it is read. The other lines are read all the same."""

NowMs = Callable[[], int]

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are no JSON, or that it does not take."""

_decode = msgspec.json.Decoder().decode


class LineReader(Protocol):
    """Makes calls of the lines of one file, in order. Its state is small and says all that earlier lines said."""

    refused: list[tuple[int, str]]
    """(line number, reason) of the lines refused so far; whoever takes them empties it."""

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """The calls that these lines tell of, in order; each passed `checked`."""

    def state(self) -> Any:
        """What a new reader of the same kind is made with to go on behind the last line read; plain JSON."""


def parse(line: bytes) -> dict[str, Any]:
    """The object of a line. Raises CallRefused."""
    try:
        value = _decode(line)
    except NOT_JSON:
        value = _parse_leniently(line)
    if not isinstance(value, dict):
        raise CallRefused("This line is not a JSON object.")
    return value


def reason(problem: Exception) -> str:
    """Why a line was refused, one sentence, from one of `MALFORMED`."""
    if isinstance(problem, CallRefused):
        return str(problem)
    return f"This line has a shape that is not known here ({type(problem).__name__})."


def text(value: object, limit: int = MAX_TEXT) -> str | None:
    """A text that can be stored and sent, at most `limit` characters; None for what is no text, or empty."""
    if not isinstance(value, str) or not value:
        return None
    if not value.isascii():  # a lone surrogate, which JSON can escape, is nothing that can be stored
        value = value.encode("utf-8", "replace").decode()
    return value if len(value) <= limit else value[: limit - 1] + "…"


def count(usage: dict[str, Any], name: str) -> int:
    """A number of tokens; 0 where there is none. Raises CallRefused."""
    value = usage.get(name)
    if value is None:
        return 0
    if type(value) is not int:
        raise CallRefused(f"{name} has to be a whole number, not {value!r:.50}.")
    return value


def system_now_ms() -> int:
    """The time now."""
    return time.time_ns() // 1_000_000


def _parse_leniently(line: bytes) -> Any:
    """What msgspec refuses but others write: lone surrogates of cut texts, NaN, huge numbers."""
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as problem:
        raise CallRefused(f"This line is not UTF-8 (byte {problem.start + 1}).") from None
    except RecursionError:
        raise CallRefused("This line is nested too deeply.") from None
    except json.JSONDecodeError as problem:
        raise CallRefused(f"This line is not JSON: {problem.msg} (character {problem.pos + 1}).") from None
    except ValueError:
        raise CallRefused("This line is not JSON that can be read.") from None
