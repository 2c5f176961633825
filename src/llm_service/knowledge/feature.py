"""The feature `Knowledge`: streams, insights, facts and metrics. `views` are its two further topics.

knowledge = Knowledge(kernel, redact, collect=lambda: observation(jobs, artifacts))
features = [..., knowledge, *knowledge.views]
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..feature import Feature, Finding, Kernel, Trouble, problems
from ..json_values import as_json
from ..watch.follower import Follower
from ..watch.tail import Position
from .board import FactBoard
from .clean import Cleaner, Redact
from .desk import FactDesk
from .doctor.doctor import PROJECT_FOLDERS, Doctor, ReadBytes, SeenFiles, Surroundings
from .doctor.probe import Prober
from .doctor.routes import doctor_routes
from .events import EVENTS, ProbeSeen
from .fact_check import check_facts
from .fact_routes import fact_routes
from .figures import Observation
from .folder import append_line
from .followers import fact_follower, stream_follower
from .insight import InsightLimits
from .intake import Intake
from .model import Message
from .proposals import Proposals
from .routes import stream_routes
from .scope import Scope
from .settings import KnowledgeSettings
from .store import MessageStore
from .ticker import InsightTicker
from .views import Insights, Metrics
from .watches import RunWatches, Statement

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_SNAPSHOT_FACTS = 500


class Knowledge(Feature):
    """What agents and services report, and what this dashboard finds out about running jobs."""

    name = topic = "knowledge"
    events = EVENTS

    def __init__(
        self,
        kernel: Kernel,
        redact: Redact,
        collect: Callable[[], Observation] | None = None,
        author: Callable[[], str] = lambda: "person",
        seen_files: SeenFiles | None = None,
        project_folders: Sequence[str] = PROJECT_FOLDERS,
        scope: Scope | None = None,
        read_bytes: ReadBytes = lambda run: None,
    ) -> None:
        """`redact` replaces secrets in texts; `collect()` gives the figures of the running jobs, from the ticker's
        thread (without it somebody calls `ticker.look`); `author()` names who sends the current request;
        `seen_files(project)` is how many files of a project the artifacts have (None: they do not know it), and None
        where artifacts are off; `project_folders` are relative to the workspace; `scope`: who may
        see what (everybody everything without it); `read_bytes(run)`: how much of its log was read, for doctor."""
        settings, own = kernel.settings, kernel.settings.of(KnowledgeSettings)
        self._streams, self._folder = settings.folder(own.streams_dir), settings.folder(own.knowledge_dir)
        self._author, self._scope = author, scope or Scope()
        project_of = self._scope.project_of_any
        self._takes_proposals = own.propose_facts
        self._publish = publish = kernel.hub.publish
        self.cleaner = cleaner = Cleaner(redact)
        self.store = MessageStore(kernel.database, own.stream_messages_max, own.stream_messages_days)
        self.board = FactBoard(project_of)
        self.desk = FactDesk(self._folder, self.board, cleaner, self.store.record_decision)
        self.proposals = Proposals(self.board, self.desk)
        self.intake = Intake(self.store, cleaner, publish, project_of, self._on_message)
        limits = InsightLimits(regular_every_s=own.insight_every_min * 60, stalled_after_s=own.stalled_after_min * 60)
        self.ticker = InsightTicker(self.intake, publish, collect, own.insight_interval_s, limits)
        self._prober = Prober(self._streams)
        folders = [settings.folder(folder) for folder in project_folders]
        around = Surroundings(
            folders, seen_files, kernel.hub.audience.counts, self._watchers, settings.cors_origins, read_bytes
        )
        self.doctor = Doctor(os.path.abspath(settings.workspace), self._prober, around)
        self.watches = RunWatches(self._on_statement, self.ticker.wake)
        self.views: tuple[Feature, ...] = (Insights(self.store), Metrics(self.ticker, self._scope.may_see))
        self._stream_follower = stream_follower(kernel, self._streams, self.intake, self._positions, self._on_probe)
        self._facts, self._fact_follower = fact_follower(
            kernel, self._folder, self.board, cleaner, self.store.decisions
        )

    @property
    def followers(self) -> Sequence[Follower]:
        """Those of the streams and of the facts."""
        return (self._stream_follower, self._fact_follower)

    def add(
        self,
        topic: str,
        text: str,
        source: str,
        severity: str | None = None,
        job: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Message:
        """Add a message of this service to a stream: it is stored and published. A statement of an agent that is to
        become a proposed fact goes to "knowledge", with `{run, line}` as its data. Never blocks on the disk."""
        return self.intake.add(topic, text, source, severity, job, data)

    def start(self) -> None:
        """Start reading and watching; returns at once."""
        self.proposals.start()
        self._stream_follower.start()
        self._fact_follower.start()

    def stop(self) -> None:
        """End every thread."""
        self._stream_follower.stop()
        self._fact_follower.stop()
        self.proposals.stop()

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        stream_routes(api, self.store, self.intake, self._append, self._scope)
        doctor_routes(api, self.doctor, self._scope.may_see)
        fact_routes(api, self.board, self.desk, self._facts, self.proposals, self._author, self._scope.may_see)

    def snapshot(self) -> Mapping[str, Any]:
        """`{knowledge: {facts, counts}}`: the newest facts, and how many there are of each status."""
        facts = self.board.facts()
        counts = Counter(fact.status for fact in facts)
        return {"knowledge": {"facts": as_json(facts[:_SNAPSHOT_FACTS]), "counts": dict(counts)}}

    def stats(self) -> Mapping[str, Any]:
        """The number of facts by status."""
        return {"knowledge": dict(Counter(fact.status for fact in self.board.facts()))}

    def metrics(self) -> Iterable[Metric]:
        """Facts by status."""
        from prometheus_client.core import GaugeMetricFamily

        facts = GaugeMetricFamily("llm_service_facts", "Facts, by status.", labels=["status"])
        for status, count in Counter(fact.status for fact in self.board.facts()).items():
            facts.add_metric([status], count)
        yield facts

    def troubles(self) -> Iterable[Trouble]:
        """That proposed facts cannot be written."""
        if self.proposals.problem is not None:
            yield Trouble(self._folder, "knowledge", self.proposals.problem)

    def examine(self) -> Iterator[Finding]:
        """Which files of facts are none."""
        if not os.path.isdir(self._folder):
            return
        count, found = check_facts(self._folder, self.cleaner)
        yield Finding("ok", "knowledge", f"{count:,} facts in {self._folder}")
        yield from problems("knowledge", found, "files in the folder of the facts are no facts")

    def _watchers(self) -> list[Mapping[str, Any]]:
        return [follower.status() for follower in self.followers]

    def _on_probe(self, nonce: str) -> None:
        self._publish(ProbeSeen(nonce=nonce))
        self._prober.on_seen(nonce)

    def _on_statement(self, said: Statement) -> None:
        """A line of a log states a fact: it is said on the stream, and becomes a proposal."""
        self.intake.add(
            "knowledge",
            said.text,
            said.source,
            job=said.job,
            data={"run": said.run, "line": said.line},
            rests_on=f"line {said.line:,} of the log of {said.run}",
            is_recorded=True,
            origin="log",
        )

    def _on_message(self, message: Message) -> None:
        if message.topic == "knowledge" and self._takes_proposals:
            self.proposals.offer(message)

    def _append(self, topic: str, line: bytes) -> None:
        append_line(self._streams, f"{topic}.jsonl", line)

    def _positions(self) -> Mapping[str, Position] | None:
        positions = self.store.load()
        if positions is not None:
            self.ticker.remember(self.store.recent("insights"))
        return positions
