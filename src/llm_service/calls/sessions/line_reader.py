"""`LineReader`, the interface of the readers of one growing file, and what all of them need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from ..model import MAX_TEXT, Call, CallRefused

LINE_ERRORS = (CallRefused, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What a malformed line may raise while it is read. Such a line is refused; the others are read."""

NowMs = Callable[[], int]

JSON_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not JSON, or that it does not support."""

_decode = msgspec.json.Decoder().decode


class LineReader(Protocol):
    """Turns the lines of one file, in order, into calls. Its state is small and sums up all earlier lines."""

    refused: list[tuple[int, str]]
    """(line number, reason) of the refused lines; the caller clears it after reading."""

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """The calls in these (line number, line), in order; each has passed `validate`."""

    def state(self) -> Any:
        """JSON value from which a new reader of the same kind continues after the last line read."""


def parse_line(line: bytes) -> dict[str, Any]:
    """The JSON object in a line. Raises CallRefused."""
    try:
        value = _decode(line)
    except JSON_ERRORS:
        value = _parse_leniently(line)
    if not isinstance(value, dict):
        raise CallRefused("This line is not a JSON object.")
    return value


def refusal_reason(problem: Exception) -> str:
    """Why a line was refused, one sentence; `problem` is one of `LINE_ERRORS`."""
    if isinstance(problem, CallRefused):
        return str(problem)
    return f"This line has an unknown structure ({type(problem).__name__})."


def clean_text(value: object, limit: int = MAX_TEXT) -> str | None:
    """Text that can be stored and sent, at most `limit` characters; None if it is no text or empty."""
    if not isinstance(value, str) or not value:
        return None
    if not value.isascii():  # JSON can escape lone surrogates, which cannot be stored
        value = value.encode("utf-8", "replace").decode()
    return value if len(value) <= limit else value[: limit - 1] + "…"


def token_count(usage: dict[str, Any], name: str) -> int:
    """The token count `usage[name]`; 0 if it is missing. Raises CallRefused."""
    value = usage.get(name)
    if value is None:
        return 0
    if type(value) is not int:
        raise CallRefused(f"{name} has to be a whole number, not {value!r:.50}.")
    return value


def system_now_ms() -> int:
    """The current time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def _parse_leniently(line: bytes) -> Any:
    """JSON that msgspec refuses but other programs write: lone surrogates in truncated text, NaN, huge numbers."""
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as problem:
        raise CallRefused(f"This line is not UTF-8 (byte {problem.start + 1}).") from None
    except RecursionError:
        raise CallRefused("This line is nested too deeply.") from None
    except json.JSONDecodeError as problem:
        raise CallRefused(f"This line is not JSON: {problem.msg} (character {problem.pos + 1}).") from None
    except ValueError:
        raise CallRefused("This line is JSON that cannot be read.") from None
