"""`Assembler` makes of instances of the registry and of runs what is known of them, as the system says this moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from ..processes.identity import Identity, identify
from ..processes.model import Run
from .liveness import Life, life_of, seconds_of, start_of_process
from .model import Entry, Orchestrator
from .needs import Plans, Supervisor
from .permission import Permission, descends_from

OWNER = "plan:"


@dataclass(frozen=True, slots=True)
class Known:
    """An orchestrator, and the processes that it may be signalled by. `shim` is that of our run."""

    shown: Orchestrator
    entry: Entry | None
    identity: Identity | None
    shim: Identity | None
    is_program: bool
    """True if it runs the approved profile."""

    @property
    def key(self) -> str:
        """What stays the same while it runs: it registers itself only after its start."""
        return self.shown.run_id or self.shown.id

    @property
    def blocks(self) -> bool:
        """True if no other one of the plan may be started. A stranger's process never blocks."""
        return self.shown.is_alive and (self.shown.run_id is not None or self.is_program)


class Assembler:
    """`stale_s`: with an older heartbeat a running one is stale."""

    def __init__(
        self,
        supervisor: Supervisor,
        plans: Plans,
        permission: Permission,
        stale_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._supervisor = supervisor
        self._plans = plans
        self._permission = permission
        self._stale_s = stale_s
        self._clock = clock

    def registered(self, entries: Iterable[Entry], runs: Mapping[str, Run]) -> Iterator[Known]:
        """The instances of the registry, each with the run that its process descends from. `runs`: those that go on."""
        shims = {run_id: shim for run_id in runs if (shim := self._supervisor.shim_of(run_id)) is not None}
        taken: set[str] = set()
        start_of, is_approved_program = cache(start_of_process), self._permission.look()
        log_of = cache(self._plans.log_of)
        for entry in entries:
            life = life_of(entry, start_of)
            run_id = _run_of(entry, life.identity, shims, runs) if life.identity is not None else None
            if run_id in taken:
                run_id = None
            if run_id is not None:
                taken.add(run_id)
            is_program = (
                life.identity is not None and run_id is None and is_approved_program(entry.plan or "", life.identity)
            )
            log_file = log_of(entry.plan or "")
            yield self._of_entry(entry, life, run_id, shims.get(run_id or ""), is_program, log_file)

    def _of_entry(
        self, entry: Entry, life: Life, run_id: str | None, shim: Identity | None, is_program: bool, log_file: str
    ) -> Known:
        plan = entry.plan or ""
        is_alive = life.is_alive
        status = "running" if is_alive else "crashed" if entry.says_running else entry.said.lower()
        why_not = self._permission.refusal(run_id is not None, is_alive, is_program, entry.pid)
        shown = Orchestrator(
            id=entry.id,
            plan=plan,
            status=status,
            said=entry.said,
            pid=entry.pid,
            mode=entry.mode,
            started_at=entry.started_at or life.started_at,
            last_heartbeat=entry.last_heartbeat,
            is_stale=is_alive and self._is_stale(entry.last_heartbeat),
            is_alive=is_alive,
            can_stop=why_not is None,
            why_not=why_not,
            run_id=run_id,
            worktree_path=entry.worktree_path,
            log_file=log_file,
            project=self._plans.project_of(plan),
        )
        return Known(shown, entry, life.identity, shim, is_program)

    def of_run(self, run: Run, status: str) -> Known:
        """A run whose orchestrator is not in the registry."""
        plan = run.owner.removeprefix(OWNER)
        shim = self._supervisor.shim_of(run.run_id)
        is_alive = shim is not None and shim.is_alive
        why_not = self._permission.refusal(True, is_alive, False, run.pid)
        shown = Orchestrator(
            id=run.run_id,
            plan=plan,
            status=status,
            said=None,
            pid=run.pid,
            mode="continuous" if "--continuous" in run.argv else "batch",
            started_at=run.started_at,
            last_heartbeat=None,
            is_stale=False,
            is_alive=is_alive,
            can_stop=why_not is None,
            why_not=why_not,
            run_id=run.run_id,
            worktree_path=None,
            log_file=output_path(run),
            project=self._plans.project_of(plan),
        )
        return Known(shown, None, None, shim, False)

    def _is_stale(self, heartbeat: str | None) -> bool:
        at = seconds_of(heartbeat)
        return at is not None and self._clock() - at > self._stale_s


def ending(registered: Known, run: Known) -> Known:
    """An orchestrator of the registry whose process is gone, while the run in which it was started goes on."""
    left = run.shown
    shown = replace(
        registered.shown,
        status=left.status,
        is_alive=left.is_alive,
        can_stop=left.can_stop,
        why_not=left.why_not,
        run_id=left.run_id,
    )
    return replace(run, shown=shown)


def _run_of(entry: Entry, identity: Identity, shims: Mapping[str, Identity], runs: Mapping[str, Run]) -> str | None:
    for run_id, shim in shims.items():
        if runs[run_id].owner == f"{OWNER}{entry.plan}" and descends_from(identity, shim):
            return run_id
    return None


def output_path(run: Run) -> str:
    """The file with what a run prints, below the workspace."""
    return f"{run.folder}/output.log"


def program_of(shim: Identity) -> list[Identity]:
    """The processes directly below a shim: its program, or what that left behind as a daemon."""
    import psutil

    try:
        children = psutil.Process(shim.pid).children()
    except psutil.Error:
        return []
    return [found for child in children if (found := identify(child.pid)) is not None]
