"""The feature `Logs`: the logs of runs are followed, indexed by segments, searched and streamed. Used by `app`."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BadSettings, FileRefused, NotFound
from ..feature import Feature, Kernel
from ..processes.feature import RUNS_FOLDER
from ..processes.model import Profile, Run
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from .events import EVENTS, RunOutput
from .follow import LogTracker
from .followed import LinesListener
from .line_search import searched_text
from .model import Fact
from .parser import LineParser
from .queries import LogQueries
from .redacted_text import RedactedText
from .redaction import Redactor
from .retention import LogRetention
from .routes import LogRoutes, log_routes
from .rows import LogRows, RowFilter
from .search import LogSearch
from .settings import LogSettings
from .store import LogStore

if TYPE_CHECKING:
    from ..web.api import Api

_MOST_PROFILES = 256


class Runs(Protocol):
    """What logs need of the feature `Processes`."""

    def runs(self, owner: str | None = None) -> list[Run]:
        """The runs of an owner, or all, the latest last."""

    def run(self, run_id: str) -> Run:
        """One run. Raises NotFound."""

    def profiles(self) -> list[Profile]:
        """All profiles."""

    def subscribe(self, on_change: Callable[[Run], None]) -> None:
        """Call `on_change(run)` whenever a run starts or ends."""


class Logs(Feature):
    """The logs of the runs of a workspace."""

    name = topic = "logs"
    events = EVENTS

    def __init__(
        self,
        kernel: Kernel,
        processes: Runs,
        check_access: Callable[[str], None] = lambda owner: None,
        project_of: Callable[[str], str | None] = lambda job: None,
    ) -> None:
        """`check_access(owner)`: raises NotFound if the sender of the request that is served may not see the logs of
        `job:<id>` or `plan:<name>`; `project_of(job)`: who may not see that project gets no lines of the job."""
        settings = kernel.settings
        workspace = os.path.abspath(settings.workspace)
        self._processes = processes
        self._check_access = check_access
        self._listeners: list[LinesListener] = []
        self._phases: OrderedDict[str, Mapping[str, Sequence[str]]] = OrderedDict()
        self.store = LogStore(workspace, os.path.join(settings.state_path, "segments"), processes.run)
        self.queries = LogQueries(self.store, self.parser)
        texts = RedactedText(self.store, redact, searched_text)
        self.search = LogSearch(self.queries, texts)
        inbox = HintInbox()
        root = kernel.watched_root(
            os.path.join(workspace, *RUNS_FOLDER.split("/")), lambda folder: not folder, inbox.put, optional=True
        )

        def publish(output: RunOutput) -> None:
            kernel.hub.publish(replace(output, project=project_of(output.job)))

        retention = LogRetention(settings.of(LogSettings), self.store, processes.runs)
        self._tracker = LogTracker(root, self.store, processes.runs, self.parser, publish, self._listeners, retention)
        self._follower = Follower(self._tracker, root, inbox)

        def changed(run: Run) -> None:
            self._tracker.run_changed(run)
            inbox.wake()

        processes.subscribe(changed)

    def subscribe(self, listener: LinesListener) -> None:
        """Before the start: call `listener(run, first_seq, lines)` for all lines of all runs, in order, in blocks, in
        the follower's thread: be quick. After a restart of the service the last lines may come once more."""
        self._listeners.append(listener)

    def lines(self, run_id: str, rows: RowFilter, start_row: int | None, limit: int) -> LogRows:
        """Rows of a run's log; see `LogQueries.lines`. Raises NotFound, FileRefused."""
        return self.queries.lines(self._processes.run(run_id), rows, start_row, limit)

    def facts(self, run_id: str) -> Iterator[tuple[int, str | None, Fact]]:
        """(number of the line, its time, fact) of all facts in a run's log, in order. Raises NotFound, FileRefused."""
        return self.queries.facts(self._processes.run(run_id))

    def read_bytes(self, run_id: str) -> int | None:
        """How much of a run's log was read, up to the end of its last whole line; None for an unknown run."""
        try:
            return self.store.table(run_id).end.offset
        except (NotFound, FileRefused):
            return None

    @property
    def followers(self) -> Sequence[Follower]:
        """The follower of the logs."""
        return (self._follower,)

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        runs = self._processes.runs
        log_routes(
            api,
            LogRoutes(
                self.queries,
                self.search,
                self._runs_of,
                lambda: [run for run in runs() if run.is_proven],
                self._check_access,
                self._may_see,
                self.queries.text_blocks,
            ),
        )

    def stats(self) -> Mapping[str, Any]:
        """`{logs: {runs, bytes}}`."""
        runs = self._processes.runs()
        return {"logs": {"runs": len(runs), "bytes": sum(run.log_bytes for run in runs)}}

    def _runs_of(self, job: str) -> list[Run]:
        """The runs of a job; where it has none that are surely ours, those that came with the workspace."""
        owner = f"job:{job}"
        return self._processes.runs(owner) or [run for run in self._processes.runs() if run.owner == owner]

    def _may_see(self, owner: str) -> bool:
        try:
            self._check_access(owner)
        except NotFound:
            return False
        return True

    def parser(self, run: Run, state: bytes) -> LineParser:
        """A parser for the log of a run, in this state (b"": at its start)."""
        try:
            return LineParser(project_dir=run.cwd, phases=self._phases_of(run), state=state)
        except BadSettings:  # an expression of the profile that cannot be used: the log can be read without
            return LineParser(project_dir=run.cwd, state=state)

    def _phases_of(self, run: Run) -> Mapping[str, Sequence[str]]:
        """The patterns of the run's profile, as they were when the run was first seen."""
        known = self._phases.get(run.run_id)
        if known is None:
            found = next((profile for profile in self._processes.profiles() if profile.name == run.profile), None)
            known = self._phases[run.run_id] = found.phases if found is not None else {}
            while len(self._phases) > _MOST_PROFILES:
                self._phases.popitem(last=False)
        return known


def redact(block: bytes, state: bytes) -> bytes:
    """A block of whole lines redacted, given the parser's state before it; the same object if that changes nothing."""
    return LineParser(state=state).redact(block) if state else Redactor().redact(block)
