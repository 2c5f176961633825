"""The command-line options that select the workspace: `workspace_options`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]


def workspace_options(command: Command) -> Command:
    """`--workspace` and `--config`."""
    command = click.option("--config", "config_file", metavar="FILE", help="Settings file to use instead.")(command)
    return click.option("--workspace", metavar="PATH", help="Folder whose work is watched. Default: the current one.")(
        command
    )
