"""Lines as programs print them, for the benchmarks of logs."""

from __future__ import annotations

from itertools import islice

from kit.log_mix import LogMix


def mixed_lines(count: int, width: int = 0) -> list[bytes]:
    """So many lines without their ends; `width`: all of that many bytes."""
    lines = [line.encode() for line in islice(LogMix().lines(), count)]
    return [line[:width].ljust(width, b".") if width else line for line in lines]
