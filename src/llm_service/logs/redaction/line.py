"""`redact_line(line)`: one line with `[redacted:<kind>]` for each secret."""

from __future__ import annotations

import re

from .expressions import expressions
from .plausible import is_secret_value

MARK = b"[redacted:"
_OPENING = re.compile(rb"[brfu]{0,2}(\\*)([\"'])")
_CLOSING = b",;)]}>"


def redact_line(line: bytes) -> bytes:
    """The line without secrets; a private key in it is left to `PrivateKeys`."""
    found = sorted(_secrets(line), key=lambda each: (each[0], -each[1]))
    if not found:
        return line
    pieces, at = [], 0
    for begin, end, name in found:
        if begin >= at:
            pieces += [line[at:begin], MARK, name.encode(), b"]"]
        at = max(at, end)  # of secrets that overlap, all is hidden under the first one's name
    pieces.append(line[at:])
    return b"".join(pieces)


def without_escapes(data: bytes) -> bytes:
    """The data, of the same length, with a space for the letter of JSON's `\\n`, `\\r` and `\\t`: what follows these
    begins a word."""
    if b"\\" not in data:
        return data
    return data.replace(b"\\n", b"\\ ").replace(b"\\t", b"\\ ").replace(b"\\r", b"\\ ")


def _secrets(line: bytes) -> list[tuple[int, int, str]]:
    """(begin, end, kind) of the secrets in a line."""
    line = without_escapes(line)
    compiled = expressions()
    found: list[tuple[int, int, str]] = []
    assigned = list(compiled.assignment.every(line))
    # In most lines there is only a name like "token": to look for the rules' keywords takes longer than to ask first.
    may_have_token = not assigned or compiled.of_rule.is_in(line)
    for rule in compiled.keywords.rules_of(line.lower()) if may_have_token else ():
        for whole, (begin, end), *_ in rule.expression.every(line):
            secret = line[begin:end]
            if MARK not in secret and (rule.is_secret is None or rule.is_secret(line[slice(*whole)], secret)):
                found.append((begin, end, rule.name))
    for (start, _), name, between, value in assigned:
        in_query = line[start - 1 : start] in (b"?", b"&")
        begin, end, is_quoted = _bare(line, *value, in_query)
        secret = line[begin:end]
        is_first = not line[:start].strip(b" \t-\"'{")
        if MARK not in secret and is_secret_value(
            line[slice(*name)], line[slice(*between)], secret, is_quoted, is_first
        ):
            found.append((begin, end, "secret"))
    return found


def _bare(line: bytes, begin: int, end: int, in_query: bool) -> tuple[int, int, bool]:
    """(begin, end, is quoted) of a value without its quotes, or without what closes a list, a sentence, a query."""
    opening = _OPENING.match(line, begin, end)
    if opening is None:
        if in_query and (stop := line.find(b"&", begin, end)) >= 0:
            end = stop
        return begin, begin + len(line[begin:end].rstrip(_CLOSING)), False
    begin = opening.end()
    if end > begin and line[end - 1 : end] == opening[2]:
        end -= 1
        if opening[1]:
            end = begin + len(line[begin:end].rstrip(b"\\"))
    return begin, end, True
