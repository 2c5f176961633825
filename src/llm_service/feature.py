"""The interface between the app and its features: `Feature` (what a feature provides) and `Kernel` (what it is given).

A feature is a class whose constructor takes the kernel and the features that it uses. `app.build_features` lists
them; there is no plug-in machinery and there are no entry points.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .database.database import Database
from .errors import NotFound
from .hub.board_settings import BoardSettings
from .hub.epoch import next_epoch
from .hub.event import Event, ServiceDegraded, ServiceRecovered
from .hub.event_log import EventLog
from .hub.identity import Identity, keep_identity
from .hub.journal import Journal
from .hub.journal_segments import Bounds
from .hub.outbox import Outbox
from .hub.ring import Hub
from .hub.root_mode import root_mode_event
from .settings.load import Settings
from .settings.state_folder import remake
from .settings.state_keeper import StateKeeper
from .settings.user_file import UserFile
from .settings.user_folder import user_folder
from .times import iso_time
from .watch.events import Sink, WantsFolder
from .watch.follower import Follower
from .watch.observer import MakeObserver, RootObserver
from .watch.probe import Probe
from .watch.root import RootChange, WatchedRoot
from .web.api import Api
from .web.people import Person, visible

if TYPE_CHECKING:
    from prometheus_client.core import Metric


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not work as it should: where (`root`, a path), how it goes on (`mode`), and why."""

    root: str
    mode: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of `llm-service doctor` about a subject (`what`): "ok", "note" (a remark, but it works) or "problem"."""

    level: Literal["ok", "note", "problem"]
    what: str
    text: str


def problems(what: str, lines: Sequence[str], summary: str, shown: int = 20) -> Iterator[Finding]:
    """Findings for a list of problems, if there are any: how many (followed by `summary`), then the first `shown`."""
    if lines:
        yield Finding("problem", what, f"{len(lines):,} {summary}")
    for line in lines[:shown]:
        yield Finding("problem", what, f"  {line}")
    if len(lines) > shown:
        yield Finding("problem", what, f"  ... and {len(lines) - shown:,} more")


@dataclass(frozen=True)
class Kernel:
    """What every feature is given. `database` and `journal` are None if the settings switch them off."""

    settings: Settings
    hub: Hub
    database: Database | None
    started_at: str
    make_observer: MakeObserver = RootObserver
    keeper: StateKeeper | None = None
    journal: Journal | None = None
    board_problem: str | None = None
    """Why this dashboard is not on the board that the settings name; None if it is, or they name none."""

    @property
    def logs(self) -> Sequence[EventLog]:
        """What has the events of this host, but for a board, which is a feature's."""
        return (self.hub,) if self.journal is None else (self.hub, self.journal)

    @cached_property
    def probe(self) -> Probe:
        """Finds out whether the system reports changes on the mount of the state folder."""
        return Probe(self.settings.state_path, self.make_observer)

    @cached_property
    def user_file(self) -> UserFile:
        """The user's own configuration, of which some settings count without a restart."""
        return UserFile(self.settings, user_folder())

    def watched_root(self, path: str, wants_folder: WantsFolder, sink: Sink, **options: Any) -> WatchedRoot:
        """A root to watch as the settings say; its changes of mode are published. `options`: see WatchedRoot."""
        settings = self.settings
        return WatchedRoot(
            path,
            wants_folder,
            sink,
            on_change=self._publish_mode,
            sweep_interval_s=settings.sweep_interval_s,
            poll_interval_s=settings.poll_interval_s,
            force_polling=settings.force_polling,
            make_observer=self.make_observer,
            probe=self.probe.reports,
            **options,
        )

    def start(self) -> None:
        """Start what keeps the state folder, the database and the journal; returns at once."""
        if self.keeper is not None:
            self.keeper.start(trouble_publisher(self.hub, self.keeper.folder, "state"))
        if self.database is not None:
            self.database.start()
        for log in self.logs:
            log.start()

    def stop(self) -> None:
        """Write what waits, and end the threads."""
        self.user_file.stop()
        for log in reversed(self.logs):
            log.stop()
        if self.database is not None:
            self.database.stop()
        if self.keeper is not None:
            self.keeper.stop()

    def prove(self, nonce: str) -> str:
        """The proof that this process has the state folder. Raises NotFound if it has none."""
        if self.keeper is None:
            raise NotFound("This dashboard keeps no state folder.")
        return self.keeper.prove(nonce)

    def health(self) -> dict[str, Any]:
        """`{history, journal, state}` for `/health`."""
        history = self.database.status() if self.database else {"path": None, "ok": False, "problem": "off"}
        journal = self.journal.health() if self.journal else {"path": None, "ok": False, "problem": "off"}
        problem = self.keeper.trouble if self.keeper else None
        return {"history": history, "journal": journal, "state": {"path": self.settings.state_path, "problem": problem}}

    def notes(self) -> Iterator[Trouble]:
        """What was wrong with the history and is mended."""
        if self.database is not None and self.database.note is not None:
            yield Trouble(self.database.path, "history", self.database.note)

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong with the state folder, the history or the journal, and what is refused to the workspace
        or in the user's own configuration."""
        if self.keeper is not None and (reason := self.keeper.trouble) is not None:
            yield Trouble(self.keeper.folder, "state", reason)
        if self.database is not None and (reason := self.database.trouble) is not None:
            yield Trouble(self.database.path, "history", reason)
        if self.journal is not None and (reason := self.journal.trouble) is not None:
            yield Trouble(self.journal.folder, "journal", reason)
        for refusal in self.settings.refusals:
            yield Trouble(refusal.where, "refused", refusal.reason)
        if self.user_file.problem is not None:
            yield Trouble(self.user_file.path, "refused", self.user_file.problem)

    def _publish_mode(self, change: RootChange) -> None:
        self.hub.publish(root_mode_event(change.root, change.mode, change.reason))


def build_kernel(
    settings: Settings,
    make_observer: MakeObserver = RootObserver,
    keeper: StateKeeper | None = None,
) -> Kernel:
    """The kernel for these settings, with nothing started. Trouble of database and journal is published on the hub."""
    settings.set_fence()
    epoch = next_epoch(keeper.folder if keeper else None, time.time_ns() // 1_000_000)
    identity = Identity(None)
    if settings.of(BoardSettings).is_shared:
        identity = keep_identity(settings.state_path, settings.workspace)
    outbox = Outbox(identity.observer, int(epoch)) if identity.observer is not None else None
    hub = Hub(settings.ring_events, epoch=epoch, outbox=outbox)
    path = os.path.join(settings.state_path, "history.db")
    reclaim = keeper.reclaim if keeper else partial(remake, settings.workspace, settings.state_path)
    database = Database(path, trouble_publisher(hub, path, "history"), reclaim) if settings.history else None
    journal = None
    if settings.journal:
        folder = os.path.join(settings.state_path, "journal")
        bounds = Bounds(settings.journal_max_mb * 1_000_000, settings.journal_days)
        journal = Journal(folder, bounds, trouble_publisher(hub, folder, "journal"), reclaim)
        hub.subscribe(journal.on_event)
    return Kernel(settings, hub, database, iso_time(time.time()), make_observer, keeper, journal, identity.problem)


def trouble_publisher(hub: Hub, root: str, mode: str) -> Callable[[str | None], None]:
    """Publishes what is wrong with `root`, and with None that it is over."""

    def publish(reason: str | None) -> None:
        if reason is None:
            hub.publish(ServiceRecovered(root=root, mode=mode))
        else:
            hub.publish(ServiceDegraded(root=root, mode=mode, reason=reason))

    return publish


class Feature(Protocol):
    """Subclass it and override what applies; the defaults run the `followers`, nothing else. Nothing runs before
    `start`."""

    name: str
    topic: str
    """The topic whose snapshot contains that of the feature."""
    events: Sequence[type[Event]] = ()
    collections: Mapping[str, Any] = MappingProxyType({})
    """What other hosts of a board get of the topic: collection -> type of an entry. Who may see an entry is decided by
    its `project`, as everywhere."""
    keyed_by_project: frozenset[str] = frozenset()
    """Those of them whose entries are about the project that is their key."""

    @property
    def followers(self) -> Sequence[Follower]:
        """The followers that run now: `/api/sync` waits for them, `/health` and `/metrics` report on them."""
        return ()

    def start(self) -> None:
        """Start; returns at once."""
        for follower in self.followers:
            follower.start()

    def stop(self) -> None:
        """End every thread; may be called twice."""
        for follower in self.followers:
            follower.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""

    def snapshot(self) -> Mapping[str, Any]:
        """The state of the topic, as fields of the snapshot: plain JSON, or dataclasses in lists."""
        return {}

    def snapshot_of(self, projects: frozenset[str]) -> Mapping[str, Any]:
        """The snapshot for a user who may see these projects only: without the entries whose `project` is another."""
        found: Mapping[str, Any] = visible(self.snapshot(), projects)
        return found

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """What other hosts get, now: collection -> key -> value. Its events say what changes (`Event.entries`)."""
        return {}

    def opening(self) -> Mapping[str, Any]:
        """What a page shows before it has the snapshot: a few fields of that, which cost little."""
        return {}

    def people(self) -> Iterable[Person]:
        """The users, whose tokens the guard accepts; with any of them, each request needs a token."""
        return ()

    def on_people(self, changed: Callable[[], None]) -> None:
        """Call `changed()` when `people` gives others than before."""
        return

    def cookie_key(self) -> bytes:
        """The secret that proves the cookies of `people`, also of those who may come later; b"" of who has none."""
        return b""

    def health(self) -> Mapping[str, Any]:
        """Fields of `/health`."""
        return {}

    def stats(self) -> Mapping[str, Any]:
        """Fields of `/api/stats`."""
        return {}

    def metrics(self) -> Iterable[Metric]:
        """Metrics for `/metrics`. May raise HistoryUnavailable: then they are left out of that answer."""
        return ()

    def troubles(self) -> Iterable[Trouble]:
        """What does not work, without the troubles that followers report themselves."""
        return ()

    def banner(self) -> Iterable[tuple[str, str]]:
        """Rows of the start-up message: (label, text)."""
        return ()

    def examine(self) -> Iterable[Finding]:
        """Findings for `llm-service doctor`; nothing has been started. May raise OSError, ServiceError."""
        return ()
