"""`llm-service mcp`: serves MCP on standard input and output; `mcp install`, `mcp skill` set up an agent's program."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable

import click

from ..errors import ServiceError
from ..files import fence, printable
from ..settings.load import Settings
from ..settings.options import require_folder, workspace_options
from .clients import CLIENTS, SHARED, Client, Plan, Server, entry_of, plan_install
from .doorman import NAME
from .extra import SdkMissing, require_sdk
from .skill import TEXT, plan_skill

Load = Callable[[str | None, str | None], Settings]
Serve = Callable[[Callable[[], Settings]], None]
_CLIENT = click.Choice(CLIENTS)
_YES = click.option("--yes", "is_sure", is_flag=True, help="Write without asking.")


def mcp_commands(load: Load, serve: Serve) -> click.Group:
    """The commands. `load(workspace, settings file)` loads the settings; `serve(load)` serves on standard input."""

    @click.group(invoke_without_command=True)
    @workspace_options
    @click.pass_context
    def mcp(context: click.Context, workspace: str | None, config_file: str | None) -> None:
        """Let agents report over MCP: without a subcommand, serve one on standard input and output."""
        if context.invoked_subcommand is None:
            serve(lambda: load(workspace, config_file))

    @mcp.command()
    @workspace_options
    @click.option("--client", type=_CLIENT, required=True, help="Whose settings; generic: print the entry.")
    @click.option("--url", metavar="URL", help="Use a running dashboard, such as http://127.0.0.1:8080/mcp.")
    @click.option("--token-env", metavar="NAME", help="Variable with the token of that dashboard.")
    @click.option("--file", metavar="PATH", help="Another settings file than the client's usual one.")
    @_YES
    def install(
        workspace: str | None,
        config_file: str | None,
        client: Client,
        url: str | None,
        token_env: str | None,
        file: str | None,
        is_sure: bool,
    ) -> None:
        """Show how a client's settings change to have this server, ask, and write them."""
        if token_env and not url:
            raise click.UsageError("--token-env is for --url.")
        is_shared = client in SHARED and not file
        server = Server(_command(workspace, config_file, is_shared), url, token_env)
        if client == "generic" and not file:
            click.echo(json.dumps({"mcpServers": {NAME: entry_of(client, server)}}, indent=2))
            return
        folder = _folder(workspace)
        _apply(plan_install(client, server, folder, os.path.abspath(file) if file else None), is_sure)
        if not url:
            _warn_of_missing_sdk()
        click.echo(f"`llm-service mcp skill --client {client}` tells it when to call which tool.", err=True)

    @mcp.command()
    @click.option("--workspace", metavar="PATH", help="Folder whose work is watched. Default: the current one.")
    @click.option("--client", type=_CLIENT, help="Write it where this client looks for it. Default: print it.")
    @_YES
    def skill(workspace: str | None, client: Client | None, is_sure: bool) -> None:
        """Print the text that tells an agent when to call which tool, or write it where a client finds it."""
        if client is None:
            if is_sure:
                raise click.UsageError("--yes is for --client, which says where the text is written.")
            click.echo(TEXT, nl=False)
            return
        _apply(plan_skill(client, _folder(workspace)), is_sure)

    return mcp


def _folder(workspace: str | None) -> str:
    folder = os.path.abspath(workspace or os.getcwd())
    require_folder(folder)
    fence(folder)
    return folder


def _command(workspace: str | None, config_file: str | None, is_shared: bool) -> tuple[str, ...]:
    """How the client starts us: by the path of this program, as a client that a desktop starts has not the PATH of a
    shell. `is_shared`: in a file that others get with the project, who have us elsewhere; by name, if that is found."""
    beside_python = os.path.join(os.path.dirname(sys.executable), NAME)
    if is_shared and shutil.which(NAME):
        program: tuple[str, ...] = (NAME,)
    elif os.access(beside_python, os.X_OK):
        program = (beside_python,)
    else:
        program = (sys.executable, "-m", "llm_service")
    options = []
    for name, value in (("--workspace", workspace), ("--config", config_file)):
        options += [name, os.path.abspath(value)] if value else []
    return (*program, "mcp", *options)


def _warn_of_missing_sdk() -> None:
    """The entry is right nevertheless: what is missing can be installed later."""
    try:
        require_sdk()
    except SdkMissing as missing:
        click.echo(f"It will not start yet. {missing.message}", err=True)


def _may_ask() -> bool:
    return sys.stdin.isatty()


def _apply(plan: Plan, is_sure: bool) -> None:
    name = printable(plan.path)
    if not plan.diff:
        click.echo(f"{name} has it already.")
        return
    click.echo("".join(printable(line) + "\n" for line in plan.diff.splitlines()), nl=False)
    if not is_sure and not _may_ask():
        raise ServiceError("Nothing was written: there is no terminal to ask on; --yes writes what is shown.")
    if not is_sure and not click.confirm(f"Write {name}?", default=False):
        raise ServiceError("Nothing was written.")
    plan.write()
    click.echo(f"Written: {name}.")
