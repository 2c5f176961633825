"""Writing YAML in one line: every value is JSON, which is YAML too, but for what the two read differently.

A reader of YAML 1.1, as ours and PyYAML are, takes a number for one only with a point, and some characters for none
that a document may contain.
"""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_]*")
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_FORBIDDEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What JSON may contain and YAML may not."""
_EXPONENT = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\d.])\d+(?=e)')
"""A text, which stays as it is, or the digits before an exponent that have no point: `1e+18`."""


def yaml_value(value: Any) -> str:
    """A value of JSON as YAML in one line. What is read from it is the value."""
    text = json.dumps(value, ensure_ascii=False)
    if "e+" in text or "e-" in text:
        text = _EXPONENT.sub(_with_point, text)
    return _FORBIDDEN.sub(_escaped, text)


def yaml_key(key: str) -> str:
    """The key of a mapping, quoted where it could be read as something else."""
    return key if _PLAIN_KEY.fullmatch(key) and key not in _WORDS else yaml_value(key)


def _with_point(found: re.Match[str]) -> str:
    text = found.group()
    return text if text.startswith('"') else f"{text}.0"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
