"""JSON whose numbers stay as they were written: `exact_document(data)` reads it, `exact_text(document)` writes it.

Python reads 1e400 as infinity, writes that as `Infinity`, which is not JSON, and refuses numbers of very many digits:
a writer that goes through its numbers would change or damage entries that it is not about.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from ..files import printable
from ..json_values import integer_of


class Number:
    """A number as it was written, which `int` does not give back as the same text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def plain_document(data: bytes) -> dict[str, Any]:
    """The JSON object in a text, with very long integers as decimal numbers; for who only reads. Raises ValueError."""
    return _document(data, float, integer_of)


def exact_document(data: bytes) -> dict[str, Any]:
    """The JSON object in a text, with a `Number` for each number that is no ordinary integer. Raises ValueError."""
    return _document(data, Number, _exact_integer)


def exact_text(document: dict[str, Any]) -> str:
    """The indented JSON of what `exact_document` gave, changed or not."""
    mark = secrets.token_hex(16)  # no text in the document can begin with it
    text = json.dumps(document, indent=2, default=lambda number: f"{mark}{number.text}")
    return re.sub(rf'"{mark}([-+.\deE]+)"', r"\1", text)


def _exact_integer(text: str) -> int | Number:
    value = integer_of(text)
    return value if isinstance(value, int) and str(value) == text else Number(text)


def _document(data: bytes, decimal: Callable[[str], Any], integer: Callable[[str], Any]) -> dict[str, Any]:
    if not data.strip():
        return {"instances": []}
    try:
        found = json.loads(data, parse_float=decimal, parse_int=integer)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem
    except ValueError as problem:
        raise ValueError(f"it is not JSON ({printable(str(problem))[:100]})") from problem
    if not isinstance(found, dict):
        raise ValueError("it is not an object")
    return found
