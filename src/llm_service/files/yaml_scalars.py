"""What a scalar of YAML means as plain JSON. Pure functions of text.

YAML 1.1's words and numbers, as PyYAML reads them, without what is no JSON or no longer what was written: dates
(`2024-99-99`), times (`12:30`), `.nan`, `.inf` and numbers that JavaScript cannot hold stay text.
"""

from __future__ import annotations

import re
from typing import Any

JSON = Any

TAG = "tag:yaml.org,2002:"
WORDS: dict[str, JSON] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "yes": True, "Yes": True, "YES": True, "on": True, "On": True, "ON": True,
    "false": False, "False": False, "FALSE": False, "no": False, "No": False, "NO": False,
    "off": False, "Off": False, "OFF": False,
}  # fmt: skip
NUMBER_BEGINS = frozenset("+-.0123456789")

_SAFE_INTEGER = 2**53
# Python refuses itself to read 5,000 digits, unless PYTHONINTMAXSTRDIGITS allows it: then 1 MiB of them takes seconds.
_LONGEST_NUMBER = 100
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)")
_DECIMAL = re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?")
_TEXT_TAGS = {f"{TAG}{name}" for name in ("str", "binary", "timestamp", "value", "merge")}
_VALUE_TAGS = {f"{TAG}int": (int,), f"{TAG}float": (int, float), f"{TAG}bool": (bool,), f"{TAG}null": (type(None),)}


class UnknownTag(Exception):
    """A tag that says how to make something else than plain JSON."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"could not determine a constructor for the tag {tag[:200]!r}")


def plain(text: str) -> JSON:
    """What an unquoted scalar means; itself, if it is neither a word nor a number."""
    if text in WORDS:
        return WORDS[text]
    if len(text) > _LONGEST_NUMBER:
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
    return clean(text)


def tagged(text: str, tag: str) -> JSON:
    """What a scalar with an explicit tag means; its text if it is nothing of that kind. Raises UnknownTag."""
    if tag in _TEXT_TAGS:
        return clean(text)
    if tag not in _VALUE_TAGS:
        raise UnknownTag(tag)
    value = plain(text)
    return value if type(value) in _VALUE_TAGS[tag] else clean(text)


def key_text(value: JSON) -> str:
    """A scalar as a key: `true`, `1` and `null` as JSON writes them."""
    if isinstance(value, str):
        return value
    return "null" if value is None else str(value).lower()


def clean(text: str) -> str:
    """The text without lone surrogates, which neither UTF-8 nor JSON clients can take. Only the Python parser,
    used where libyaml is missing, lets one through."""
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
