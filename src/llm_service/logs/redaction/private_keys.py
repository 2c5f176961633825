"""Private keys, which go over many lines: PEM, OpenSSH, PGP, PuTTY. Each line stays a line."""

from __future__ import annotations

import re

REDACTED = b"[redacted:private-key]"
BEGINS = rb"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY|Private-Lines: \d|BEGIN SSH2 ENCRYPTED PRIVATE KEY"
"""In the syntax that RE2 and `re` share."""
_BEGIN = re.compile(
    rb"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"
)
_END = re.compile(rb"-----END[ A-Z0-9_-]{0,100}KEY|---- END SSH2|Private-MAC:")
_PUTTY = re.compile(rb"Private-Lines: (\d{1,4})")
_EMPTY = re.compile(rb"[\s\"'`,;>|\\nr]*$")
_BODY = re.compile(rb"[0-9A-Za-z+/=_-]{16,}(?=[\s\"'\\nr,;+]*$)")
_LAST = re.compile(rb"\s*[\"']?[0-9A-Za-z+/=]{1,76}[\"'\\nr,;+\s]*$")
_MAX_LINES, _MAX_OTHERS = 2_000, 20


class PrivateKeys:
    """Follows the lines of a log. `lines` is how many more may belong to a key that has begun, 0 outside of one;
    `others` counts lines of something else between them, such as those of another thread."""

    def __init__(self, lines: int = 0, others: int = 0) -> None:
        self.lines, self.others = lines, others

    def begin(self, line: bytes) -> bytes:
        """A line that begins a key, without what of the key is in it."""
        if match := _PUTTY.search(line):
            self.lines, self.others = min(int(match[1]) + 2, _MAX_LINES), 0
            return line
        at, pieces = 0, []
        while match := _BEGIN.search(line, at):
            pieces.append(line[at : match.end()])
            end = _END.search(line, match.end())
            at = end.start() if end else len(line)
            inside = line[match.end() : at]
            if _EMPTY.match(inside):
                pieces.append(inside)
                if end is None:
                    self.lines, self.others = _MAX_LINES, 0
            else:
                pieces.append(REDACTED + (_quotes(inside) if end is None else b""))
        pieces.append(line[at:])
        return b"".join(pieces)

    def inside(self, line: bytes) -> bytes | None:
        """A line within a key, without what of the key is in it; None if it is of something else."""
        self.lines -= 1
        if end := _END.search(line):
            self.lines = 0
            return _BODY.sub(REDACTED, line[: end.start()]) + line[end.start() :]
        if _BODY.search(line):
            self.others = 0
            return _BODY.sub(REDACTED, line)
        if line.strip() and _LAST.match(line):
            return REDACTED
        self.others += 1
        if self.others >= _MAX_OTHERS:
            self.lines = 0
        return None


def _quotes(inside: bytes) -> bytes:
    """What closes the text that the rest of a key is in, so that JSON stays JSON."""
    for end in (b'"', b"'"):
        at = inside.find(end)
        if at >= 0:
            return inside[at - (at > 0 and inside[at - 1 : at] == b"\\") :]
    return b""
