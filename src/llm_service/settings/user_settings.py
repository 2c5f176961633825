"""The user's own configuration, `config.yaml` in `user_folder`: settings for all workspaces, and for single ones.

    timezone: Europe/Zurich
    workspaces:
      /home/ada/project:
        claude_folders: [~/.claude/projects]

It may set everything but `workspace`. `add_settings` writes to it, for one workspace, and keeps all that is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import BadSettings, StartFailed, Unparseable
from ..files import line_of, parse_mapping, write_atomic, yaml_value
from .fields import display
from .settings_file import Given, Known, SettingsFile
from .user_folder import CONFIG_NAME, is_in_workspace

_WORKSPACES = "workspaces"


def user_settings(known: Known, folder: str | None, workspace: str) -> dict[str, Given]:
    """What the user's configuration gives for this workspace, with places; {} without one. Raises BadSettings."""
    if folder is None or is_in_workspace(os.path.join(folder, CONFIG_NAME), workspace):
        return {}
    path = os.path.join(folder, CONFIG_NAME)
    file = SettingsFile.read(known, path, optional=True)
    given = file.given(ignored=_WORKSPACES)
    for key in _sections_of(file, workspace):
        given |= file.given(_WORKSPACES, key)
    if "workspace" in given:
        raise BadSettings(f"{given['workspace'].where}: workspace cannot be set here; use --workspace.", file=path)
    return given


def add_settings(folder: str | None, workspace: str, lines: Mapping[str, str], *, replace: bool = False) -> str:
    """Add settings (name -> value as YAML, in one line) for a workspace to the user's configuration; its path. With
    `replace`, those that are there already are replaced.

    Raises StartFailed, with the lines to add by hand, if they cannot be added without changing anything else.
    """
    real = os.path.realpath(workspace)
    by_hand = f"{_WORKSPACES}: {{{yaml_value(real)}: {{{', '.join(f'{name}: {lines[name]}' for name in lines)}}}}}"
    if folder is None:
        raise StartFailed("There is no home folder for your own configuration; set XDG_CONFIG_HOME.")
    path = os.path.join(folder, CONFIG_NAME)
    if is_in_workspace(path, workspace):
        raise StartFailed(
            f"{path} is in the workspace, where agents can write, so it cannot be your own configuration."
        )
    try:
        text = Path(path).read_text(encoding="utf-8") if os.path.exists(path) else ""
        added = _added(text, real, lines, replace)
        if added is None:
            raise StartFailed(f"{path} is written in a way that cannot be added to; add this yourself: {by_hand}")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        write_atomic(Path(os.path.realpath(path)), added.encode())
    except (OSError, UnicodeDecodeError) as problem:
        raise StartFailed(f"Cannot write {path}: {problem}.") from problem
    return path


def _sections_of(file: SettingsFile, workspace: str) -> list[str]:
    """The keys under `workspaces` that mean this workspace."""
    sections = file.content.get(_WORKSPACES) or {}
    if not isinstance(sections, dict):
        raise BadSettings(
            f"{file.where(_WORKSPACES)}: {_WORKSPACES} has to be a mapping of paths, not {display(sections)}."
        )
    return _keys_of(sections, os.path.realpath(workspace))


def _keys_of(sections: Mapping[str, Any], real: str) -> list[str]:
    return [key for key in sections if _leads_to(key, real)]


def _leads_to(path: str, real: str) -> bool:
    try:
        return os.path.realpath(os.path.expanduser(path)) == real
    except ValueError:  # a NUL or half a character: no path has it
        return False


def _added(text: str, real: str, lines: Mapping[str, str], replace: bool) -> str | None:
    """The text with these settings for a workspace, None if they cannot be inserted: it is parsed again to be sure."""
    before, given = _parsed(text), _parsed("\n".join(f"{name}: {value}" for name, value in lines.items()))
    sections = (before or {}).get(_WORKSPACES) or {}
    if before is None or given is None or not isinstance(sections, dict):
        return None
    key = next(iter(_keys_of(sections, real)), real)
    own = sections.get(key) or {}
    if not isinstance(own, dict):
        return None
    wanted = before | {_WORKSPACES: sections | {key: own | given}}
    block = []
    for name, value in lines.items():
        if replace and name in own:
            text = _replaced(text, [_WORKSPACES, key, name], f"{name}: {value}")
        else:
            block.append(f"{name}: {value}")
    rows = text.splitlines()
    if own:
        _insert(rows, text, [_WORKSPACES, key, next(iter(own))], block)
    else:
        block = [f"{_quote(key)}:", *(f"  {row}" for row in block)]
        if sections:
            _insert(rows, text, [_WORKSPACES, next(iter(sections))], block)
        else:
            rows += [f"{_WORKSPACES}:", *(f"  {row}" for row in block)]
    after = "\n".join(rows) + "\n"
    return after if _parsed(after) == wanted else None


def _replaced(text: str, place: list[str], line: str) -> str:
    """The text with that line instead of the setting at a place: its row, and the rows below that belong to it."""
    rows = text.splitlines()
    first = (line_of(text, place) or 1) - 1
    last, indent = first + 1, _indent(rows[first])
    while last < len(rows) and (_indent(rows[last]) > indent or rows[last][indent : indent + 2] == "- "):
        last += 1
    rows[first:last] = [" " * indent + line]
    return "\n".join(rows) + "\n"


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


def _insert(rows: list[str], text: str, before: list[str], block: list[str]) -> None:
    """Insert lines before the key at that place, with its indentation."""
    at = (line_of(text, before) or 1) - 1
    indent = rows[at][: len(rows[at]) - len(rows[at].lstrip())]
    rows[at:at] = [indent + row for row in block]


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        document = parse_mapping(text.encode())
    except Unparseable as problem:
        return {} if problem.problem.code == "EMPTY" else None
    if document.extra or document.extra_error or document.duplicate_keys:
        return None
    return dict(document.value)


def _quote(text: str) -> str:
    return text if re.fullmatch(r"/[\w./-]*", text, re.ASCII) else yaml_value(text)
