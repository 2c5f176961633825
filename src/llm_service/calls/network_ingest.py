"""`NetworkIngest`: stores calls received by REST and OTLP, and counts them for each source."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Collection
from typing import Any

from ..files import printable
from .model import Call
from .otlp.decode import OtlpResult
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

    def ingest_otlp(self, found: OtlpResult, refused: list[str]) -> IngestResult:
        """Store calls of an OpenTelemetry exporter; `refused` are reasons. Raises HistoryUnavailable."""
        outcome = self._ingest("otlp", found.calls, refused, found.withdrawn)
        self._counts["otlp"]["sums"] += found.sum_count + outcome.withdrawn
        return outcome

    def status(self) -> list[dict[str, Any]]:
        """One row of `GET /api/telemetry/sources` for each source used since the start.

        `sums`: spans with tokens that are not counted, because calls below them are.
        """
        return [
            {
                "kind": kind,
                "folder": None,
                "mode": "listening",
                "files": 0,
                "calls": counts["calls"],
                "duplicates": counts["duplicates"],
                "refused": counts["refused"],
                **({"sums": counts["sums"]} if kind == "otlp" else {}),
                "problems": list(self._problems[kind]),
            }
            for kind, counts in self._counts.items()
            if counts["batches"]
        ]

    def _ingest(
        self, kind: str, calls: list[Call], refused: list[str], withdrawn: Collection[str] = ()
    ) -> IngestResult:
        outcome = IngestResult(0, 0, 0)
        if calls or withdrawn:
            outcome = self._store.ingest(calls, withdrawn=withdrawn)
        self._counts[kind].update(
            {
                "calls": outcome.accepted - outcome.withdrawn,
                "duplicates": outcome.duplicates,
                "refused": len(refused),
                "batches": 1,
            }
        )
        now_ms = time.time_ns() // 1_000_000
        self._problems[kind].extend(
            {"path": None, "line": None, "error": printable(reason), "time": now_ms} for reason in refused
        )
        return outcome
