"""A workspace with plans and our example orchestrator, and a dashboard that may start it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import requests
from kit.live import Live, eventually, running
from kit.paths import ROOT

from llm_service.assembly.plan_files import KnownPlans, differences
from llm_service.feature import Feature, Kernel
from llm_service.logs.feature import redact
from llm_service.orchestrators.feature import Orchestrators
from llm_service.plans.feature import Plans
from llm_service.plans.shapes import Companion
from llm_service.processes.feature import Processes
from llm_service.processes.model import Profile
from llm_service.tasks.feature import Tasks

EXAMPLE = ROOT / "examples/plan_orchestrator.py"
PLAN = """# Tide import

## Phase 1: Read

- [ ] 1.1 Read the tables
- [ ] 1.2 Check them (depends: 1.1)

## Phase 2: Show

- [ ] 2.1 Draw the curve (depends: 1.2)
"""
REGISTRY = ".claude/orchestrator-registry.json"


def profile_of(*more: str, **options: Any) -> Profile:
    """The user's own profile `orchestrator`: the example, in steps of `--step-seconds`."""
    argv = (
        sys.executable, "scripts/plan_orchestrator.py", "--plan", "{plan}", "--daemon",
        "{continuous}", "{autonomous}", "{tasks}", *more,
    )  # fmt: skip
    return Profile(**{"name": "orchestrator", "argv": argv, "origin": "user", "grace_s": 30.0, **options})


def make_place(place: Path, *plans: str) -> Path:
    """A workspace with these plans and the example."""
    (place / "docs/plans").mkdir(parents=True, exist_ok=True)
    (place / "scripts").mkdir(exist_ok=True)
    (place / "work/collaboration").mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLE, place / "scripts/plan_orchestrator.py")
    for plan in plans or ("tide-import",):
        (place / f"docs/plans/{plan}.md").write_text(PLAN)
    return place


class Desk:
    """A running dashboard with processes and orchestrators."""

    def __init__(self, place: Path, *profiles: Profile, **settings: Any) -> None:
        values = {"control": True, "min_disk_space_mb": 0, "history": False, "profiles": list(profiles), **settings}
        self.place = place
        self.live: Live = running(place, features=self._features, **values)
        self.is_open = True
        self.live.sync()

    def _features(self, kernel: Kernel) -> list[Feature]:
        self.processes = Processes(kernel)
        plans = Plans(
            kernel,
            self._companion,
            lambda plan: self.orchestrators.board.output_of(plan),
            lambda plan: differences(self.orchestrators, plan),
        )
        known = KnownPlans(kernel, plans)
        self.orchestrators = Orchestrators(kernel, self.processes, known, lambda block: redact(block, b""))
        self.orchestrators.subscribe(plans.board.refresh)
        self.processes.subscribe(self.orchestrators.on_run)
        return [Tasks(kernel), self.processes, plans, self.orchestrators]

    def _companion(self, plan: str) -> Companion:
        return Companion(self.orchestrators.worktree_of(plan), self.orchestrators.orchestrator_of(plan))

    def start(self, plan: str = "tide-import", **body: Any) -> requests.Response:
        """POST start."""
        return requests.post(f"{self.live.url}/api/plans/{plan}/start", json=body, timeout=60)

    def stop(self, plan: str = "tide-import", **body: Any) -> requests.Response:
        """POST stop."""
        return requests.post(f"{self.live.url}/api/plans/{plan}/stop", json=body, timeout=60)

    def all(self) -> list[dict[str, Any]]:
        """All orchestrators."""
        found: list[dict[str, Any]] = self.live.json("/api/orchestrators")["orchestrators"]
        return found

    def one(self, plan: str = "tide-import") -> dict[str, Any]:
        """The first orchestrator of a plan."""
        return next(one for one in self.all() if one["plan"] == plan)

    def status(self, plan: str = "tide-import") -> dict[str, Any]:
        """The status file, once there is one."""
        path = self.place / f"docs/plan-outputs/{plan}/status.json"
        eventually(path.exists)
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    def until(self, check: Callable[[], Any]) -> Any:
        """Wait for a condition."""
        return eventually(check)

    def close(self) -> None:
        """End the dashboard; orchestrators go on."""
        if self.is_open:
            self.is_open = False
            self.live.stop()


def orchestrators_in(place: Path) -> list[psutil.Process]:
    """The orchestrators that work there, without shims and zombies."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or ()
        with suppress(psutil.Error):
            is_ours = len(words) > 1 and words[1].endswith("plan_orchestrator.py")
            if is_ours and process.info["status"] != psutil.STATUS_ZOMBIE and process.cwd() == os.path.realpath(place):
                found.append(process)
    return found


def write_registry(place: Path, *instances: Any, **more: Any) -> None:
    """Replace the registry."""
    path = place / REGISTRY
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".other")
    temporary.write_text(json.dumps({**more, "instances": list(instances)}))
    temporary.replace(path)


def read_instances(place: Path) -> list[Any]:
    """The instances in the registry."""
    found: list[Any] = json.loads((place / REGISTRY).read_text())["instances"]
    return found


@contextmanager
def by_hand(place: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The example, started by hand in the workspace."""
    process = subprocess.Popen(
        [sys.executable, "scripts/plan_orchestrator.py", *arguments], cwd=place, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
