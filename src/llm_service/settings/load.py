"""Load the settings: `load(sections, ...)` gives one frozen `Settings`, or raises `BadSettings`.

Sources in rising priority: defaults < `llm-service.yaml` in the workspace < the user's own configuration, whose
`workspaces` has settings for single ones < the file that `--config` names < environment `LLM_SERVICE_<NAME>` < command
line. The sections are the one table: defaults, the names in files and in the environment, checks, what the file of a
workspace may set and the documentation are all derived from their fields.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import BadSettings
from ..files import printable, real_place
from .approvals import Approvals, Ask
from .boundary import asked_settings, link_in_state, linked_file, linked_roots, refusal_of, unread_files
from .environment import settings_in
from .fields import BadValue
from .section import Section, all_settings
from .settings_file import Given, Known, SettingsFile
from .table import FILE_NAME, LOG_LEVELS, Refusal, Settings, ValueOrigin, make_settings
from .user_folder import is_in_workspace, user_folder
from .user_settings import user_settings

__all__ = ["FILE_NAME", "LOG_LEVELS", "Settings", "Sources", "load", "read_sources"]


@dataclass(frozen=True)
class Sources:
    """All sources of the settings of one workspace, read. `asks`: what its own files ask for beyond itself."""

    workspace: str
    users: dict[str, Any]
    """What the user gave: configuration, `--config`, environment, command line."""
    origins: dict[str, ValueOrigin]
    """Where the settings in `users` come from."""
    theirs: dict[str, Given]
    """What the file of the workspace gives."""
    asks: list[Ask]
    approvals: Approvals
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def load(
    sections: Sequence[type[Section]],
    workspace: str | None = None,
    config_file: str | None = None,
    cli: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force, with these sections of features; `workspace` comes out absolute.

    None in `cli` means "not given". Raises BadSettings for an unknown name, an unusable value or an unusable file.
    """
    sources = read_sources(sections, workspace, config_file, cli, environ)
    asks, refusals = sources.asks, sources.refusals
    approved = sources.approvals.hold(sources.workspace, asks)
    refused = {ask.name for ask in asks if ask.kind == "setting" and not approved}
    theirs = {name: one.value for name, one in sources.theirs.items() if name not in refused}
    values = theirs | sources.users | {"workspace": sources.workspace}
    origins = {name: ValueOrigin("workspace", one.where) for name, one in sources.theirs.items() if name in theirs}
    settings = replace(
        make_settings(sections, values),
        origins=origins | sources.origins,
        refusals=(*refusals, *([] if approved else map(refusal_of, asks))),
        linked_roots=tuple((ask.where, ask.value) for ask in asks if ask.kind == "link" and approved),
        notes=tuple(sources.notes),
    )
    _check_state(settings)
    for section in (settings, *settings.sections):
        section.check(settings)
    return settings


def read_sources(
    sections: Sequence[type[Section]],
    workspace: str | None = None,
    config_file: str | None = None,
    cli: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Sources:
    """Read all sources, and find out what the workspace asks for. Raises BadSettings."""
    known = all_settings((Settings, *sections))
    environ = os.environ if environ is None else environ
    from_environ, ignored = settings_in(known, environ)
    from_cli = _from_cli(known, {"workspace": workspace} | dict(cli or {}))
    folder = os.path.abspath((from_environ | from_cli).get("workspace", "."))
    refusals: list[Refusal] = []
    named: dict[str, Given] = {}
    place: str | None = None
    if config_file is None:
        theirs = _of_workspace(known, folder, refusals)
    else:
        named = _named(known, os.path.abspath(config_file), folder)
        given_folder = named.pop("workspace", None)
        if given_folder is not None and "workspace" not in from_environ | from_cli:
            folder = os.path.abspath(os.path.join(os.path.dirname(config_file), given_folder.value))
            place = given_folder.where
        # Agents can write to a file in the workspace, though the user named it.
        theirs, named = (named, {}) if is_in_workspace(config_file, folder) else ({}, named)
    own = _folder_of_user(environ, folder, refusals)
    configured = user_settings(known, own, folder)
    users = {name: one.value for name, one in (configured | named).items()} | from_environ | from_cli
    origins = {name: ValueOrigin("user", one.where) for name, one in configured.items()}
    origins |= {name: ValueOrigin("config", one.where) for name, one in named.items()}
    if place is not None:
        origins["workspace"] = ValueOrigin("config", place)
    origins |= {name: ValueOrigin("environment", known[name].variable) for name in from_environ}
    origins |= {name: ValueOrigin("command line", known[name].option) for name in from_cli}
    theirs = {name: one for name, one in theirs.items() if name not in users}
    asked = asked_settings(known, theirs)
    # With what is asked for and without it, other folders count: the links of both are asked for.
    wishes = {name: one.value for name, one in theirs.items()}
    granted = {name: value for name, value in wishes.items() if name not in {ask.name for ask in asked}}
    links = {ask.name: ask for values in (granted, wishes) for ask in linked_roots(known, values | users, folder)}
    notes = [f"{name} describes a service of a cluster and is no setting of ours." for name in ignored]
    return Sources(folder, users, origins, theirs, [*asked, *links.values()], Approvals(own), refusals, notes)


def _from_cli(known: Known, given: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        if value is not None:
            try:
                values[name] = known[name].read(value)
            except BadValue as problem:
                raise BadSettings(f"option {known[name].option}: {problem.sentence(name)}", setting=name) from problem
    return values


def _named(known: Known, path: str, workspace: str) -> dict[str, Given]:
    """The settings in the file of `--config`. One in the workspace must not lead out of it by a link."""
    outside = real_place(path, workspace) if is_in_workspace(path, workspace) else None
    if outside is not None:
        raise BadSettings(
            f"{path} is a link that leads out of the workspace; give --config {printable(outside)} itself."
        )
    return SettingsFile.read(known, path).given()


def _of_workspace(known: Known, folder: str, refusals: list[Refusal]) -> dict[str, Given]:
    """The settings in the file of the workspace. A link in its place is refused, and other names are pointed out."""
    path = os.path.join(folder, FILE_NAME)
    refusals += unread_files(folder)
    linked = linked_file(path)
    if linked is not None:
        refusals.append(linked)
        return {}
    given = SettingsFile.read_unlinked(known, path, optional=True).given()
    if "workspace" in given:
        raise BadSettings(
            f"{path}: workspace cannot be set in the file that is found through it; "
            "use --workspace, or name the file with --config."
        )
    return given


def _folder_of_user(environ: Mapping[str, str], workspace: str, refusals: list[Refusal]) -> str | None:
    """The user's own folder, unless the workspace can write to it."""
    folder = user_folder(environ)
    if folder is None or not is_in_workspace(folder, workspace):
        return folder
    if os.path.exists(folder):
        refusals.append(
            Refusal(folder, "It is in the workspace, where agents can write, so your own configuration is not read.")
        )
    return None


def _check_state(settings: Settings) -> None:
    """Refuse to write our own files outside the workspace through a link. Raises BadSettings."""
    state = settings.state_path
    for refusal in settings.refusals:
        if refusal.is_link and refusal.where == os.path.normpath(state):
            raise BadSettings(f"{state}: {refusal.reason}", file=state)
    link = link_in_state(state)
    if link is not None:
        raise BadSettings(f"{link} is a link; our own files are never written through one. Remove it.", file=link)
