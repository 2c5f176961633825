"""Secrets that go over many lines: private keys and blocks of YAML. `MultiLine` follows the lines of a log."""

from __future__ import annotations

import re

from . import private_keys, yaml_blocks
from .private_keys import PrivateKeys

BEGINS = private_keys.BEGINS + b"|" + yaml_blocks.BEGINS.encode()
"""What a line that begins one has in it, for RE2."""
MAY_BEGIN = re.compile(private_keys.BEGINS + b"|" + yaml_blocks.ENDS)
"""The same for one line, and `re`, which would take ten times as long for that."""
_KEY_BEGINS = re.compile(private_keys.BEGINS)
_KINDS = 3


class MultiLine:
    """`lines` is how many more lines may belong to what has begun, 0 outside of it. `others` says more about that: of
    a private key how many lines of something else were between, 0 or more; of a block of YAML below 0, its kind and
    the indentation of its key."""

    def __init__(self, lines: int = 0, others: int = 0) -> None:
        self._keys = PrivateKeys(lines if others >= 0 else 0, max(0, others))
        self._block: tuple[int, int] | None = None
        self._left = 0
        if others < 0:
            indentation, kind = divmod(-others - 1, _KINDS)
            self._block, self._left = (kind, indentation), max(0, min(lines, yaml_blocks.MOST_LINES))

    @property
    def lines(self) -> int:
        """How many more lines may belong to what has begun."""
        return self._left if self._block is not None else self._keys.lines

    @property
    def others(self) -> int:
        """What has begun."""
        if self._block is None:
            return self._keys.others
        kind, indentation = self._block
        return -1 - kind - _KINDS * indentation

    def begin(self, line: bytes) -> bytes:
        """A line that begins one, without what of a secret is in it."""
        if _KEY_BEGINS.search(line):
            line = self._keys.begin(line)
            if self._keys.lines:
                self._block, self._left = None, 0
            return line
        found = yaml_blocks.block_of(line)
        if found is not None:
            self._block, self._left = found, yaml_blocks.MOST_LINES
        return line

    def inside(self, line: bytes) -> bytes | None:
        """A line within one, without what of the secret is in it; None if it is of something else."""
        if self._block is None:
            return self._keys.inside(line)
        changed = yaml_blocks.line_in(*self._block, line)
        self._left -= 1
        if changed is None or self._left <= 0:
            self._block, self._left = None, 0
        # An entry that is none of base64 may have another secret in it, or begin a text or a key.
        return None if changed == line and line.strip() else changed
