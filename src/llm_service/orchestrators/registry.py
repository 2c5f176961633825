"""The registry file: `read_registry(root, path)` gives its entries, `update_registry(root, path, change)` changes some.

`{instances: [...]}` in two dialects, `{id, plan, status, pid, started_at, mode}` and `{id, pid, plan_path,
worktree_path, started_at, last_heartbeat, status, socket_path, port}`. Orchestrators, agents and we write it, so it is
read as an agent's file, and an update changes only what it is about: all other entries and unknown keys stay, and
numbers as they were written.
"""

from __future__ import annotations

import contextlib
import math
import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import Busy, FileRefused, FileUnreadable, FileVanished
from ..files import Signature, printable, read_file, require_inside
from ..times import iso_time
from .model import Entry, Registry, plan_name
from .registry_json import exact_document, exact_text, plain_document

MAX_BYTES = 4 << 20
MAX_ENTRIES = 500
_MAX_TEXT = 4_096
_LOCK_TIMEOUT_S = 2.0
"""So long may nothing be written while another process has the lock."""
_LOCK_LONGEST_S = 30.0
_LOCK_POLL_S = 0.002
_MOST_TRIES = 50
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)

Instances = list[Any]
Change = Callable[[Instances], bool]
"""Changes the list of instances in place; False if nothing is to be written. Decimal and very long numbers in it are
`Number`s."""


def read_registry(root: str, path: str) -> Registry:
    """The registry at `path` below `root`; one that is missing is empty."""
    try:
        content = read_file(root, path, MAX_BYTES)
    except FileVanished:
        return Registry()
    except FileRefused as problem:
        return Registry(problem=problem.message)
    return parse_registry(content.data, iso_time(content.signature.mtime_ns / 1e9))


def parse_registry(data: bytes, modified_at: str | None = None) -> Registry:
    """The entries in the text of a registry. An empty text has a problem: a writer in place empties it first."""
    try:
        if not data.strip():
            raise ValueError("it is empty, or is being written")
        instances = _instances(plain_document(data))
    except ValueError as fault:
        return Registry(problem=f"The registry cannot be read: {fault}.", modified_at=modified_at)
    entries = tuple(entry for one in instances[-MAX_ENTRIES:] if (entry := _entry(one)) is not None)
    problem = None
    if len(instances) > MAX_ENTRIES:
        problem = f"The registry has {len(instances):,} instances; only the last {MAX_ENTRIES:,} are read."
    elif len(entries) < len(instances):
        problem = f"{len(instances) - len(entries):,} instances of the registry have no id or no plan."
    return Registry(entries=entries, problem=problem, modified_at=modified_at)


def update_registry(root: str, path: str, change: Change) -> bool:
    """Change the registry under its lock, whole or not at all; False if `change` left it as it is.

    Other writers that take the lock (`<path>.lock`, flock) wait, and this one waits for them as long as they write; if
    one that does not take it wrote meanwhile, the change is made anew on what it wrote. A file that is there and cannot
    be read stays as it is.

    Raises FileRefused, Busy, OSError.
    """
    folder, name = os.path.split(os.path.join(root, path))
    require_inside(folder)
    os.makedirs(folder, exist_ok=True)
    with _lock(os.path.join(folder, f"{name}.lock"), os.path.join(folder, name)):
        for _ in range(_MOST_TRIES):
            before, document = _read_whole(root, path)
            if not change(_instances(document)):
                return False
            if _replace(folder, name, document, before):
                return True
    raise Busy("Others write the registry all the time; try again.")


def same_instance(instance: Any, entry_id: str, pid: int | None) -> bool:
    """True if an instance is the one with this id and process."""
    return isinstance(instance, dict) and instance.get("id") == entry_id and instance.get("pid") == pid


def _instances(document: dict[str, Any]) -> Instances:
    """The list in a document, made if there is none. Raises ValueError."""
    found = document.setdefault("instances", [])
    if not isinstance(found, list):
        raise ValueError("its `instances` are no list")
    return found


def _entry(value: Any) -> Entry | None:
    if not isinstance(value, dict):
        return None
    entry_id = _text(value.get("id"))
    path = _text(value.get("plan_path"))
    plan = plan_name(value.get("plan")) or plan_name(path)
    if not entry_id or plan is None:
        return None
    pid = value.get("pid")
    is_pid = isinstance(pid, int) and not isinstance(pid, bool) and 0 < pid < 1 << 31
    return Entry(
        id=entry_id,
        plan=plan,
        plan_path=path or _text(value.get("plan")),
        said=(_text(value.get("status")) or "unknown")[:40],
        pid=pid if is_pid else None,
        started_at=_text(value.get("started_at")),
        last_heartbeat=_text(value.get("last_heartbeat")),
        mode=_text(value.get("mode")),
        worktree_path=_text(value.get("worktree_path")),
        start_mark=_mark(value.get("process_start_time")),
        boot_id=_text(value.get("boot_id")),
    )


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or not value or len(value) > _MAX_TEXT:
        return None
    return printable(value)


def _mark(value: Any) -> str | float | None:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and math.isfinite(value):
        return float(value)
    return None


def _read_whole(root: str, path: str) -> tuple[Signature | None, dict[str, Any]]:
    try:
        content = read_file(root, path, MAX_BYTES)
    except FileVanished:
        return None, {"instances": []}
    try:
        document = exact_document(content.data)
        _instances(document)
    except ValueError as problem:
        raise FileUnreadable(f"{printable(path)} is left as it is: {problem}.") from problem
    return content.signature, document


def _replace(folder: str, name: str, document: dict[str, Any], before: Signature | None) -> bool:
    """Put the document in the place of the file, unless that is another one than `before` by now."""
    temporary, path = os.path.join(folder, f"{name}.new"), os.path.join(folder, name)
    # Only who has the lock uses this name: what is there was left by one that was killed.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(exact_text(document) + "\n")
    if _signature(path) != before:
        return False
    os.replace(temporary, path)
    return True


def _signature(path: str) -> Signature | None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return Signature(status.st_ino, status.st_size, status.st_mtime_ns)


@contextlib.contextmanager
def _lock(path: str, written: str) -> Iterator[None]:
    """Hold the lock of the registry `written`. Raises Busy, OSError.

    flock is not fair: among many who write, one can wait for long. It gives up only when they do not write.
    """
    now = time.monotonic()
    deadline, longest, seen = now + _LOCK_TIMEOUT_S, now + _LOCK_LONGEST_S, _signature(written)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | _NOFOLLOW, 0o644)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise FileUnreadable(f"{printable(path)} is no regular file.")
        while not _try_lock(handle):
            if (found := _signature(written)) != seen:
                deadline, seen = min(time.monotonic() + _LOCK_TIMEOUT_S, longest), found
            if time.monotonic() > deadline:
                raise Busy("Another process has been writing the registry for too long; try again.")
            time.sleep(_LOCK_POLL_S)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows, where nothing is started
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
