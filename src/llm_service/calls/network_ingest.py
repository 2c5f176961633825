"""`NetworkIngest`: stores calls received by REST and OTLP, and counts them for each source."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

from ..files import printable
from .model import Call
from .store.store import CallStore, IngestResult

_MAX_PROBLEMS = 100


class NetworkIngest:
    """Stores calls of REST and OTLP. Thread-safe."""

    def __init__(self, store: CallStore) -> None:
        self._store = store
        self._counts: dict[str, Counter[str]] = {"rest": Counter(), "otlp": Counter()}
        self._problems: dict[str, deque[dict[str, Any]]] = {kind: deque(maxlen=_MAX_PROBLEMS) for kind in self._counts}

    def ingest_rest(self, calls: list[Call], refused: list[str]) -> IngestResult:
        """Store calls of `POST /api/telemetry`; `refused` are reasons. Raises HistoryUnavailable."""
        return self._ingest("rest", calls, refused)

    def ingest_otlp(self, calls: list[Call], refused: list[str]) -> IngestResult:
        """Store calls of an OpenTelemetry exporter; `refused` are reasons. Raises HistoryUnavailable."""
        return self._ingest("otlp", calls, refused)

    def status(self) -> list[dict[str, Any]]:
        """One row of `GET /api/telemetry/sources` for each source used since the start."""
        return [
            {
                "kind": kind,
                "folder": None,
                "mode": "listening",
                "files": 0,
                "calls": counts["calls"],
                "duplicates": counts["duplicates"],
                "refused": counts["refused"],
                "problems": list(self._problems[kind]),
            }
            for kind, counts in self._counts.items()
            if counts["batches"]
        ]

    def _ingest(self, kind: str, calls: list[Call], refused: list[str]) -> IngestResult:
        outcome = self._store.ingest(calls) if calls else IngestResult(0, 0, 0)
        self._counts[kind].update(
            {"calls": outcome.accepted, "duplicates": outcome.duplicates, "refused": len(refused), "batches": 1}
        )
        now_ms = time.time_ns() // 1_000_000
        self._problems[kind].extend(
            {"path": None, "line": None, "error": printable(reason), "time": now_ms} for reason in refused
        )
        return outcome
