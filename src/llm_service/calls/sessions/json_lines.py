"""Calls in our own form: one JSON object a line, as `work/telemetry/*.jsonl` has them."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Call, read_call
from .fast_lines import plain_call
from .line_reader import MALFORMED, NowMs, parse, reason, system_now_ms


class CallLines:
    """A `LineReader` for which every line stands alone: it has no state."""

    def __init__(self, now_ms: NowMs = system_now_ms) -> None:
        self.refused: list[tuple[int, str]] = []
        self._now_ms = now_ms

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`: one call a line."""
        now_ms = self._now_ms()
        calls = []
        for number, line in lines:
            try:
                calls.append(plain_call(line, now_ms) or read_call(parse(line), now_ms))
            except MALFORMED as problem:
                self.refused.append((number, reason(problem)))
        return calls

    def state(self) -> None:
        """Nothing has to be remembered."""
