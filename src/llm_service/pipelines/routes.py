"""REST routes about pipelines: a list, one with its tree and links, and the log of a job. They only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..errors import NotFound
from ..files import printable
from ..json_values import as_json, schema_of
from ..web.api import Api
from ..web.params import InPath, Integer, OptionalInteger, Texts
from .log_page import LogPart
from .model import PipelineRow
from .queries import STATUSES, PipelinePage, PipelineQuery

_PROJECT = Texts("project", "only pipelines of these projects")
_STATUS = Texts("status", "only pipelines with these statuses", choices=STATUSES)
_TYPE = Texts("type", "only pipelines of these types")
_TICKET = Texts("ticket", "only those of these tickets, by the ids of their tasks")
_PAGE = Integer("page", "which page of 20, from 1", 1, 1, 1_000_000)
_BEFORE = OptionalInteger("before", "only what is before this byte: the `start` of the part before")
_AFTER = OptionalInteger("after", "only from this byte on: the `last_entry` of a part that is known")
_PIPELINE = InPath("pipeline_id", "the pipeline's id")
_JOB = InPath("job_id", "the job's id")
_LIST = {
    "type": "object",
    "properties": {
        "pipelines": {"type": "array", "items": schema_of(PipelineRow)},
        "total": {"type": "integer"},
        "page": {"type": "integer"},
        "total_pages": {"type": "integer"},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "projects": {"type": "array", "items": {"type": "string"}},
        "types": {"type": "array", "items": {"type": "string"}},
        "stale_after_s": {"type": "number"},
    },
}
_ONE = {
    "type": "object",
    "properties": {
        "pipeline": schema_of(PipelineRow),
        "links": {"type": "object"},
        "stale_after_s": {"type": "number"},
    },
}
_LOG = {
    "type": "object",
    "properties": {
        "job_id": {"type": "string"},
        "content": {"type": "string"},
        "start": {"type": "integer"},
        "end": {"type": "integer"},
        "size_bytes": {"type": "integer"},
        "truncated": {"type": "boolean"},
        "changed_at": {"type": "string"},
        "last_entry": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
}


class Desk(Protocol):
    """What the routes ask: `pipelines.feature.Pipelines`."""

    stale_after_s: float

    def page(self, query: PipelineQuery) -> PipelinePage:
        """A page of what the sender of the request may see."""

    def details(self, pipeline_id: str) -> dict[str, Any] | None:
        """`{pipeline, links}`; None if there is none that the sender may see."""

    def log(self, pipeline_id: str, job_id: str, before: int | None, after: int | None) -> LogPart | None:
        """A part of a job's log; None if there is none that the sender may see."""


def pipeline_routes(api: Api, desk: Desk) -> None:
    """Declare the routes."""

    @api.get("/api/pipelines", _PROJECT, _STATUS, _TYPE, _TICKET, _PAGE, answer=_LIST)
    def list_pipelines() -> dict[str, Any]:
        """Pipelines, the newest first, 20 a page, with counts by status."""
        found = desk.page(
            PipelineQuery(_PROJECT.value(), _STATUS.value(), _TYPE.value(), _PAGE.value(), _TICKET.value())
        )
        return {
            "pipelines": as_json(found.rows),
            "total": found.total,
            "page": found.page,
            "total_pages": found.total_pages,
            "counts": found.counts,
            "projects": list(found.projects),
            "types": list(found.types),
            "stale_after_s": desk.stale_after_s,
        }

    @api.get("/api/pipelines/<pipeline_id>", _PIPELINE, answer=_ONE)
    def show_pipeline(pipeline_id: str) -> dict[str, Any]:
        """A pipeline with its steps and jobs, and what it names elsewhere."""
        return require(desk.details(pipeline_id), pipeline_id) | {"stale_after_s": desk.stale_after_s}

    @api.get("/api/pipelines/<pipeline_id>/jobs/<job_id>/log", _PIPELINE, _JOB, _BEFORE, _AFTER, answer=_LOG)
    def show_pipeline_log(pipeline_id: str, job_id: str) -> dict[str, Any]:
        """The end of a job's log page, 256 KiB at most, or what is before a part of it, or after."""
        part = desk.log(pipeline_id, job_id, _BEFORE.value(), _AFTER.value())
        if part is None:
            raise NotFound(f"There is no log of a job “{printable(job_id)[:80]}” in this pipeline.")
        return {
            "job_id": job_id,
            "content": part.content,
            "start": part.start,
            "end": part.end,
            "size_bytes": part.size_bytes,
            "truncated": part.is_cut,
            "changed_at": part.changed_at,
            "last_entry": part.last_entry,
        }


def require(found: dict[str, Any] | None, pipeline_id: str) -> dict[str, Any]:
    """What was found. Raises NotFound if nothing was."""
    if found is None:
        raise NotFound(f"There is no pipeline “{printable(pipeline_id)[:80]}”.")
    return found


Visible = Callable[[str | None], bool]
"""Whether the sender of the current request may see a project."""
