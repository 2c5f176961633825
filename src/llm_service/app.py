"""The running dashboard, `Dashboard`: builds the kernel and the features, starts and stops them (composition root)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import __version__
from .assembly.features import build_features
from .errors import HistoryUnavailable
from .feature import Feature, Kernel, Trouble, build_kernel
from .hub.event import SERVICE_EVENTS, Event, topics_of
from .hub.journal import Journal
from .settings.load import Settings
from .settings.state_keeper import StateKeeper
from .times import iso_time
from .watch.follower import Follower, wait_until_synced
from .watch.observer import MakeObserver, RootObserver
from .web.metrics import service_metrics
from .web.site import Site

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class Dashboard:
    """The dashboard of one workspace. `wsgi` is the application that a WSGI server serves."""

    def __init__(
        self,
        settings: Settings,
        make_observer: MakeObserver = RootObserver,
        features: Callable[[Kernel], list[Feature]] = build_features,
        keeper: StateKeeper | None = None,
    ) -> None:
        self.kernel = kernel = build_kernel(settings, make_observer, keeper)
        self.settings = settings
        self.hub = kernel.hub
        self.database = kernel.database
        self._started_at = kernel.started_at
        self._stopped = False
        self.features = features(kernel)
        self.events: Sequence[type[Event]] = (
            *SERVICE_EVENTS,
            *(event for feature in self.features for event in feature.events),
        )
        self.topics = topics_of(self.events)
        self.people = people = [person for feature in self.features for person in feature.people()]
        key = next((key for feature in self.features if (key := feature.cookie_key())), b"")
        self.site = Site(self, settings, [feature.routes for feature in self.features], __version__, people, key)
        self.wsgi = self.site.wsgi

    @property
    def needs_token(self) -> bool:
        """True if requests need a token."""
        return bool(self.settings.token or self.people)

    @property
    def journal(self) -> Journal | None:
        """The journal; None if the settings switch it off."""
        return self.kernel.journal

    def start(self) -> None:
        """Start the database and all features; returns at once, the board loads in the background."""
        self.kernel.start()
        for feature in self.features:
            feature.start()

    def stop(self) -> None:
        """Disconnect all clients and end all threads; may be called twice."""
        if self._stopped:
            return
        self._stopped = True
        self.hub.close()
        self.site.clients.close()
        for feature in reversed(self.features):
            feature.stop()
        self.kernel.stop()

    @property
    def followers(self) -> list[Follower]:
        """The followers of all features that run now."""
        return [follower for feature in self.features for follower in feature.followers]

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the board is complete; False if `timeout_s` passed first."""
        return self.hub.progress.wait(timeout_s)

    def sync(self, timeout_s: float) -> int:
        """Wait until everything written to any watched root before this call is applied; returns the `seq` then.

        Raises NotInSync if `timeout_s` passed first.
        """
        wait_until_synced(self.followers, timeout_s)
        return self.hub.seq

    def snapshot(self, topics: Collection[str], projects: frozenset[str] | None = None) -> dict[str, Any]:
        """The state of the topics, for `json_text`, for who may see these projects (None: all); the caller adds `seq`,
        which it reads *before* this call."""

        def ask(feature: Feature) -> Mapping[str, Any]:
            if feature.topic not in topics and "all" not in topics:
                return {}
            return feature.snapshot() if projects is None else feature.snapshot_of(projects)

        return self._joined(ask)

    def opening(self) -> dict[str, Any]:
        """What a page shows before it has the snapshot; the caller adds `seq`, as for a snapshot."""
        return self._joined(lambda feature: feature.opening())

    def banner(self) -> list[tuple[str, str]]:
        """Rows of the start-up message, as (label, text): watched roots, rows of the features, database, troubles."""
        rows = [("watching", f"{status['root']} ({status['mode']})") for status in self._watchers()]
        for feature in self.features:
            rows += feature.banner()
        rows.append(("history", self.database.path if self.database else "off"))
        troubles = (*self._watch_troubles(), *self._troubles(self._watchers()))
        return rows + [(one.mode, f"{one.root}: {one.reason}") for one in troubles]

    def health(self) -> dict[str, Any]:
        """The body of `/health`."""
        watchers = self._watchers()
        troubles = list(self._troubles(watchers))
        is_degraded = bool(troubles) or any("error" in watcher for watcher in watchers)
        body: dict[str, Any] = {
            "status": "degraded" if is_degraded else "healthy",
            "service": "llm-service-dashboard",
            "version": __version__,
            "timestamp": iso_time(time.time()),
            "started_at": self._started_at,
            "workspace": os.path.abspath(self.settings.workspace),
            "epoch": self.hub.epoch,
            "seq": self.hub.seq,
            "loading": self.hub.progress.as_json(),
            "clients": {"socketio": len(self.site.clients), "cut_off": self.site.clients.cut_off},
            "watchers": watchers,
            "troubles": self._described(troubles),
            **self.kernel.health(),
        }
        return body | self._joined(lambda feature: feature.health())

    def stats(self) -> dict[str, Any]:
        """The body of `/api/stats`."""
        return {"loading": self.hub.progress.as_json()} | self._joined(lambda feature: feature.stats())

    def metrics(self) -> Iterator[Metric]:
        """All metrics, without those of a feature that cannot read its database."""
        yield from service_metrics(self.health(), {follower.root: follower.lags for follower in self.followers})
        for feature in self.features:
            try:
                yield from feature.metrics()
            except HistoryUnavailable:
                continue

    def prove(self, nonce: str) -> str:
        """The proof for the command line that this process has the state folder. Raises NotFound without one."""
        return self.kernel.prove(nonce)

    def degraded(self) -> list[dict[str, Any]]:
        """`{root, mode, reason}` for each thing that does not work as it should."""
        return self._described(self._troubles(self._watchers()))

    def _joined(self, ask: Callable[[Feature], Mapping[str, Any]]) -> dict[str, Any]:
        return {key: value for feature in self.features for key, value in ask(feature).items()}

    def _described(self, others: Iterable[Trouble]) -> list[dict[str, Any]]:
        everything = (*self._watch_troubles(), *self.kernel.notes(), *others)
        return [{"root": one.root, "mode": one.mode, "reason": one.reason} for one in everything]

    def _watch_troubles(self) -> Iterator[Trouble]:
        found = (one for follower in self.followers for one in follower.troubles())
        return (Trouble(one.root, one.mode, one.reason or "unknown") for one in found)

    def _watchers(self) -> list[dict[str, Any]]:
        return [follower.status() for follower in self.followers]

    def _troubles(self, watchers: Iterable[dict[str, Any]]) -> Iterator[Trouble]:
        reported = {watcher["root"] for watcher in watchers if watcher["mode"] == "refused"}
        yield from (trouble for trouble in self.kernel.troubles() if trouble.root not in reported)
        for feature in self.features:
            yield from feature.troubles()
