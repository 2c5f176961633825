"""`llm-service plans start | stop | logs`: `plan_commands(...)` gives them, for the group of the plans' commands."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

import click

from ..errors import FileRefused, NotFound
from ..files import open_file, printable
from ..settings.load import Settings
from ..settings.options import workspace_options
from .control import MAX_TIMEOUT_S
from .model import MODES

_BLOCK = 65_536
_MOST_TAIL = 4 << 20
_POLL_S = 0.1
_START_S = 630.0
_MORE_S = 15.0


class Client(Protocol):
    """Asks the dashboard that runs: `cli.client.Client`."""

    def post(self, path: str, body: Any = None, timeout_s: float | None = None) -> Any:
        """The JSON of the answer to a POST."""


ClientOf = Callable[[str | None, str | None], Client]
LoadSettings = Callable[[str | None, str | None], Settings]
Redact = Callable[[bytes], bytes]
LogOf = Callable[[Settings, str], str]
"""Where the orchestrator of a plan writes its log, below the workspace."""


def plan_commands(
    client_of: ClientOf, load_settings: LoadSettings, log_of: LogOf, redact: Redact
) -> list[click.Command]:
    """The commands. `client_of(workspace, config_file)` asks the dashboard of a workspace; `redact(data)` takes the
    secrets out of whole lines."""

    @click.command()
    @workspace_options
    @click.argument("plan")
    @click.option("--mode", type=click.Choice(MODES), default="batch", help="Continuous: until all is done.")
    @click.option("--task", "tasks", multiple=True, metavar="ID", help="Only this task; may be repeated.")
    @click.option("--autonomous", is_flag=True, help="Do not wait for a person.")
    @click.option("--json", "as_json", is_flag=True, help="Print the same as `POST /api/plans/<name>/start`.")
    def start(
        workspace: str | None,
        config_file: str | None,
        plan: str,
        mode: str,
        tasks: tuple[str, ...],
        autonomous: bool,
        as_json: bool,
    ) -> None:
        """Start the orchestrator of PLAN; the dashboard of the workspace has to run."""
        body = {"mode": mode, "tasks": list(tasks), "autonomous": autonomous}
        answer = client_of(workspace, config_file).post(f"/api/plans/{quote(plan, safe='')}/start", body, _START_S)
        _print(answer, as_json)

    @click.command()
    @workspace_options
    @click.argument("plan")
    @click.option("--force", is_flag=True, help="Kill it at once.")
    @click.option("--timeout", type=click.FloatRange(0, MAX_TIMEOUT_S), help="Kill it after so many seconds.")
    @click.option("--json", "as_json", is_flag=True, help="Print the same as `POST /api/plans/<name>/stop`.")
    def stop(
        workspace: str | None, config_file: str | None, plan: str, force: bool, timeout: float | None, as_json: bool
    ) -> None:
        """Stop the orchestrator of PLAN: it may end its task, and is killed if it does not end in time."""
        body = {"force": force} | ({} if timeout is None else {"timeout": timeout})
        longest = (MAX_TIMEOUT_S if timeout is None else timeout) + _MORE_S
        answer = client_of(workspace, config_file).post(f"/api/plans/{quote(plan, safe='')}/stop", body, longest)
        _print(answer, as_json)

    @click.command()
    @workspace_options
    @click.argument("plan")
    @click.option("--lines", "-n", "count", type=click.IntRange(0, 100_000), default=20, help="Default: 20.")
    @click.option("--follow", "-f", is_flag=True, help="Wait for more lines until interrupted.")
    def logs(workspace: str | None, config_file: str | None, plan: str, count: int, follow: bool) -> None:
        """Print the last lines of the log of PLAN's orchestrator, without secrets, whether or not a dashboard runs."""
        settings = load_settings(workspace, config_file)
        folder, path = os.path.abspath(settings.workspace), log_of(settings, plan)
        offset, inode = _print_tail(folder, path, count, redact)
        while follow:
            time.sleep(_POLL_S)
            offset, inode = _print_more(folder, path, offset, inode, redact)

    return [start, stop, logs]


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    click.echo(printable(str(answer["message"])))
    if log_file := answer["orchestrator"].get("logFile"):
        click.echo(f"Log: {printable(str(log_file))}")


def _print_tail(folder: str, path: str, count: int, redact: Redact) -> tuple[int, int]:
    """(how much of the file was read, its inode). Raises NotFound."""
    try:
        handle = open_file(folder, path)
    except FileRefused as problem:
        raise NotFound(f"There is no log: {problem.message}") from problem
    try:
        status = os.fstat(handle)
        begin = max(0, status.st_size - _MOST_TAIL)
        data = os.pread(handle, status.st_size - begin, begin)
    finally:
        os.close(handle)
    lines = data.splitlines(keepends=True)
    _echo(b"".join(lines[len(lines) - count :]) if count else b"", redact)
    return status.st_size, status.st_ino


def _print_more(folder: str, path: str, offset: int, inode: int, redact: Redact) -> tuple[int, int]:
    """The whole lines that were added since; a file that was cut or replaced is read from its start."""
    try:
        handle = open_file(folder, path)
    except FileRefused:
        return offset, inode
    try:
        status = os.fstat(handle)
        if status.st_ino != inode or status.st_size < offset:
            offset = 0
        data = os.pread(handle, _BLOCK, offset)
    finally:
        os.close(handle)
    end = len(data) if len(data) == _BLOCK and b"\n" not in data else data.rfind(b"\n") + 1
    _echo(data[:end], redact)
    return offset + end, status.st_ino


def _echo(data: bytes, redact: Redact) -> None:
    for line in redact(data).splitlines():
        click.echo(printable(line.decode("utf-8", "replace")))
