"""`PipelineReporter`: the nine tools by which agents report, as plain methods.

They work on the files alone, so a reporter in the dashboard and others in processes without one can be used at once.
Each method returns plain JSON, or raises `ToolError` and nothing else. What is returned of names, summaries and logs
was written by agents: untrusted text.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..settings.load import Settings
from ..settings.state_folder import remake
from ..tasks.reader import TaskSource
from ..tasks.settings import TaskSettings, collaboration_path
from ..times import iso_time
from . import arguments
from .catalog import Catalog, PipelineCatalog
from .catalog_index import CatalogIndex
from .changes import Change, adding, finishing, updating
from .cleaning import LogCleaner
from .idempotency import Call, call_of
from .ids import new_pipeline_id
from .limits import MAX_NAME
from .log_page import content_bytes
from .logbook import Logbook
from .lookup import Lookup, query_of, unknown_job
from .model import Job, Pipeline
from .settings import PipelineSettings
from .sprints import TicketSprints
from .store import LockedPipeline, PipelineStore, unknown_pipeline
from .templates import template_for

_GENERATIONS = 1_000
"""So many times a key can be used again after it is over."""


class PipelineReporter:
    """The tools of one workspace. Thread-safe; every call ends within about a second.

    A call with an `idempotency_key` that is repeated within 24 hours gets the answer of the first one, and changes
    nothing; with other arguments it is refused.
    """

    def __init__(
        self,
        workspace: str,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        may_see: Callable[[str | None], bool] = lambda project: True,
        caller: Callable[[], str | None] = lambda: None,
        catalog: PipelineCatalog | None = None,
    ) -> None:
        """`may_see(project)`: whether the caller of the current tool may see a project (None: a pipeline of none);
        `caller()` names who calls, for `triggered_by`; `catalog`: what lists are made of, None: of the files."""
        own, tasks = settings.of(PipelineSettings), settings.of(TaskSettings)
        self._templates = own.pipeline_templates
        self._store = PipelineStore(*places(workspace, own.pipelines_dir))
        stale_after_s = own.pipeline_stale_after_h * 3600
        self._lookup = Lookup(
            self._store, stale_after_s, clock, may_see, catalog or _catalog_of(self._store, workspace, settings)
        )
        source = TaskSource(collaboration_path(settings), tuple(tasks.lanes), tasks.max_file_bytes)
        self._cleaner = LogCleaner(self._store, TicketSprints(source, tasks.max_file_bytes), clock)
        self._logbook = Logbook(self._store, clock)
        self._clock = clock
        self._caller = caller

    def create_pipeline(
        self,
        pipeline_type: str,
        ticket_id: str | None = None,
        sprint_id: str | None = None,
        branch: str | None = None,
        project: str | None = None,
        meta: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """A new pipeline: `{pipeline_id, status, steps: [{name, position, status}]}`."""
        ticket, sprint = arguments.line("ticket_id", ticket_id), arguments.line("sprint_id", sprint_id)
        template = template_for(pipeline_type, ticket, sprint, self._templates)
        of_branch, of_project = arguments.line("branch", branch), arguments.project(project)
        self._lookup.require_visible(of_project, of_project)
        given, key = arguments.meta(meta), arguments.key(idempotency_key)
        call = call_of(key, "create_pipeline", template.name, ticket, sprint, of_branch, of_project, given)
        now = iso_time(self._clock())
        pipeline = Pipeline(
            id="",
            project=of_project,
            pipeline_type=template.name,
            ticket_id=ticket,
            sprint_id=sprint,
            branch=of_branch,
            triggered_by=arguments.line("meta.triggered_by", given.get("triggered_by")) or self._caller(),
            meta=given,
            status="created",
            created_at=now,
            started_at=None,
            finished_at=None,
            updated_at=now,
            steps=template.new_steps(),
        )
        for generation in range(_GENERATIONS):
            answer = self._created(pipeline, call, None if key is None else f"{generation} {key}")
            if answer is not None:
                return answer
        raise arguments.invalid("This idempotency_key was used too often.", "Give a new one.")

    def create_pipeline_job(
        self,
        pipeline_id: str,
        step: str,
        name: str,
        agent_type: str,
        description: str | None = None,
        status: str | None = None,
        session_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """A new job in a step: `{job_id, status, step}`. `session_id`: in which session of the agent's program, by
        which its calls are found."""
        job = Job(
            id="",
            step=arguments.required_line("step", step),
            name=arguments.required_line("name", name),
            agent_type=arguments.required_line("agent_type", agent_type),
            description=arguments.text("description", description) or "",
            session_id=arguments.line("session_id", session_id, MAX_NAME),
            created_at=iso_time(self._clock()),
        )
        wanted = arguments.job_status(status) or job.status
        given = (job.step, job.name, job.agent_type, job.description, wanted, *filter(None, [job.session_id]))
        call = call_of(arguments.key(idempotency_key), "create_pipeline_job", *given)
        return self._change(arguments.pipeline_id(pipeline_id), call, adding(job, wanted))

    def update_pipeline_job(
        self,
        job_id: str,
        status: str | None = None,
        score: int | None = None,
        attempt: int | None = None,
        summary: str | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Change a job: `{job_id, status, attempt, score, started_at, finished_at}`."""
        given = (
            arguments.job_status(status),
            arguments.score(score),
            arguments.attempt(attempt),
            arguments.text("summary", summary),
        )
        if all(value is None for value in given):
            raise arguments.invalid("There is nothing to change.", "Give status, score, attempt or summary.")
        pipeline_id, job = self._lookup.job(job_id)
        call = call_of(arguments.key(idempotency_key), "update_pipeline_job", job, *given)
        return self._change(pipeline_id, call, updating(job, *given))

    def append_job_log(self, job_id: str, content: str, idempotency_key: str | None = None) -> dict[str, Any]:
        """Add an entry to the job's log page: `{log_path, message}`."""
        data = content_bytes(content)
        pipeline_id, job = self._lookup.job(job_id)
        call = call_of(arguments.key(idempotency_key), "append_job_log", job, data.decode())
        with self._store.lock(pipeline_id) as folder:
            pipeline = self._read(folder)
            if pipeline.job(job) is None:
                raise unknown_job(job)
            answer = self._logbook.append(folder, pipeline, job, data, call)
        self._lookup.wrote(pipeline_id)
        return answer

    def finish_pipeline(
        self, pipeline_id: str, status: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """Finish: `{pipeline_id, status, finished_at, steps: {name: status}, skipped_steps: [{name, was}],
        message}`."""
        found, wanted = arguments.pipeline_id(pipeline_id), arguments.final_status(status)
        call = call_of(arguments.key(idempotency_key), "finish_pipeline", wanted)
        return self._change(found, call, finishing(wanted), self._add_to_wiki_log)

    def list_pipelines(
        self,
        project: str | None = None,
        status: str | None = None,
        pipeline_type: str | None = None,
        page: int = 1,
    ) -> dict[str, Any]:
        """A page of 20, the newest first: `{pipelines: [PipelineRow], total, page, total_pages}`."""
        return self._lookup.page(query_of(project, status, pipeline_type, page))

    def get_pipeline(self, pipeline_id: str) -> dict[str, Any]:
        """The whole tree with durations and log links: see docs/pipelines.md."""
        return self._lookup.tree(arguments.pipeline_id(pipeline_id))

    def get_pipeline_job_log(self, job_id: str) -> dict[str, Any]:
        """`{job_id, content}`: the log page without its front matter, "" if nothing was appended yet.

        Of a page of more than a megabyte its end, after a line that says so.
        """
        return self._lookup.log(job_id)

    def clean_pipeline_logs(self, sprint_id: str, idempotency_key: str | None = None) -> dict[str, Any]:
        """Delete the log pages of a sprint's pipelines: `{deleted: [log_path], not_found: [{kind, id}]}`.

        Not found are: `pipelines` of the sprint, a `log` that a pipeline names and that is gone, and the task file of
        a `ticket`, so that it is not known whether its logs belong to the sprint.
        """
        sprint = arguments.required_line("sprint_id", sprint_id)
        call = call_of(arguments.key(idempotency_key), "clean_pipeline_logs", sprint)
        answer, changed = self._cleaner.clean(sprint, self._lookup.sprints(), call)
        for pipeline_id in changed:
            self._lookup.wrote(pipeline_id)
        return answer

    def _created(self, pipeline: Pipeline, call: Call | None, seed: str | None) -> dict[str, Any] | None:
        """The answer for a new pipeline, or that of the earlier call; None if the seed was used over a day ago."""
        pipeline = replace(pipeline, id=new_pipeline_id(seed))
        steps = [{"name": step.name, "position": step.position, "status": step.status} for step in pipeline.steps]
        answer = {"pipeline_id": pipeline.id, "status": pipeline.status, "steps": steps}
        with self._store.lock(pipeline.id, create=True) as folder:
            before = folder.read()
            if before is not None:
                earlier = call.answered(before, self._clock()) if call else None
                return None if earlier is None else dict(earlier)
            folder.save(pipeline if call is None else call.remember(pipeline, answer, self._clock()))
        self._lookup.wrote(pipeline.id)
        return answer

    def _change(
        self,
        pipeline_id: str,
        call: Call | None,
        change: Change,
        then: Callable[[Pipeline], object] = lambda pipeline: None,
    ) -> dict[str, Any]:
        """Change a pipeline, once for each key, and return the answer; `then` is called with what was written."""
        with self._store.lock(pipeline_id) as folder:
            pipeline, now = self._read(folder), self._clock()
            earlier = call.answered(pipeline, now) if call else None
            if earlier is not None:
                return dict(earlier)
            changed, answer = change(pipeline, iso_time(now))
            folder.save(changed if call is None else call.remember(changed, answer, now))
        then(changed)
        self._lookup.wrote(pipeline_id)
        return answer

    def _read(self, folder: LockedPipeline) -> Pipeline:
        pipeline = folder.read(self._lookup.require_visible)
        if pipeline is None:
            raise unknown_pipeline(folder.id)
        return pipeline

    def _add_to_wiki_log(self, pipeline: Pipeline) -> None:
        stamp = iso_time(self._clock())[:16].replace("T", " ")
        line = f"- [{stamp}] Pipeline {pipeline.pipeline_type} {pipeline.id[:8]} - status {pipeline.status}"
        self._store.add_to_wiki_log(line)


def _catalog_of(store: PipelineStore, workspace: str, settings: Settings) -> Catalog:
    state = settings.state_path
    return Catalog(store, CatalogIndex(state, store, partial(remake, workspace, state)))


def places(workspace: str, folder: str) -> tuple[str, str]:
    """(path, name for clients) of the folder of the pipelines, which is below the workspace."""
    root = os.path.normpath(os.path.join(os.path.abspath(workspace), folder))
    return root, os.path.relpath(root, os.path.abspath(workspace)).replace(os.sep, "/")
