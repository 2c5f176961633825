"""The command `llm-service`. Errors are one line on stderr, `Error: <sentence>`, with the exit code of their class."""

from __future__ import annotations

import json
import os
import sys
import webbrowser
from contextlib import AbstractContextManager
from typing import Any

import click

from .. import __version__, log
from ..calls.commands import telemetry
from ..calls.offline import OfflineCalls, open_calls
from ..calls.sessions import folders as session_folders
from ..calls.settings import CallSettings
from ..costs.commands import stats
from ..errors import BadSettings, NotRunning, ServiceError, StartFailed
from ..server import instance as runtime
from ..server import launcher as launch
from ..settings.load import FILE_NAME, LOG_LEVELS, Settings
from ..settings.options import workspace_options
from ..tasks.settings import TaskSettings, collaboration_path
from . import doctor
from . import init as scaffold
from .sections import load_settings


class _Refused(click.ClickException):
    """A ServiceError as click prints it."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(" ".join(error.message.split()))
        self._error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of its class."""
        return self._error.exit_code


class _Group(click.Group):
    """Turns every ServiceError of a command into its line and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ServiceError as error:
            raise _Refused(error) from error


def _open_calls(workspace: str | None, config_file: str | None) -> AbstractContextManager[OfflineCalls]:
    settings = load_settings(workspace, config_file)
    return open_calls(settings, settings.of(TaskSettings).lanes)


@click.group(cls=_Group, context_settings={"obj": _open_calls})
@click.version_option(__version__, prog_name="llm-service")
def cli() -> None:
    """See live what AI agents do."""


@cli.group(cls=click.Group)
def dashboard() -> None:
    """Start, stop and look at the dashboard of a workspace."""


cli.add_command(telemetry)
telemetry.add_command(stats)


@dashboard.command()
@workspace_options
@click.option("--host", metavar="ADDRESS", help="Address to listen on. Default: 127.0.0.1.")
@click.option("--port", type=int, metavar="N", help="Port to listen on, or the next free one. Default: 8080. 0: any.")
@click.option(
    "--open/--no-open",
    "open_browser",
    default=None,
    help="Open the browser. Default: when there are a terminal and a display.",
)
@click.option("--background", is_flag=True, help="Start a process that outlives the terminal.")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), help="How much is logged. Default: warning.")
@click.option("--token", metavar="TEXT", help="Secret that clients must present; better given as LLM_SERVICE_TOKEN.")
@click.option("--detached", is_flag=True, hidden=True)
def start(workspace: str | None, config_file: str | None, background: bool, detached: bool, **options: Any) -> None:
    """Watch a workspace and serve its board until Ctrl-C or `dashboard stop`.

    A second start on the same workspace points at the first.
    """
    settings = load_settings(workspace, config_file, options)
    log.setup(settings.log_level, settings.log_format, secrets=settings.secrets())
    terminal = _is_terminal()
    opening = settings.open_browser if settings.open_browser is not None else terminal and _has_display()
    if not os.path.isdir(settings.workspace):
        raise StartFailed(f"There is no folder {settings.workspace}.")
    running = runtime.find_running(settings.state_path)
    if running is not None:
        launch.say_running(running, opening)
        return
    _need_collaboration(settings, terminal)
    if background:
        launch.in_background(settings, _repeated(settings, config_file, options), opening)
    else:
        launch.in_foreground(settings, opening, detached)


@dashboard.command()
@workspace_options
def stop(workspace: str | None, config_file: str | None) -> None:
    """Stop the dashboard of a workspace."""
    running, _ = _find(workspace, config_file)
    by_itself = launch.stop(running)
    how = "Stopped" if by_itself else f"Killed, after {launch.STOP_WITHIN_S:.0f} s without an end,"
    launch.say(f"{how} the dashboard at {running.url} (process {running.pid}).")


@dashboard.command()
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print {running, pid, url, workspace, uptime_s, health}.")
def status(workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Say whether the dashboard of a workspace runs, where, and how it is. Exit code 4: none runs."""
    try:
        running, settings = _find(workspace, config_file)
    except NotRunning as nothing:
        if as_json:
            none = {"pid": None, "url": None, "uptime_s": None, "health": None}
            launch.say(json.dumps({"running": False, "workspace": nothing.details["workspace"]} | none))
        raise
    health = launch.health(running, settings)
    facts = {
        "running": True,
        "pid": running.pid,
        "url": running.url,
        "workspace": running.workspace,
        "uptime_s": round(running.uptime_s, 1),
        "health": health,
    }
    if as_json:
        launch.say(json.dumps(facts, indent=2))
    else:
        state = (health or {"status": "does not answer"}).get("status", "refuses us")
        launch.say(f"{running.url} runs for {_duration(running.uptime_s)} (process {running.pid}): {state}")


@dashboard.command(name="open")
@workspace_options
def open_command(workspace: str | None, config_file: str | None) -> None:
    """Open the browser at the running dashboard."""
    running, _ = _find(workspace, config_file)
    launch.say(running.url)
    if not webbrowser.open(running.url):
        raise ServiceError(f"No browser could be started; open {running.url} yourself.")


@cli.command()
@click.argument("path", default=".")
@click.option(
    "--sessions/--no-sessions",
    default=None,
    help="Count the calls in the session logs found on this machine. Default: asks, or only names them.",
)
def init(path: str, sessions: bool | None) -> None:
    """Make a place for tasks in PATH: work/collaboration with its lanes, a README and a sample task.

    Offers to count the calls in the session logs of Claude Code and Codex that it finds.
    """
    settings = load_settings(path)
    folder = collaboration_path(settings)
    made = scaffold.create(folder)
    for one in made:
        launch.say(f"made {os.path.relpath(one, settings.workspace)}")
    if not made:
        launch.say(f"Everything is there already in {folder}.")
    found = session_folders.discover_session_folders(settings) if settings.of(CallSettings).telemetry else []
    if found and sessions is not False:
        _offer(settings, found, sessions)
    launch.say("Next: llm-service dashboard start" + ("" if path == "." else f" --workspace {path}"))


@cli.command(name="doctor")
@workspace_options
@click.option("--json", "as_json", is_flag=True, help="Print a list of {level, what, text}.")
def doctor_command(workspace: str | None, config_file: str | None, as_json: bool) -> None:
    """Look at everything a dashboard needs and say what is wrong, where, and what helps. Exit code 1: problems."""
    settings = load_settings(workspace, config_file)
    problems, findings = 0, []
    for finding in doctor.examine(settings):
        problems += finding.level == "problem"
        findings.append({"level": finding.level, "what": finding.what, "text": finding.text})
        if not as_json:
            launch.say(f"{finding.level:<8} {finding.what:<10} {finding.text}")
    if as_json:
        launch.say(json.dumps(findings, indent=2))
    if problems:
        raise click.exceptions.Exit(1)


def reference() -> str:
    """The commands and their options as a Markdown table, from click's own metadata."""
    rows = ["| command | what it does |", "|---|---|"]
    context = click.Context(cli, info_name="llm-service")
    for words, command in _commands(cli, "llm-service"):
        arguments = "".join(
            f" [{one.human_readable_name}]" for one in command.params if isinstance(one, click.Argument)
        )
        rows.append(f"| `{words}{arguments}` | {' '.join((command.help or '').split())} |")
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                names = "/".join([*option.opts, *option.secondary_opts])
                metavar = "" if option.is_flag else f" {option.make_metavar(context)}"
                shown = f"{names}{metavar}".replace("|", r"\|")
                rows.append(f"| &nbsp;&nbsp;`{shown}` | {option.help} |")
    return "\n".join(rows) + "\n"


def _commands(group: click.Group, words: str) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += _commands(command, f"{words} {name}")
        else:
            found.append((f"{words} {name}", command))
    return found


def _find(workspace: str | None, config_file: str | None) -> tuple[runtime.Running, Settings]:
    """The dashboard that runs for this workspace, and its settings. Raises NotRunning."""
    try:
        settings = load_settings(workspace, config_file)
    except BadSettings:
        # Settings that were broken after the start must not keep anybody from stopping the dashboard.
        settings = Settings(workspace=os.path.abspath(workspace or "."))
        if runtime.find_running(settings.state_path) is None:
            raise
    running = runtime.find_running(settings.state_path)
    if running is None:
        raise NotRunning(f"No dashboard runs for {settings.workspace}.", workspace=settings.workspace)
    return running, settings


def _need_collaboration(settings: Settings, terminal: bool) -> None:
    folder, relative = collaboration_path(settings), settings.of(TaskSettings).collaboration_dir
    if os.path.isdir(folder):
        return
    if not terminal:
        raise StartFailed(f"There is no {relative} in {settings.workspace}; `llm-service init` makes one.")
    launch.say(f"There is no {relative} in {settings.workspace}.")
    if not click.confirm("Make one, with a sample task?", default=True):
        raise StartFailed("There is nothing to watch; `llm-service init` makes a place for tasks.")
    scaffold.create(folder)


def _repeated(settings: Settings, config_file: str | None, options: dict[str, Any]) -> list[str]:
    """The options for the process in the background; the token goes by the environment, which `ps` hides."""
    given = {"workspace": settings.workspace, "config": config_file}
    given |= {name: options[name] for name in ("host", "port", "log_level")}
    pairs = [(f"--{name.replace('_', '-')}", str(value)) for name, value in given.items() if value is not None]
    return [word for pair in pairs for word in pair]


def _offer(settings: Settings, found: list[tuple[str, str]], sessions: bool | None) -> None:
    """Count the calls in these folders if that is wanted, else say how."""
    for _, folder in found:
        launch.say(f"found the session logs in {folder}")
    if sessions is None and _is_terminal():
        sessions = click.confirm("Count their calls, tokens and costs? They are only read.", default=True)
    if sessions:
        for line in session_folders.add_to_settings(settings.workspace, found):
            launch.say(f"added to {FILE_NAME}: {line}")
    elif sessions is None:
        launch.say(f"To count their calls, tokens and costs, add to {FILE_NAME}:")
        for line in session_folders.settings_lines(found):
            launch.say(f"  {line}")


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _duration(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


def main() -> None:
    """Entry point of the console script."""
    cli(prog_name="llm-service")
