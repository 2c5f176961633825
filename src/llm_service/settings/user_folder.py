"""The user's own folder: configuration and approvals, which no workspace can write. `user_folder(environ)`.

`~/.config/llm-service` (or `$XDG_CONFIG_HOME/llm-service`), on macOS `~/Library/Application Support/llm-service`, on
Windows `%APPDATA%\\llm-service`. platformdirs would give the same in a dependency.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from ..files import real_place

CONFIG_NAME = "config.yaml"
_MAX_LINKS = 40


def user_folder(environ: Mapping[str, str] | None = None) -> str | None:
    """The absolute path of the folder, which may be missing; None for a user without a home folder."""
    environ = os.environ if environ is None else environ
    # The specification of XDG: a path that is not absolute is ignored. It would depend on where a command is run.
    configured = environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(configured):
        return os.path.join(configured, "llm-service")
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    if not home and environ is os.environ:
        home = os.path.expanduser("~")  # by the user's number
    if sys.platform == "win32":
        base = environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = os.path.join(home, ".config")
    return os.path.join(base, "llm-service") if os.path.isabs(base) else None


def is_in_workspace(path: str, workspace: str) -> bool:
    """True if a workspace has a say in what `path` is: the file, a folder on the way or a link on the way is in it."""
    top = os.path.realpath(workspace)
    return any(real_place(place, top) is None for place in _trail(os.path.abspath(path)))


def _trail(path: str) -> Iterator[str]:
    """The folders whose entries decide what `path` is, without links in them, and the file itself."""
    remaining, links = _names(path), 0
    place = os.path.splitdrive(path)[0] + os.sep
    while remaining:
        yield place
        name = remaining.pop(0)
        if name == os.pardir:
            place = os.path.dirname(place)
            continue
        step = os.path.join(place, name)
        if os.path.islink(step) and links < _MAX_LINKS:
            links += 1
            target = os.path.join(place, os.readlink(step))
            remaining = _names(target) + remaining
            place = os.path.splitdrive(target)[0] + os.sep
        else:
            place = step
    yield place


def _names(path: str) -> list[str]:
    return [name for name in os.path.splitdrive(path)[1].split(os.sep) if name not in ("", os.curdir)]
