"""The value of a YAML scalar as plain JSON, or as it was written. Pure functions of text.

Constants and numbers of YAML 1.1, as PyYAML reads them, except those that JSON lacks or that would not keep their
spelling: dates (`2024-99-99`), times (`12:30`), `.nan`, `.inf` and integers that JavaScript cannot represent stay text.
"""

from __future__ import annotations

import re
from typing import Any

JSON = Any

TAG = "tag:yaml.org,2002:"
CONSTANTS: dict[str, JSON] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "yes": True, "Yes": True, "YES": True, "on": True, "On": True, "ON": True,
    "false": False, "False": False, "FALSE": False, "no": False, "No": False, "NO": False,
    "off": False, "Off": False, "OFF": False,
}  # fmt: skip
MISSING = frozenset(text for text, value in CONSTANTS.items() if value is None)
NUMBER_START = frozenset("+-.0123456789")

_SAFE_INTEGER = 2**53
# Python refuses 5,000 digits, unless PYTHONINTMAXSTRDIGITS allows them: then 1 MiB of digits takes seconds.
_MAX_NUMBER_CHARACTERS = 100
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)")
_DECIMAL = re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?")
_TEXT_TAGS = {f"{TAG}{name}" for name in ("str", "binary", "timestamp", "value", "merge")}
_VALUE_TAGS = {f"{TAG}int": (int,), f"{TAG}float": (int, float), f"{TAG}bool": (bool,), f"{TAG}null": (type(None),)}


class TypedText(str):
    """A scalar as it was written, which YAML takes for a number or a boolean: `2.10`, `0x1F`, `No`, `!!int "12"`."""

    __slots__ = ()

    def value(self) -> int | float | bool:
        """What YAML takes it for."""
        number: int | float | bool = resolve_plain(str(self))
        return number


class UnknownTag(Exception):
    """A tag of a type that is not plain JSON."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"could not determine a constructor for the tag {tag[:200]!r}")


def resolve_plain(text: str) -> JSON:
    """The value of an unquoted scalar; the text itself if it is neither a constant nor a number."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if len(text) > _MAX_NUMBER_CHARACTERS:
        return text
    try:
        if _INTEGER.fullmatch(text):
            number = _whole_number(text.replace("_", ""))
            return number if abs(number) <= _SAFE_INTEGER else text
        if _DECIMAL.fullmatch(text):
            decimal = float(text.replace("_", ""))
            return decimal if abs(decimal) < float("inf") else text
    except ValueError:  # a prefix without a digit: 0x_
        pass
    return without_surrogates(text)


def resolve_tagged(text: str, tag: str) -> JSON:
    """The value of a scalar with an explicit tag; its text if it is not of that type. Raises UnknownTag."""
    if tag in _TEXT_TAGS:
        return without_surrogates(text)
    if tag not in _VALUE_TAGS:
        raise UnknownTag(tag)
    value = resolve_plain(text)
    return value if type(value) in _VALUE_TAGS[tag] else without_surrogates(text)


def key_text(value: JSON) -> str:
    """A scalar as the key of a JSON object: text as it is, `true`, `1` and `null` as JSON spells them."""
    if isinstance(value, str):
        return str(value)
    return "null" if value is None else str(value).lower()


def without_surrogates(text: str) -> str:
    """The text with lone surrogates replaced, as UTF-8 cannot encode them. Only the Python parser, used where libyaml
    is missing, lets one through."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _whole_number(text: str) -> int:
    digits = text.lstrip("+-")
    base = 10 if digits[0] != "0" or digits == "0" else {"b": 2, "x": 16}.get(digits[1], 8)
    return int(text, base)
