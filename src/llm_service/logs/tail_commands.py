"""`llm-service logs tail` and `logs search`: logs of jobs on the command line, whether or not a dashboard is running.

`tail_commands(load_settings)` gives the commands; the command line adds them to its group `logs`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable

import click

from ..errors import FileRefused, NotFound
from ..files import terminal_text
from ..files.search_pattern import pattern_of
from ..json_values import as_json
from ..settings.load import Settings
from ..settings.options import workspace_options
from .batch import job_of
from .line_search import matching_lines
from .model import LEVELS, LogLine
from .offline import OfflineLogs
from .tally import classes_of

LoadSettings = Callable[[str | None, str | None], Settings]


def tail_commands(load_settings: LoadSettings) -> list[click.Command]:
    """The commands `tail` and `search`."""

    @click.command()
    @click.argument("job")
    @workspace_options
    @click.option("--run", "run_id", metavar="ID", help="One of the job's runs. Default: the latest.")
    @click.option("--level", multiple=True, type=click.Choice(LEVELS), help="Only this level; may be repeated.")
    @click.option("--lines", "-n", "count", type=click.IntRange(0), default=20, help="How many lines. Default: 20.")
    @click.option("--all", "every", is_flag=True, help="Also what is not shown to users: debug lines, tracebacks.")
    @click.option("--follow", "-f", is_flag=True, help="Wait for more lines until the run ends.")
    @click.option("--json", "is_json", is_flag=True, help="A JSON object for each line.")
    def tail(
        job: str,
        workspace: str | None,
        config_file: str | None,
        run_id: str | None,
        level: tuple[str, ...],
        count: int,
        every: bool,
        follow: bool,
        is_json: bool,
    ) -> None:
        """Print the last lines of a job's log, without secrets."""
        logs = OfflineLogs(load_settings(workspace, config_file))
        run = logs.run_of(job, run_id)
        every = every or "debug" in level  # which are never shown to users
        classes = classes_of("all" if every else "user", level)
        newest: deque[LogLine] | None = deque(maxlen=count)
        for line in logs.lines(run, logs.begin(run, count, classes), follow):
            if line is None:
                for each in newest or ():
                    _print(each, is_json)
                newest = None
            elif (not level or line.level in level) and (every or line.is_shown):
                if newest is None:
                    _print(line, is_json)
                else:
                    newest.append(line)

    @click.command()
    @click.argument("regex")
    @workspace_options
    @click.option("--job", metavar="ID", help="Only the logs of this job.")
    @click.option("--text", is_flag=True, help="REGEX is a text as it is.")
    @click.option("--case", is_flag=True, help="Upper and lower case differ.")
    @click.option("--limit", type=click.IntRange(1), default=1_000, help="How many lines at most. Default: 1000.")
    def search(
        regex: str, workspace: str | None, config_file: str | None, job: str | None, text: bool, case: bool, limit: int
    ) -> None:
        """Print the lines of all logs that match an expression in RE2's syntax, the latest run first."""
        logs = OfflineLogs(load_settings(workspace, config_file))
        pattern = pattern_of(regex, not text, case)
        found = 0
        for run in reversed(logs.runs(f"job:{job}" if job is not None else None)):
            try:
                for first, block in logs.texts(run):
                    lines = block.split(b"\n")
                    for place in matching_lines(block, pattern):
                        shown = lines[place].decode("utf-8", "replace")
                        click.echo(f"{job_of(run.owner)} {run.run_id}:{first + place}: {terminal_text(shown)}")
                        found += 1
                        if found >= limit:
                            click.echo(f"There may be more: these are the first {limit:,}.", err=True)
                            return
            except FileRefused as problem:
                click.echo(f"{run.run_id}: {problem.message}", err=True)
        if not found:
            raise NotFound("No line matches.")

    return [tail, search]


def _print(line: LogLine, is_json: bool) -> None:
    if is_json:
        click.echo(json.dumps(as_json(line), ensure_ascii=False))
    else:
        mark = "" if line.level == "info" else f"{line.level.upper()} "
        time_text = f"{line.time} " if line.time else ""
        click.echo(f"{time_text}{mark}{terminal_text(line.message)}")
