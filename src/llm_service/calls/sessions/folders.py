"""Folders of session logs: those in the settings, and those found on this machine that no setting names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal

from ...settings.load import Settings
from ..settings import CallSettings
from . import copilot

Kind = Literal["lines", "claude", "codex", "copilot"]
LINES: Kind = "lines"


def session_folders(settings: Settings) -> list[tuple[Kind, str]]:
    """`(kind, absolute path)` of every folder that calls are read from, in the order of the settings."""
    own = settings.of(CallSettings)
    configured: list[tuple[Kind, list[str]]] = [
        (LINES, [own.telemetry_dir]),
        ("claude", own.claude_folders),
        ("codex", own.codex_folders),
        ("copilot", own.copilot_folders),
    ]
    return [(kind, settings.folder(folder)) for kind, folders in configured for folder in dict.fromkeys(folders)]


def discover_session_folders(settings: Settings, environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """`(setting, folder)` of the session logs on this machine that no setting names; `~` for the home folder.

    Sources: code.claude.com/docs (CLAUDE_CONFIG_DIR, `projects/`), github.com/openai/codex (CODEX_HOME, `sessions/`),
    docs.github.com/en/copilot (COPILOT_HOME).
    """
    environ = os.environ if environ is None else environ
    home = environ.get("HOME") or os.path.expanduser("~")
    claude = [environ.get("CLAUDE_CONFIG_DIR") or os.path.join(home, ".claude"), os.path.join(home, ".config/claude")]
    codex = [environ.get("CODEX_HOME") or os.path.join(home, ".codex")]
    candidates = [("claude_folders", os.path.join(folder, "projects")) for folder in claude]
    candidates += [("codex_folders", os.path.join(folder, "sessions")) for folder in codex]
    candidates += [("copilot_folders", folder) for folder in copilot.default_folders(environ, home)]
    known = {os.path.realpath(folder) for _, folder in session_folders(settings)}
    found = []
    for setting, folder in candidates:
        if os.path.isdir(folder) and os.path.realpath(folder) not in known:
            known.add(os.path.realpath(folder))
            found.append((setting, _abbreviate_home(folder, home)))
    return found


def session_settings(settings: Settings, found: list[tuple[str, str]]) -> dict[str, str]:
    """The settings that count these folders, as YAML: name -> value. What is set already is left out."""
    own = settings.of(CallSettings)
    names = [name for name in dict.fromkeys(name for name, _ in found) if not getattr(own, name)]
    return {name: f"[{', '.join(_quote(folder) for key, folder in found if key == name)}]" for name in names}


def _abbreviate_home(folder: str, home: str) -> str:
    return f"~{folder[len(home) :]}" if folder.startswith(home + os.sep) else folder


def _quote(folder: str) -> str:
    return folder if re.fullmatch(r"[\w./~-]+", folder) and folder != "~" else "'" + folder.replace("'", "''") + "'"
