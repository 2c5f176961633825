"""`Cleaner(redact)`: texts and data of agents, redacted, without what cannot be sent, and within limits.

Redaction comes first: a secret that a limit cut in two would not be recognised any more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .model import MAX_TEXT

Redact = Callable[[bytes], bytes]
"""Replaces secrets in UTF-8 text; never changes the number of lines."""

_MAX_DEPTH = 6
_MAX_ITEMS = 100
_MAX_NAME = 200
_MAX_VALUES = 500
_CUT = " … (cut)"
_EXACT = 2**53


class Cleaner:
    """Cleans what agents write. Thread-safe."""

    def __init__(self, redact: Redact) -> None:
        self._redact = redact

    def text(self, value: str, limit: int = MAX_TEXT) -> str:
        """The text redacted, cut at `limit` characters visibly."""
        return _cut(self._redacted(value), limit)

    def name(self, value: object) -> str | None:
        """A short text in one line, None for anything that is no text or empty."""
        if not isinstance(value, str) or not value.strip():
            return None
        return " ".join(self.text(value, _MAX_NAME).split())

    def data(self, value: Any) -> dict[str, Any]:
        """An object as plain JSON that can be sent: secrets redacted, also where only the key tells that it is one;
        too deep or too many values left out, numbers that JSON does not have as text. {} for anything else."""
        budget = [_MAX_VALUES]
        cleaned = self._value("", value, 0, budget) if isinstance(value, dict) else {}
        return cleaned if isinstance(cleaned, dict) else {}

    def _redacted(self, value: str) -> str:
        data = value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
        return self._redact(data).decode("utf-8", "replace")

    def _value(self, key: str, value: Any, depth: int, budget: list[int]) -> Any:
        budget[0] -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if abs(value) <= _EXACT else str(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if isinstance(value, str):
            return self._string(key, value)
        if depth >= _MAX_DEPTH or budget[0] <= 0:
            return None
        if isinstance(value, dict):
            shown: dict[str, Any] = {}
            for name, item in list(value.items())[:_MAX_ITEMS]:
                if budget[0] <= 0:
                    break
                key = self.text(str(name), _MAX_NAME)
                shown[key] = self._value(key, item, depth + 1, budget)
            return shown
        if isinstance(value, list | tuple):
            return [self._value(key, item, depth + 1, budget) for item in value[:_MAX_ITEMS] if budget[0] > 0]
        return self.text(str(value))

    def _string(self, key: str, value: str) -> str:
        """A value redacted together with its key: many rules know a secret by what stands before it."""
        lead = f"{key}=" if key.isidentifier() else ""
        return _cut(self._redacted(lead + value).removeprefix(lead), MAX_TEXT)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT
