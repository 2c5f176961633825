"""REST routes about jobs, each at two addresses, with and without `/api`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Response

from ..errors import BadRequest
from ..json_values import as_json, schema_of
from ..web.api import Api, json_body, reply
from ..web.params import PAGE_SIZE, InPath, OptionalText, Text, Texts
from .model import Job, JobStatus
from .needs import Caller
from .queries import JobPage, JobQuery

_PROJECT = OptionalText("project", "only jobs of this project")
_STATUS = Texts("status", "only jobs in one of these states", tuple(JobStatus))
_USER = OptionalText("user", "only jobs of this user")
_CURSOR = OptionalText("cursor", "where to continue: the `next_cursor` of the page before")
_LEFT, _RIGHT = Text("left", "the id of a run"), Text("right", "the id of another run")
_JOB = InPath("job_id", "the job's id")
_IN_PROJECT = InPath("project", "the project's name")
_ONE = {"type": "object", "properties": {"job": schema_of(Job)}, "required": ["job"]}
_FILES = {
    "type": "object",
    "properties": {"specifications": {"type": "array", "items": {"type": "string"}}},
    "required": ["specifications"],
}
_BODY = {
    "type": "object",
    "properties": {"specification": {"type": "string"}, "profile": {"type": "string"}},
    "required": ["specification"],
}


class Desk(Protocol):
    """What the routes ask: `jobs.feature.Jobs`."""

    def page(self, query: JobQuery, caller: Caller) -> JobPage:
        """A page of jobs."""

    def limits(self) -> dict[str, Any]:
        """`{control, max_concurrent}`."""

    def details(self, job_id: str, caller: Caller) -> dict[str, Any]:
        """A job with its runs. Raises NotFound."""

    def specifications(self, project: str) -> list[str]:
        """The files that a specification may name."""

    def create(self, project: str, specification: str, profile: str | None, caller: Caller) -> Job:
        """A new job."""

    def stop_job(self, job_id: str, caller: Caller) -> Job:
        """Stop it."""

    def retry(self, job_id: str, caller: Caller) -> Job:
        """Run it again."""

    def compare(self, left: str, right: str, caller: Caller) -> dict[str, Any]:
        """Two runs side by side. Raises NotFound."""


def job_routes(api: Api, desk: Desk, caller: Callable[[], Caller]) -> None:
    """Declare the routes; `caller()` is who sends the current request."""
    for prefix in ("/api", ""):
        _reading(_Named(api, prefix), desk, caller)
        _acting(_Named(api, prefix), desk, caller)


class _Named:
    """Declares routes below a prefix; flask wants other names for views at other addresses."""

    def __init__(self, api: Api, prefix: str) -> None:
        self._api = api
        self._prefix = prefix

    def get(self, path: str, *params: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self._named(self._api.get(self._prefix + path, *params, **options))

    def post(self, path: str, *params: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        return self._named(self._api.post(self._prefix + path, *params, **options))

    def _named(self, declare: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def declare_named(view: Callable[..., Any]) -> Callable[..., Any]:
            if not self._prefix:
                view.__name__ += "_without_api"
            declared: Callable[..., Any] = declare(view)
            return declared

        return declare_named


def _reading(api: _Named, desk: Desk, caller: Callable[[], Caller]) -> None:
    @api.get("/jobs", _PROJECT, _STATUS, _USER, PAGE_SIZE, _CURSOR)
    def list_jobs() -> dict[str, Any]:
        """Jobs, the newest first, with counts by status; whether anything may be started, and how many at once."""
        query = JobQuery(_PROJECT.value(), _STATUS.value(), _USER.value(), PAGE_SIZE.value(), _CURSOR.value())
        page: dict[str, Any] = as_json(desk.page(query, caller()))
        return page | desk.limits()

    @api.get("/jobs/compare", _LEFT, _RIGHT)
    def compare_runs() -> dict[str, Any]:
        """Two runs side by side, and by how much they differ, phase by phase."""
        return desk.compare(_LEFT.value(), _RIGHT.value(), caller())

    @api.get("/jobs/<job_id>", _JOB, answer=_ONE)
    def show_job(job_id: str) -> dict[str, Any]:
        """A job, its runs, the credits that it is charged to, and what the agent of its last run reported.

        `agent`: null without one, else `{agent, model, turns, todos: [{text, status}], commands: [{line, command,
        exit_code, is_error}], commands_counted, files: [{path, kind, line}], files_total, result: {line, is_error,
        text, denied} | null}`: the last 50 commands and 100 files; `line` is that of the log which says it.
        """
        return desk.details(job_id, caller())

    @api.get("/projects/<project>/specifications", _IN_PROJECT, answer=_FILES)
    def list_specifications(project: str) -> dict[str, Any]:
        """The files of a project that the specification of a job may name: paths in the workspace, at most 200."""
        return {"specifications": desk.specifications(project)}


def _acting(api: _Named, desk: Desk, caller: Callable[[], Caller]) -> None:
    @api.post("/projects/<project>/jobs", _IN_PROJECT, answer=_ONE, body=_BODY)
    def create_job(project: str) -> Response:
        """Ask for a job: a specification (a text, or a path that ends in `.md`) and an approved profile. 201."""
        body = json_body()
        if not isinstance(body, dict):
            raise BadRequest("The body has to be an object with a `specification`.")
        if unknown := sorted(set(body) - set(_BODY["properties"])):
            raise BadRequest(f"There is no field “{str(unknown[0])[:50]}” here.", known=sorted(_BODY["properties"]))
        specification, profile = body.get("specification"), body.get("profile")
        if not isinstance(specification, str) or not (profile is None or isinstance(profile, str)):
            raise BadRequest("`specification` has to be a text, and `profile` the name of a profile.")
        return reply({"job": desk.create(project, specification, profile or None, caller())}, 201)

    @api.post("/jobs/<job_id>/stop", _JOB, answer=_ONE)
    def stop_job(job_id: str) -> Response:
        """Stop a job that runs, or take back one that waits. 202."""
        return reply({"job": desk.stop_job(job_id, caller())}, 202)

    @api.post("/jobs/<job_id>/retry", _JOB, answer=_ONE)
    def retry_job(job_id: str) -> Response:
        """Run a job again that has ended. 202."""
        return reply({"job": desk.retry(job_id, caller())}, 202)
