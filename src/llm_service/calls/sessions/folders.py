"""Folders of session logs: those in the settings, and those found on this machine that no setting names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal

from ...errors import StartFailed
from ...settings.load import FILE_NAME, Settings
from ..settings import CallSettings

Kind = Literal["lines", "claude", "codex"]
LINES: Kind = "lines"


def session_folders(settings: Settings) -> list[tuple[Kind, str]]:
    """`(kind, absolute path)` of every folder that calls are read from, in the order of the settings."""
    own = settings.of(CallSettings)
    configured: list[tuple[Kind, list[str]]] = [
        (LINES, [own.telemetry_dir]),
        ("claude", own.claude_folders),
        ("codex", own.codex_folders),
    ]
    return [(kind, settings.folder(folder)) for kind, folders in configured for folder in dict.fromkeys(folders)]


def discover_session_folders(settings: Settings, environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """`(setting, folder)` of the session logs on this machine that no setting names; `~` for the home folder.

    Sources: code.claude.com/docs (CLAUDE_CONFIG_DIR, `projects/`), github.com/openai/codex (CODEX_HOME, `sessions/`).
    """
    environ = os.environ if environ is None else environ
    home = environ.get("HOME") or os.path.expanduser("~")
    claude = [environ.get("CLAUDE_CONFIG_DIR") or os.path.join(home, ".claude"), os.path.join(home, ".config/claude")]
    codex = [environ.get("CODEX_HOME") or os.path.join(home, ".codex")]
    candidates = [("claude_folders", os.path.join(folder, "projects")) for folder in claude]
    candidates += [("codex_folders", os.path.join(folder, "sessions")) for folder in codex]
    known = {os.path.realpath(folder) for _, folder in session_folders(settings)}
    found = []
    for setting, folder in candidates:
        if os.path.isdir(folder) and os.path.realpath(folder) not in known:
            known.add(os.path.realpath(folder))
            found.append((setting, _abbreviate_home(folder, home)))
    return found


def settings_lines(found: list[tuple[str, str]]) -> list[str]:
    """The lines of the settings file that add these folders."""
    settings = dict.fromkeys(setting for setting, _ in found)
    return [f"{name}: [{', '.join(_quote(folder) for key, folder in found if key == name)}]" for name in settings]


def add_to_settings(workspace: str, found: list[tuple[str, str]]) -> list[str]:
    """Append the folders to the settings file and return the lines that were added.

    Existing lines, and settings that are already there, are not changed. Raises StartFailed.
    """
    path = os.path.join(workspace, FILE_NAME)
    try:
        text = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                text = file.read()
        lines = [line for line in settings_lines(found) if not _is_set(line.partition(":")[0], text)]
        if lines:
            separator = "" if not text or text.endswith("\n") else "\n"
            with open(path, "a", encoding="utf-8") as file:
                file.write(separator + "\n".join(lines) + "\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise StartFailed(f"Cannot write {path}: {problem}.") from problem
    return lines


def _is_set(name: str, text: str) -> bool:
    return re.search(rf"""^["']?{name}["']?\s*:""", text, re.MULTILINE) is not None


def _abbreviate_home(folder: str, home: str) -> str:
    return f"~{folder[len(home) :]}" if folder.startswith(home + os.sep) else folder


def _quote(folder: str) -> str:
    return folder if re.fullmatch(r"[\w./~-]+", folder) and folder != "~" else "'" + folder.replace("'", "''") + "'"
