"""What a run of a program is: the profile that says what is started, the run, and how it ended (pure values)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256


class RunStatus(StrEnum):
    """`UNKNOWN`: its shim died, so how it ended is not known."""

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A command line that may be started once a person has approved it. `argv` may contain the placeholders `{job}`,
    `{project}`, `{project_dir}`, `{specification}` and `{plan}` (paths), each within one argument, and the arguments
    `{continuous}`, `{autonomous}` and `{tasks}`, which may be left out; nothing else of a request gets into it.
    `origin`: "built-in", "user" (their own configuration) or "workspace" (proposed by its files).
    """

    name: str
    argv: tuple[str, ...]
    origin: str
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    env_allow: tuple[str, ...] = ()
    pty: bool = False
    timeout_s: float | None = None
    max_log_bytes: int = 1 << 30
    retry_times: int = 0
    retry_delay_s: float = 10.0
    grace_s: float = 5.0
    phases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Phase -> regular expressions (RE2); a line that one of them finds begins the phase."""

    def digest(self) -> str:
        """The hash of all that is approved; any change of it asks again."""
        return sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExit:
    """How a run ended: `code`, or `signal` that killed it. `reason`: "exited", "stopped", "timeout", "log too long",
    "disk full", "budget", "not found" (no such program), "refused" (the system did not start it)."""

    code: int | None
    signal: int | None
    finished_at: str
    reason: str
    message: str | None = None
    duration_s: float | None = None
    """By a clock that is not set meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a program. `owner` names what it belongs to: `job:<id>` or `plan:<name>`. `folder` is that of its
    files below the workspace, with `run.json`, `output.log` and `exit.json`."""

    run_id: str
    owner: str
    profile: str
    argv: tuple[str, ...]
    cwd: str
    status: RunStatus
    attempt: int
    """1 for the first run of its owner."""
    folder: str
    started_at: str
    pid: int | None = None
    """Of the shim, which leads the session."""
    exit: RunExit | None = None
    log_bytes: int = 0
    survivors: int = 0
    """How many of its processes go on though its shim was killed; they can be stopped."""
    is_proven: bool = True
    """False: its files were not written by us, or on another machine. They are shown, but nothing rests on them, and
    nothing is signalled."""
