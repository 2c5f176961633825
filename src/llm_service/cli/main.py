"""The command `llm-service`. Errors are one line on stderr, `Error: <sentence>`, with the exit code of their class."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..errors import ServiceError, StartFailed
from ..files import printable
from . import command_groups

if TYPE_CHECKING:
    from ..calls.offline import OfflineCalls


class _ServiceErrorMessage(click.ClickException):
    """A ServiceError as click prints it."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(printable(" ".join(error.message.split())))
        self._error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of its class."""
        return self._error.exit_code


class _Group(click.Group):
    """Imports a command when it is used: all of them take a second. Prints every ServiceError of a command as one line
    and exits with its code; and what the system refuses."""

    def __init__(self, *args: Any, makers: Mapping[str, Callable[[], click.Command]], **options: Any) -> None:
        super().__init__(*args, **options)
        self._makers = makers

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._makers)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in self._makers:
            self.add_command(self._makers[cmd_name](), cmd_name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ServiceError as error:
            raise _ServiceErrorMessage(error) from error
        except BrokenPipeError:
            raise  # click ends quietly
        except OSError as problem:
            raise _ServiceErrorMessage(StartFailed(_sentence(problem))) from problem


def _sentence(problem: OSError) -> str:
    """What the system refused, and where."""
    if problem.filename is None and isinstance(problem, FileNotFoundError):
        return "The current folder was removed; change to another one, or name one with --workspace."
    where = f"{os.fsdecode(problem.filename)}: " if isinstance(problem.filename, str | bytes) else ""
    return f"{where}{problem.strerror or problem}."


def _open_calls(workspace: str | None, config_file: str | None) -> AbstractContextManager[OfflineCalls]:
    from ..calls.offline import open_calls
    from ..tasks.settings import TaskSettings
    from .sections import existing_workspace

    settings = existing_workspace(workspace, config_file)
    return open_calls(settings, settings.of(TaskSettings).lanes)


@click.group(cls=_Group, makers=command_groups.MAKERS, context_settings={"obj": _open_calls})
@click.version_option(__version__, prog_name="llm-service")
def cli() -> None:
    """Show live what AI agents do."""


def reference() -> str:
    """The commands and their options as a Markdown table, from click's own metadata."""
    rows = ["| command | what it does |", "|---|---|"]
    context = click.Context(cli, info_name="llm-service")
    for name, command in named_commands(context, cli, "llm-service"):
        arguments = "".join(
            f" [{argument.human_readable_name}]" for argument in command.params if isinstance(argument, click.Argument)
        )
        rows.append(f"| `{name}{arguments}` | {' '.join((command.help or '').split())} |")
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                names = "/".join([*option.opts, *option.secondary_opts])
                metavar = "" if option.is_flag else f" {option.make_metavar(context)}"
                shown = f"{names}{metavar}".replace("|", r"\|")
                rows.append(f"| &nbsp;&nbsp;`{shown}` | {option.help} |")
    return "\n".join(rows) + "\n"


def named_commands(context: click.Context, group: click.Group, prefix: str) -> list[tuple[str, click.Command]]:
    """All that the group and its subgroups can be asked to do, with the full names."""
    commands: list[tuple[str, click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                commands.append((f"{prefix} {name}", command))
            commands += named_commands(context, command, f"{prefix} {name}")
        elif command is not None:
            commands.append((f"{prefix} {name}", command))
    return commands


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal of another encoding shows a mark instead of a character that it does not have.
            stream.reconfigure(errors="replace")
    cli(prog_name="llm-service")
