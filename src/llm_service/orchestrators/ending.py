"""Ending an orchestrator: `end_run(...)` for one of ours, `end_program(...)` for one that runs the approved profile.

SIGTERM goes to the orchestrator alone, so that the task that it is at is not torn away from it; what is not gone at
the end of the time is killed, with all that descends from it. Each signal goes to a process by its start time.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..processes.identity import Identity, descendants, signal_process

_POLL_S = 0.01
_KILL_S = 5.0
"""What cannot be killed by then waits in the kernel."""
_ORPHANS_S = 0.1
"""What an orchestrator leaves behind may end by itself for so long, before it is asked to."""


@dataclass(frozen=True, slots=True)
class End:
    """`is_gone`: nothing is left. `was_killed`: it did not end by itself in time."""

    is_gone: bool
    was_killed: bool


def end_run(
    shim: Identity, leaders: Sequence[Identity], stop_run: Callable[[], None], timeout_s: float, force: bool
) -> End:
    """End a run of ours. `leaders`: the orchestrator; `stop_run()` lets the shim stop all that is there."""
    deadline = time.monotonic() + (0.0 if force else timeout_s)
    if not force:
        for leader in leaders:
            signal_process(leader, signal.SIGTERM)
            signal_process(leader, signal.SIGCONT)
        _wait(lambda: not shim.is_alive or not any(one.is_alive for one in leaders), deadline)
        # The shim waits for all that is left; so it is asked to stop that.
        if shim.is_alive and not any(one.is_alive for one in leaders):
            _wait(lambda: not shim.is_alive, min(deadline, time.monotonic() + _ORPHANS_S))
            if shim.is_alive:
                stop_run()
                _wait(lambda: not shim.is_alive, deadline)
    if not shim.is_alive:
        return End(True, False)
    stop_run()
    return End(_kill(lambda: descendants(shim.pid) if shim.is_alive else [], lambda: not shim.is_alive), True)


def end_program(identity: Identity, timeout_s: float, force: bool) -> End:
    """End a process that runs the approved profile, and what descends from it."""
    if not force:
        signal_process(identity, signal.SIGTERM)
        signal_process(identity, signal.SIGCONT)
        _wait(lambda: not identity.is_alive, time.monotonic() + timeout_s)
        if not identity.is_alive:
            return End(True, False)
    members = [identity, *descendants(identity.pid)]
    return End(
        _kill(
            lambda: [one for one in [*members, *descendants(identity.pid)] if one.is_alive],
            lambda: not any(one.is_alive for one in members),
        ),
        True,
    )


def _kill(members: Callable[[], Sequence[Identity]], is_gone: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _KILL_S
    while not is_gone() and time.monotonic() < deadline:
        for member in members():
            signal_process(member, signal.SIGKILL)
        _wait(is_gone, time.monotonic() + 0.05)
    return is_gone()


def _wait(is_done: Callable[[], bool], deadline: float) -> bool:
    while not is_done():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(_POLL_S, left))
    return True
