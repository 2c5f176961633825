"""The commands that messages tell the user to run: `start_command(workspace)`, `init_command(workspace)`."""

from __future__ import annotations

import os
import shlex


def start_command(workspace: str) -> str:
    """The command that starts the dashboard of a workspace from the current folder."""
    return "llm-service dashboard start" + _named(workspace, " --workspace ")


def init_command(workspace: str) -> str:
    """The command that creates the folders for tasks in a workspace."""
    return "llm-service init" + _named(workspace, " ")


def _named(workspace: str, before: str) -> str:
    """The workspace as an argument; nothing where it is the current folder, which is the default."""
    is_current = os.path.abspath(workspace) == os.path.abspath(".")
    return "" if is_current else before + shlex.quote(workspace)
