"""Cursors as other programs write them."""

from __future__ import annotations

import string
from collections.abc import Mapping

_DIGITS = string.digits + string.ascii_lowercase


def in_short(positions: Mapping[str, str]) -> str:
    """The short form, as docs/reach.md describes it."""
    return ".".join(
        observer + "-".join(_base_36(int(number)) for number in position.split("-"))
        for observer, position in positions.items()
    )


def _base_36(number: int) -> str:
    return (_base_36(number // 36) if number > 35 else "") + _DIGITS[number % 36]
