"""Proof of life: `wait_for_life(...)` says what became of a run that was started a moment ago."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import FileRefused
from ..files import open_file
from ..processes.identity import Identity
from ..processes.model import Run, RunExit
from .board import OrchestratorBoard
from .known import Known, program_of
from .liveness import seconds_of
from .model import Registry

_POLL_S, _SLOW_POLL_S = 0.005, 0.05
_NOTICED_S = 2.0
"""By then the supervisor has noticed the end of a shim."""
_ACTIVE = ("starting", "running")
TAIL_BYTES = 8_192
_TAIL_LINES = 40


@dataclass(frozen=True, slots=True)
class Life:
    """`known`: it has registered itself and its process runs. `program`: it runs, but has not registered itself in
    time. `exit`: it ended before. `has_worked`: it ended, but had registered itself: there was nothing to do, say."""

    known: Known | None = None
    program: Identity | None = None
    exit: RunExit | None = None
    has_worked: bool = False


def wait_for_life(
    board: OrchestratorBoard,
    run: Run,
    look: Callable[[], Run],
    read: Callable[[], Registry],
    shim_of: Callable[[], Identity | None],
    timeout_s: float,
) -> Life:
    """Wait until a run has registered itself, has ended, or the time is over. `look()` gives the run as it is now."""
    began = time.monotonic()
    deadline = began + timeout_s
    while True:
        now = look()
        board.apply_registry(read())
        plan = run.owner.partition(":")[2]
        for known in board.of_plan(plan):
            if known.shown.run_id == run.run_id and known.entry is not None:
                return Life(known=known)
        if now.exit is not None or not _is_active(now, shim_of):
            return Life(exit=_exit_of(look), has_worked=_has_registered(board, plan, run.started_at))
        if time.monotonic() >= deadline:
            shim = shim_of()
            leaders = program_of(shim) if shim is not None else []
            if leaders:
                return Life(program=leaders[0])
        time.sleep(_POLL_S if time.monotonic() - began < 1.0 else _SLOW_POLL_S)


def _exit_of(look: Callable[[], Run]) -> RunExit | None:
    """How a run ended whose shim is gone; None if that is not known, as somebody killed the shim."""
    deadline = time.monotonic() + _NOTICED_S
    while (run := look()).status in _ACTIVE and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return run.exit


def _is_active(run: Run, shim_of: Callable[[], Identity | None]) -> bool:
    shim = shim_of()
    return run.status in _ACTIVE and shim is not None


def _has_registered(board: OrchestratorBoard, plan: str, since: str) -> bool:
    """True if an instance of the plan that began since then says that it has ended well."""
    begin = seconds_of(since) or 0.0
    return any(
        entry.plan == plan and entry.said == "completed" and (seconds_of(entry.started_at) or 0.0) >= begin - 1.0
        for entry in board.registry().entries
    )


def tail_of(workspace: str, path: str, since_bytes: int = 0) -> bytes:
    """The last 40 lines of a file below the workspace, without what was there before; b"" if there are none."""
    try:
        handle = open_file(workspace, path)
    except FileRefused:
        return b""
    try:
        size = os.fstat(handle).st_size
        begin = max(size - TAIL_BYTES, since_bytes if since_bytes <= size else 0)
        data = os.pread(handle, TAIL_BYTES, begin)
    except OSError:
        return b""
    finally:
        os.close(handle)
    return b"".join(data.splitlines(keepends=True)[-_TAIL_LINES:])


def size_of(workspace: str, path: str) -> int:
    """How long a file below the workspace is; 0 if there is none."""
    try:
        handle = open_file(workspace, path)
    except FileRefused:
        return 0
    try:
        return os.fstat(handle).st_size
    finally:
        os.close(handle)
