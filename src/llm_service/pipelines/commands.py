"""`llm-service pipelines list | show`: the pipelines of a workspace, whether or not its dashboard runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from ..errors import BadRequest, NotFound, ServiceError
from ..files import printable
from ..settings.load import Settings
from ..settings.options import workspace_options
from .queries import STATUSES
from .reporter import PipelineReporter
from .tool_error import ToolError

Load = Callable[[str | None, str | None], Settings]
_MARKS = {
    "created": "·", "pending": "·", "running": "▸", "success": "✓", "failed": "✗", "skipped": "–", "canceled": "–",
}  # fmt: skip


def pipelines_commands(load: Load) -> click.Group:
    """The commands. `load(workspace, config_file)` loads the settings."""

    @click.group()
    def pipelines() -> None:
        """Show the pipelines that agents report."""

    @pipelines.command(name="list")
    @workspace_options
    @click.option("--project", metavar="NAME", help="Only pipelines of this project.")
    @click.option("--status", type=click.Choice(STATUSES), help="Only pipelines with this status.")
    @click.option("--type", "pipeline_type", metavar="TYPE", help="Only pipelines of this type.")
    @click.option("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Which page of 20.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def list_pipelines(
        workspace: str | None,
        config_file: str | None,
        project: str | None,
        status: str | None,
        pipeline_type: str | None,
        page: int,
        as_json: bool,
    ) -> None:
        """Print the pipelines, the newest first."""
        found = _ask(
            lambda: _reporter(load, workspace, config_file).list_pipelines(project, status, pipeline_type, page)
        )
        if as_json:
            click.echo(json.dumps(found, indent=2))
            return
        if not found["pipelines"]:
            click.echo(
                "There are no such pipelines."
                if found["total"] or project or status or pipeline_type
                else "There are no pipelines yet."
            )
        for row in found["pipelines"]:
            click.echo(_row(row))
        if found["total_pages"] > page:
            click.echo(f"... {found['total']:,} in all; --page {page + 1} has the next")

    @pipelines.command()
    @workspace_options
    @click.argument("pipeline")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def show(workspace: str | None, config_file: str | None, pipeline: str, as_json: bool) -> None:
        """Print a PIPELINE with its steps and jobs."""
        found = _ask(lambda: _reporter(load, workspace, config_file).get_pipeline(pipeline))
        if as_json:
            click.echo(json.dumps(found, indent=2))
            return
        click.echo(_row(found))
        if found["problem"] is not None:
            problem = found["problem"]
            where = "" if problem["line"] is None else f":{problem['line']}:{problem['column'] or 1}"
            click.echo(f"{found['path']}{where}: {printable(problem['message'])}")
        for step in found["steps"] or ():
            click.echo(f"{_MARKS[step['status']]} {printable(step['name'])}  {step['status']}{_took(step)}")
            for job in step["jobs"]:
                click.echo(_job(job))

    return pipelines


def _reporter(load: Load, workspace: str | None, config_file: str | None) -> PipelineReporter:
    settings = load(workspace, config_file)
    return PipelineReporter(settings.workspace, settings)


def _ask(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of a tool. Raises ServiceError."""
    try:
        return call()
    except ToolError as problem:
        kinds: dict[str, type[ServiceError]] = {"NOT_FOUND": NotFound, "INVALID": BadRequest}
        raise kinds.get(problem.code, ServiceError)(problem.sentence) from problem


def _row(row: dict[str, Any]) -> str:
    of = row["ticket_id"] or row["sprint_id"] or ""
    steps = "".join(_MARKS[status] for status in row["step_statuses"].values())
    status = f"{row['status']}{' (stale)' if row['is_stale'] else ''}"
    parts = (row["id"], f"{status:<16}", f"{steps:<5}", row["pipeline_type"] or "", row["project"] or "", of)
    return printable("  ".join(part for part in parts if part)) + _took(row)


def _job(job: dict[str, Any]) -> str:
    attempt = f", attempt {job['attempt']}" if job["attempt"] > 1 else ""
    score = "" if job["score"] is None else f", score {job['score']}"
    line = f"    {_MARKS[job['status']]} {printable(job['name'])} ({printable(job['agent_type'])})"
    return f"{line}  {job['status']}{attempt}{score}{_took(job)}"


def _took(timed: dict[str, Any]) -> str:
    seconds = timed["duration_s"]
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"  {hours} h {minutes:02} min" if hours else f"  {minutes} min {rest:02} s" if minutes else f"  {rest} s"
