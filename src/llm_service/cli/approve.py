"""`llm-service approve`: shows what a workspace asks for beyond itself, and allows exactly that, or revokes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from ..errors import ServiceError
from ..files import fence, printable
from ..mcp.model import DeclaredServer
from ..mcp.reader import FILE, read_declared
from ..processes.model import Profile
from ..processes.profile_approvals import ProfileApprovals
from ..processes.proposals import Proposal, Proposals
from ..server.launcher import print_line
from ..settings.approvals import Ask
from ..settings.load import Sources
from ..settings.options import require_folder, workspace_options
from ..settings.user_folder import is_in_workspace, user_folder
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
    require_folder(sources.workspace)
    asks, approvals, folder = sources.asks, sources.approvals, printable(sources.workspace)
    fence(sources.workspace)
    for_profiles = _profile_approvals(sources)
    if revoke:
        approvals.revoke(sources.workspace)
        for_profiles.revoke(*for_profiles.digests())
        print_line(f"Nothing that {folder} asks for is approved.")
        return
    proposals = Proposals(sources.workspace).read()
    servers = read_declared(sources.workspace)[0]
    profiles = {one.profile.name: one.profile.digest() for one in proposals if one.profile is not None}
    profiles |= {server.approval_name: server.digest() for server in servers}
    if not asks and not profiles:
        for line in _unusable(proposals):
            print_line(line)
        print_line(f"{folder} asks for nothing beyond itself.")
        return
    before = for_profiles.digests()
    shown = (
        *_shown(asks),
        *_shown_profiles(proposals, before),
        *_shown_servers(servers, before),
        *_unusable(proposals),
    )
    for line in shown:
        print_line(line)
    has_settings = not asks or approvals.hold(sources.workspace, asks)
    new = {name: digest for name, digest in profiles.items() if before.get(name) != digest}
    if has_settings and not new:
        print_line("This is approved.")
        return
    if (not has_settings and approvals.exist(sources.workspace)) or new.keys() & before.keys():
        print_line("Something else was approved before: this is new.")
    if only_show:
        print_line("This is not approved.")
        return
    if not is_sure and not is_terminal():
        raise ServiceError("Nothing was approved: there is no terminal to ask on; --yes approves what is shown.")
    if not is_sure and not click.confirm("Approve all of it?", default=False):
        raise ServiceError("Nothing was approved.")
    if new:
        path = for_profiles.approve(new)
        print_line(f"Approved in {printable(path)}: {', '.join(map(printable, new))}.")
    if not has_settings:
        path = approvals.store(sources.workspace, asks)
        print_line(f"Approved in {printable(path)}. A dashboard that is running has to be started again.")


def _profile_approvals(sources: Sources) -> ProfileApprovals:
    folder = user_folder()
    in_workspace = folder is None or is_in_workspace(folder, sources.workspace)
    return ProfileApprovals(None if in_workspace else folder, sources.workspace)


def _shown_profiles(proposals: Sequence[Proposal], approved: dict[str, str]) -> list[str]:
    """Everything of each profile, whole: it is all in the digest."""
    lines = []
    for proposal in proposals:
        profile = proposal.profile
        if profile is not None:
            state = " (approved)" if approved.get(profile.name) == profile.digest() else ""
            lines.append(f"{printable(proposal.path)}: a profile, which would let this program be started{state}:")
            lines.append(f"  {printable(profile.name)}: {printable(_json(list(profile.argv)))}")
            lines += [f"    {name}: {printable(_json(value))}" for name, value in _details(profile)]
    return lines


def _shown_servers(servers: Sequence[DeclaredServer], approved: dict[str, str]) -> list[str]:
    """Everything of each MCP server, whole."""
    lines = []
    for server in servers:
        state = " (approved)" if approved.get(server.approval_name) == server.digest() else ""
        does = "this program be started" if server.url is None else "this address be asked"
        lines.append(f"{FILE}: an MCP server, which would let {does}{state}:")
        lines.append(f"  {printable(server.name)}: {printable(server.url or _json(list(server.argv)))}")
        details = (("env", server.env), ("headers", server.headers))
        lines += [f"    {name}: {printable(_json(dict(value)))}" for name, value in details if value]
    return lines


def _details(profile: Profile) -> list[tuple[str, Any]]:
    facts = asdict(profile)
    return [(name, value) for name, value in facts.items() if name not in ("name", "argv", "origin")]


def _unusable(proposals: Sequence[Proposal]) -> list[str]:
    return [f"{printable(one.path)}: no profile: {one.problem}" for one in proposals if one.profile is None]


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
