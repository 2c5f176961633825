"""`llm-service telemetry ...`: calls and costs from the command line, with or without a dashboard that runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ..costs.budgets import sentence
from ..errors import HistoryUnavailable, ServiceError
from ..files.reading import printable
from ..settings.load import Settings, load
from .exports import FORMATS
from .feature import OfflineTelemetry
from .model import NANOS, STATUSES
from .store.queries import SOURCES, CallFilter

_FILTERS = ("model", "agent", "task", "project", "session")


def _place(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--config", "config_file", metavar="FILE", help="Settings file to use instead.")(command)
    return click.option("--workspace", metavar="PATH", help="Folder whose work is watched. Default: the current one.")(
        command
    )


@click.group()
def telemetry() -> None:
    """Import, export, re-price and sum up LLM calls."""


@telemetry.command(name="import")
@click.argument("paths", nargs=-1, required=True)
@_place
@click.option(
    "--kind",
    type=click.Choice(["auto", "lines", "claude", "codex"]),
    default="auto",
    help="What the files are: calls as JSON lines, session logs of Claude Code or Codex. Default: seen from the text.",
)
def import_command(paths: tuple[str, ...], workspace: str | None, config_file: str | None, kind: str) -> None:
    """Count the calls in files or folders of `*.jsonl`; calls that are known already are not counted twice."""
    with _opened(workspace, config_file) as there:
        found = there.import_files(paths, None if kind == "auto" else kind)  # type: ignore[arg-type]
    for problem in found.problems:
        click.echo(problem, err=True)
    click.echo(
        f"{found.files:,} files, {found.accepted:,} calls counted, {found.duplicates:,} known already, "
        f"{found.refused:,} lines refused."
    )
    if found.refused and not found.accepted + found.duplicates:
        raise ServiceError("No call was found in these files.")


@telemetry.command()
@_place
@click.option("--format", "kind", type=click.Choice(tuple(FORMATS)), default="jsonl", help="Default: jsonl.")
@click.option("--output", metavar="FILE", help="Default: standard output.")
@click.option("--from", "first", metavar="DATE", help="From this date or time on.")
@click.option("--to", "end", metavar="DATE", help="Up to this date (included) or time.")
@click.option("--model", multiple=True, metavar="NAME", help="Only this model; may be repeated, like all filters.")
@click.option("--agent", multiple=True, metavar="NAME", help="Only this agent.")
@click.option("--task", multiple=True, metavar="ID", help="Only this task.")
@click.option("--project", multiple=True, metavar="NAME", help="Only this project.")
@click.option("--session", multiple=True, metavar="ID", help="Only this session.")
@click.option("--status", multiple=True, type=click.Choice(STATUSES), help="Only calls that ended so.")
@click.option("--cost", multiple=True, type=click.Choice(SOURCES), help="Only calls whose cost comes from there.")
def export(workspace: str | None, config_file: str | None, kind: str, output: str | None, **wanted: Any) -> None:
    """Write calls as CSV, JSON or JSON lines, in the order in which they arrived."""
    with _opened(workspace, config_file) as there:
        calendar = there.calendar
        chosen = CallFilter(
            names=tuple((name, frozenset(wanted[name])) for name in _FILTERS if wanted[name]),
            status=frozenset(wanted["status"]),
            cost=frozenset(wanted["cost"]),
            first=calendar.read(wanted["first"], "from") if wanted["first"] else None,
            end=calendar.read(wanted["end"], "to", end=True) if wanted["end"] else None,
        )
        written = FORMATS[kind][1](there.queries.calls.every(chosen))
        try:
            if output is None:
                for text in written:
                    sys.stdout.write(text)
            else:
                with open(output, "w", encoding="utf-8", newline="") as file:
                    file.writelines(written)
        except BrokenPipeError:
            # Whoever read us has enough (`| head`); the interpreter must not complain of it at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as problem:
            raise ServiceError(f"Cannot write {output}: {problem.strerror}.") from problem


@telemetry.command()
@_place
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def reprice(workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Price every call anew with today's knowledge of prices, and say what changed; reported costs stay."""
    with _opened(workspace, config_file) as there:
        result = there.store.reprice(lambda looked_at: click.echo(f"{looked_at:,} calls looked at", err=True))
    models: list[dict[str, Any]] = [
        {"model": name, "calls": calls, "before_usd": before / NANOS, "after_usd": after / NANOS}
        for name, (calls, before, after) in sorted(result.by_model.items(), key=lambda item: str(item[0]))
    ]
    if as_json:
        facts = {"looked_at": result.looked_at, "changed": result.changed, "newly_priced": result.newly_priced}
        click.echo(json.dumps(facts | {"models": models}, indent=2))
        return
    for row in models:
        click.echo(
            f"{printable(row['model'] or '(no model)')}: {row['calls']:,} calls, "
            f"${row['before_usd']:,.4f} -> ${row['after_usd']:,.4f}"
        )
    difference = (result.after_nanos - result.before_nanos) / NANOS
    click.echo(
        f"{result.changed:,} of {result.looked_at:,} calls changed (${difference:+,.4f}); "
        f"{result.newly_priced:,} of them had no price before."
    )


@telemetry.command()
@_place
@click.option("--json", "as_json", is_flag=True, help="Print the same as `GET /api/telemetry`.")
def stats(workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Say what calls cost today, this month and ever, per model, and how many have no known price."""
    with _opened(workspace, config_file) as there:
        summary, models = there.costs.summary(), there.queries.models()
    if as_json:
        click.echo(json.dumps(summary | {"models": models}, indent=2))
        return
    costs, calls = summary["costs"], summary["calls"]
    for name, label in (("today", "today"), ("month", "this month"), ("total", "total")):
        click.echo(f"{label:<11} ${costs[name]:>12,.4f}  {calls[name]:>10,} calls")
    if summary["forecast"]:
        ahead = summary["forecast"]
        click.echo(
            f"forecast    ${ahead['month_usd']:>12,.4f}  for this month, "
            f"from ${ahead['low_usd']:,.2f} to ${ahead['high_usd']:,.2f}"
        )
    for budget in summary["budgets"]:
        click.echo(sentence(budget))
    for row in models:
        cost = "unpriced" if row["cost_usd"] is None else f"${row['cost_usd']:,.4f}"
        click.echo(f"  {printable(row['model'] or '(no model)'):<40} {cost:>14}  {row['calls']:>10,} calls")
    coverage = summary["coverage"]
    if coverage["unpriced"]:
        click.echo(
            f"{coverage['unpriced']:,} of {coverage['calls']:,} calls have no known price; "
            "the setting `prices` gives one, `llm-service telemetry reprice` applies it."
        )


@contextmanager
def _opened(workspace: str | None, config_file: str | None) -> Iterator[OfflineTelemetry]:
    settings: Settings = load(workspace, config_file)
    if not (settings.telemetry and settings.history):
        raise HistoryUnavailable("Telemetry is off: the settings `telemetry` and `history` switch it on.")
    there = OfflineTelemetry(settings)
    try:
        there.open()
        yield there
    finally:
        there.close()
