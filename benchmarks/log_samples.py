"""Lines as programs print them, for the benchmarks of logs: formats mixed, a few errors, a secret now and then."""

from __future__ import annotations

import random

WORDS = ("harbour", "tide", "berth", "cargo", "pilot", "anchor", "lantern", "ledger", "compass", "keel", "rope", "sail")


def mixed_lines(count: int, seed: int = 7, width: int = 0) -> list[bytes]:
    """So many different lines without their ends; `width`: all of that length."""
    choose = random.Random(seed)
    lines = []
    for number in range(count):
        text = " ".join(choose.choices(WORDS, k=choose.randrange(4, 14)))
        second = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
        kind = choose.random()
        if kind < 0.3:
            line = f"2030-01-01 {second},{number % 1000:03} - harbour.{choose.choice(WORDS)} - INFO - {text}"
        elif kind < 0.45:
            line = f"{second} [DEBUG] {text}"
        elif kind < 0.5:
            line = f"{second} [WARNING] {text}"
        elif kind < 0.52:
            line = f"2030-01-01T{second}Z ERROR {text}"
        elif kind < 0.55:
            line = f"\x1b[32m✓\x1b[0m {text}"
        elif kind < 0.65:
            line = f'level=info ts=2030-01-01T{second}Z msg="{text}"'
        elif kind < 0.6502:
            line = (
                f"export API_TOKEN=ghp_{''.join(choose.choices('abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789', k=36))}"
            )
        else:
            line = f"{text} ({number} of {count})"
        data = line.encode()
        lines.append(data[:width].ljust(width, b".") if width else data)
    return lines
