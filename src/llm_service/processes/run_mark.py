"""Which processes belong to a run: those with its mark in the environment they were started with, `find_marked`.

The shim is started with the mark, and all that descends from it inherits it, also what has left the session and lost
its parents. It is made with the user's key, so that no other run, and no file, has the same one by chance or by intent.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from .identity import Identity, identify

if TYPE_CHECKING:
    import psutil

MARK_NAME = "LLM_SERVICE_RUN"


def mark_of(key: bytes, workspace: str, run_id: str) -> str:
    """The mark of a run, the same whenever it is asked for."""
    return f"{run_id}:{hmac.digest(key, f'run {workspace} {run_id}'.encode(), 'sha256').hex()[:32]}"


def find_marked(marks: Collection[str]) -> dict[str, list[Identity]]:
    """Mark -> the processes that have it now, and those below them that have no other; marks without any are left out.

    A process of another user, or one that has overwritten its environment, is found only below one that is found. We
    ourselves, who may have been started by a run too, are never among them.
    """
    if not marks:
        return {}
    parents, known = dict[int, int](), dict[int, str]()
    for pid, parent, its_mark in _everyone():
        parents[pid] = parent
        if its_mark is not None:
            known[pid] = its_mark
    for pid in _ourselves(parents):
        known[pid] = ""
    found: dict[str, list[Identity]] = {}
    for pid in parents:
        line = _line_to_mark(pid, parents, known)
        if not line or (mark := known[line[-1]]) not in marks:
            continue
        identity = identify(pid)
        if identity is not None and _is_marked(line, mark) and identity.is_alive:  # else a pid is another's by now
            found.setdefault(mark, []).append(identity)
    return found


def _line_to_mark(pid: int, parents: Mapping[int, int], known: Mapping[int, str]) -> list[int]:
    """The process and its ancestors up to the first one that has a mark; empty without any."""
    line = [pid]
    while line[-1] not in known:
        parent = parents.get(line[-1])
        if parent is None or parent in line:
            return []
        line.append(parent)
    return line


def _is_marked(line: Sequence[int], mark: str) -> bool:
    """True if that is so at this moment."""
    import psutil

    try:
        is_line = all(psutil.Process(child).ppid() == parent for child, parent in pairwise(line))
        return is_line and _mark(psutil.Process(line[-1])) == mark
    except psutil.Error:
        return False


def _ourselves(parents: Mapping[int, int]) -> Iterator[int]:
    """This process and its ancestors."""
    pid, seen = os.getpid(), set[int]()
    while pid in parents and pid not in seen:
        seen.add(pid)
        yield pid
        pid = parents[pid]


def _everyone() -> Iterator[tuple[int, int, str | None]]:
    """(pid, parent, mark) of all processes."""
    import psutil  # takes 15 ms

    for process in psutil.process_iter():
        try:
            parent = process.ppid()
        except psutil.Error:
            continue
        yield process.pid, parent, _mark(process)


def _mark(process: psutil.Process) -> str | None:
    import psutil

    try:
        return process.environ().get(MARK_NAME)
    except (psutil.Error, OSError, ValueError):
        return None
