"""`llm-service dashboard start | stop | status | open`."""

from __future__ import annotations

import json
import os
import webbrowser
from typing import Any

import click

from .. import log
from ..errors import BadSettings, NotRunning, ServiceError, StartFailed
from ..files import printable
from ..server import launcher
from ..server.instance import Instance, Sighting, is_same_folder, look
from ..server.launcher import print_line
from ..server.sighting import cannot_start, describe
from ..settings.load import LOG_LEVELS, Settings
from ..settings.options import workspace_options
from ..tasks.settings import TaskSettings, collaboration_path
from .init import create_task_folder
from .next_commands import init_command
from .running import find
from .sections import existing_workspace
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
@click.option("--share", is_flag=True, default=None, help="Let dashboards of other hosts follow this one.")
@click.option("--follow", metavar="URL", multiple=True, help="Show the host of this dashboard too; may be given again.")
@click.option("--detached", is_flag=True, hidden=True)
def start(
    workspace: str | None,
    config_file: str | None,
    background: bool,
    detached: bool,
    follow: tuple[str, ...],
    **options: Any,
) -> None:
    """Watch a workspace and serve its board until Ctrl-C or `dashboard stop`.

    If the workspace already has a dashboard, print its address.
    """
    options["follow"] = list(follow) or None
    settings = existing_workspace(workspace, config_file, options)
    log.setup(settings.log_level, settings.log_format, secrets=settings.secrets())
    open_browser = settings.open_browser
    if open_browser is None:
        open_browser = is_terminal() and has_display()
    found = look(settings.state_path)
    if found.record is not None and found.state in ("running", "elsewhere"):
        launcher.print_running(_usable(found, settings), open_browser)
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
    found, settings = find(workspace, config_file)
    running = found.record
    if running is None or found.state != "running":
        raise ServiceError(describe(found, settings.state_path))
    is_clean = launcher.stop(running)
    action = "Stopped" if is_clean else f"Killed, as it did not stop within {launcher.STOP_WITHIN_S:.0f} s,"
    print_line(f"{action} the dashboard at {running.url} (process {running.pid}).")


@dashboard.command()
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print {running, pid, url, workspace, uptime_s, health, ...}.")
def status(workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Show whether the dashboard of a workspace is running, its address and health. Exit code 4: not running."""
    try:
        found, settings = find(workspace, config_file)
    except ServiceError as problem:
        if as_json and not isinstance(problem, BadSettings):
            none = {"pid": None, "url": None, "uptime_s": None, "health": None}
            folder = os.path.abspath(problem.details.get("workspace") or workspace or ".")
            answer = False if isinstance(problem, NotRunning) else None
            print_line(json.dumps({"running": answer, "workspace": folder} | none | {"problem": problem.message}))
        raise
    running, is_here = found.record, found.state == "running"
    if running is None:
        raise ServiceError(describe(found, settings.state_path))
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
        print_line(json.dumps(facts | ({} if is_here else {"problem": describe(found, settings.state_path)}), indent=2))
        return
    if not is_here and health is None:
        print_line(describe(found, settings.state_path))
        return
    state = (health or {"status": "does not answer"}).get(
        "status", "refuses our request; set LLM_SERVICE_TOKEN to a token of it"
    )
    where = f"process {running.pid}" if is_here else f"process {running.pid} in another container"
    print_line(f"{running.url} has been running for {_duration(running.uptime_s)} ({where}): {state}")
    if is_here and not is_same_folder(running.workspace, settings.workspace):
        print_line(f"It was started for {printable(running.workspace)}; the workspace was moved since.")


@dashboard.command(name="open")
@workspace_options
def open_command(workspace: str | None, config_file: str | None) -> None:
    """Open the running dashboard in the browser."""
    found, settings = find(workspace, config_file)
    running = _usable(found, settings)
    print_line(running.url)
    if not webbrowser.open(running.url):
        raise ServiceError(f"No browser could be started; open {running.url} yourself.")


def _usable(found: Sighting, settings: Settings) -> Instance:
    """The dashboard, if it serves this workspace and can be reached. Raises StartFailed."""
    if found.record is None or found.state != "running":
        return cannot_start(found, settings.state_path)
    running = found.record
    if not is_same_folder(running.workspace, settings.workspace):
        raise StartFailed(
            f"The dashboard at {running.url} (process {running.pid}) has the state folder {settings.state_path}, but "
            f"was started for {running.workspace}. If the workspace was moved from there, stop it with `llm-service "
            "dashboard stop`, and start again."
        )
    return running


def _require_task_folder(settings: Settings) -> None:
    """Offer to create the folder of tasks if there is none. Raises StartFailed."""
    folder, relative = collaboration_path(settings), settings.of(TaskSettings).collaboration_dir
    if os.path.isdir(folder):
        return
    command = init_command(settings.workspace)
    if not is_terminal():
        raise StartFailed(f"There is no {relative} in {settings.workspace}; `{command}` creates it.")
    print_line(f"There is no {relative} in {settings.workspace}.")
    if not click.confirm("Create it, with a sample task?", default=True):
        raise StartFailed(f"There is nothing to watch; `{command}` creates a folder for tasks.")
    create_task_folder(folder)


def _background_options(settings: Settings, config_file: str | None, options: dict[str, Any]) -> list[str]:
    """The options for the background process, without the token: it gets that by its environment, which `ps` hides."""
    given = {"workspace": settings.workspace, "config": config_file}
    given |= {name: options[name] for name in ("host", "port", "log_level")}
    pairs = [(f"--{name.replace('_', '-')}", str(value)) for name, value in given.items() if value is not None]
    pairs += [("--follow", url) for url in options["follow"] or ()]
    return [argument for pair in pairs for argument in pair] + (["--share"] if options["share"] else [])


def _duration(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"
