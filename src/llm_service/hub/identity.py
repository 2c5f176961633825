"""Who an observer is: `keep_identity(folder, workspace)` gives the id under which it writes to a board.

It is random, in the state folder, and bound to this machine and this place of the workspace: a workspace that was
copied has the same file, and must not write under the same id.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..errors import FileRefused, FileVanished
from ..files import printable, read_file, write_atomic
from ..settings.state_folder import make_folder
from .outbox import is_observer

NAME = "observer.json"
_MAX_BYTES = 4_096
_MACHINE_FILES = (("/etc", "machine-id"), ("/var/lib/dbus", "machine-id"))


@dataclass(frozen=True, slots=True)
class Identity:
    """`observer` is None if this workspace may not write to a board; `problem` says why."""

    observer: str | None
    problem: str | None = None


def keep_identity(folder: str, workspace: str) -> Identity:
    """The identity in the state folder; a new one is made if there is none."""
    place = os.path.realpath(workspace)
    bound = binding(machine_id(), place)
    try:
        known = json.loads(read_file(os.path.abspath(folder), NAME, max_bytes=_MAX_BYTES).data)
        observer, its = str(known["observer"]), known["bound"]
    except FileVanished:
        return _new(folder, place, bound)
    except (FileRefused, ValueError, KeyError, TypeError, RecursionError):
        return Identity(None, f"{os.path.join(folder, NAME)} cannot be read; remove it, and a new identity is made")
    if not is_observer(observer):
        return Identity(None, f"{os.path.join(folder, NAME)} has no observer; remove it, and a new identity is made")
    if its == bound:
        return Identity(observer)
    whose = f"{printable(str(known.get('workspace', '?'))[:300])} on {printable(str(known.get('host', '?'))[:100])}"
    return Identity(
        None,
        f"two observers with one identity: this workspace was copied or moved, and its identity {observer} is that of "
        f"{whose}; remove {os.path.join(folder, NAME)} to give this one an identity of its own",
    )


def binding(machine: str, place: str) -> str:
    """What an identity is bound to, as a hash: no other host needs to know the machine's id."""
    return sha256(f"{machine}\0{place}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def machine_id() -> str:
    """The id of this machine; "" where it has none, as in some containers."""
    for folder, name in _MACHINE_FILES:
        with suppress(FileRefused, OSError):
            text = read_file(folder, name, max_bytes=256).data.decode("ascii", "replace").strip()
            if text and text != "uninitialized":
                return text
    return ""


def _new(folder: str, place: str, bound: str) -> Identity:
    observer = secrets.token_hex(8)
    body = {"observer": observer, "bound": bound, "host": socket.gethostname(), "workspace": place}
    try:
        make_folder(folder)
        write_atomic(Path(folder, NAME), json.dumps(body, indent=1).encode())
    except OSError as problem:
        reason = f"{os.path.join(folder, NAME)} cannot be written ({problem.strerror or problem})"
        return Identity(None, f"{reason}: without an identity nothing is shared")
    return Identity(observer)
