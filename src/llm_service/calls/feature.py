"""Telemetry put together: readers and outlets -> store -> ticker -> hub. Used by `app` and by the commands."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..calendar_days import Calendar
from ..costs.budget_watch import Budgets, month_forecast
from ..costs.queries import TelemetryQueries
from ..costs.summary import Costs, CostTicker
from ..database.database import History
from ..errors import HistoryUnavailable, StartFailed
from ..files.reading import printable
from ..hub.event import Event
from ..hub.root_mode import root_mode_event
from ..notify import Notifier
from ..settings.load import Settings
from ..watch.backends import MakeBackend
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.root import RootChange, WatchedRoot
from ..web.parts import TelemetryParts
from .model import Call
from .prices.book import PriceBook
from .sessions.checkpoints import Checkpoint
from .sessions.folders import LINES, session_folders
from .sessions.follow import TelemetryFolder
from .sessions.import_logs import read_logs, told
from .sessions.kinds import Kind, readers_of, wanted_of
from .store.store import Ingested, Outcome, TelemetryStore

_KEPT_PROBLEMS = 100


class Telemetry:
    """All that counts and tells calls in one running dashboard."""

    def __init__(
        self, settings: Settings, history: History, publish: Callable[[Event], object], make_backend: MakeBackend
    ) -> None:
        self._history = history
        self._core = _Core(settings, history, self._ingested)
        self.calendar, self.queries, self.store = self._core.calendar, self._core.queries, self._core.store
        self._notifier = Notifier()
        self.costs = Costs(
            self.queries,
            self._core.zone_name,
            month_forecast(self.calendar),
            Budgets(
                settings.budgets,
                self.queries,
                self.calendar,
                settings.state_path,
                self._notifier.send,
                settings.webhook,
            ),
            refused=self.refused,
            price_version=self._core.prices.version,
        )
        self.ticker = CostTicker(self.costs, publish, history.written_at)
        self.arrivals = Arrivals(self.store)
        self._publish = publish
        self._settings = settings
        self._make_backend = make_backend
        self._stopping = False
        self._folders: list[TelemetryFolder] = []
        self.followers: list[Follower] = []
        """Of the folders that are read; empty until the history is open."""

    def start(self) -> None:
        """Begin to tell, and to read: at once, or when a large database has been checked."""
        self._notifier.start()
        self.ticker.start()
        if self._history.wait_open(0):
            self._follow()
        else:
            threading.Thread(target=self._follow_when_open, name="telemetry-start", daemon=True).start()

    def stop(self) -> None:
        """End every thread."""
        self._stopping = True
        for follower in self.followers:
            follower.stop()
        self.ticker.stop()
        self._notifier.stop()

    def parts(self) -> TelemetryParts:
        """What the REST routes need."""
        return TelemetryParts(self.costs, self.calendar, self.arrivals.rest, self.sources)

    def sources(self) -> list[dict[str, Any]]:
        """Where calls come from, as `GET /api/telemetry/sources` answers it."""
        return [folder.status() for folder in list(self._folders)] + self.arrivals.status()

    def refused(self) -> int:
        """How many lines and calls were refused, all ways in together."""
        return sum(int(row["refused"]) for row in self.sources())

    def _ingested(self, news: Ingested) -> None:
        self.ticker.ingested(news)

    def _follow_when_open(self) -> None:
        while not self._stopping:
            if self._history.wait_open(0.2):
                self._follow()
                return

    def _follow(self) -> None:
        """Read every folder from where the store says; the sums are first brought to the time zone in force."""
        try:
            checkpoints = self.store.checkpoints()
        except HistoryUnavailable:
            return  # the history's own status says why
        threading.Thread(target=self._adjust, name="sums-of-time-zone", daemon=True).start()
        for kind, folder in session_folders(self._settings):
            followed, follower = self._followed(kind, folder, checkpoints)
            self._folders.append(followed)
            self.followers.append(follower)
            follower.start()

    def _on_root_change(self, change: RootChange) -> None:
        self._publish(root_mode_event(change.root, change.mode, change.reason))

    def _adjust(self) -> None:
        try:
            self.store.adjust(self._core.zone_name)
        except HistoryUnavailable:
            return  # the history's own status says why

    def _followed(
        self, kind: Kind, folder: str, checkpoints: Mapping[str, Checkpoint]
    ) -> tuple[TelemetryFolder, Follower]:
        settings, inbox = self._settings, HintInbox()
        root = WatchedRoot(
            folder,
            wanted_of(kind).folder,
            inbox.put,
            on_change=self._on_root_change,
            sweep_interval_s=settings.sweep_interval_s,
            poll_interval_s=settings.poll_interval_s,
            force_polling=settings.force_polling,
            make_backend=self._make_backend,
            optional=kind == LINES,
        )
        workspace = os.path.abspath(settings.workspace) if settings.session_scope == "workspace" else None
        readers = readers_of(kind, folder, settings.lanes, workspace)
        followed = TelemetryFolder(kind, root, readers, self.store.ingest, checkpoints)
        return followed, Follower(followed, root, inbox)


class OfflineTelemetry:
    """The same database without a dashboard: for the commands. One that runs is not disturbed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._history = History(os.path.join(settings.state_path, "history.db"))
        self._core = _Core(settings, self._history, lambda news: None)
        self.calendar, self.queries, self.store = self._core.calendar, self._core.queries, self._core.store
        self.costs = Costs(
            self.queries,
            self._core.zone_name,
            month_forecast(self.calendar),
            Budgets(settings.budgets, self.queries, self.calendar, settings.state_path),
            price_version=self._core.prices.version,
        )

    def open(self) -> None:
        """Open the database. Raises HistoryUnavailable."""
        self._history.start()
        self.store.adjust(self._core.zone_name)

    def close(self) -> None:
        """Close it."""
        self._history.stop()

    def import_files(self, paths: Iterable[str], kind: Kind | None) -> Imported:
        """Count the calls in logs; `kind` None: as each looks. Raises HistoryUnavailable; StartFailed: no file."""
        found = Imported()
        for path in paths:
            if not os.path.exists(path):
                raise StartFailed(f"There is no {path}.")
            for portion in read_logs(path, kind, self._settings.lanes):
                outcome = self.store.ingest(portion.calls) if portion.calls else Outcome(0, 0, 0)
                found.accepted += outcome.accepted
                found.duplicates += outcome.duplicates + outcome.updated
                found.refused += len(portion.refused)
                found.files += portion.last
                room = _KEPT_PROBLEMS - len(found.problems)
                found.problems += [told(portion.path, *refusal) for refusal in portion.refused[:room]]
        return found


@dataclass(slots=True)
class Imported:
    """What an import found; `problems` are `file:line: reason`, the first hundred."""

    files: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


class _Core:
    """What a running dashboard and the commands share."""

    def __init__(self, settings: Settings, history: History, on_ingested: Callable[[Ingested], None]) -> None:
        zone = settings.zone()
        self.zone_name = str(zone)
        self.prices = PriceBook(settings.prices)
        self.calendar = Calendar(zone)
        self.queries = TelemetryQueries(history, self.calendar)
        self.store = TelemetryStore(history, self.prices.cost_nanos, self.calendar, on_ingested)


class Arrivals:
    """Calls that came over the network, and what became of them, per way in."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._counts: dict[str, Counter[str]] = {"rest": Counter(), "otlp": Counter()}
        self._problems: dict[str, deque[dict[str, Any]]] = {kind: deque(maxlen=_KEPT_PROBLEMS) for kind in self._counts}

    def rest(self, calls: list[Call], refused: list[str]) -> Outcome:
        """Count calls of `POST /api/telemetry`."""
        return self._take("rest", calls, refused)

    def otlp(self, calls: list[Call], refused: list[str]) -> Outcome:
        """Count calls of an OpenTelemetry exporter."""
        return self._take("otlp", calls, refused)

    def status(self) -> list[dict[str, Any]]:
        """One row per way in that was used since the start."""
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

    def _take(self, kind: str, calls: list[Call], refused: list[str]) -> Outcome:
        outcome = self._store.ingest(calls) if calls else Outcome(0, 0, 0)
        self._counts[kind].update(
            {"calls": outcome.accepted, "duplicates": outcome.duplicates, "refused": len(refused), "batches": 1}
        )
        now_ms = time.time_ns() // 1_000_000
        self._problems[kind].extend(
            {"path": None, "line": None, "error": printable(reason), "time": now_ms} for reason in refused
        )
        return outcome
