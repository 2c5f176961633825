"""`Calls`: session logs, OTLP and REST -> prices -> store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..feature import Feature, Finding, Kernel, problems
from ..watch.follower import Follower
from .core import CallCore, calls_disabled
from .events import EVENTS
from .log_followers import LogFollowers
from .network_ingest import NetworkIngest
from .otlp.routes import otlp_blueprint
from .parameters import CallsOfJob
from .routes import call_routes
from .sessions.folders import discover_session_folders, session_folders
from .sessions.import_logs import read_logs, refusal_text
from .settings import CallSettings
from .store.job_calls import JobCalls
from .store.store import StoredBatch

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_MAX_BATCH_BYTES = 8 << 20
"""Of a request body with calls; OTLP exporters stay below one MiB."""


class Calls(Feature):
    """The LLM calls of a workspace. `core` is None where the settings `telemetry` or `history` disable them."""

    name, topic = "calls", "telemetry"
    events = EVENTS

    def __init__(self, kernel: Kernel, lanes: Sequence[str], calls_of_job: CallsOfJob = JobCalls) -> None:
        """`calls_of_job(id)`: which calls are those of a job; without it those with its id."""
        self._settings = kernel.settings
        self._lanes = lanes
        self._calls_of_job = calls_of_job
        self._listeners: list[Callable[[StoredBatch], None]] = []
        self.core: CallCore | None = None
        self._logs: LogFollowers | None = None
        self._network: NetworkIngest | None = None
        if kernel.database is not None and kernel.settings.of(CallSettings).telemetry:
            self.core = CallCore(kernel.settings, kernel.database, self._on_stored)
            self._logs = LogFollowers(kernel, self.core, lanes)
            self._network = NetworkIngest(self.core.store)

    def subscribe(self, listener: Callable[[StoredBatch], None]) -> None:
        """Call `listener(batch)` after each stored batch, on the thread that stored it; it must not block."""
        self._listeners.append(listener)

    @property
    def followers(self) -> Sequence[Follower]:
        """One for each log folder; empty until the database is open."""
        return tuple(self._logs.followers) if self._logs else ()

    def start(self) -> None:
        """Start reading logs; returns at once."""
        if self._logs:
            self._logs.start()

    def stop(self) -> None:
        """Stop every thread."""
        if self._logs:
            self._logs.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST and OTLP routes."""
        call_routes(api, self.require_core, self.require_network, self.sources, self._calls_of_job)
        api.other(
            otlp_blueprint(self._network.ingest_otlp if self._network else None),
            "`POST /v1/traces`, `/v1/logs`, `/v1/metrics`",
            "OTLP/HTTP, JSON or protobuf: calls from OpenTelemetry.",
        )
        api.allow_large_bodies("/v1/", _MAX_BATCH_BYTES)
        api.allow_large_bodies("/api/telemetry", _MAX_BATCH_BYTES)

    def require_core(self) -> CallCore:
        """The core. Raises HistoryUnavailable where calls are disabled."""
        if self.core is None:
            raise calls_disabled()
        return self.core

    def sources(self) -> list[dict[str, Any]]:
        """The rows of `GET /api/telemetry/sources`: one for each folder and network source."""
        return (self._logs.status() if self._logs else []) + (self._network.status() if self._network else [])

    def refused(self) -> int:
        """How many lines and calls were refused, over all sources."""
        return sum(int(row["refused"]) for row in self.sources())

    def metrics(self) -> Iterable[Metric]:
        """The counter of refused lines and calls."""
        if self.core is None:
            return
        from prometheus_client.core import CounterMetricFamily

        refused = CounterMetricFamily("llm_telemetry_refused", "Lines and calls refused since the start.")
        refused.add_metric([], self.refused())
        yield refused

    def examine(self) -> Iterator[Finding]:
        """Each log folder: files, calls, unreadable lines; and folders on this machine that no setting names."""
        settings = self._settings
        if not settings.of(CallSettings).telemetry:
            yield Finding("note", "telemetry", "is off: no costs")
            return
        for kind, folder in session_folders(settings):
            if not os.path.isdir(folder):
                if kind != "lines":
                    yield Finding("problem", "telemetry", f"there is no folder {folder}")
                continue
            files, calls, refused, left_out = 0, 0, list[str](), list[str]()
            for portion in read_logs(folder, kind, self._lanes, finished=False):
                files += portion.last
                calls += len(portion.calls)
                refused += [refusal_text(portion.path, *refusal) for refusal in portion.refused]
                if portion.left_out is not None:
                    left_out.append(refusal_text(portion.path, None, portion.left_out))
            yield Finding("ok", "telemetry", f"{folder}: {files:,} files with {calls:,} calls ({kind})")
            yield from problems("telemetry", refused, f"lines in {folder} cannot be counted")
            yield from problems("telemetry", left_out, f"files or folders in {folder} are not read")
        for setting, folder in discover_session_folders(settings):
            yield Finding(
                "note",
                "telemetry",
                f"{folder} exists and is not read; `llm-service init --sessions` or, in your own configuration, "
                f"`{setting}: [{folder}]` counts its calls",
            )

    def require_network(self) -> NetworkIngest:
        """What stores calls that are reported. Raises HistoryUnavailable where calls are disabled."""
        if self._network is None:
            raise calls_disabled()
        return self._network

    def _on_stored(self, batch: StoredBatch) -> None:
        for listener in self._listeners:
            listener(batch)
