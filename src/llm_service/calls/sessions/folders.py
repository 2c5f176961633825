"""Folders of session logs: those in the settings, and those found on this machine that no setting names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ...settings.load import Settings
from ..settings import CallSettings
from .kinds import KINDS
from .log_kind import Kind

LINES: Kind = "lines"


def session_folders(settings: Settings) -> list[tuple[Kind, str]]:
    """`(kind, absolute path)` of every folder that calls are read from, in the order of `KINDS`."""
    own = settings.of(CallSettings)
    found: list[tuple[Kind, str]] = []
    for kind, facts in KINDS.items():
        value = getattr(own, facts.setting)
        folders: list[str] = [value] if isinstance(value, str) else value
        found += [(kind, settings.folder(folder)) for folder in dict.fromkeys(folders)]
    return found


def discover_session_folders(settings: Settings, environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """`(setting, folder)` of the session logs on this machine that no setting names; `~` for the home folder."""
    environ = os.environ if environ is None else environ
    home = environ.get("HOME") or os.path.expanduser("~")
    known = {os.path.realpath(folder) for _, folder in session_folders(settings)}
    found = []
    for kind in KINDS.values():
        for folder in kind.default_folders(environ, home):
            if os.path.isdir(folder) and os.path.realpath(folder) not in known:
                known.add(os.path.realpath(folder))
                found.append((kind.setting, _abbreviate_home(folder, home)))
    return found


def usual_session_folders(environ: Mapping[str, str] | None = None) -> list[str]:
    """Where `discover_session_folders` looks; `~` for the home folder."""
    environ = os.environ if environ is None else environ
    home = environ.get("HOME") or os.path.expanduser("~")
    folders = (folder for kind in KINDS.values() for folder in kind.default_folders(environ, home))
    return [_abbreviate_home(folder, home) for folder in dict.fromkeys(folders)]


def session_settings(settings: Settings, found: list[tuple[str, str]]) -> dict[str, str]:
    """The settings that count these folders, as YAML: name -> value. What is set already is left out."""
    own = settings.of(CallSettings)
    names = [name for name in dict.fromkeys(name for name, _ in found) if not getattr(own, name)]
    return {name: f"[{', '.join(_quote(folder) for key, folder in found if key == name)}]" for name in names}


def _abbreviate_home(folder: str, home: str) -> str:
    return f"~{folder[len(home) :]}" if folder.startswith(home + os.sep) else folder


def _quote(folder: str) -> str:
    return folder if re.fullmatch(r"[\w./~-]+", folder) and folder != "~" else "'" + folder.replace("'", "''") + "'"
