"""Where status file, registry, process, worktree and git say different things: `disagreements(...)`, pure.

What differs is shown, not resolved: each source with what it says and the time of that. What the two files of a plan
say of each other is found by the feature that reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model import ENDED, Orchestrator

MOST_OF_A_KIND = 5
"""A registry that nobody tidies up names the same crash a hundred times."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says: "status", "registry", "process", "worktree" or "git"; `at` is ISO-8601 or None."""

    source: str
    says: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A disagreement. `kind`: "crashed", "runs_on", "no_heartbeat", "not_registered", "nobody_works",
    "finished_but_runs", "worktree_gone", "not_committed", "nothing_changed"."""

    kind: str
    text: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanKnowledge:
    """What the status file of a plan says: `finished` of `total` tasks, `in_progress` are those that it says are being
    worked on, `at` its time. None: there is no such file."""

    total: int | None = None
    finished: int | None = None
    in_progress: tuple[str, ...] = ()
    at: str | None = None

    @property
    def is_complete(self) -> bool:
        """True if the status file says that all is done."""
        return bool(self.total) and self.finished == self.total


def disagreements(
    plan: PlanKnowledge,
    orchestrators: Sequence[Orchestrator],
    worktree: Mapping[str, Any] | None = None,
    seen_at: str | None = None,
) -> tuple[Difference, ...]:
    """Every difference.

    `orchestrators` are those of the plan, `worktree` its entry of `GET /api/worktrees`; `seen_at` is since when the
    system has said of their processes what it says.
    """
    return (
        *_of_registry(orchestrators, seen_at),
        *_of_status(plan, orchestrators, seen_at),
        *_of_git(plan, worktree),
    )


def _of_registry(orchestrators: Sequence[Orchestrator], seen_at: str | None) -> Iterator[Difference]:
    for one in [each for each in orchestrators if each.said is not None and each.status == "crashed"][:MOST_OF_A_KIND]:
        text = "An orchestrator is registered as running, and does not run: it crashed."
        gone = "no process is named" if one.pid is None else f"process {one.pid} is gone, or another one"
        yield _differ("crashed", text, _registered(one), Said("process", gone, seen_at))
    for one in [each for each in orchestrators if each.is_alive][:MOST_OF_A_KIND]:
        runs = Said("process", f"process {one.pid} runs", seen_at)
        if one.said is not None and one.said.lower() in ENDED:
            yield _differ("runs_on", "An orchestrator is registered as ended, and runs.", _registered(one), runs)
        if one.is_stale:
            said = Said("registry", f"the last heartbeat of {one.id}", one.last_heartbeat)
            yield _differ("no_heartbeat", "An orchestrator runs, and gives no sign of life.", said, runs)
        if one.said is None and one.status == "running":
            said = Said("registry", "nothing of it is registered", None)
            yield _differ("not_registered", "An orchestrator runs, and is not registered.", said, runs)


def _registered(one: Orchestrator) -> Said:
    return Said("registry", f"{one.id} is {one.said}", one.last_heartbeat or one.started_at)


def _of_status(plan: PlanKnowledge, orchestrators: Sequence[Orchestrator], seen_at: str | None) -> Iterator[Difference]:
    alive = next((one for one in orchestrators if one.is_alive), None)
    if plan.in_progress and alive is None:
        status = Said("status", f"{_names(plan.in_progress)} in progress", plan.at)
        nobody = Said("process", "no orchestrator of the plan runs", seen_at)
        yield _differ("nobody_works", "Tasks are in progress, and nobody works on them.", status, nobody)
    if plan.is_complete and alive is not None and alive.mode != "continuous":
        runs = Said("process", f"process {alive.pid} runs", seen_at)
        yield _differ("finished_but_runs", "All is done, and the orchestrator runs.", _all_finished(plan), runs)


def _of_git(plan: PlanKnowledge, worktree: Mapping[str, Any] | None) -> Iterator[Difference]:
    if worktree is None:
        return
    at, name = worktree.get("lastActivityAt"), worktree["name"]
    if worktree.get("problem"):
        listed = Said("git", f"{worktree.get('branch') or 'a commit'} is checked out in {name}", at)
        gone = Said("worktree", str(worktree["problem"]), None)
        yield _differ("worktree_gone", "The worktree of the plan cannot be used.", listed, gone)
        return
    if plan.is_complete and (count := worktree.get("dirtyCount")):
        files = f"1 file of {name} is" if count == 1 else f"{count:,} files of {name} are"
        dirty = Said("worktree", f"{files} not committed", at)
        yield _differ("not_committed", "All is done, and not all is committed.", _all_finished(plan), dirty)
    elif plan.finished and worktree.get("ahead") == 0 and worktree.get("dirtyCount") == 0:
        finished = Said("status", f"{plan.finished:,} of {plan.total:,} tasks are finished", plan.at)
        same = Said("git", f"{name} has no change that {worktree.get('mainBranch')} has not", at)
        yield _differ("nothing_changed", "Tasks are finished, and nothing was changed.", finished, same)


def _all_finished(plan: PlanKnowledge) -> Said:
    return Said("status", f"all {plan.total:,} tasks are finished", plan.at)


def _names(tasks: Sequence[str]) -> str:
    shown = ", ".join(tasks[:3]) + (f" and {len(tasks) - 3:,} more" if len(tasks) > 3 else "")
    return f"{shown} {'is' if len(tasks) == 1 else 'are'}"


def _differ(kind: str, text: str, *said: Said) -> Difference:
    return Difference(kind, text, said)
