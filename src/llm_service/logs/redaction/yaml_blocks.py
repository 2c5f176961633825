"""Secrets that YAML has in lines of their own: a text under `password: |`, and the `data` of a Secret of Kubernetes.

Only in lines that begin with their indentation: behind a time or the name of a container it cannot be told.
"""

from __future__ import annotations

import base64
import binascii
import re

from .assignments import NAMES
from .plausible import is_name_of_no_secret

_TEXT_ENDS = r"[|>][+-]?\d?[+-]?[ \t]*(?:#.*)?\r?$"
_DATA_ENDS = r"ata[\"']?:[ \t]*\{?[ \t]*\r?$"
_SCALAR = rf"(?i:{NAMES})[\w.-]*[\"']?:[ \t]{{1,3}}{_TEXT_ENDS}"
BEGINS = f"{_SCALAR}|(?:d|stringD){_DATA_ENDS}"
"""What a line that begins such a block has in it; not more, as it is looked for everywhere by RE2."""
ENDS = f"{_TEXT_ENDS}|{_DATA_ENDS}".encode()
"""How such a line ends."""
_SCALAR_LINE = re.compile(rf"([ \t]*)(?:- )*[\"']?([\w.-]*{_SCALAR})".encode())
_DATA_LINE = re.compile(rf"([ \t]*)[\"']?(d{_DATA_ENDS}|stringD{_DATA_ENDS})".encode())
_NAME = re.compile(rb"[\w.-]+")
_ENTRY = re.compile(rb"([ \t]*[\"']?[\w.-]+[\"']?:[ \t]+[\"']?)([^\"'\s,][^\"'\r]*?)([\"']?,?[ \t]*\r?)$")
_BASE64 = re.compile(rb"[0-9A-Za-z+/]{8,}={0,2}$")
_INDENT = re.compile(rb"[ \t]*")
REDACTED = b"[redacted:secret]"
MOST_LINES = 500
TEXT, ENCODED, PLAIN = range(3)
"""What is in a block: lines of one secret, entries in base64, entries as they are."""


def block_of(line: bytes) -> tuple[int, int] | None:
    """(kind, indentation of the key) of the block that begins behind this line; None if none does."""
    if match := _SCALAR_LINE.match(line):
        name = _NAME.match(match[2])
        return None if name is None or is_name_of_no_secret(name[0]) else (TEXT, len(match[1]))
    if match := _DATA_LINE.match(line):
        return (PLAIN if match[2].startswith(b"s") else ENCODED), len(match[1])
    return None


def line_in(kind: int, indentation: int, line: bytes) -> bytes | None:
    """A line of such a block, without what of the secret is in it; None if the block has ended before it."""
    if not line.strip():
        return line
    own = _INDENT.match(line)
    begin = own.end() if own is not None else 0
    if begin <= indentation:
        return None
    if kind == TEXT:
        return line[:begin] + REDACTED + (b"\r" if line.endswith(b"\r") else b"")
    entry = _ENTRY.match(line)
    if entry is not None and REDACTED not in line and (kind == PLAIN or _is_encoded(entry[2])):
        return entry[1] + REDACTED + entry[3]
    return line


def _is_encoded(value: bytes) -> bool:
    """True for base64 of a text, and for long base64 of anything: a word of eight letters is neither."""
    if len(value) % 4 or not _BASE64.match(value):
        return False
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    is_text = all(byte >= 32 or byte in b"\t\n\r" for byte in data) and b"\x7f" not in data
    return (is_text and data.isascii()) or (len(value) >= 24 and any(48 <= byte < 58 for byte in value))
