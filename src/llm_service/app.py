"""The running dashboard, `Dashboard`: builds the kernel and the features, starts and stops them (composition root)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import __version__
from .assembly.condition import Condition
from .assembly.features import build_features
from .errors import HistoryUnavailable
from .feature import Feature, Kernel, build_kernel
from .hub.event import SERVICE_EVENTS, Event, topics_of
from .hub.journal import Journal
from .members.feature import Members
from .settings.load import Settings
from .settings.state_keeper import StateKeeper
from .times import iso_time
from .watch import reports
from .watch.follower import Follower, wait_until_synced
from .watch.observer import MakeObserver, RootObserver
from .web.metrics import service_metrics
from .web.people import Person
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
        self._members = next((feature for feature in self.features if isinstance(feature, Members)), None)
        self.condition = Condition(kernel, self.features)
        self.events: Sequence[type[Event]] = (
            *SERVICE_EVENTS,
            *(event for feature in self.features for event in feature.events),
        )
        self.topics = topics_of(self.events)
        people = self._people()
        key = next((key for feature in self.features if (key := feature.cookie_key())), b"")
        routes = [feature.routes for feature in self.features]
        self.site = Site(self, settings, routes, __version__, people, key, self._reachable)
        self.wsgi = self.site.wsgi
        for feature in self.features:
            feature.on_people(lambda: self.site.set_people(self._people()))

    @property
    def needs_token(self) -> bool:
        """True if requests need a token."""
        return bool(self.settings.token or self._people())

    @property
    def journal(self) -> Journal | None:
        """The journal; None if the settings switch it off."""
        return self.kernel.journal

    def start(self) -> None:
        """Start the database and all features; returns at once, the board loads in the background."""
        self.kernel.start()
        for feature in self.features:
            feature.start()
        self.kernel.user_file.start()

    def stop(self) -> None:
        """Disconnect all clients and end all threads; may be called twice."""
        if self._stopped:
            return
        self._stopped = True
        self.hub.stop()
        self.site.clients.close()
        for feature in reversed(self.features):
            feature.stop()
        self.kernel.stop()

    @property
    def followers(self) -> list[Follower]:
        """The followers of all features that run now."""
        return self.condition.followers

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

        return {**self._joined(ask), **self._hosts(topics, projects)}

    def opening(self) -> dict[str, Any]:
        """What a page shows before it has the snapshot; the caller adds `seq`, as for a snapshot."""
        return self._joined(lambda feature: feature.opening())

    def banner(self) -> list[tuple[str, str]]:
        """Rows of the start-up message, as (label, text)."""
        return self.condition.banner()

    def health(self) -> dict[str, Any]:
        """The body of `/health`."""
        body: dict[str, Any] = {
            "service": "llm-service-dashboard",
            "version": __version__,
            "timestamp": iso_time(time.time()),
            "started_at": self._started_at,
            "workspace": os.path.abspath(self.settings.workspace),
            "epoch": self.hub.epoch,
            "seq": self.hub.seq,
            "loading": self.hub.progress.as_json(),
            "clients": {"socketio": len(self.site.clients), "cut_off": self.site.clients.cut_off},
            **self.condition.health(),
            **self.kernel.health(),
        }
        return body | self._joined(lambda feature: feature.health())

    def stats(self) -> dict[str, Any]:
        """The body of `/api/stats`."""
        return {"loading": self.hub.progress.as_json()} | self._joined(lambda feature: feature.stats())

    def metrics(self) -> Iterator[Metric]:
        """All metrics, without those of a feature that cannot read its database."""
        yield from service_metrics(self.health(), reports.lags(self.followers))
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
        return self.condition.degraded()

    @property
    def observer(self) -> str | None:
        """The id of this host on its board; None if it is on none."""
        return None if self.hub.outbox is None else self.hub.outbox.observer

    def _hosts(self, topics: Collection[str], projects: frozenset[str] | None) -> Mapping[str, Any]:
        return {} if self._members is None else self._members.hosts(topics, projects)

    def _reachable(self) -> list[str]:
        return [] if self._members is None else self._members.addresses()

    def _people(self) -> list[Person]:
        return [person for feature in self.features for person in feature.people()]

    def _joined(self, ask: Callable[[Feature], Mapping[str, Any]]) -> dict[str, Any]:
        return {key: value for feature in self.features for key, value in ask(feature).items()}
