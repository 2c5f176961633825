"""`Lookup`: the tools that only read, and finding what the others change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..errors import FileRefused
from . import arguments
from .board import OfSprint
from .catalog import PipelineCatalog
from .limits import MAX_CALL_BYTES
from .model import PipelineFile
from .queries import PipelineList, PipelineQuery
from .rows import as_of, row_of, tree_of
from .store import PipelineStore, unknown_pipeline
from .tool_error import ToolError

_MOST_LOG_BYTES = 4 * MAX_CALL_BYTES
"""Of a log that an agent gets at once."""
_TRIES = 3
"""A list is made again if one that it shows has changed."""


class Lookup:
    """Thread-safe. `may_see(project)`: whether the caller of the current tool may see a project."""

    def __init__(
        self,
        store: PipelineStore,
        stale_after_s: float,
        clock: Callable[[], float],
        may_see: Callable[[str | None], bool],
        catalog: PipelineCatalog,
    ) -> None:
        self._store = store
        self._stale_after_s = stale_after_s
        self._clock = clock
        self._may_see = may_see
        self._catalog = catalog
        self._list = PipelineList()

    def wrote(self, pipeline_id: str) -> None:
        """This process wrote a pipeline."""
        self._catalog.wrote(pipeline_id)

    def page(self, query: PipelineQuery) -> dict[str, Any]:
        """`{pipelines, total, page, total_pages}`."""
        known = self._catalog.refresh(query)
        for _ in range(_TRIES):
            found = self._list.select(known.rows(), query, self._may_see)
            if not self._catalog.recheck(row.id for row in found.rows):
                break
        logs, now = self._catalog.logs([row.id for row in found.rows if row.status == "running"]), self._clock()
        shown = [as_of(row, now, self._stale_after_s, logs.get(row.id, {})) for row in found.rows]
        rows = msgspec.to_builtins(shown)  # a tenth of the time of `as_json`
        return {"pipelines": rows, "total": found.total, "page": found.page, "total_pages": found.total_pages}

    def sprints(self) -> OfSprint:
        """What gives the pipelines of a sprint as they are now, as far as the caller may see them."""
        known = self._catalog.refresh(at_once=True)
        return lambda sprint: [one for one in known.of_sprint(sprint) if self._may_see(one.row.project)]

    def tree(self, pipeline_id: str) -> dict[str, Any]:
        """A pipeline with its steps and jobs. Raises ToolError."""
        file = self._file(pipeline_id)
        logs, now = self._store.log_times(file.id), self._clock()
        return tree_of(as_of(row_of(file), now, self._stale_after_s, logs), file.pipeline, now, logs)

    def log(self, job_id: str) -> dict[str, Any]:
        """`{job_id, content}`; of a page of more than a megabyte its end. Raises ToolError."""
        pipeline_id, job = self.job(job_id)
        pipeline = self._file(pipeline_id).pipeline
        if pipeline is not None and pipeline.job(job) is None:
            raise unknown_job(job)
        try:
            part = self._store.log(pipeline_id, job, _MOST_LOG_BYTES)
        except FileRefused as refusal:
            sentence = f"The log cannot be read: {refusal.message}"
            raise ToolError("NOT_FOUND", sentence, "Go on without it; a person has to look at the file.") from refusal
        if part is None:
            return {"job_id": job, "content": ""}
        lead = f"(The first {part.start:,} bytes are left out.)\n\n" if part.is_cut else ""
        return {"job_id": job, "content": lead + part.content}

    def job(self, job_id: object) -> tuple[str, str]:
        """(pipeline, job) of an id. Raises ToolError."""
        job = job_id.strip().lower() if isinstance(job_id, str) else ""
        pipeline_id = self._store.pipeline_of(job)
        if pipeline_id is None:
            raise unknown_job(job_id)
        return pipeline_id, job

    def require_visible(self, project: str | None, what: object) -> None:
        """Raises ToolError, as for one that does not exist, if the caller may not see a project."""
        if not self._may_see(project):
            raise unknown_pipeline(what)

    def _file(self, pipeline_id: str) -> PipelineFile:
        file = self._store.read(pipeline_id)
        if file is None:
            raise unknown_pipeline(pipeline_id)
        self.require_visible(file.project, pipeline_id)
        return file


def query_of(project: object, status: object, pipeline_type: object, page: object) -> PipelineQuery:
    """The query of `list_pipelines`. Raises ToolError."""
    return PipelineQuery(
        _set_of(arguments.line("project", project)),
        _set_of(arguments.listed_status(status)),
        _set_of(arguments.line("pipeline_type", pipeline_type)),
        arguments.page(page),
    )


def unknown_job(job_id: object) -> ToolError:
    """The error for a job that does not exist."""
    return ToolError(
        "NOT_FOUND",
        f"There is no job {str(job_id)[:80]!r}.",
        "Give a job_id that create_pipeline_job returned; get_pipeline has those of a pipeline.",
    )


def _set_of(value: str | None) -> frozenset[str]:
    return frozenset() if value is None else frozenset((value,))
