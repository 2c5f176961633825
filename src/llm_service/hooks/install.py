"""Adds our hook to the settings of an agent's program: `plan(client, file, command)`, then `write(plan)`.

Other settings and other hooks stay as they are; ours is replaced where it is there already.
"""

from __future__ import annotations

import copy
import difflib
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FileRefused, FileVanished, StartFailed
from ..files import printable, read_file, require_inside, write_atomic
from .clients import TIMEOUT_S, HookClient

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "append_line.py")
MARK = "llm-service-hook"
_MAX_BYTES = 4 << 20
_CHECK = (
    'if [ -x "$1" ] && [ -f "$2" ]; then exec "$1" -I -S "$2" "$3" "$4" "$5"; fi; '
    'echo "llm-service cannot report this session: $1 or $2 is missing. Run: llm-service hooks install" >&2; exit '
)
"""The shell that the program has may be any, so it only starts sh. Exit code 1 of a hook stops nothing: the program
shows the message."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A settings file, its text before (None: there is none) and after."""

    path: str
    before: str | None
    after: str

    @property
    def is_needed(self) -> bool:
        """False if everything is there."""
        return self.before != self.after

    def diff(self) -> str:
        """What is to change, as a unified diff."""
        old, new = (self.before or "").splitlines(keepends=True), self.after.splitlines(keepends=True)
        name = printable(self.path)
        lines = difflib.unified_diff(old, new, name if self.before is not None else "/dev/null", name)
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def command_of(client: HookClient, folder: str, workspace: str, says_missing: bool) -> str:
    """The command of the hook. `says_missing`: that something is missing is shown to the person."""
    words = ("sh", "-c", _CHECK + str(int(says_missing)), MARK, sys.executable, SCRIPT, client.name, folder, workspace)
    return shlex.join(words)


def plan(client: HookClient, path: str, folder: str, workspace: str, *, remove: bool = False) -> Plan:
    """What is to be written; with `remove`, without our hook. Raises StartFailed if the file is no JSON object."""
    before = _text(path)
    settings = _settings(before, path)
    hooks = settings.get("hooks", {})
    if not isinstance(hooks, dict) or not all(isinstance(groups, list) for groups in hooks.values()):
        raise StartFailed(f"{printable(path)}: `hooks` is not what {client.label} takes. Nothing was changed.")
    changed = {
        name: [group for group in map(_without_ours, groups) if group is not None] for name, groups in hooks.items()
    }
    for event in () if remove else client.events:
        command = command_of(client, folder, workspace, says_missing=event == "SessionStart")
        handler = {"type": "command", "command": command, "timeout": TIMEOUT_S}
        changed.setdefault(event, []).append({"hooks": [handler]})
    kept = {name: groups for name, groups in changed.items() if groups or not hooks.get(name)}
    result = copy.copy(settings)
    if kept or "hooks" in settings:
        result["hooks"] = kept
    if remove and not kept:
        result.pop("hooks", None)
    if result == settings:
        return Plan(path, before, before if before is not None else "{}\n")
    return Plan(path, before, json.dumps(result, indent=_indent(before), ensure_ascii=False) + "\n")


def write(change: Plan, is_ours: bool) -> None:
    """Write the file. `is_ours`: it is below the workspace, which no link may leave. Raises StartFailed."""
    path = change.path if is_ours else os.path.realpath(change.path)
    try:
        if is_ours:
            require_inside(os.path.dirname(path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if _text(path) != change.before:
            raise StartFailed(f"{printable(path)} was changed meanwhile. Nothing was written; try again.")
        mode = 0o600
        with suppress(OSError):
            mode = os.stat(path).st_mode & 0o777
        write_atomic(Path(path), change.after.encode())
        os.chmod(path, mode)
    except OSError as problem:
        raise StartFailed(f"{printable(path)} cannot be written: {problem.strerror or problem}.") from problem


def installed(path: str) -> list[tuple[str, str, str]]:
    """(interpreter, script, folder) of each of our hooks in a settings file; [] if it cannot be read."""
    try:
        hooks = _settings(_text(path), path).get("hooks", {})
    except StartFailed:
        return []
    found = []
    for command in _commands(hooks):
        with suppress(ValueError):
            words = shlex.split(command)
            at = words.index(MARK)
            found.append((words[at + 1], words[at + 2], words[at + 4]))
    return sorted(set(found))


def _commands(hooks: Any) -> Iterator[str]:
    groups = (
        [group for value in hooks.values() if isinstance(value, list) for group in value]
        if isinstance(hooks, dict)
        else []
    )
    for group in groups:
        handlers = group.get("hooks") if isinstance(group, dict) else None
        for handler in handlers if isinstance(handlers, list) else ():
            if _is_ours(handler):
                yield handler["command"]


def _without_ours(group: Any) -> Any:
    """A group without our hook; None if nothing else was in it."""
    handlers = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(handlers, list) or not any(map(_is_ours, handlers)):
        return group
    others = [handler for handler in handlers if not _is_ours(handler)]
    return group | {"hooks": others} if others else None


def _is_ours(handler: Any) -> bool:
    command = handler.get("command") if isinstance(handler, dict) else None
    return isinstance(command, str) and MARK in command


def _text(path: str) -> str | None:
    """The content of the file, None if there is none. Raises StartFailed."""
    real = os.path.realpath(path)
    try:
        return read_file(os.path.dirname(real), os.path.basename(real), _MAX_BYTES).data.decode()
    except FileVanished:
        return None
    except FileRefused as problem:
        if not os.path.lexists(real):
            return None
        raise StartFailed(f"{printable(path)} cannot be read: {problem.message}") from problem
    except UnicodeDecodeError as problem:
        raise StartFailed(f"{printable(path)} is no text in UTF-8. Nothing was changed.") from problem


def _settings(text: str | None, path: str) -> dict[str, Any]:
    if text is None or not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise StartFailed(f"{printable(path)} is no JSON: {problem}. Nothing was changed.") from problem
    if not isinstance(value, dict):
        raise StartFailed(f"{printable(path)} is no JSON object. Nothing was changed.")
    return value


def _indent(text: str | None) -> int | str:
    """How the file is indented."""
    found = re.search(r"^([ \t]+)\S", text or "", re.MULTILINE)
    return 2 if found is None else "\t" if found[1].startswith("\t") else min(len(found[1]), 8)
