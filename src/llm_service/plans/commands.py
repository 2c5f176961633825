"""`llm-service plans list | show | logs`: the plans on the command line, whether or not a dashboard is running.

`plans_commands(load_settings)` makes the group; the orchestrators add their commands to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import click

from ..files import printable
from ..json_values import as_json
from ..settings.load import Settings
from ..settings.options import workspace_options
from .board import PlanBoard, View
from .log_command import LoadSettings, logs_command
from .model import PLAN_STATUSES, Plan
from .offline import read_all
from .queries import PlanQueries, list_json, rows_of
from .settings import PlanSettings

_MARKS = {"completed": "✓", "in_progress": "▶", "failed": "✗", "skipped": "↷", "pending": "·"}
_BAR = 20


def plans_commands(load_settings: LoadSettings) -> click.Group:
    """The group with its commands."""

    @click.group()
    def plans() -> None:
        """Implementation plans and their progress."""

    @plans.command(name="list")
    @workspace_options
    @click.option("--status", multiple=True, type=click.Choice(PLAN_STATUSES), help="Only these; may be repeated.")
    @click.option("--json", "is_json", is_flag=True, help="Print the same as `GET /api/plans`, as the files say it.")
    def list_plans(workspace: str | None, config_file: str | None, status: tuple[str, ...], is_json: bool) -> None:
        """Print the plans with their progress."""
        view = _view(load_settings(workspace, config_file))
        rows = [row for row in rows_of(view, None) if not status or row["status"] in status]
        if is_json:
            click.echo(json.dumps(as_json(list_json(view, view.rows.values(), rows)), indent=2))
            return
        for row in rows:
            click.echo(_row_text(row))
        if not rows:
            click.echo("There are no such plans." if status else "There are no plans yet.")

    @plans.command()
    @workspace_options
    @click.argument("plan")
    @click.option("--json", "is_json", is_flag=True, help="Print the same as `GET /api/plans/<name>`.")
    def show(workspace: str | None, config_file: str | None, plan: str, is_json: bool) -> None:
        """Print a plan: its phases, its tasks, and where its files disagree."""
        settings = load_settings(workspace, config_file)
        queries = PlanQueries(_FixedBoard(_view(settings)))
        if is_json:
            click.echo(json.dumps(as_json({"data": queries.whole(plan)}), indent=2))
            return
        found, row = queries.plan(plan)
        for line in _plan_lines(found, row):
            click.echo(printable(line))

    plans.add_command(logs_command(load_settings))
    return plans


class _FixedBoard(PlanBoard):
    """A board that shows what was read once."""

    def __init__(self, view: View) -> None:
        super().__init__(lambda event: None)
        self._view = view


def _view(settings: Settings) -> View:
    return read_all(os.path.abspath(settings.workspace), settings.of(PlanSettings))


def _row_text(row: Mapping[str, Any]) -> str:
    progress = row["progress"]
    share = "not begun" if progress is None else f"{progress['percentage']:>3} % of {progress['total']:,}"
    current = row["currentTask"]
    parts = [f"{row['name']:<40}", f"{row['status']:<11}", f"{share:<14}"]
    if current is not None:
        parts.append(_named(current["id"], current["description"][:60]))
    if row["isCurrent"]:
        parts.append("(current plan)")
    return printable("  ".join(parts)).rstrip()


def _named(task_id: str, description: str) -> str:
    """A task's id and description, which may begin with the id."""
    return f"{task_id}  {description.removeprefix(task_id).strip()}"


def _plan_lines(plan: Plan, row: Mapping[str, Any]) -> list[str]:
    lines = [f"{plan.title} ({plan.path})", _row_text(row), ""]
    for phase in plan.phases:
        share = phase.progress.percentage
        bar = "█" * (share * _BAR // 100)
        lines.append(f"{bar:<{_BAR}} {share:>3} %  {phase.label}")
        for task in plan.tasks:
            if task.phase == phase.key:
                took = f"  {task.duration_ms / 1000:,.0f} s" if task.duration_ms is not None else ""
                lines.append(f"  {_MARKS[task.status]} {_named(task.id, task.description[:100])}{took}")
    for found in plan.disagreements:
        lines += ["", found.text]
        lines += [f"  {each.source} ({each.at or 'no time'}): {each.says}" for each in found.statements]
    return [*lines, *([""] if plan.problems else []), *plan.problems]
