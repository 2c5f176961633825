"""`llm-service telemetry ...`: calls and costs from the command line, whether or not a dashboard is running."""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from typing import Any

import click

from ..errors import ServiceError
from ..files import printable
from ..settings.options import workspace_options
from .exports import FORMATS
from .model import NANOS, STATUSES
from .offline import OpenCalls
from .sessions.kinds import KINDS
from .store.queries import COST_SOURCES, CallFilter

_FILTERS = ("model", "agent", "task", "project", "session")


@click.group()
def telemetry() -> None:
    """Import, export, reprice and summarise LLM calls."""


@telemetry.command(name="import")
@click.argument("paths", nargs=-1, required=True)
@workspace_options
@click.option(
    "--kind",
    type=click.Choice(["auto", *KINDS]),
    default="auto",
    help="What the files are: calls as JSON lines, or the session logs of an agent. Default: detected.",
)
@click.pass_obj
def import_command(
    open_calls: OpenCalls, paths: tuple[str, ...], workspace: str | None, config_file: str | None, kind: str
) -> None:
    """Count the calls in exports (CSV, JSON, JSON lines), logs, or folders of `*.jsonl`; known calls count once."""
    with open_calls(workspace, config_file) as calls:
        result = calls.import_files(paths, None if kind == "auto" else kind)  # type: ignore[arg-type]
    for problem in [*result.problems, *result.left_out]:
        click.echo(problem, err=True)
    click.echo(
        f"{result.files:,} files, {result.accepted:,} calls counted, {result.duplicates:,} already known, "
        f"{result.refused:,} lines refused."
    )
    if result.number is not None:
        click.echo(f"This is import {result.number}; `llm-service telemetry forget {result.number}` takes it back.")
    if result.left_out_count:
        raise ServiceError(f"Files or folders that could not be read, and are left out: {result.left_out_count:,}.")
    if result.refused and not result.accepted + result.duplicates:
        raise ServiceError("No call was found in these files.")


@telemetry.command()
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_obj
def imports(open_calls: OpenCalls, workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """List the imports, the newest first, with the calls that each of them added."""
    with open_calls(workspace, config_file) as calls:
        found = calls.core.imports.every()
        day = calls.core.calendar.format
    rows: list[dict[str, Any]] = [
        {
            "import": one.number,
            "time": day(one.time_ms // 1000),
            "calls": one.calls,
            "cost_usd": one.cost_nanos / NANOS,
            "paths": list(one.paths),
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        summary = f"{row['import']}: {row['time']}, {row['calls']:,} calls, ${row['cost_usd']:,.4f}"
        click.echo(f"{summary}, {', '.join(row['paths'])}")
    if not rows:
        click.echo("Nothing was imported.")


@telemetry.command()
@click.argument("number", metavar="IMPORT", type=click.IntRange(min=1))
@workspace_options
@click.pass_obj
def forget(open_calls: OpenCalls, number: int, workspace: str | None, config_file: str | None) -> None:
    """Take an import back: remove the calls that it added. `llm-service telemetry imports` has the numbers."""
    with open_calls(workspace, config_file) as calls:
        removed = calls.core.imports.forget(number)
    if removed is None:
        raise ServiceError(f"There is no import {number}; `llm-service telemetry imports` lists them.")
    click.echo(f"{removed:,} calls of import {number} are not counted any more.")


@telemetry.command()
@workspace_options
@click.option("--format", "kind", type=click.Choice(tuple(FORMATS)), default="jsonl", help="Default: jsonl.")
@click.option("--output", metavar="FILE", help="Default: standard output.")
@click.option("--from", "first", metavar="DATE", help="From this date or time on.")
@click.option("--to", "end", metavar="DATE", help="Up to this date (included) or time.")
@click.option("--model", multiple=True, metavar="NAME", help="Only this model; may be repeated, like all filters.")
@click.option("--agent", multiple=True, metavar="NAME", help="Only this agent.")
@click.option("--task", multiple=True, metavar="ID", help="Only this task.")
@click.option("--project", multiple=True, metavar="NAME", help="Only this project.")
@click.option("--session", multiple=True, metavar="ID", help="Only this session.")
@click.option("--status", multiple=True, type=click.Choice(STATUSES), help="Only calls with this status.")
@click.option("--cost", multiple=True, type=click.Choice(COST_SOURCES), help="Only calls whose cost has this source.")
@click.pass_obj
def export(
    open_calls: OpenCalls,
    /,
    workspace: str | None,
    config_file: str | None,
    kind: str,
    output: str | None,
    **options: Any,
) -> None:
    """Write calls as CSV, JSON or JSON lines, in order of arrival."""
    with open_calls(workspace, config_file) as calls:
        first, end = calls.core.time_range(options["first"], options["end"])
        call_filter = CallFilter(
            names=tuple((name, frozenset(options[name])) for name in _FILTERS if options[name]),
            status=frozenset(options["status"]),
            cost=frozenset(options["cost"]),
            first=first,
            end=end,
        )
        chunks = FORMATS[kind][1](calls.core.queries.every(call_filter))
        try:
            if output is None:
                if isinstance(sys.stdout, TextIOWrapper):
                    sys.stdout.reconfigure(encoding="utf-8")  # it is a file, and not for the terminal's encoding
                for text in chunks:
                    sys.stdout.write(text)
                sys.stdout.flush()
            else:
                with open(output, "w", encoding="utf-8", newline="") as file:
                    file.writelines(chunks)
        except BrokenPipeError:
            # The reader closed the pipe (`| head`); without this the interpreter reports an error when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as problem:
            if output is None:  # what is left cannot be written at the end either
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise ServiceError(f"Cannot write {output or 'standard output'}: {problem.strerror}.") from problem


@telemetry.command()
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def reprice(open_calls: OpenCalls, workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Price every call again with the current price list and print what changed; reported costs are not changed."""
    with open_calls(workspace, config_file) as calls:
        result = calls.core.store.reprice(lambda examined: click.echo(f"{examined:,} calls checked", err=True))
    models: list[dict[str, Any]] = [
        {"model": name, "calls": count, "before_usd": before / NANOS, "after_usd": after / NANOS}
        for name, (count, before, after) in sorted(result.by_model.items(), key=lambda item: str(item[0]))
    ]
    if as_json:
        facts = {"looked_at": result.examined, "changed": result.changed, "newly_priced": result.newly_priced}
        click.echo(json.dumps(facts | {"models": models}, indent=2))
        return
    for row in models:
        click.echo(
            f"{printable(row['model'] or '(no model)')}: {row['calls']:,} calls, "
            f"${row['before_usd']:,.4f} -> ${row['after_usd']:,.4f}"
        )
    difference = (result.after_nanos - result.before_nanos) / NANOS
    click.echo(
        f"{result.changed:,} of {result.examined:,} calls changed (${difference:+,.4f}); "
        f"{result.newly_priced:,} of them had no price before."
    )
