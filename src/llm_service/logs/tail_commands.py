"""`llm-service logs tail` and `logs search`: logs of jobs on the command line, whether or not a dashboard is running.

`tail_commands(load_settings)` gives the commands; the command line adds them to its group `logs`.
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator

import click

from ..errors import FileRefused, NotFound
from ..json_values import as_json
from ..processes.board import RunBoard
from ..processes.model import Run
from ..processes.records import read_key
from ..search_pattern import pattern_of
from ..settings.load import Settings
from ..settings.options import workspace_options
from ..settings.user_folder import is_in_workspace, user_folder
from .ansi import without_ansi
from .batch import job_of, log_line
from .blocks import BlockReader
from .line_search import matching_lines
from .model import LEVELS, LogLine
from .parser import LineParser
from .redacted_text import SEARCHED_BYTES
from .redaction import Redactor
from .segments import Mark
from .store import LogStore
from .tally import classes_of

LoadSettings = Callable[[str | None, str | None], Settings]
RUNS_FOLDER = "work/runs"
_FOLLOW_S = 0.2


class OfflineLogs:
    """The logs of a workspace, read without a dashboard; nothing is written."""

    def __init__(self, settings: Settings) -> None:
        self._workspace = os.path.abspath(settings.workspace)
        self.store = LogStore(self._workspace, os.path.join(settings.state_path, "segments"), self._run)

    def runs(self, owner: str | None = None) -> list[Run]:
        """The runs that are surely ours, the latest last: an agent must not add lines to a job."""
        root = os.path.join(self._workspace, *RUNS_FOLDER.split("/"))
        folder = user_folder()
        key = None if folder is None or is_in_workspace(folder, self._workspace) else read_key(folder)
        board = RunBoard(root, RUNS_FOLDER, os.path.realpath(self._workspace), lambda: key, lambda *_: None)
        try:
            board.read_new()
        except FileRefused:
            return []
        return [run for run in board.runs(owner) if run.is_proven]

    def run_of(self, job: str, run_id: str | None) -> Run:
        """A run of a job, the latest unless it is named. Raises NotFound."""
        runs = [run for run in self.runs(f"job:{job}") if run_id in (None, run.run_id)]
        if not runs:
            raise NotFound(f"The job {job} has no {'run' if run_id is None else 'such run'}.")
        return runs[-1]

    def begin(self, run: Run, rows: int, classes: frozenset[int]) -> Mark:
        """A place in the log, as far as it is indexed, after which there are at least so many rows; else its start."""
        loaded = self.store.load(run)
        if loaded is None:
            return Mark()
        view = loaded[0].view()
        known = view.rows(classes)
        return view.segment(view.with_row(max(0, known - rows), classes)).begin if known > rows else Mark()

    def lines(self, run: Run, begin: Mark, follow: bool = False) -> Iterator[LogLine | None]:
        """The lines from a mark on, None where those that there are end; `follow`: wait for more until the run ends.
        Raises FileRefused."""
        parser, reader = LineParser(project_dir=run.cwd, state=begin.state), BlockReader()
        offset, seq, phase = begin.offset, begin.lines, begin.phase
        while True:
            run = self._run(run.run_id)
            is_final = not follow or run.exit is not None
            handle = self.store.open(run)
            try:
                while (block := reader.next(handle, offset, 0, is_final)) is not None:
                    for line in parser.parse(block.data):
                        seq, phase = seq + 1, line.phase or phase
                        yield log_line(line, run.run_id, job_of(run.owner), seq, phase)
                    offset = block.end
            finally:
                os.close(handle)
            yield None
            if is_final:
                return
            time.sleep(_FOLLOW_S)

    def texts(self, run: Run) -> Iterator[tuple[int, bytes]]:
        """(number of the first line, redacted lines without codes of terminals) block by block. Raises FileRefused."""
        redactor, reader = Redactor(), BlockReader()
        offset, seq = 0, 1
        handle = self.store.open(run)
        try:
            while (block := reader.next(handle, offset, 0, True)) is not None:
                text = without_ansi(redactor.redact(block.data))
                yield seq, text[:SEARCHED_BYTES].rstrip(b"\n") + b"\n" if block.is_overlong else text
                seq += text.count(b"\n")
                offset = block.end
        finally:
            os.close(handle)

    def _run(self, run_id: str) -> Run:
        found = next((run for run in self.runs() if run.run_id == run_id), None)
        if found is None:
            raise NotFound(f"There is no run {run_id}.")
        return found


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
                        click.echo(f"{job_of(run.owner)} {run.run_id}:{first + place}: {_plain(shown)}")
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
        click.echo(f"{time_text}{mark}{_plain(line.message)}")


def _plain(text: str) -> str:
    """Text for a terminal: control characters of a log do nothing in it."""
    return "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in text)
