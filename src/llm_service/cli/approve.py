"""`llm-service approve`: shows what a workspace asks for beyond itself, and allows exactly that, or revokes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from ..errors import ServiceError
from ..files import printable
from ..server.launcher import print_line
from ..settings.approvals import Ask
from ..settings.options import workspace_options
from .sections import read_all_sources
from .terminal import is_terminal

_KINDS = {"setting": "setting in its file", "link": "link that leads out"}


@click.command()
@workspace_options
@click.option("--show", "only_show", is_flag=True, help="Only show what it asks for and whether it is approved.")
@click.option("--yes", "is_sure", is_flag=True, help="Approve what is shown without asking.")
@click.option("--revoke", is_flag=True, help="Approve nothing any more.")
def approve(workspace: str | None, config_file: str | None, only_show: bool, is_sure: bool, revoke: bool) -> None:
    """Show what the files of a workspace ask for beyond the workspace, and approve exactly that. A change asks again.

    The approval is kept in your own folder, by the hash of what was shown.
    """
    if only_show + is_sure + revoke > 1:
        raise click.UsageError("--show, --yes and --revoke exclude each other.")
    sources = read_all_sources(workspace, config_file)
    asks, approvals, folder = sources.asks, sources.approvals, printable(sources.workspace)
    if revoke:
        approvals.revoke(sources.workspace)
        print_line(f"Nothing that {folder} asks for is approved.")
        return
    if not asks:
        print_line(f"{folder} asks for nothing beyond itself.")
        return
    for line in _shown(asks):
        print_line(line)
    if approvals.hold(sources.workspace, asks):
        print_line("This is approved.")
        return
    if approvals.exist(sources.workspace):
        print_line("Something else was approved before: this is new.")
    if only_show:
        print_line("This is not approved.")
        return
    if not is_sure and not is_terminal():
        raise ServiceError("Nothing was approved: there is no terminal to ask on; --yes approves what is shown.")
    if not is_sure and not click.confirm("Approve all of it?", default=False):
        raise ServiceError("Nothing was approved.")
    path = approvals.store(sources.workspace, asks)
    print_line(f"Approved in {printable(path)}. A dashboard that is running has to be started again.")


def _shown(asks: Sequence[Ask]) -> list[str]:
    """Everything that is approved, whole: its value is in the hash."""
    lines = []
    for ask in asks:
        text = f"{ask.name} -> {ask.value}" if ask.kind == "link" else f"{ask.name}: {_json(ask.value)}"
        lines.append(f"{printable(ask.where)}: a {_KINDS[ask.kind]}, which {ask.harm}:")
        lines.append(f"  {printable(text)}")
    return lines


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
