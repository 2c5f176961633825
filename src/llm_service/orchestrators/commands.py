"""`llm-service plans start | stop`: `plan_commands(...)` gives them, for the group of the plans' commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

import click

from ..files import printable
from ..settings.options import workspace_options
from .control import MAX_TIMEOUT_S
from .model import MODES

_START_S = 630.0
_MORE_S = 15.0


class Client(Protocol):
    """Asks the dashboard that runs: `cli.client.Client`."""

    def post(self, path: str, body: Any = None, timeout_s: float | None = None) -> Any:
        """The JSON of the answer to a POST."""


ClientOf = Callable[[str | None, str | None], Client]


def plan_commands(client_of: ClientOf) -> list[click.Command]:
    """The commands. `client_of(workspace, config_file)` asks the dashboard of a workspace."""

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

    return [start, stop]


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    click.echo(printable(str(answer["message"])))
    if log_file := answer["orchestrator"].get("logFile"):
        click.echo(f"Log: {printable(str(log_file))}")
