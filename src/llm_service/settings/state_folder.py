"""The folder for our own files (`Settings.state_path`): `make_state_folder` creates it, only for its owner."""

from __future__ import annotations

import contextlib
import os
import stat

from ..errors import StartFailed
from ..files import require_inside

ELSEWHERE = "name another folder by LLM_SERVICE_STATE_DIR, or by state_dir in your own configuration"
"""What to do where the folder cannot be written."""
_IGNORE = "*\n"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_state_folder(folder: str) -> None:
    """Create the folder, with a `.gitignore` so that nothing in it is committed. Raises StartFailed."""
    try:
        make_folder(folder)
    except OSError as problem:
        raise StartFailed(f"Cannot write to {folder} ({problem.strerror}); {ELSEWHERE}.") from problem


def make_folder(folder: str) -> None:
    """Like `make_state_folder`; not where a link leads out of the workspace. Raises OSError."""
    require_inside(folder)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, ".gitignore")
    with contextlib.suppress(FileExistsError), open(path, "x") as ignore:
        ignore.write(_IGNORE)
    with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as ignore:
        # Only a folder that is for us alone: the setting may name one that others use too.
        if ignore.read(len(_IGNORE) + 1) == _IGNORE:
            make_private(folder)


def make_private(path: str) -> None:
    """Take all rights of others from a file or folder of ours; without them for a link or what is not ours."""
    with contextlib.suppress(OSError):
        mode = os.lstat(path).st_mode
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            os.chmod(path, stat.S_IMODE(mode) & ~_OTHERS)


def remake(workspace: str, folder: str) -> str | None:
    """Create the folder again if it was removed while a dashboard runs; the reason if that cannot be.

    Not if the workspace itself is gone: it was moved, and an empty one at its place would only confuse.
    """
    if not os.path.isdir(workspace):
        return f"the workspace {workspace} was moved or removed"
    try:
        make_folder(folder)
    except OSError as problem:
        return f"{folder} cannot be created: {problem.strerror}"
    return None
