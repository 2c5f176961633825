"""Whether a log looks as if the program collects its output before it writes (pure)."""

from __future__ import annotations

_BLOCKS = (4_096, 8_192, 65_536)
"""What C and others collect before they write to a file."""
_PYTHON_BLOCK, _LINE, _MOST_BLOCKS = 8_192, 128, 8
"""Python writes the lines that fit into a block: each of its writes is shorter than that by less than a line."""


def looks_buffered(size: int) -> bool:
    """True if a log of so many bytes has whole blocks of a buffer, or some that only lack what did not fit."""
    if size <= 0:
        return False
    if any(size % block == 0 for block in _BLOCKS):
        return True
    blocks = -(-size // _PYTHON_BLOCK)
    return blocks <= _MOST_BLOCKS and blocks * _PYTHON_BLOCK - size <= blocks * _LINE
