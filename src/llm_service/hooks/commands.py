"""`llm-service hooks install | remove | list`: lets the programs of agents report what their sessions do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from ..errors import ServiceError
from ..files import printable
from ..settings.load import Settings
from ..settings.options import workspace_options
from .clients import CLIENTS
from .install import installed, plan, write
from .settings import HookSettings

LoadSettings = Callable[[str | None, str | None], Settings]
_CLIENT = click.option(
    "--client", "client_name", required=True, type=click.Choice(tuple(CLIENTS)), help="Whose settings are changed."
)
_USER = click.option("--user", "for_user", is_flag=True, help="Your own settings of it, not those of the workspace.")
_YES = click.option("--yes", is_flag=True, help="Write without asking.")


def hooks_commands(load: LoadSettings) -> click.Group:
    """The commands. `load(workspace, config)` loads the settings."""

    @click.group()
    def hooks() -> None:
        """Let Claude Code and Codex report when a session waits for you. Works while no dashboard runs."""

    @hooks.command()
    @workspace_options
    @_CLIENT
    @_USER
    @_YES
    def install(workspace: str | None, config_file: str | None, client_name: str, for_user: bool, yes: bool) -> None:
        """Show what is to be added to the settings of the client, and write it when you agree."""
        _change(load(workspace, config_file), client_name, for_user, yes, remove=False)

    @hooks.command()
    @workspace_options
    @_CLIENT
    @_USER
    @_YES
    def remove(workspace: str | None, config_file: str | None, client_name: str, for_user: bool, yes: bool) -> None:
        """Take our hook out of the settings of the client."""
        _change(load(workspace, config_file), client_name, for_user, yes, remove=True)

    @hooks.command(name="list")
    @workspace_options
    def list_hooks(workspace: str | None, config_file: str | None) -> None:
        """Print where our hook is, and what of it is missing."""
        folder = os.path.abspath(load(workspace, config_file).workspace)
        for client in CLIENTS.values():
            for for_user in (False, True):
                path = client.file(folder, for_user)
                for interpreter, script, reports_to in installed(path):
                    missing = [each for each in (interpreter, script) if not os.path.exists(each)]
                    state = (
                        f"missing: {', '.join(map(printable, missing))}" if missing else f"to {printable(reports_to)}"
                    )
                    click.echo(f"{client.label:<12} {printable(path)}  {state}")

    return hooks


def _may_ask() -> bool:
    return sys.stdin.isatty()


def _change(settings: Settings, client_name: str, for_user: bool, yes: bool, remove: bool) -> None:
    client = CLIENTS[client_name]
    workspace = os.path.abspath(settings.workspace)
    path = client.file(workspace, for_user)
    change = plan(client, path, settings.folder(settings.of(HookSettings).hooks_dir), workspace, remove=remove)
    if not change.is_needed or (remove and change.before is None):
        click.echo(f"{printable(path)}: nothing has to be changed.")
        return
    click.echo(change.diff(), nl=False)
    if not yes and not _may_ask():
        raise ServiceError("Nothing was written: there is no terminal to ask on; --yes writes what is shown.")
    if not yes and not click.confirm(f"Write {printable(path)}?", default=False):
        click.echo("Nothing was changed.")
        return
    write(change, is_ours=not for_user)
    click.echo(f"Wrote {printable(path)}." + ("" if remove else f" {client.afterwards}"))
