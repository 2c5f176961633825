"""`JsonLinesReader`: calls as one JSON object per line, as in `work/telemetry/*.jsonl`."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Call, read_call
from .fast_lines import read_call_fast
from .line_reader import LINE_ERRORS, NowMs, parse_line, refusal_reason, system_now_ms


class JsonLinesReader:
    """A `LineReader` without state: lines do not depend on each other."""

    def __init__(self, now_ms: NowMs = system_now_ms) -> None:
        self.refused: list[tuple[int, str]] = []
        self._now_ms = now_ms

    def read(self, lines: Iterable[tuple[int, bytes]]) -> list[Call]:
        """See `LineReader`. One call per line."""
        now_ms = self._now_ms()
        calls = []
        for number, line in lines:
            try:
                calls.append(read_call_fast(line, now_ms) or read_call(parse_line(line), now_ms))
            except LINE_ERRORS as problem:
                self.refused.append((number, refusal_reason(problem)))
        return calls

    def state(self) -> None:
        """Always None."""
