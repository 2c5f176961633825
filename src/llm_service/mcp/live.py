"""`live_sources(...)`: what the tools ask, answered by the features of the running dashboard, from memory.

Who calls may see what they may see elsewhere: `caller()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..artifacts.contents.reader import ArtifactReader
from ..artifacts.model import ArtifactQuery
from ..artifacts.tree.tree import ArtifactTree
from ..calls.feature import Calls
from ..costs.queries import CostQueries
from ..costs.summary import totals_as_json
from ..errors import NotFound
from ..files.search_pattern import pattern_of
from ..knowledge.model import Fact
from ..logs.feature import Logs
from ..logs.rows import RowFilter
from ..logs.search_all import search_runs
from ..processes.model import Run
from .call_report import recorded
from .caller import caller
from .reports import facts_found, say
from .shapes import artifact_row, log_row, page_of
from .sources import Json

_SEARCH_S = 0.5


@dataclass(frozen=True, slots=True)
class LiveLogs:
    """Logs of jobs. `project_of(owner)`: the project of a run's owner, None where all may see it."""

    logs: Logs
    runs: Callable[[], list[Run]]
    project_of: Callable[[str], str | None]

    def search(self, words: str, job: str | None, is_regex: bool, limit: int) -> Json:
        """See `LogTools`."""
        person = caller()
        runs = [
            run
            for run in self.runs()
            if run.is_proven
            and job in (None, run.owner.removeprefix("job:"))
            and person.may_see(self.project_of(run.owner))
        ]
        found = search_runs(
            self.logs.search, runs, pattern_of(words, is_regex), RowFilter("all"), limit, seconds=_SEARCH_S
        )
        return {"matches": [log_row(match.line) for match in found.matches], "more": found.next_cursor is not None}


@dataclass(frozen=True, slots=True)
class LiveArtifacts:
    """Generated files. Both raise NotFound where artifacts are off."""

    tree: Callable[[], ArtifactTree]
    reading: Callable[[], ArtifactReader]

    def list(self, project: str | None, words: str, under: str, limit: int) -> Json:
        """See `ArtifactTools`."""
        person = caller()
        if project is not None:
            _require(project)
        query = ArtifactQuery(project=project, projects=person.projects, q=words, under=under, limit=limit)
        page = self.tree().select(query)
        rows = [artifact_row(one.project, one.path, one.size_bytes, one.modified_at) for one in page.artifacts]
        return {"artifacts": rows, "counts": page.counts, "more": page.cursor is not None}

    def read(self, project: str, path: str, from_line: int) -> Json:
        """See `ArtifactTools`."""
        _require(project)
        return page_of(project, path, self.reading().page(project, path, from_line).preview)


@dataclass(frozen=True, slots=True)
class LiveCosts:
    """Calls and costs."""

    calls: Calls
    queries: Callable[[], CostQueries]

    def record(self, call: Mapping[str, Any]) -> Json:
        """See `CostTools`."""
        return recorded(call, lambda one: self.calls.require_network().ingest_rest([one], []))

    def totals(self, by: str, first: str | None, end: str | None, limit: int) -> Json:
        """See `CostTools`."""
        core = self.calls.require_core()
        rows = self.queries().by_name(by, *core.time_range(first, end), limit=limit)
        return {"by": by, "totals": totals_as_json(rows)}


@dataclass(frozen=True, slots=True)
class LiveKnowledge:
    """Facts from the board; messages are written to the files of the streams. `project_of(job)`: see `Scope`."""

    all_facts: Callable[[], list[Fact]]
    streams: str
    project_of: Callable[[str], str | None]

    def facts(self, words: str, limit: int) -> Json:
        """See `KnowledgeTools`."""
        person = caller()
        found = [fact for fact in self.all_facts() if fact.is_confirmed and person.may_see(fact.project)]
        return facts_found(found, words, limit)

    def say(self, topic: str, message: Mapping[str, Any]) -> Json:
        """See `KnowledgeTools`."""
        job = message.get("job")
        if job is not None and not caller().may_see(self.project_of(str(job))):
            raise NotFound(f"There is no job “{str(job)[:100]}”.")
        return say(self.streams, topic, message)


def _require(project: str) -> None:
    if not caller().may_see(project):
        raise NotFound(f"There is no project “{project[:200]}”.")
