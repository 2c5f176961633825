"""REST routes about projects and their files: lists and one folder at a time, answered from memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import request

from ..errors import BadRequest, NotFound
from ..json_values import schema_of
from ..watch.root import WatchedRoot
from ..web.api import Api
from ..web.params import CURSOR, MAX_PAGE, PAGE_SIZE, InPath, Integer, OptionalChoice, OptionalText, Text
from ..web.people import person_of, require_project
from .contents.languages import TYPES
from .model import ArtifactPage, ArtifactQuery, Level, Project, TimeSpan
from .tree.tree import ArtifactTree

PROJECT = InPath("project", "name of the project as it is shown")
_PROJECT = OptionalText("project", "only this project")
_TYPE = OptionalChoice("type", "only artifacts of this type", TYPES)
_WORDS = Text("q", "words that must all occur in the path", max_length=500)
_UNDER = Text("under", "only what is in this folder of the project, at any depth")
_JOB = OptionalText("job", "only what was written in a job's project from the start of the job to its end")
_LIST = (_PROJECT, _JOB, _TYPE, _WORDS, _UNDER, PAGE_SIZE, CURSOR)
_FOLDER = Text("under", "the folder; without it the project's own")
_LEVEL_SIZE = Integer("limit", f"page size, 1 to {MAX_PAGE}", MAX_PAGE, 1, MAX_PAGE)


FilesOfJob = Callable[[str], tuple[str, TimeSpan]]
"""The project of a job, and when it ran. Raises NotFound for one that the sender of the request may not see."""


def no_jobs(job: str) -> tuple[str, TimeSpan]:
    """For a dashboard without jobs."""
    raise NotFound(f"There is no job “{job[:120]}”: there are no jobs here.")


def artifact_routes(
    api: Api,
    tree: Callable[[str | None], ArtifactTree],
    root: Callable[[], WatchedRoot],
    files_of_job: FilesOfJob = no_jobs,
) -> None:
    """Declare the routes. `tree(project)` has the files of a project, or of all. It and `root` raise NotFound if the
    dashboard does not watch any artifacts."""

    @api.get(
        "/api/projects",
        answer={
            "type": "object",
            "required": ["projects", "root", "loading"],
            "properties": {"projects": {"type": "array", "items": schema_of(Project)}},
        },
    )
    def list_projects() -> dict[str, Any]:
        """Projects with the sums over their files; where they lie, how that is watched, how far the first look is."""
        status = root().status()
        watched = {"path": status["root"], "mode": status["mode"]}
        if "error" in status:
            watched["error"] = status["error"]
        sender = person_of(request.environ)
        shown = [project for project in tree(None).projects() if sender.may_see(project.name)]
        return {"projects": shown, "root": watched, "loading": tree(None).loading}

    def listed() -> ArtifactPage:
        query, job = _query(), _JOB.value()
        if job is not None:
            if query.project is not None or query.under:
                raise BadRequest("`job` says which project.")
            project, written = files_of_job(job)
            query = replace(query, project=project, written=written)
            if tree(project).project(project) is None:  # it has not written anything
                return ArtifactPage((), dict.fromkeys(TYPES, 0), None)
        return tree(query.project).select(query)

    @api.get("/api/artifacts", *_LIST, answer=schema_of(ArtifactPage))
    def list_artifacts() -> ArtifactPage:
        """Files of one project or of all, filtered and paged, with counts by type."""
        return listed()

    @api.get("/artifacts", *_LIST, answer=schema_of(ArtifactPage))
    def list_artifacts_here() -> ArtifactPage:
        """The same as `GET /api/artifacts`."""
        return listed()

    @api.get(
        "/api/artifacts/<project>/tree",
        PROJECT,
        _FOLDER,
        _LEVEL_SIZE,
        CURSOR,
        answer=schema_of(Level),
    )
    def show_level(project: str) -> Level:
        """The entries of one folder: folders first, then spec, plan and tasks, then the other files."""
        return tree(project).level(project, _FOLDER.value().strip("/"), _LEVEL_SIZE.value(), CURSOR.value())


def _query() -> ArtifactQuery:
    under, project = _UNDER.value().strip("/"), _PROJECT.value()
    if under and project is None:
        raise BadRequest("`under` names a folder of a project: say which `project`.")
    if project is not None:
        require_project(request.environ, project)
    return ArtifactQuery(
        project=project,
        projects=person_of(request.environ).projects,
        type=_TYPE.value(),
        q=_WORDS.value(),
        under=under,
        limit=PAGE_SIZE.value(),
        cursor=CURSOR.value(),
    )
