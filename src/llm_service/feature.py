"""What the app asks of a feature, and what it gives it. The only seam: no plug-in machinery, no entry points.

A feature is a class that takes the kernel (and the features it builds on) in its constructor and answers what stands
here. `app.build_features` is the list of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .database.database import History
from .hub.event import Event, ServiceDegraded, ServiceRecovered
from .hub.ring import Hub
from .hub.root_mode import root_mode_event
from .settings.load import Settings
from .times import iso_time
from .watch.events import Sink, WantsFolder
from .watch.follower import Follower
from .watch.observer import MakeObserver, RootObserver
from .watch.root import RootChange, WatchedRoot
from .web.api import Api

if TYPE_CHECKING:
    from prometheus_client.core import Metric


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not work as it should: what (`root`: a path), how it goes on (`mode`), and why."""

    root: str
    mode: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `llm-service doctor` examined: "ok", "note" (works, but know this) or "problem"."""

    level: Literal["ok", "note", "problem"]
    what: str
    text: str


def problems(what: str, lines: Sequence[str], summary: str, shown: int = 20) -> Iterator[Finding]:
    """How many there are, `summary` behind the number, and the first of them; nothing where there are none."""
    if lines:
        yield Finding("problem", what, f"{len(lines):,} {summary}")
    for line in lines[:shown]:
        yield Finding("problem", what, f"  {line}")
    if len(lines) > shown:
        yield Finding("problem", what, f"  ... and {len(lines) - shown:,} more")


@dataclass(frozen=True, slots=True)
class Kernel:
    """What every feature stands on. `database` is None where the settings switch it off."""

    settings: Settings
    hub: Hub
    database: History | None
    started_at: str
    make_observer: MakeObserver = RootObserver

    def watched_root(self, path: str, wants_folder: WantsFolder, sink: Sink, **options: Any) -> WatchedRoot:
        """A root watched as the settings say; how that changes is announced. `options`: see WatchedRoot."""
        settings = self.settings
        return WatchedRoot(
            path,
            wants_folder,
            sink,
            on_change=self._announce,
            sweep_interval_s=settings.sweep_interval_s,
            poll_interval_s=settings.poll_interval_s,
            force_polling=settings.force_polling,
            make_observer=self.make_observer,
            **options,
        )

    def _announce(self, change: RootChange) -> None:
        self.hub.publish(root_mode_event(change.root, change.mode, change.reason))


def build_kernel(settings: Settings, make_observer: MakeObserver = RootObserver) -> Kernel:
    """The kernel as the settings want it, with nothing started. Troubles of the database are announced."""
    hub = Hub(settings.ring_events)
    path = os.path.join(os.path.abspath(settings.workspace), settings.state_dir, "history.db")

    def announce(reason: str | None) -> None:
        if reason is None:
            hub.publish(ServiceRecovered(root=path, mode="history"))
        else:
            hub.publish(ServiceDegraded(root=path, mode="history", reason=reason))

    database = History(path, announce) if settings.history else None
    return Kernel(settings, hub, database, iso_time(time.time()), make_observer)


class Feature(Protocol):
    """Subclass it and answer what applies; what is not answered is nothing. Nothing runs before `start`."""

    name: str
    topic: str
    """The topic under which clients ask for the snapshot."""
    events: Sequence[type[Event]] = ()

    @property
    def followers(self) -> Sequence[Follower]:
        """What follows a root now: `/api/sync` waits for them, `/health` and `/metrics` show them."""
        return ()

    def start(self) -> None:
        """Begin; returns at once."""

    def stop(self) -> None:
        """End every thread; may be called twice."""

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""

    def snapshot(self) -> Mapping[str, Any]:
        """The state of the topic, as fields of the snapshot."""
        return {}

    def health(self) -> Mapping[str, Any]:
        """Fields of `/health`."""
        return {}

    def stats(self) -> Mapping[str, Any]:
        """Fields of `/api/stats`."""
        return {}

    def metrics(self) -> Iterable[Metric]:
        """For `/metrics`. May raise HistoryUnavailable: then there is a gap."""
        return ()

    def troubles(self) -> Iterable[Trouble]:
        """What does not work, besides followers that say so themselves."""
        return ()

    def banner(self) -> Iterable[tuple[str, str]]:
        """Rows of the start-up message: (label, text)."""
        return ()

    def examine(self) -> Iterable[Finding]:
        """What `llm-service doctor` says, without anything started. May raise OSError, ServiceError."""
        return ()
