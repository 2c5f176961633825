"""The orchestrators in memory: `OrchestratorBoard` puts together the registry, our runs and what the system says.

It publishes `plan.started` and `plan.stopped`, under its lock, so in the order in which they happened.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..errors import NotFound
from ..files import printable
from ..hub.event import Event
from ..processes.model import Run, RunStatus
from ..times import iso_time
from .events import PlanStarted, PlanStopped
from .known import OWNER, Assembler, Known, ending, output_path
from .liveness import seconds_of
from .model import Orchestrator, Registry

log = logging.getLogger(__name__)

_ACTIVE = (RunStatus.STARTING, RunStatus.RUNNING)


class OrchestratorBoard:
    """Thread-safe."""

    def __init__(
        self,
        assembler: Assembler,
        publish: Callable[[Event], object],
    ) -> None:
        self._assembler = assembler
        self._publish = publish
        self._lock = threading.RLock()
        self._registry = Registry()
        self._registered_as: dict[str, str] = {}
        """Run -> its orchestrator in the registry, where that was seen alive."""
        self._runs: dict[str, Run] = {}
        self._known: dict[str, Known] = {}
        self._alive: dict[str, Orchestrator] = {}
        """By id and by run: those that are published as running."""
        self._confirmed: set[str] = set()
        self._expected: dict[str, str] = {}
        self._is_loaded = False
        self._subscribers: list[Callable[[frozenset[str]], None]] = []
        self._by_plan: dict[str, tuple[Orchestrator, ...]] = {}
        self._seen_at: dict[str, str] = {}
        self._began_at = iso_time(time.time())
        self._changed: set[str] = set()

    def subscribe(self, on_change: Callable[[frozenset[str]], None]) -> None:
        """Call `on_change(plans)` from now on when what `state_of` or `last_known` says of these changed, but for a
        heartbeat; no lock of ours is held."""
        self._subscribers.append(on_change)

    # What changes.

    def apply_registry(self, registry: Registry) -> None:
        """The registry file says this now. One that cannot be read does not make what is known vanish."""
        with self._lock:
            keeps = registry.problem is not None and not registry.entries
            self._registry = replace(self._registry, problem=registry.problem) if keeps else registry
            self._refresh()
        self._notify()

    def apply_run(self, run: Run) -> None:
        """A run started or ended."""
        if not run.owner.startswith(OWNER) or not run.is_proven:
            return
        with self._lock:
            if run.status in _ACTIVE:
                self._runs[run.run_id] = run
            else:
                self._runs.pop(run.run_id, None)
                self._registered_as.pop(run.run_id, None)
            self._refresh()
        self._notify()

    def loaded(self) -> None:
        """What was there at the start is known: from now on, what starts is news."""
        with self._lock:
            self._refresh()
            self._is_loaded = True
        self._notify()

    def refresh(self) -> None:
        """Ask the system again who is alive."""
        with self._lock:
            self._refresh()
        self._notify()

    def confirm(self, run_id: str) -> None:
        """A run that we started is known to run, though it has not registered itself."""
        with self._lock:
            self._confirmed.add(run_id)
            self._refresh()
        self._notify()

    def expect(self, key: str, reason: str | None) -> None:
        """It is stopped from here: when it ends, this is why; None if it is stopped no more."""
        with self._lock:
            if reason is None:
                self._expected.pop(key, None)
            else:
                self._expected[key] = reason

    # What is asked.

    @property
    def problem(self) -> str | None:
        """What is wrong with the registry file."""
        return self._registry.problem

    def orchestrators(self) -> list[Orchestrator]:
        """All, those that run first, then the latest first, as they are this moment."""
        with self._lock:
            self._refresh()
            found = [one.shown for one in self._known.values()]
        self._notify()
        found.sort(key=lambda one: (one.is_alive, seconds_of(one.started_at) or 0.0), reverse=True)
        return found

    def known(self) -> list[Known]:
        """All as they are this moment, with their processes."""
        with self._lock:
            self._refresh()
            found = list(self._known.values())
        self._notify()
        return found

    def state_of(self, plan: str) -> tuple[bool, int | None] | None:
        """(True if an orchestrator of the plan runs, its pid) as it was when the system was asked last; None if none
        was ever registered. Quick."""
        found = self._by_plan.get(plan)
        if found is None:
            return None
        return next(((True, one.pid) for one in found if one.is_alive), (False, None))

    def last_known(self, plan: str) -> tuple[Orchestrator, ...]:
        """The orchestrators of a plan as they were when the system was asked last. Quick."""
        return self._by_plan.get(plan, ())

    def output_of(self, plan: str) -> str | None:
        """What the running orchestrator of a plan that was started from here prints, below the workspace. Quick."""
        runs = list(self._runs.values())
        return next((output_path(run) for run in runs if run.owner == f"{OWNER}{plan}"), None)

    def seen_at(self, plan: str) -> str:
        """Since when the system has said of them what it says: ISO-8601."""
        return self._seen_at.get(plan, self._began_at)

    def get(self, orchestrator_id: str) -> Known:
        """One by its id, or by that of its run. Raises NotFound."""
        for one in self.known():
            if orchestrator_id in (one.shown.id, one.shown.run_id):
                return one
        raise NotFound(f"There is no orchestrator “{printable(orchestrator_id)[:100]}”.")

    def of_plan(self, plan: str) -> list[Known]:
        """Those of a plan that are alive, one that we started first."""
        found = [one for one in self.known() if one.shown.plan == plan and one.shown.is_alive]
        return sorted(found, key=lambda one: (one.shown.run_id is None, not one.is_program))

    def has_alive(self) -> bool:
        """True if any runs: then the system has to be asked now and then."""
        with self._lock:
            return any(one.shown.is_alive for one in self._known.values())

    def registry(self) -> Registry:
        """The registry as it was read last."""
        return self._registry

    # How it is put together.

    def _refresh(self) -> None:
        found: dict[str, Known] = {}
        for one in self._assembler.registered(self._registry.entries, self._runs):
            if one.key not in found or one.shown.is_alive:  # an instance of the same id does not hide one that runs
                found[one.key] = one
        registered = {one.shown.run_id: one.shown.id for one in found.values() if one.shown.run_id is not None}
        self._registered_as |= registered
        for run in self._runs.values():
            if run.run_id not in registered:
                found[run.run_id] = self._assembler.of_run(run, self._status_of(run))
        self._known = self._joined(found)
        self._compare(self._known.values())
        self._announce(found.values())

    def _joined(self, found: dict[str, Known]) -> dict[str, Known]:
        """The same, but one that has ended, and what it left behind, which goes on as its run, are one."""
        joined = dict(found)
        for run_id, registered_id in self._registered_as.items():
            registered, run = found.get(registered_id), found.get(run_id)
            if registered is not None and not registered.shown.is_alive and run is not None:
                del joined[registered_id]
                joined[run_id] = ending(registered, run)
        return joined

    def _compare(self, found: Iterable[Known]) -> None:
        by_plan: dict[str, list[Orchestrator]] = {}
        for one in found:
            by_plan.setdefault(one.shown.plan, []).append(one.shown)
        before, self._by_plan = self._by_plan, {plan: tuple(each) for plan, each in by_plan.items()}
        changed = {
            plan
            for plan in before.keys() | self._by_plan.keys()
            if _facts(before.get(plan)) != _facts(self._by_plan.get(plan))
        }
        self._seen_at |= dict.fromkeys(changed, iso_time(time.time()) if changed else "")
        self._changed |= changed

    def _notify(self) -> None:
        with self._lock:
            changed, self._changed = frozenset(self._changed), set()
        for subscriber in self._subscribers if changed else ():
            try:
                subscriber(changed)
            except Exception:
                log.exception("a change of orchestrators was not handled")

    def _status_of(self, run: Run) -> str:
        if run.run_id in self._registered_as:
            return "ending"
        return "running" if run.run_id in self._confirmed else "starting"

    def _announce(self, found: Iterable[Known]) -> None:
        """Publish what began and what ended. One that registers itself, or whose run becomes known, stays the same."""
        latest: dict[str, Orchestrator] = {}
        now: dict[str, Orchestrator] = {}
        for one in found:
            latest |= dict.fromkeys(_names(one.shown), one.shown)
            if one.shown.status == "running":
                now |= dict.fromkeys(_names(one.shown), one.shown)
        for before in _each(self._alive):
            if not any(name in now for name in _names(before)):
                self._ended(before, next((latest[name] for name in _names(before) if name in latest), None))
        for shown in _each(now):
            if not any(name in self._alive for name in _names(shown)):
                self._began(shown)
        self._alive = now

    def _began(self, shown: Orchestrator) -> None:
        if self._is_loaded:
            reason = "started" if shown.run_id is not None else "registered"
            self._publish(PlanStarted(plan=shown.plan, project=shown.project, orchestrator=shown, reason=reason))

    def _ended(self, before: Orchestrator, latest: Orchestrator | None) -> None:
        shown = latest or replace(before, status="stopped", is_alive=False, is_stale=False, can_stop=False)
        reason = None
        for name in _names(before):
            reason = self._expected.pop(name, None) or reason
            self._confirmed.discard(name)
        if reason is None:
            reason = "exited" if latest is None else "crashed" if latest.status == "running" else latest.status
        stopped = replace(shown, why_not="It does not run.", is_alive=False, can_stop=False, run_id=before.run_id)
        self._publish(PlanStopped(plan=before.plan, project=before.project, orchestrator=stopped, reason=reason))


def _facts(found: tuple[Orchestrator, ...] | None) -> list[tuple[object, ...]]:
    """What of them is worth a change: not the heartbeat."""
    return [(one.id, one.said, one.status, one.is_alive, one.is_stale, one.pid) for one in found or ()]


def _names(shown: Orchestrator) -> tuple[str, ...]:
    return (shown.id,) if shown.run_id is None else (shown.id, shown.run_id)


def _each(by_name: dict[str, Orchestrator]) -> list[Orchestrator]:
    """Each once, though it has two names."""
    return list({id(one): one for one in by_name.values()}.values())
