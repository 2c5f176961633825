"""`Redactor.redact(block)`: whole lines without the secrets in them; never more or fewer lines.

First one expression of RE2 with all rules goes over the block and finds the lines that may have a secret (a few of a
thousand in ordinary logs); only these are searched rule by rule. Colours, JSON's `\\u0041` and `\\/` do not hide a
secret: lines are searched without them, and a line with a secret stays without them.
"""

from __future__ import annotations

import re

from ..ansi import without_ansi, without_colours
from .expressions import expressions
from .line import redact_line, without_escapes
from .multiline import MAY_BEGIN, MultiLine
from .utf16 import as_utf8

_ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])|\\(/)")
_WORD = re.compile(rb"\S+")
_HIDDEN = (b"\x1b", b"\\/", b"\\u00")
_FEW = 40
"""Bytes for each escape."""
_BEFORE = 100
"""Bytes that a secret may have before what finds it."""
_MAX_HELD, _OVERLAP = 128 << 10, 16 << 10


class Redactor:
    """Redacts the blocks of one log in order. `state()` is what a later one needs to continue behind the last."""

    def __init__(self, state: tuple[int, int] = (0, 0)) -> None:
        self._keys = MultiLine(*state)
        self._held = b""
        self.has_changed = False
        """The lines that `lines` gave last are not those of the block."""

    def state(self) -> tuple[int, int]:
        """Where in a secret of many lines the last line was, (0, 0) outside of one."""
        return (self._keys.lines, self._keys.others) if self._keys.lines else (0, 0)

    def redact(self, block: bytes) -> bytes:
        """Whole lines (the last of a log may have no line end) without secrets; the same object if it has none."""
        if b"\0" in block:
            block = as_utf8(block)
        text = searchable(block)
        return self._by_place(block, text) if len(text) == len(block) else self._by_line(block, text)

    def lines(self, block: bytes) -> tuple[list[bytes], bytes | None]:
        """(what `redact` gives, line by line; the same without the codes of terminals, None if that is not known).

        What is between the line ends is a line, so the last one is empty if the block ends with a line end.
        """
        given = block
        if b"\0" in block:
            block = as_utf8(block)
        plain = without_colours(block) if b"\x1b" in block else block
        text, has_hidden = (b"", True) if plain is None else _with_words(plain)
        if has_hidden:
            redacted = self.redact(block)
            self.has_changed = redacted is not given and redacted != given
            return redacted.split(b"\n"), None
        lines = block.split(b"\n")
        is_changed = self._in_lines(lines, text)
        self.has_changed = is_changed or (block is not given and block != given)
        return lines, None if is_changed else plain

    def _by_line(self, block: bytes, text: bytes) -> bytes:
        """`text` has the lines of the block at other places."""
        lines = block.split(b"\n")
        return b"\n".join(lines) if self._in_lines(lines, text) else block

    def _in_lines(self, lines: list[bytes], text: bytes) -> bool:
        """Redact these lines, which `text` has as they are searched; True if one of them changed."""
        find, is_changed = expressions().any.find, False
        at = number = 0
        while True:
            if not self._keys.lines:
                found = find(text, at)
                if found < 0:
                    break
                number += text.count(b"\n", at, found)
                at = found
            elif number == len(lines) - 1 and not lines[number]:
                break  # behind the end of the last line
            plain = _plain(lines[number])
            changed = self._in_key(plain) if self._keys.lines else self._line(plain)
            if changed != plain:
                lines[number], is_changed = changed, True
            number += 1
            if number == len(lines):
                break
            at = text.find(b"\n", at) + 1
        return is_changed

    def _by_place(self, block: bytes, text: bytes) -> bytes:
        """`text` has the lines of the block at the same places."""
        find = expressions().any.find
        pieces: list[bytes] = []
        at = done = 0
        while at < len(block):
            begin = found = at
            if not self._keys.lines:
                found = find(text, at)
                if found < 0:
                    break
                begin = block.rfind(b"\n", at, found) + 1 or at
            end = block.find(b"\n", found)
            end = len(block) if end < 0 else end
            plain = _plain(block[begin:end])
            changed = self._in_key(plain) if self._keys.lines else self._line(plain)
            if changed != plain:
                pieces += (block[done:begin], changed)
                done = end
            at = end + 1
        return b"".join((*pieces, block[done:])) if pieces else block

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
        return self._keys.begin(line) if MAY_BEGIN.search(line) else line

    def _in_key(self, line: bytes) -> bytes:
        changed = self._keys.inside(line)
        return self._line(line) if changed is None else changed


def redact(block: bytes) -> bytes:
    """Whole lines without secrets, of a log of which nothing else is known."""
    return Redactor().redact(block)


def searchable(block: bytes) -> bytes:
    """The block as the rules are looked for in it: without what hides a secret from them. If it is as long as the
    block, each line is at its place, and what is shorter has line ends behind it; else it has as many lines."""
    text, has_hidden = _with_words(block)
    if not has_hidden:
        return without_ansi(text) if b"\x1b" in block else text
    changed = bytearray(text)
    for hidden in _HIDDEN:
        at = block.find(hidden)
        while at >= 0:
            begin, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at)
            end = len(block) if end < 0 else end
            changed[begin:end] = without_escapes(_plain(block[begin:end])).ljust(end - begin, b"\n")
            at = block.find(hidden, end)
    return bytes(changed)


def _with_words(block: bytes) -> tuple[bytes, bool]:
    """(`without_escapes` of the block, does it have characters in JSON's way). Three searches for two bytes each take
    longer than that for a secret, so where there are few escapes they are checked one by one."""
    if not (escapes := block.count(b"\\")):
        return block, False
    if escapes * _FEW > len(block):
        return without_escapes(block), b"\\/" in block or b"\\u00" in block
    pieces = block.split(b"\\")
    has_hidden = False
    for number in range(1, len(pieces)):
        piece = pieces[number]
        letter = piece[:1]
        if letter == b"n" or letter == b"t" or letter == b"r":
            pieces[number] = b" " + piece[1:]
        elif letter == b"/" or (letter == b"u" and piece[1:3] == b"00"):
            has_hidden = True
    return b"\\".join(pieces), has_hidden


def _plain(line: bytes) -> bytes:
    """A line without what can hide a secret from the rules."""
    if b"\x1b" in line:
        line = without_ansi(line)
    if b"\\u00" in line or b"\\/" in line:
        line = _ESCAPED.sub(_unescaped, line)
    return line


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[2]:
        return b"/"
    character = bytes((int(match[1], 16),))
    return match[0] if character in b'"\\\x7f' else character


def _safe_cut(held: bytes) -> int:
    """Where a line without an end can be cut: not in a secret, nor near its end, where one may have begun."""
    cut, text, at = len(held) - _OVERLAP, without_escapes(held), 0
    while 0 <= (found := expressions().any.spans(text, at, len(text))[0])[0] - _BEFORE < cut:
        # What finds a secret may find a part of it only.
        begin = max(at, found[0] - _BEFORE)
        word = _WORD.match(text, found[1])
        at = max(word.end() if word else found[1], found[0] + 1)
        if begin < cut < at:
            return begin or cut
    return cut
