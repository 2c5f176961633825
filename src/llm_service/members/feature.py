"""The feature `Members`: the other hosts of the board, if this dashboard is one of a board; else it does nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol

from ..feature import Feature, Finding, Kernel, Trouble, trouble_publisher
from ..hub.board import BoardJournal, BoardReader, Source, encode_entry
from ..hub.board_link import open_board
from ..hub.board_settings import BoardSettings, is_overheard
from ..hub.event import ServiceDegraded, ServiceRecovered
from ..hub.follow_link import FollowLink
from ..hub.follow_reader import FollowReader, look
from ..hub.outbox import Outbox
from ..hub.run_token import begin_run
from ..times import iso_time
from .board import MemberBoard
from .events import EVENTS, TOPIC
from .merge import Merge
from .own_host import OwnHost
from .reconciler import Reconciler
from .routes import member_routes
from .sources import NOTHING_YET, Sources
from .store import HostStates
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

FOLLOW = "follow"
_EVENTS_SAY_ALL = frozenset({"tasks", "evidence"})
"""Collections of which every change has an event, also at the start."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs if this dashboard shares what it knows; `journal` and `reader` if it is on a board."""

    sources: Sources
    reconciler: Reconciler
    journal: BoardJournal | None
    reader: BoardReader | None
    followed: tuple[FollowReader, ...]

    @property
    def threads(self) -> Iterator[Thread]:
        """What is started in this order, and ended in the other one."""
        return (one for one in (self.journal, self.reader, self.reconciler, *self.followed) if one is not None)


class Thread(Protocol):
    """What has a thread."""

    def start(self) -> None:
        """Start it."""

    def stop(self) -> None:
        """End it."""


class Members(Feature):
    """The hosts of the board. `merge` takes what is read from elsewhere; `states` is what they share."""

    name = topic = TOPIC
    events = EVENTS

    def __init__(self, kernel: Kernel, features: Sequence[Feature], degraded: Callable[[], Any]) -> None:
        """`features` are the others of the dashboard; `degraded()` is `{root, mode, reason}` for what does not work."""
        self._settings, self._hub = kernel.settings, kernel.hub
        self._own = kernel.settings.of(BoardSettings)
        self._link = open_board(self._own)
        self._root = "board" if self._link is None else self._link.kind
        """What troubles of the board are about."""
        self._features, self._degraded = features, degraded
        self._problem = kernel.board_problem
        self._keeper = kernel.keeper
        self._host = OwnHost(kernel, features, self._degraded_here)
        self.states = HostStates()
        self.board = MemberBoard(kernel.hub.publish)
        self._parts: Parts | None = None

    @property
    def observer(self) -> str | None:
        """The id of this host on the board; None if it is on none."""
        return self._host.observer

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What may be shared."""
        features = (*self._features, self)
        events = [event for feature in features for event in feature.events]
        collections = {
            name: (feature.topic, kind) for feature in features for name, kind in feature.collections.items()
        }
        return Vocabulary(events, collections, [name for feature in features for name in feature.keyed_by_project])

    @cached_property
    def merge(self) -> Merge:
        """Where what other hosts say goes to."""
        return Merge(self._hub, self.vocabulary, self.states, self.board)

    def start(self) -> None:
        """Begin to write and to read; returns at once, also if nobody else is there."""
        outbox = self._hub.outbox
        if outbox is None:
            return
        sources = Sources(self.merge, outbox.observer, self._on_followed)
        shared = partial(self._host.shared, _EVENTS_SAY_ALL)
        reconciler = Reconciler(outbox, shared, self._hub.publish, self.vocabulary.project_of)
        followed = [FollowReader(FollowLink(url, self._own.token_for(url)), sources) for url in self._own.followed]
        for url in self._own.followed:
            sources.expect(url)
        journal, reader = self._joined(outbox, sources)
        self._parts = parts = Parts(sources, reconciler, journal, reader, tuple(followed))
        for one in parts.threads:
            one.start()

    def _joined(self, outbox: Outbox, sources: Sources) -> tuple[BoardJournal, BoardReader] | tuple[None, None]:
        """What writes to the board and reads from it, if there is one."""
        if self._link is None:
            return None, None
        source = Source(
            state=lambda: self._host.shared_by_topic(self.vocabulary.topic_of),
            report=lambda: encode_entry(self._host.report()),
            card=lambda: encode_entry(self._host.card()),
            topic_of=self.vocabulary.topic_of,
            is_ready=lambda: self._hub.progress.ready,
        )
        run = None if self._keeper is None else begin_run(self._keeper.folder)
        journal = self._link.journal(outbox, source, self._on_trouble, run)
        reader = self._link.reader(outbox.observer, self.vocabulary.topics, sources.joined)
        sources.joined.retake = reader.retake
        return journal, reader

    def stop(self) -> None:
        """Write what waits, and end the threads."""
        parts, self._parts = self._parts, None
        if parts is not None:
            for one in reversed(list(parts.threads)):
                one.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        member_routes(api, self, self._host)

    def snapshot(self) -> Mapping[str, Any]:
        """`{members: {self, board, journal, members}}`; {} if this dashboard is on no board."""
        return {} if self.observer is None else {"members": self.overview()}

    def hosts(self, topics: Collection[str], projects: Collection[str] | None = None) -> Mapping[str, Any]:
        """`{hosts: [{observer, collection, key, value}]}` of these topics, for who may see these projects; {} if no
        other host is known."""
        if not self.states.observers():
            return {}
        return {
            "hosts": list(self.states.rows(self.vocabulary.of_topics(topics), self.vocabulary.project_of, projects))
        }

    def health(self) -> Mapping[str, Any]:
        """`{board: {board, observer, journal, hosts}}`, where this dashboard is on one."""
        if self.observer is None:
            return {}
        found = self.overview()
        hosts = self._hosts_by_state()
        return {
            "board": {"board": found["board"], "observer": self.observer, "journal": found["journal"], "hosts": hosts}
        }

    def metrics(self) -> Iterable[Metric]:
        """The other hosts by state, and how many events wait to be written."""
        if self.observer is None:
            return
        from prometheus_client.core import GaugeMetricFamily

        hosts = GaugeMetricFamily("llm_service_hosts", "Other hosts of the board, by state.", labels=["state"])
        for state, count in self._hosts_by_state().items():
            hosts.add_metric([state], count)
        yield hosts
        behind = GaugeMetricFamily("llm_service_host_behind", "Events not applied here, by host.", labels=["host"])
        for member in self.board.members():
            behind.add_metric([member.label], member.behind)
        yield behind
        yield GaugeMetricFamily(
            "llm_service_board_waiting",
            "Events that wait to be written to the board.",
            value=self.journal_state()["waiting"],
        )

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong with writing to the board, or with reading from it."""
        if self._problem is not None:
            yield Trouble(self._root, "journal", self._problem)
        if self._parts is None:
            return
        if self._parts.journal is not None and (reason := self._parts.journal.trouble) is not None:
            yield Trouble(self._root, "journal", reason)
        elif (reason := self.board.problem) is not None:
            yield Trouble(self._root, "board", reason)
        for row in self._parts.sources.rows():
            if row["reason"] not in (None, NOTHING_YET):
                yield Trouble(row["url"], FOLLOW, row["reason"])

    def banner(self) -> Iterator[tuple[str, str]]:
        """The board, and what this host is called on it."""
        if self.observer is None:
            return
        name = f"{self._host.card()['label']} ({self.observer})"
        yield ("board", f"{self._own.board}, as {name}") if self._own.is_on else ("shared", f"as {name}")
        for url in self._own.followed:
            yield FOLLOW, url

    def examine(self) -> Iterator[Finding]:
        """What is to be known of the board and of the addresses that are followed."""
        if self._problem is not None:
            yield Finding("problem", "members", self._problem)
        for url in self._own.followed:
            token = self._own.token_for(url)
            if token is not None and is_overheard(url):
                yield Finding(
                    "note", FOLLOW, f"{url}: its token crosses the network unencrypted; use https or a tunnel"
                )
            yield Finding(*look(FollowLink(url, token), self.observer))
        if self._link is None:
            return
        for level, text in self._link.examine(self.observer or ""):
            yield Finding(level, self._link.kind, text)

    def _hosts_by_state(self) -> dict[str, int]:
        """How many other hosts are in each of the states."""
        found = dict.fromkeys(("live", "as_of", "unreachable"), 0)
        for member in self.board.members():
            found[member.state] += 1
        return found

    # What the routes ask.

    def overview(self) -> dict[str, Any]:
        """The body of `GET /api/members`."""
        members, journal = self.board.members(), self.journal_state()
        if self.observer is not None:
            members.insert(0, self._host.member(journal["waiting"], journal["reason"]))
        return {
            "self": self.observer,
            "board": self._own.board if self._own.is_on else None,
            "journal": journal,
            "members": members,
            "follow": [] if self._parts is None else self._parts.sources.rows(),
        }

    def addresses(self) -> list[str]:
        """Where people reach the other hosts, as those say."""
        return [member.url for member in self.board.members() if member.url is not None]

    def journal_state(self) -> dict[str, Any]:
        """`{ok, since, waiting, reason}` of what this host writes."""
        journal = None if self._parts is None else self._parts.journal
        if journal is None:
            is_ok = self._parts is not None  # without a board there is nothing to write
            return {"ok": is_ok, "since": None, "waiting": 0, "reason": self._problem}
        since, reason = journal.since, journal.trouble
        return {
            "ok": since is None,
            "since": None if since is None else iso_time(since),
            "waiting": journal.waiting,
            "reason": reason,
        }

    # Called by the threads of the journal.

    def _degraded_here(self) -> list[Mapping[str, Any]]:
        """What does not work here, but for the ways to the others."""
        return [one for one in self._degraded() if one["root"] != self._root and one["mode"] != FOLLOW]

    def _on_followed(self, url: str, reason: str | None) -> None:
        trouble_publisher(self._hub, url, FOLLOW)(reason)

    def _on_trouble(self, reason: str | None) -> None:
        if reason is None:
            self._hub.publish(ServiceRecovered(root=self._root, mode="journal"))
            return
        state = self.journal_state()
        self._hub.publish(
            ServiceDegraded(
                root=self._root, mode="journal", reason=reason, since=state["since"], waiting=state["waiting"]
            )
        )
