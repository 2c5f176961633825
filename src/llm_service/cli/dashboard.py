"""`llm-service dashboard start | stop | status | open`."""

from __future__ import annotations

import json
import os
import webbrowser
from typing import Any

import click

from .. import log
from ..errors import BadSettings, NotRunning, ServiceError, StartFailed
from ..server import launcher
from ..server.instance import Instance, find_running
from ..server.launcher import print_line
from ..settings.load import LOG_LEVELS, Settings
from ..settings.options import workspace_options
from ..tasks.settings import TaskSettings, collaboration_path
from .init import create_task_folder
from .sections import load_settings
from .terminal import has_display, is_terminal


@click.group()
def dashboard() -> None:
    """Start, stop and check the dashboard of a workspace."""


@dashboard.command()
@workspace_options
@click.option("--host", metavar="ADDRESS", help="Address to listen on. Default: 127.0.0.1.")
@click.option("--port", type=int, metavar="N", help="Port to listen on, or the next free one. Default: 8080. 0: any.")
@click.option(
    "--open/--no-open",
    "open_browser",
    default=None,
    help="Open the browser. Default: if there are a terminal and a display.",
)
@click.option("--background", is_flag=True, help="Start a process that outlives the terminal.")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), help="How much is logged. Default: warning.")
@click.option("--token", metavar="TEXT", help="Secret that clients must present; better set as LLM_SERVICE_TOKEN.")
@click.option("--detached", is_flag=True, hidden=True)
def start(workspace: str | None, config_file: str | None, background: bool, detached: bool, **options: Any) -> None:
    """Watch a workspace and serve its board until Ctrl-C or `dashboard stop`.

    If the workspace already has a dashboard, print its address.
    """
    settings = load_settings(workspace, config_file, options)
    log.setup(settings.log_level, settings.log_format, secrets=settings.secrets())
    open_browser = settings.open_browser
    if open_browser is None:
        open_browser = is_terminal() and has_display()
    if not os.path.isdir(settings.workspace):
        raise StartFailed(f"There is no folder {settings.workspace}.")
    running = find_running(settings.state_path)
    if running is not None:
        launcher.print_running(running, open_browser)
        return
    _require_task_folder(settings)
    if background:
        launcher.start_in_background(settings, _background_options(settings, config_file, options), open_browser)
    else:
        launcher.start_in_foreground(settings, open_browser, detached)


@dashboard.command()
@workspace_options
def stop(workspace: str | None, config_file: str | None) -> None:
    """Stop the dashboard of a workspace."""
    running, _ = _find(workspace, config_file)
    is_clean = launcher.stop(running)
    action = "Stopped" if is_clean else f"Killed, as it did not stop within {launcher.STOP_WITHIN_S:.0f} s,"
    print_line(f"{action} the dashboard at {running.url} (process {running.pid}).")


@dashboard.command()
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print {running, pid, url, workspace, uptime_s, health}.")
def status(workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Show whether the dashboard of a workspace is running, its address and health. Exit code 4: not running."""
    try:
        running, settings = _find(workspace, config_file)
    except NotRunning as problem:
        if as_json:
            none = {"pid": None, "url": None, "uptime_s": None, "health": None}
            print_line(json.dumps({"running": False, "workspace": problem.details["workspace"]} | none))
        raise
    health = launcher.health(running, settings)
    facts = {
        "running": True,
        "pid": running.pid,
        "url": running.url,
        "workspace": running.workspace,
        "uptime_s": round(running.uptime_s, 1),
        "health": health,
    }
    if as_json:
        print_line(json.dumps(facts, indent=2))
    else:
        state = (health or {"status": "does not answer"}).get("status", "refuses our request")
        print_line(f"{running.url} has been running for {_duration(running.uptime_s)} (process {running.pid}): {state}")


@dashboard.command(name="open")
@workspace_options
def open_command(workspace: str | None, config_file: str | None) -> None:
    """Open the running dashboard in the browser."""
    running, _ = _find(workspace, config_file)
    print_line(running.url)
    if not webbrowser.open(running.url):
        raise ServiceError(f"No browser could be started; open {running.url} yourself.")


def _find(workspace: str | None, config_file: str | None) -> tuple[Instance, Settings]:
    """The running dashboard of this workspace, and the settings. Raises NotRunning, BadSettings."""
    try:
        settings = load_settings(workspace, config_file)
    except BadSettings:
        # Settings that were broken after the start must not prevent a stop.
        settings = Settings(workspace=os.path.abspath(workspace or "."))
        if find_running(settings.state_path) is None:
            raise
    running = find_running(settings.state_path)
    if running is None:
        raise NotRunning(f"No dashboard is running for {settings.workspace}.", workspace=settings.workspace)
    return running, settings


def _require_task_folder(settings: Settings) -> None:
    """Offer to create the folder of tasks if there is none. Raises StartFailed."""
    folder, relative = collaboration_path(settings), settings.of(TaskSettings).collaboration_dir
    if os.path.isdir(folder):
        return
    if not is_terminal():
        raise StartFailed(f"There is no {relative} in {settings.workspace}; `llm-service init` creates it.")
    print_line(f"There is no {relative} in {settings.workspace}.")
    if not click.confirm("Create it, with a sample task?", default=True):
        raise StartFailed("There is nothing to watch; `llm-service init` creates a folder for tasks.")
    create_task_folder(folder)


def _background_options(settings: Settings, config_file: str | None, options: dict[str, Any]) -> list[str]:
    """The options for the background process, without the token: it gets that by its environment, which `ps` hides."""
    given = {"workspace": settings.workspace, "config": config_file}
    given |= {name: options[name] for name in ("host", "port", "log_level")}
    pairs = [(f"--{name.replace('_', '-')}", str(value)) for name, value in given.items() if value is not None]
    return [argument for pair in pairs for argument in pair]


def _duration(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"
