"""Calls that come in over the network, and what became of them, for each way in."""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

from ..files import printable
from .model import Call
from .store.store import CallStore, Outcome

_MAX_PROBLEMS = 100


class NetworkIngest:
    """Stores calls of REST and OTLP; thread-safe. Both raise HistoryUnavailable."""

    def __init__(self, store: CallStore) -> None:
        self._store = store
        self._counts: dict[str, Counter[str]] = {"rest": Counter(), "otlp": Counter()}
        self._problems: dict[str, deque[dict[str, Any]]] = {kind: deque(maxlen=_MAX_PROBLEMS) for kind in self._counts}

    def rest(self, calls: list[Call], refused: list[str]) -> Outcome:
        """Store calls of `POST /api/telemetry`."""
        return self._ingest("rest", calls, refused)

    def otlp(self, calls: list[Call], refused: list[str]) -> Outcome:
        """Store calls of an OpenTelemetry exporter."""
        return self._ingest("otlp", calls, refused)

    def status(self) -> list[dict[str, Any]]:
        """One row for each way in that was used since the start."""
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

    def _ingest(self, kind: str, calls: list[Call], refused: list[str]) -> Outcome:
        outcome = self._store.ingest(calls) if calls else Outcome(0, 0, 0)
        self._counts[kind].update(
            {"calls": outcome.accepted, "duplicates": outcome.duplicates, "refused": len(refused), "batches": 1}
        )
        now_ms = time.time_ns() // 1_000_000
        self._problems[kind].extend(
            {"path": None, "line": None, "error": printable(reason), "time": now_ms} for reason in refused
        )
        return outcome
