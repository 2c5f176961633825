"""`JsonLinesReader`: calls as one JSON object per line, as in `work/telemetry/*.jsonl`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..model import Call, read_call
from .fast_lines import read_call_fast
from .line_reader import LINE_ERRORS, NowMs, parse_line, refusal_reason, system_now_ms
from .log_kind import LogKind

# Log rotation leaves `calls.jsonl.1` and `calls.jsonl-20261118`, whose last lines may not have been read yet.
_FILE_NAME = re.compile(r"(?:.*/)?[^./][^/]*\.jsonl(?:\.\d{1,3}|[-.]\d{8}(?:-\d+)?)?")


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


KIND = LogKind(
    agent="JSON lines",
    setting="telemetry_dir",
    default_folders=lambda environ, home: [],
    includes=lambda path: _FILE_NAME.fullmatch(path) is not None,
    readers=lambda scope: lambda path, state: JsonLinesReader(scope.now_ms),
    recognises=lambda path, lines: False,  # what no other kind is
)
