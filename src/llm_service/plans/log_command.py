"""`llm-service plans logs`: the log of a plan's orchestrator, whether or not a dashboard is running."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import click

from ..errors import NotFound
from ..files import printable
from ..settings.load import Settings
from ..settings.options import workspace_options
from .log_file import PlanLogs
from .log_follow import LogFollow
from .reader import is_plan_name
from .settings import PlanSettings

LoadSettings = Callable[[str | None, str | None], Settings]
_POLL_S = 0.1


def logs_command(load_settings: LoadSettings) -> click.Command:
    """The command."""

    @click.command()
    @workspace_options
    @click.argument("plan")
    @click.option("--lines", "-n", "count", type=click.IntRange(0, 100_000), default=20, help="Default: 20.")
    @click.option("--follow", "-f", is_flag=True, help="Wait for more lines until interrupted.")
    def logs(workspace: str | None, config_file: str | None, plan: str, count: int, follow: bool) -> None:
        """Print the last lines of the log of PLAN's orchestrator, without secrets, whether or not a dashboard runs."""
        settings = load_settings(workspace, config_file)
        found = PlanLogs(os.path.abspath(settings.workspace), settings.of(PlanSettings).plan_logs)
        path = found.find(plan) if is_plan_name(plan) else None
        if path is None:
            raise NotFound(f"There is no log of a plan “{printable(plan)[:100]}”.")
        with LogFollow(found.workspace) as log:
            log.start(path, count)
            _print(log.read(path))
            while follow:
                time.sleep(_POLL_S)
                _print(log.read(path))

    return logs


def _print(lines: list[str]) -> None:
    for line in lines:
        click.echo(printable(line))
