"""REST routes about projects and their files: lists and one folder at a time, answered from memory."""

from __future__ import annotations

from typing import Any

from flask import request

from ..errors import BadRequest, NotFound
from ..json_values import schema_of
from ..web.api import MAX_LIMIT, Api, Param, whole_number
from ..web.parts import ArtifactParts, Parts
from .contents.languages import TYPES
from .model import ArtifactPage, ArtifactQuery, Level, Project

PROJECT = Param("project", "name of the project as it is shown", where="path")
_LIST = (
    Param("project", "only this project"),
    Param("type", "only artifacts of this type", choices=TYPES),
    Param("q", "terms that must all occur in the path"),
    Param("under", "only what is in this folder of the project, at any depth"),
    Param("limit", f"page size, 1 to {MAX_LIMIT}", kind="integer", default=100),
    Param("cursor", "where to go on: the `cursor` of the page before"),
)


def artifact_routes(api: Api, parts: Parts) -> None:
    """Declare the routes."""

    @api.get(
        "/api/projects",
        answer={
            "type": "object",
            "required": ["projects", "root", "loading"],
            "properties": {"projects": {"type": "array", "items": schema_of(Project)}},
        },
    )
    def list_projects() -> dict[str, Any]:
        """Projects with the sums over their files; where they are, how that is watched, how far the first walk is."""
        there = there_of(parts)
        status = there.root.status()
        root = {"path": status["root"], "mode": status["mode"]}
        if "error" in status:
            root["error"] = status["error"]
        return {"projects": there.tree.projects(), "root": root, "loading": there.tree.loading}

    @api.get("/api/artifacts", *_LIST, answer=schema_of(ArtifactPage))
    def list_artifacts() -> ArtifactPage:
        """Files of one project or of all, filtered and paged, with counts by type."""
        return there_of(parts).tree.select(_query())

    @api.get("/artifacts", *_LIST, answer=schema_of(ArtifactPage))
    def list_artifacts_here() -> ArtifactPage:
        """The same as `GET /api/artifacts`."""
        return there_of(parts).tree.select(_query())

    @api.get(
        "/api/artifacts/<project>/tree",
        PROJECT,
        Param("under", "the folder; without it the project's own"),
        Param("limit", f"page size, 1 to {MAX_LIMIT}", kind="integer", default=MAX_LIMIT),
        Param("cursor", "where to go on: the `cursor` of the page before"),
        answer=schema_of(Level),
    )
    def show_level(project: str) -> Level:
        """What is directly in one folder: folders first, then spec, plan and tasks, then the other files."""
        limit = whole_number("limit", MAX_LIMIT, 1, MAX_LIMIT)
        under = request.args.get("under", "").strip("/")
        return there_of(parts).tree.level(project, under, limit, request.args.get("cursor"))


def there_of(parts: Parts) -> ArtifactParts:
    """What the routes about artifacts need. Raises NotFound if the dashboard does not watch any."""
    if parts.artifacts is None:
        raise NotFound("Artifacts are not watched: the setting `artifacts` switches that on.")
    return parts.artifacts


def _query() -> ArtifactQuery:
    kind = request.args.get("type") or None
    if kind is not None and kind not in TYPES:
        raise BadRequest(f"`type` has to be one of {', '.join(TYPES)}, not “{kind[:50]}”.")
    under, project = request.args.get("under", "").strip("/"), request.args.get("project") or None
    if under and project is None:
        raise BadRequest("`under` names a folder of a project: say which `project`.")
    return ArtifactQuery(
        project=project,
        type=kind,
        q=request.args.get("q", "")[:500],
        under=under,
        limit=whole_number("limit", 100, 1, MAX_LIMIT),
        cursor=request.args.get("cursor"),
    )
