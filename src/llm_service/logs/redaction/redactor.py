"""`Redactor.redact(block)`: whole lines without the secrets in them; never more or fewer lines.

First one expression of RE2 with all rules goes over the block and finds the lines that may have a secret (a few of a
thousand in ordinary logs); only these are searched rule by rule. Colours, JSON's `\\u0041` and `\\/` do not hide a
secret: lines are searched without them, and a line with a secret stays without them.
"""

from __future__ import annotations

import re

from ..ansi import without_ansi
from .expressions import expressions
from .line import redact_line, without_escapes
from .private_keys import BEGINS, PrivateKeys

_ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])|\\(/)")
_KEY_BEGINS = re.compile(BEGINS)
_MAX_HELD, _OVERLAP = 128 << 10, 16 << 10


class Redactor:
    """Redacts the blocks of one log in order. `state()` is what a later one needs to continue behind the last."""

    def __init__(self, state: tuple[int, int] = (0, 0)) -> None:
        self._keys = PrivateKeys(*state)
        self._held = b""

    def state(self) -> tuple[int, int]:
        """Where in a private key the last line was, (0, 0) outside of one."""
        return (self._keys.lines, self._keys.others) if self._keys.lines else (0, 0)

    def redact(self, block: bytes) -> bytes:
        """Whole lines (the last of a log may have no line end) without secrets; the same object if it has none."""
        plain = _plain(block)
        text = without_escapes(plain)
        search = expressions().any.search
        if not self._keys.lines and search(text) is None:
            return block
        lines, plain_lines = block.split(b"\n"), plain.split(b"\n")
        at = number = changes = 0
        while at < len(plain):
            if self._keys.lines:
                end = at
                changed = self._in_key(plain_lines[number])
            else:
                match = search(text, at)
                if match is None:
                    break
                end = match.start()
                number += plain.count(b"\n", at, end)
                changed = self._line(plain_lines[number])
            if changed != plain_lines[number]:
                lines[number] = changed
                changes += 1
            at = plain.find(b"\n", end) + 1
            if not at:
                break
            number += 1
        return b"\n".join(lines) if changes else block

    def feed(self, data: bytes) -> bytes:
        """The same for data that is cut anywhere: what is whole so far; `flush` gives the rest. Of a line without an
        end, 128 kB are held back at most."""
        self._held += data
        end = self._held.rfind(b"\n") + 1
        if not end and len(self._held) > _MAX_HELD:
            end = _safe_cut(self._held)
        whole, self._held = self._held[:end], self._held[end:]
        return self.redact(whole) if whole else b""

    def flush(self) -> bytes:
        """What `feed` held back."""
        rest, self._held = self._held, b""
        return self.redact(rest) if rest else b""

    def _line(self, line: bytes) -> bytes:
        line = redact_line(line)
        return self._keys.begin(line) if _KEY_BEGINS.search(line) else line

    def _in_key(self, line: bytes) -> bytes:
        changed = self._keys.inside(line)
        return self._line(line) if changed is None else changed


def redact(block: bytes) -> bytes:
    """Whole lines without secrets, of a log of which nothing else is known."""
    return Redactor().redact(block)


def _plain(block: bytes) -> bytes:
    """The block without what can hide a secret from the rules; line by line the same."""
    if b"\x1b" in block:
        block = without_ansi(block)
    if b"\\u00" in block or b"\\/" in block:
        block = _ESCAPED.sub(_unescaped, block)
    return block


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[2]:
        return b"/"
    character = bytes((int(match[1], 16),))
    return match[0] if character in b'"\\\x7f' else character


def _safe_cut(held: bytes) -> int:
    """Where a line without an end can be cut: not in a secret, nor near its end, where one may have begun."""
    cut = len(held) - _OVERLAP
    for match in expressions().any.finditer(without_escapes(held)):
        begin, end = match.span()
        if begin < cut < end:
            return begin or cut
        if begin >= cut:
            break
    return cut
