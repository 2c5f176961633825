"""What may be signalled: `Permission.of(...)`. Only what our shim started, or what runs the approved profile.

The registry is written by the agents that are watched, so that it names a process is no reason to signal it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ..processes.identity import Identity
from ..processes.model import Profile
from ..processes.profile_entries import PLACEHOLDER, SWITCHES

_MOST_PARENTS = 64
CONTROL_IS_OFF = "Programs are neither started nor stopped here, as the setting control is off."


@dataclass(frozen=True, slots=True)
class Command:
    """How a process was started."""

    argv: tuple[str, ...]
    cwd: str
    uid: int


def command_of(identity: Identity) -> Command | None:
    """The command of this very process; None if it has ended, or is not ours to see."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(identity.pid)
        with process.oneshot():
            found = Command(tuple(process.cmdline()), process.cwd(), process.uids().real)
        if identity.is_alive:
            return found
    return None


def descends_from(identity: Identity, ancestor: Identity) -> bool:
    """True if a process descends from another one, both of which run."""
    import psutil

    pid: int | None = identity.pid
    with contextlib.suppress(psutil.Error):
        for _ in range(_MOST_PARENTS):
            if pid is None or pid <= 1:
                return False
            pid = psutil.Process(pid).ppid()
            if pid == ancestor.pid:
                return ancestor.is_alive and identity.is_alive
    return False


def runs_profile(command: Command, profile: Profile, plan: str, workspace: str) -> bool:
    """True if a command is the profile's, for the plan in this file (absolute), with any of its switches."""
    given = list(command.argv)
    folder = os.path.normpath(os.path.join(workspace, os.path.expanduser(profile.cwd or "")))
    for number, wanted in enumerate(profile.argv):
        name = wanted[1:-1]
        if name in SWITCHES and wanted == f"{{{name}}}":
            if given[:1] == [f"--{name}"]:
                del given[: 2 if name == "tasks" else 1]
            continue
        if not given:
            return False
        argument = given.pop(0)
        if number == 0:
            # `python3` may be what the system calls `/usr/bin/python3.11`.
            if not _same_program(argument, wanted):
                return False
        elif wanted == "{plan}":
            if os.path.realpath(os.path.join(command.cwd, argument)) != os.path.realpath(plan):
                return False
        elif PLACEHOLDER.search(wanted) or not _same_argument(argument, wanted, command.cwd, folder):
            return False
    return not given


def _same_program(given: str, wanted: str) -> bool:
    one, other = os.path.basename(given), os.path.basename(wanted)
    return one == other or (one.startswith("python3") and other.startswith("python3"))


def _same_argument(given: str, wanted: str, cwd: str, folder: str) -> bool:
    if given == wanted:
        # The same relative path in another folder is another program.
        return "/" not in wanted or os.path.realpath(cwd) == os.path.realpath(folder) or not _is_path(wanted, folder)
    return _is_path(wanted, folder) and os.path.realpath(os.path.join(cwd, given)) == os.path.realpath(
        os.path.join(folder, wanted)
    )


def _is_path(text: str, folder: str) -> bool:
    return not text.startswith("-") and os.path.lexists(os.path.join(folder, text))


class Permission:
    """`profile()`: the orchestrator profile if it is approved, else None. `plan_file(name)`: its file, absolute."""

    def __init__(
        self,
        control: bool,
        profile: Callable[[], Profile | None],
        plan_file: Callable[[str], str | None],
        workspace: str,
    ) -> None:
        self.control = control
        self._profile = profile
        self._plan_file = plan_file
        self._workspace = workspace

    def look(self) -> Callable[[str, Identity], bool]:
        """Whether a process runs the approved profile for a plan, as our own user: to be asked now, of many processes.
        A registry may name one process a thousand times."""
        profile = self._profile()
        commands, files = cache(command_of), cache(self._plan_file)

        @cache
        def is_approved_program(plan: str, identity: Identity) -> bool:
            command = commands(identity) if profile is not None else None
            if profile is None or command is None or (hasattr(os, "getuid") and command.uid != os.getuid()):
                return False
            file = files(plan)
            return file is not None and runs_profile(command, profile, file, self._workspace)

        return is_approved_program

    def refusal(self, is_run: bool, is_alive: bool, is_program: bool, pid: int | None) -> str | None:
        """Why an orchestrator may not be stopped from here; None if it may."""
        if not is_alive:
            return "It does not run."
        if not self.control:
            return CONTROL_IS_OFF
        if is_run or is_program:
            return None
        return (
            f"The process {pid} was not started from here, and does not run the approved orchestrator profile for this "
            "plan, so it is not signalled: the registry can be written by agents."
        )
