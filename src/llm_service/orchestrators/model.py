"""What is known of orchestrators: an entry of the registry, the orchestrator as it is shown, its usage (values)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ENDED = frozenset(
    {"stopped", "completed", "complete", "finished", "done", "failed", "crashed", "exited", "killed", "error"}
)
"""What the registry calls an orchestrator that does not run any more."""
MODES = ("batch", "continuous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One instance of the registry file, in either dialect. `said` is its status as it was written, times are texts as
    written; what is missing or is no such value is None."""

    id: str
    plan: str | None
    """The name of the plan: its file without `.md`."""
    plan_path: str | None
    said: str
    pid: int | None
    started_at: str | None
    last_heartbeat: str | None
    mode: str | None
    worktree_path: str | None
    start_mark: str | float | None = None
    """When the process started, as exactly as the writer knew: ticks since boot (text) or seconds since 1970."""
    boot_id: str | None = None

    @property
    def says_running(self) -> bool:
        """True if the registry calls it running, or anything but ended."""
        return self.said.lower() not in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Orchestrator:
    """An orchestrator of a plan as clients see it.

    `status`: "starting" (its program runs, and it has not registered itself yet), "running", "ending" (it has ended,
    and what it left behind runs), "crashed" (the registry says that it runs, and its process is gone), else what that
    says. `said` is the registry's word, None if it is not in there. `run_id`: the run in which we started it.
    `can_stop`: may it be signalled from here? If not, `why_not` says why. Times are ISO-8601.
    """

    id: str
    plan: str
    status: str
    said: str | None
    pid: int | None
    mode: str | None
    started_at: str | None
    last_heartbeat: str | None
    is_stale: bool
    """True if it runs, and its last heartbeat is too long ago."""
    is_alive: bool
    can_stop: bool
    why_not: str | None
    run_id: str | None
    worktree_path: str | None
    log_file: str | None
    project: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The registry file as it was read. `problem`: why there is nothing, or not all, in `entries`."""

    entries: tuple[Entry, ...] = ()
    problem: str | None = None
    modified_at: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What an orchestrator and all that descends from it take. `cpu_percent` of one processor, since the last time that
    this was asked, or since its start."""

    cpu_percent: float
    cpu_s: float
    memory_bytes: int
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOrder:
    """How a plan is to be worked through. `tasks`: only these; () for all."""

    mode: str = "batch"
    tasks: tuple[str, ...] = ()
    autonomous: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a start or a stop."""

    success: bool
    message: str
    orchestrator: Mapping[str, Any] = field(default_factory=dict)


def plan_name(value: Any) -> str | None:
    """The name of a plan out of its name or path; None if it cannot be one."""
    if not isinstance(value, str) or len(value) > 4_096:
        return None
    name = os.path.basename(value.replace("\\", "/").rstrip("/")).removesuffix(".md")
    return name if name and name not in (".", "..") and name.isprintable() else None
