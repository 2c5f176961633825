#!/usr/bin/env python3
"""An orchestrator of plans that behaves like a real one, without any AI: for demos and tests. Needs Python only.

Copy it to `scripts/plan_orchestrator.py` of a workspace, approve it (`llm-service approve`), and start a plan from the
dashboard, or by hand:

    python3 scripts/plan_orchestrator.py --plan docs/plans/tide-import.md --daemon [--continuous] [--tasks 1.1,1.2]

It walks through the tasks of the plan in the order of their dependencies, and writes what a real one writes:
`docs/plan-outputs/<name>/status.json` (whole, many times), findings, `orchestrator-<name>.log`, and its entry in
`.claude/orchestrator-registry.json` with a heartbeat. SIGTERM ends it when the task that it is at is done.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PHASE = re.compile(r"## Phase (\d+): (.+)")
TASK = re.compile(r"- \[( |x|X)\] (\d+(?:\.\d+)+|V\d+) (.+)")
DEPENDS = re.compile(r"\(depends: ([^)]+)\)")
STATES = ("completed", "pending", "in_progress", "failed", "skipped")


def now() -> str:
    """The time as ISO-8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_whole(path: Path, text: str) -> None:
    """Replace a file, so that a reader sees the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp.{os.getpid()}")
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(path)


class Number:
    """A number of somebody else, as written: Python refuses very long ones, and makes `Infinity` of 1e400."""

    def __init__(self, text: str) -> None:
        self.text = text


class Registry:
    """The registry file; every change takes its lock, and leaves the entries of others as they are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark = secrets.token_hex(16)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the registry."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{self.path}.lock", "a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def change(self, edit: Callable[[list[Any]], None]) -> None:
        """Edit the list of instances."""
        with self.locked():
            try:
                text = self.path.read_text(encoding="utf-8")
                document = json.loads(text, parse_float=Number, parse_int=Number)
            except FileNotFoundError:
                document = {}
            instances = document.setdefault("instances", [])
            edit(instances)
            text = json.dumps(document, indent=2, default=lambda number: f"{self.mark}{number.text}")
            write_whole(self.path, re.sub(f'"{self.mark}([^"]+)"', r"\1", text))


class Orchestrator:
    """One run over one plan."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.plan = Path(options.plan)
        self.name = self.plan.stem
        self.root = Path.cwd()
        self.outputs = self.root / "docs/plan-outputs" / self.name
        self.log_path = self.root / f"orchestrator-{self.name}.log"
        self.registry = Registry(self.root / ".claude/orchestrator-registry.json")
        self.id = f"orch-{self.name}-{os.getpid()}"
        self.is_stopping = False
        self.heartbeat_at = 0.0
        self.status = self.load()

    def load(self) -> dict[str, Any]:
        """The status of before with the tasks of the plan as they are now."""
        phases: list[tuple[str, str]] = []
        tasks: list[dict[str, Any]] = []
        for line in self.plan.read_text(encoding="utf-8").splitlines():
            if found := PHASE.match(line):
                phases.append((found[1], found[2].strip()))
            elif (found := TASK.match(line)) and phases:
                depends = DEPENDS.search(found[3])
                tasks.append(
                    {
                        "id": found[2],
                        "phase": phases[-1][0],
                        "description": DEPENDS.sub("", found[3]).strip(),
                        "status": "completed" if found[1] in "xX" else "pending",
                        "dependencies": [one.strip() for one in depends[1].split(",")] if depends else [],
                    }
                )
        if not tasks:
            raise SystemExit(f"{self.plan} has no tasks: nothing to do")
        with contextlib.suppress(OSError, ValueError):
            before = json.loads((self.outputs / "status.json").read_text(encoding="utf-8"))
            known = {task["id"]: task for task in before["tasks"]}
            tasks = [task | known.get(task["id"], {}) for task in tasks]
            for task in tasks:
                if task["status"] == "in_progress":  # the run before was killed
                    task["status"] = "pending"
            created, runs = before["createdAt"], before["runs"]
            return self.document(tasks, created, runs)
        return self.document(tasks, now(), [])

    def document(self, tasks: list[dict[str, Any]], created: str, runs: list[Any]) -> dict[str, Any]:
        """The content of the status file."""
        return {
            "planPath": os.path.relpath(self.plan, self.root),
            "planName": self.name,
            "createdAt": created,
            "lastUpdatedAt": now(),
            "currentPhase": tasks[0]["phase"],
            "tasks": tasks,
            "summary": {},
            "runs": runs,
        }

    def save(self) -> None:
        """Write the status file."""
        tasks = self.status["tasks"]
        counts = {state: sum(task["status"] == state for task in tasks) for state in STATES}
        self.status |= {"lastUpdatedAt": now(), "summary": {"totalTasks": len(tasks)} | counts}
        write_whole(self.outputs / "status.json", json.dumps(self.status, indent=2))

    def log(self, text: str, level: str = "INFO") -> None:
        """A line of the log."""
        with open(self.log_path, "a", encoding="utf-8") as file:
            file.write(f"{datetime.now().astimezone():%H:%M:%S} [{level}] {text}\n")

    def register(self) -> None:
        """Add our entry to the registry."""
        entry = {
            "id": self.id,
            "plan": self.name,
            "plan_path": os.path.relpath(self.plan, self.root),
            "worktree_path": str(self.root),
            "status": "running",
            "pid": os.getpid(),
            "process_start_time": process_start(),
            "started_at": now(),
            "last_heartbeat": now(),
            "mode": "continuous" if self.options.continuous else "batch",
        }
        self.registry.change(lambda instances: instances.append(entry))

    def report(self, **values: Any) -> None:
        """Change our entry in the registry."""

        def edit(instances: list[Any]) -> None:
            for one in instances:
                if isinstance(one, dict) and one.get("id") == self.id:
                    one.update(values, last_heartbeat=now())

        self.registry.change(edit)
        self.heartbeat_at = time.monotonic()

    def next_task(self) -> dict[str, Any] | None:
        """The first task that can be done."""
        done = {task["id"] for task in self.status["tasks"] if task["status"] in ("completed", "skipped")}
        known = {task["id"] for task in self.status["tasks"]}
        wanted = set(filter(None, (self.options.tasks or "").split(",")))
        for task in self.status["tasks"]:
            needs = {one for one in task["dependencies"] if one in known}
            if task["status"] == "pending" and needs <= done and (not wanted or task["id"] in wanted):
                found: dict[str, Any] = task
                return found
        return None

    def work(self, task: dict[str, Any]) -> None:
        """Do a task: it takes `--step-seconds`, and is not torn away by SIGTERM."""
        started = time.monotonic()
        task |= {"status": "in_progress", "startedAt": now()}
        self.status["currentPhase"] = task["phase"]
        self.log(f"Task {task['id']}: {task['description']}")
        self.save()
        while (left := started + self.options.step_seconds - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
            if time.monotonic() - self.heartbeat_at > self.options.heartbeat_seconds:
                self.report()
        findings = self.outputs / "findings" / f"{task['id']}.md"
        findings.parent.mkdir(parents=True, exist_ok=True)
        findings.write_text(f"# {task['id']} {task['description']}\n\nDone by the example.\n", encoding="utf-8")
        task |= {
            "status": "completed",
            "completedAt": now(),
            "duration": round((time.monotonic() - started) * 1000),
            "findingsPath": f"findings/{task['id']}.md",
        }
        self.save()

    def run(self) -> int:
        """Work until nothing is left to do, or SIGTERM."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN if self.options.ignore_term else self.stop)
        run = {"runId": self.id, "startedAt": now(), "completedAt": None, "tasksCompleted": 0, "tasksFailed": 0}
        self.status["runs"].append(run)
        self.register()
        self.log(f"Started {self.name} as process {os.getpid()}")
        self.save()
        while not self.is_stopping:
            task = self.next_task()
            if task is not None:
                self.work(task)
                run["tasksCompleted"] += 1
                self.report()
            elif not self.options.continuous:
                break
            else:  # it waits for what is added to the plan
                time.sleep(min(self.options.step_seconds, 0.2))
                if time.monotonic() - self.heartbeat_at > self.options.heartbeat_seconds:
                    self.report()
        run["completedAt"] = now()
        self.save()
        end = "stopped" if self.is_stopping else "completed"
        self.log(f"{end.capitalize()} after {run['tasksCompleted']} tasks")
        self.report(status=end, stopped_at=now())
        return 0

    def stop(self, number: int, frame: Any) -> None:
        """SIGTERM: end at the next border of a task."""
        self.is_stopping = True


def process_start() -> str | None:
    """When this process started, in ticks since boot, as Linux says it: the pid alone is another's some day."""
    try:
        return Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return None


def become_daemon(log_path: Path) -> None:
    """Go on in the background; the process that was started ends."""
    if os.fork():
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Work through a plan, without any AI.")
    parser.add_argument("--plan", required=True, help="the plan's file")
    parser.add_argument("--daemon", action="store_true", help="go on in the background")
    parser.add_argument("--continuous", action="store_true", help="wait for more when all is done")
    parser.add_argument("--autonomous", action="store_true", help="ask nobody (the example never does)")
    parser.add_argument("--tasks", help="only these ids, separated by commas")
    parser.add_argument("--step-seconds", type=float, default=float(os.environ.get("STEP_SECONDS", "2")))
    parser.add_argument("--heartbeat-seconds", type=float, default=5.0)
    parser.add_argument("--ignore-term", action="store_true", help="ignore SIGTERM, as a program that hangs does")
    options = parser.parse_args()
    if not Path(options.plan).is_file():
        print(f"There is no plan {options.plan}", file=sys.stderr)
        return 2
    if options.daemon:
        become_daemon(Path.cwd() / f"orchestrator-{Path(options.plan).stem}.log")
    return Orchestrator(options).run()


if __name__ == "__main__":
    sys.exit(main())
