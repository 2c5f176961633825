"""`llm-service jobs list | show | start | stop | retry`: the jobs of the running dashboard."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from ..errors import BadRequest
from ..files import printable
from ..jobs.model import JobStatus
from ..jobs.reader import is_project
from ..server.launcher import print_line
from ..settings.options import workspace_options
from .client import Client, in_path

_MOST = 500


@click.group()
def jobs() -> None:
    """List, start and stop the jobs of a workspace; its dashboard has to run."""


@jobs.command(name="list")
@workspace_options
@click.option("--project", metavar="NAME", help="Only jobs of this project.")
@click.option("--status", type=click.Choice([status.value for status in JobStatus]), help="Only jobs in this state.")
@click.option("--json", "as_json", is_flag=True, help="Print the same as `GET /api/jobs`.")
def list_jobs(
    workspace: str | None, config_file: str | None, project: str | None, status: str | None, as_json: bool
) -> None:
    """Print the jobs, the newest first."""
    query = f"/api/jobs?limit={_MOST}"
    query += f"&project={in_path(project)}" if project else ""
    query += f"&status={status}" if status else ""
    found = Client.of(workspace, config_file).get(query)
    if as_json:
        print_line(json.dumps(found, indent=2))
        return
    if not found["jobs"]:
        print_line("There are no such jobs." if project or status else "There are no jobs yet.")
    for job in found["jobs"]:
        print_line(row_of(job))
    if found["next_cursor"]:
        print_line(f"... and more; only the newest {_MOST} are printed")


@jobs.command()
@workspace_options
@click.argument("job")
@click.option("--json", "as_json", is_flag=True, help="Print the same as `GET /api/jobs/<id>`.")
def show(workspace: str | None, config_file: str | None, job: str, as_json: bool) -> None:
    """Print all about a job."""
    found = Client.of(workspace, config_file).get(f"/api/jobs/{in_path(job)}")
    if as_json:
        print_line(json.dumps(found, indent=2))
        return
    for name, value in found["job"].items():
        if value not in (None, [], ""):
            print_line(f"{name:<18} {printable(_text(value))}")
    if found["agent"] is not None:
        print_agent(found["agent"])
    credits = found["credits"]
    limit = "" if credits["limit"] is None else f" of {credits['limit']:,}"
    print_line(f"{'credits':<18} {credits['used']:,}{limit} lines. {credits['rule']}")


@jobs.command()
@workspace_options
@click.argument("project")
@click.argument("specification")
@click.option("--profile", metavar="NAME", help="What is started. Default: the only profile that is approved.")
def start(
    workspace: str | None, config_file: str | None, project: str, specification: str, profile: str | None
) -> None:
    """Ask for a job in PROJECT, whose SPECIFICATION is a file (.md), or the text itself."""
    if not is_project(project):
        raise BadRequest(f"“{printable(project)[:120]}” is not the name of a project, which is that of a folder.")
    body = {"specification": _specification(specification)} | ({"profile": profile} if profile else {})
    job = Client.of(workspace, config_file).post(f"/api/projects/{in_path(project)}/jobs", body)["job"]
    print_line(row_of(job))


@jobs.command()
@workspace_options
@click.argument("job")
def stop(workspace: str | None, config_file: str | None, job: str) -> None:
    """Stop a job that runs, or take back one that waits."""
    print_line(row_of(Client.of(workspace, config_file).post(f"/api/jobs/{in_path(job)}/stop")["job"]))


@jobs.command()
@workspace_options
@click.argument("job")
def retry(workspace: str | None, config_file: str | None, job: str) -> None:
    """Run a job again that has ended."""
    print_line(row_of(Client.of(workspace, config_file).post(f"/api/jobs/{in_path(job)}/retry")["job"]))


def print_agent(work: dict[str, Any]) -> None:
    """What the agent of a job reports, the last commands and files last."""
    model = f" ({work['model']})" if work["model"] else ""
    print_line(printable(f"{'agent':<18} {work['agent']}{model}, {work['turns']:,} turns"))
    rows = [("to-do", f"{todo['status']:<11}  {todo['text']}") for todo in work["todos"]]
    for command in work["commands"]:
        code = "no exit code" if command["exit_code"] is None else f"exit code {command['exit_code']}"
        rows.append(("command", f"{code:<12}  {command['command']}"))
    rows += [("file", f"{file['kind']:<12}  {file['path']}") for file in work["files"]]
    if (result := work["result"]) is not None:
        rows += [("not permitted", tool) for tool in result["denied"]]
        rows.append(("result", f"{'failed' if result['is_error'] else 'done'}: {result['text']}"))
    for name, text in rows:
        print_line(printable(f"{name:<18} {text}"))


def _specification(given: str) -> str:
    """The text of a file that is there, wherever it is; else what was given: a path below the workspace, or a text."""
    if not given.endswith(".md") or not os.path.isfile(given):
        return given
    try:
        with open(given, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError as problem:
        raise BadRequest(f"{given} is no text in UTF-8.") from problem


def row_of(job: dict[str, Any]) -> str:
    """A job as a line."""
    parts = [f"{job['id']:<44}", f"{job['status']:<11}", f"{job['current_phase']:<9}"]
    if job["lines_written"] is not None:
        parts.append(f"{job['lines_written']:>7,} lines{' (shared)' if job['shared_lines'] else ''}")
    if job["cost_usd"] is not None:
        parts.append(f"${job['cost_usd']:.2f}")
    if count := job["survivors"]:
        parts.append(f"{count} processes of it still run;")
    if question := job["waiting_for_input"]:
        parts.append(f"It waits for your input: {question}")
    if job["status"] == "in_progress" and (limit := job["rate_limit"]):
        parts.append(f"Its rate limit: {limit['status'].replace('_', ' ')}.")
    if reason := job["queue_reason"] or job["error_message"] or job["problem"]:
        parts.append(reason)
    return printable("  ".join(parts))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
