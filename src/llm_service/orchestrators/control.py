"""`OrchestratorControl`: starts the orchestrator of a plan, and stops one; the only code here that does either."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import (
    AlreadyRunning,
    BadRequest,
    Busy,
    ControlOff,
    FileRefused,
    Forbidden,
    NotApproved,
    NotFound,
    NotRunning,
    PlanNotFound,
    StartFailed,
)
from ..files import printable
from ..processes.identity import Identity
from ..processes.model import Profile, Run
from ..times import iso_time
from .board import OrchestratorBoard
from .ending import End, end_program, end_run
from .known import OWNER, Known, output_path, program_of
from .last_start import LastStarts
from .model import Outcome, Registry, StartOrder
from .needs import Plans, Supervisor
from .permission import CONTROL_IS_OFF
from .proof import Life, size_of, tail_of, wait_for_life
from .registry import Instances, read_registry, same_instance, update_registry
from .switches import parameters_of

log = logging.getLogger(__name__)

MAX_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Places:
    """`workspace` is absolute, `registry` a path below it, `profile` the name of the orchestrator profile."""

    workspace: str
    registry: str
    profile: str


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: until a start is answered, and until one that is to stop is killed."""

    start_s: float
    stop_s: float


class OrchestratorControl:
    """Thread-safe. `redact(data)` takes the secrets out of whole lines."""

    def __init__(
        self,
        supervisor: Supervisor,
        plans: Plans,
        board: OrchestratorBoard,
        places: Places,
        timeouts: Timeouts,
        redact: Callable[[bytes], bytes] = lambda data: data,
    ) -> None:
        self._supervisor = supervisor
        self._plans = plans
        self._board = board
        self._places = places
        self._timeouts = timeouts
        self._redact = redact
        self._lock = threading.Lock()
        self._plan_locks: dict[str, threading.Lock] = {}
        self._last_starts = LastStarts()

    def profile(self) -> Profile | None:
        """The orchestrator profile, approved or not."""
        return next((one for one in self._supervisor.profiles() if one.name == self._places.profile), None)

    def start(self, plan: str, order: StartOrder) -> Outcome:
        """Start the orchestrator of a plan; returns when it is known to run. Who asks for the same start while one is
        under way gets its answer, if it does not run any more.

        Raises ControlOff, PlanNotFound, BadRequest, NotApproved, AlreadyRunning, DiskFull, StartFailed with the end of
        its log in `details.log`.
        """
        asked_at = time.monotonic()
        self._require_control()
        path = self._plans.path_of(plan)
        if path is None:
            raise PlanNotFound(f"There is no plan “{printable(plan)[:100]}”.")
        parameters = parameters_of(order) | {"plan": path}
        with self._lock_of(plan):
            self._board.apply_registry(self._read())
            self._require_none(plan)
            if (same := self._last_starts.same(plan, order, asked_at)) is not None:
                return same
            profile = self._approved_profile()
            sizes = {path: size_of(self._places.workspace, path) for path in self._plans.logs_of(plan)}
            runs = self._supervisor.runs(f"{OWNER}{plan}")
            attempt = max((run.attempt for run in runs), default=0) + 1
            try:
                run = self._supervisor.start_run(f"{OWNER}{plan}", profile, parameters, attempt)
            except Busy as problem:
                if problem.details.get("owner"):
                    self._board.refresh()
                    self._require_none(plan)
                    raise AlreadyRunning(f"The plan {printable(plan)} runs already.", existingPid=None) from problem
                raise
            self._board.apply_run(run)
            life = wait_for_life(
                self._board,
                run,
                lambda: self._supervisor.run(run.run_id),
                self._read,
                lambda: self._alive_shim(run.run_id),
                self._timeouts.start_s,
            )
            try:
                outcome = self._started(plan, run, life, sizes)
            except StartFailed as problem:
                self._last_starts.put(plan, order, problem)
                raise
            self._last_starts.put(plan, order, outcome)
            return outcome

    def stop(self, plan: str, force: bool = False, timeout_s: float | None = None) -> Outcome:
        """Stop the orchestrator of a plan: SIGTERM, `timeout_s`, SIGKILL; with `force` SIGKILL at once. Returns when it
        is gone.

        Raises ControlOff, PlanNotFound, NotRunning, Forbidden with the reason why it is not signalled.
        """
        self._require_control()
        self._board.apply_registry(self._read())
        alive = self._board.of_plan(plan)
        if not alive:
            if self._plans.path_of(plan) is None:
                raise PlanNotFound(f"There is no plan “{printable(plan)[:100]}”.")
            raise NotRunning(f"No orchestrator of the plan {printable(plan)} runs.")
        target = alive[0]
        if not target.shown.can_stop:
            raise Forbidden(target.shown.why_not or "It may not be signalled from here.", pid=target.shown.pid)
        began = time.monotonic()
        self._board.expect(target.key, "killed" if force else "stopped")
        end = self._end(target, force, self._timeouts.stop_s if timeout_s is None else timeout_s)
        if end.was_killed:
            self._board.expect(target.key, "killed")
        if not end.is_gone:
            self._board.expect(target.key, None)
        self._note_end(target)
        self._board.apply_registry(self._read())
        waited_ms = round((time.monotonic() - began) * 1000)
        return Outcome(end.is_gone, _stop_message(plan, end, force), self._facts(target) | {"waitedMs": waited_ms})

    # Starting.

    def _require_none(self, plan: str) -> None:
        for known in self._board.of_plan(plan):
            if known.blocks:
                raise AlreadyRunning(
                    f"The plan {printable(plan)} runs already, as process {known.shown.pid}.",
                    existingPid=known.shown.pid,
                    orchestrator=known.shown.id,
                )

    def _approved_profile(self) -> Profile:
        profile = self.profile()
        if profile is None:
            raise NotApproved(
                f"There is no profile {self._places.profile}: put a program at scripts/plan_orchestrator.py, or "
                "name one in `profiles` of your own configuration.",
                profile=self._places.profile,
            )
        if "{plan}" not in profile.argv:
            raise BadRequest(f"The profile {profile.name} has no argument {{plan}}, so it cannot start a plan.")
        return profile

    def _started(self, plan: str, run: Run, life: Life, sizes: Mapping[str, int]) -> Outcome:
        """`sizes` are those of its logs before."""
        log_file = self._plans.log_of(plan)
        facts: dict[str, Any] = {"id": run.run_id, "pid": None, "logFile": log_file, "startedAt": run.started_at}
        if life.known is not None:
            shown = life.known.shown
            facts |= {"id": shown.id, "pid": shown.pid, "startedAt": shown.started_at or run.started_at}
            return Outcome(True, f"The orchestrator of {plan} runs as process {shown.pid}.", facts)
        output = output_path(run)
        if life.program is not None:
            self._board.confirm(run.run_id)
            facts |= {"pid": life.program.pid, "logFile": log_file if self._has(log_file) else output}
            return Outcome(
                True,
                f"The orchestrator of {plan} runs as process {life.program.pid}; it has not registered itself within "
                f"{self._timeouts.start_s:g} s.",
                facts,
            )
        if life.has_worked and life.exit is not None and life.exit.code == 0:
            return Outcome(True, f"The orchestrator of {plan} ran, and has completed already.", facts)
        tail = tail_of(self._places.workspace, output)
        if log_file != output:
            tail += tail_of(self._places.workspace, log_file, sizes.get(log_file, 0))
        end = life.exit
        how = "is not known how" if end is None else end.message or f"with the exit code {end.code}"
        if end is not None and end.signal is not None:
            how = f"by signal {end.signal}"
        raise StartFailed(
            f"The orchestrator of {plan} ended before it was known to run: {how}.",
            log=self._redact(tail).decode("utf-8", "replace"),
            exitCode=None if end is None else end.code,
            runId=run.run_id,
        )

    def _has(self, path: str) -> bool:
        return size_of(self._places.workspace, path) > 0

    def _alive_shim(self, run_id: str) -> Identity | None:
        shim = self._supervisor.shim_of(run_id)
        return shim if shim is not None and shim.is_alive else None

    # Stopping.

    def _end(self, target: Known, force: bool, timeout_s: float) -> End:
        run_id = target.shown.run_id
        if run_id is None or target.shim is None:
            if target.identity is None or not target.is_program:
                raise Forbidden(target.shown.why_not or "It may not be signalled from here.")
            return end_program(target.identity, timeout_s, force)
        leaders = [target.identity] if target.identity is not None else program_of(target.shim)

        def stop_run() -> None:
            with contextlib.suppress(NotFound):
                self._supervisor.stop_run(run_id)

        end = end_run(target.shim, leaders, stop_run, timeout_s, force)
        if end.is_gone:
            self._wait_for_end(run_id)
        return end

    def _wait_for_end(self, run_id: str) -> None:
        """Until the supervisor knows it too, so that a start is not refused right after."""
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline:
            with contextlib.suppress(NotFound):
                run = self._supervisor.run(run_id)
                if run.status not in ("starting", "running"):
                    self._board.apply_run(run)
                    return
            time.sleep(0.01)

    def _note_end(self, target: Known) -> None:
        """One that was killed could not say so itself."""
        entry = target.entry
        if entry is None or (target.identity is not None and target.identity.is_alive):
            return

        def change(instances: Instances) -> bool:
            has_changed = False
            for one in instances:
                if same_instance(one, entry.id, entry.pid) and one.get("status") == entry.said:
                    one["status"] = "stopped"
                    one["stopped_at"] = iso_time(time.time())
                    has_changed = True
            return has_changed

        try:
            update_registry(self._places.workspace, self._places.registry, change)
        except (FileRefused, Busy, OSError) as problem:
            log.warning("the registry does not say that %s was stopped: %s", entry.id, problem)

    # Both.

    def _require_control(self) -> None:
        if not self._supervisor.control:
            raise ControlOff(
                f"{CONTROL_IS_OFF} Set `control: true` in your own configuration, or LLM_SERVICE_CONTROL=1."
            )

    def _read(self) -> Registry:
        return read_registry(self._places.workspace, self._places.registry)

    def _facts(self, known: Known) -> dict[str, Any]:
        shown = known.shown
        return {"id": shown.id, "pid": shown.pid, "logFile": shown.log_file, "startedAt": shown.started_at}

    def _lock_of(self, plan: str) -> threading.Lock:
        with self._lock:
            return self._plan_locks.setdefault(plan, threading.Lock())


def _stop_message(plan: str, end: End, force: bool) -> str:
    if not end.is_gone:
        return f"The orchestrator of {plan} was killed, and some of its processes are not gone yet."
    if end.was_killed:
        return f"The orchestrator of {plan} was killed{'' if force else ', as it did not end in time'}."
    return f"The orchestrator of {plan} has stopped."
