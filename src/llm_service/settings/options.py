"""The command-line options that select the workspace: `workspace_options`; that it is there: `require_folder`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from ..errors import StartFailed
from ..files import printable

Command = Callable[..., Any]


def workspace_options(command: Command) -> Command:
    """`--workspace` and `--config`."""
    command = click.option("--config", "config_file", metavar="FILE", help="Settings file to use instead.")(command)
    return click.option("--workspace", metavar="PATH", help="Folder whose work is watched. Default: the current one.")(
        command
    )


def require_folder(workspace: str) -> None:
    """Raises StartFailed if there is no such folder: nothing in it is not the same as no folder."""
    if not os.path.isdir(workspace):
        raise StartFailed(f"There is no folder {printable(workspace)}.")
