"""Every page of the dashboard and its important parts as a table, and files that give each of them something to show.

`fill(workspace)` writes what agents would: tasks, a project, a session, a pipeline, hooks, a plan; some of it in Arabic
and Chinese, some of it too long for its place. `places(...)` are the addresses, each with what is there once it is
shown.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from kit.hook_payloads import asked, bash, claude
from kit.hook_reports import report
from kit.live import eventually, task_text
from kit.pipelines import reporter_of
from kit.plans import PlanFiles, task
from kit.puppets import Stage
from kit.transcripts import claude_session

ARABIC = "تقرير عن حالة المرفأ (الرصيف 4, شمال)"
CHINESE = "港口看板：按泊位显示到港、离港与空闲泊位"
LONG = "An agent's title that goes on, " + "and on, " * 12 + "with_one_word_that_" + "never_" * 18 + "ends"
PROJECT = "harbour-board"
_SESSION = "5d2f6c1e-0000-4000-8000-00000000feed"
_MARKDOWN = f"""# {CHINESE}

{ARABIC}

## Berths

| berth | state | since |
|---|---|---|
| 1 | free | 08:00 |
| 2 | {CHINESE} | 09:15 |

- [x] Count the berths
- [ ] Paint them

```python
def free(berths: list[int]) -> int:
    return sum(1 for berth in berths if not berth)
```

> {ARABIC}
"""


@dataclass(frozen=True)
class Filled:
    """What the addresses of the samples need."""

    pipeline: str
    pipeline_job: str
    session: str = _SESSION
    plan: str = "tide"
    task: str = "ar-1"


@dataclass(frozen=True)
class Place:
    """A page, or a part of one: its address, and what is there once it is shown. `keys` are pressed then, and `after`
    is there afterwards."""

    name: str
    address: str
    there: str
    keys: str = ""
    after: str = ""


def fill(workspace: Path) -> Filled:
    """Write all of it into the folders of a workspace."""
    _write_tasks(workspace)
    _write_project(workspace)
    log = claude_session(_SESSION, str(workspace / "work/generated_projects" / PROJECT), branch="feature/berths")
    for text in (CHINESE, ARABIC, LONG):
        log.prompt(text)
        log.say(f"{text}\n\n- one\n- two", tokens=31_000)
    log.write(workspace / f"work/sessions/{PROJECT}/{_SESSION}.jsonl")
    _write_plan(workspace)
    report(
        workspace,
        claude("PreToolUse", **bash("t1", "git push --force origin main")),
        claude("PermissionRequest", **asked("git push --force origin main")),
    )
    said = f"{ARABIC}؟ Shall I go on?"
    report(workspace, claude("Stop", last_assistant_message=said) | {"session_id": "s2"})
    return Filled(*_write_pipelines(workspace))


def _write_tasks(workspace: Path) -> None:
    root = workspace / "work/collaboration"
    files = {
        "assigned/ada/ar-1.yaml": task_text(
            "ar-1", title=f'"{ARABIC}"', status="in_progress", priority="high", tags=f"[{CHINESE}, quay]",
            description=f"|\n  {ARABIC}\n\n  {CHINESE}\n", depends_on="[zh-1]",
        ),
        "assigned/ada/long.yaml": task_text(
            "a-rather-long-id-of-a-task-that-an-agent-made-up-on-its-own", title=LONG, status="blocked",
            priority="critical",
        ),
        "inbox/zh-1.yaml": task_text("zh-1", title=f'"{CHINESE}"', priority="critical"),
        "inbox/broken.yaml": "id: [\n  title: broken\n",
        "done/bob/d-1.yaml": task_text("d-1", title="Count the berths", status="done"),
    }  # fmt: skip
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def _write_project(workspace: Path) -> None:
    project = workspace / "work/generated_projects" / PROJECT
    (project / "src/berths").mkdir(parents=True)
    (project / "README.md").write_text(_MARKDOWN)
    (project / f"{CHINESE}.txt").write_text(f"{CHINESE}\n{ARABIC}\n" * 3)
    code = [f"def berth_{number}() -> int:\n    # {CHINESE}\n    return {number}\n\n\n" for number in range(60)]
    (project / "src/berths/count.py").write_text("".join(code))
    (project / f"src/{LONG[:40]}{'x' * 90}.py").write_text("x = 1\n" * 40)
    (project / "data.json").write_text('{"berths": [1, 2, 3], "wide": "' + "long " * 90 + '"}\n')


def _write_plan(workspace: Path) -> None:
    files = PlanFiles(workspace)
    files.plan(
        "tide",
        f"# Tide import\n\n{ARABIC}\n\n"
        f"## Phase 1: {CHINESE}\n- [ ] 1.1 Read the table\n- [ ] 1.2 {ARABIC} (depends: 1.1)\n\n"
        f"## Phase 2: Service\n- [ ] 2.1 {LONG} (depends: 1.2)\n- [ ] 2.2 Write the manual (depends: 1.1)\n",
    )
    times = {"startedAt": "2026-11-20T08:00:00Z", "completedAt": "2026-11-20T08:05:00Z", "duration": 300_000}
    run = {"runId": "run-1", "startedAt": "2026-11-20T08:00:00Z", "tasksCompleted": 1, "tasksFailed": 1}
    files.tasks(
        "tide",
        task("1.1", "completed", **times, notes=ARABIC, findingsPath="findings/1.1.md"),
        task("1.2", "in_progress", dependencies=["1.1"], description=CHINESE, startedAt="2026-11-20T08:06:00Z"),
        task("2.1", "pending", dependencies=["1.2"], description=LONG),
        task("2.2", "failed", error=f"{ARABIC}.", lastError="Out of paper.", dependencies=["1.1"]),
        runs=[run],
    )
    files.finding("tide", "1.1.md", _MARKDOWN)
    files.log("tide", f"12:00:00 [INFO] begun\n12:00:01 [ERROR] {ARABIC}\n12:00:02 [WARNING] {CHINESE}\n")


def _write_pipelines(workspace: Path) -> tuple[str, str]:
    tools = reporter_of(workspace, time.time)
    done = str(tools.create_pipeline("ticket_work", ticket_id="QUAY-1", project=PROJECT)["pipeline_id"])
    tools.finish_pipeline(done, "success")
    made = tools.create_pipeline(
        "ticket_work", ticket_id="QUAY-2", project=PROJECT, branch="feature/berths-of-the-west"
    )
    pipeline = str(made["pipeline_id"])
    first = str(tools.create_pipeline_job(pipeline, "research", CHINESE, "backend", status="running")["job_id"])
    tools.append_job_log(first, _MARKDOWN)
    tools.append_job_log(first, f"## Second\n\n{LONG}\n")
    tools.update_pipeline_job(first, status="success", summary=ARABIC, score=82)
    tools.create_pipeline_job(pipeline, "coding", LONG[:200], "frontend", status="running")
    return pipeline, first


def places(made: Filled, job: str) -> list[Place]:
    """All of them; `job` is one of the page of jobs."""
    artifacts, plan = f"artifacts/{PROJECT}", f"plans/{made.plan}"
    pipeline = f"pipelines/{made.pipeline}"
    return [
        Place("now", "now", '[data-testid="agent"]'),
        Place("board", "board", "task-card"),
        Place("board-groups", "board?group=agent", "task-card"),
        Place("board-empty", "board?q=nothing+has+this", ".state"),
        Place("palette", "board", "task-card", keys="Control+k", after="dialog.palette[open]"),
        Place("help", "board", "task-card", keys="?", after='[data-testid="help"]'),
        Place("task", f"tasks/{made.task}", "task-detail h2"),
        Place("needs-you", "needs-you", '[data-testid="need"]'),
        Place("sessions", "sessions", '[data-testid="session-row"]'),
        Place("session", f"sessions/{made.session}", '[data-testid="turn"]'),
        Place("jobs", "jobs", '[data-testid="job"]'),
        Place("jobs-list", "jobs?show=list", '[data-testid="job-row"]'),
        Place("job", f"jobs/{job}", ".log-row"),
        Place("job-runs", f"jobs/{job}?tab=runs", "job-detail"),
        Place("job-knowledge", f"jobs/{job}?tab=knowledge", "job-detail"),
        Place("pipelines", "pipelines", '[data-testid="pipeline"]'),
        Place("pipeline", pipeline, '[data-testid="pipeline-job"]'),
        Place("pipeline-job", f"{pipeline}?job={made.pipeline_job}", '[data-rendered="true"]'),
        Place("plans", "plans", '[data-testid="plan-row"]'),
        Place("plan", plan, '[data-testid="task-row"]'),
        Place("plan-graph", f"{plan}?tab=graph", '[data-testid="graph-node"]'),
        Place("plan-timeline", f"{plan}?tab=timeline", '[data-testid="gantt-row"]'),
        Place("plan-findings", f"{plan}?tab=findings&task=1.1", '[data-testid="finding"]'),
        Place("plan-log", f"{plan}?tab=log", '[data-testid="log-row"]'),
        Place("plan-orchestrator", f"{plan}?tab=orchestrator", '[data-testid="no-orchestrator"], .orchestrator'),
        Place("plan-history", f"{plan}?tab=history", '[data-testid="plan-run"]'),
        Place("plans-orchestrators", "plans?view=orchestrators", "plans-more *"),
        Place("plans-worktrees", "plans?view=worktrees", '[data-testid="resources"]'),
        Place("plans-activity", "plans?view=activity", "plans-more *"),
        Place("costs", "costs", "costs-page .panel"),
        Place("artifacts", "artifacts", "artifacts-page a"),
        Place("artifacts-project", artifacts, '[role="treeitem"]'),
        Place("artifacts-document", f"{artifacts}?path=README.md", "artifact-viewer h1"),
        Place("artifacts-code", f"{artifacts}?path=src/berths/count.py", '[data-testid="code"]'),
        Place("mcp", "mcp", '[data-testid="mcp-endpoint"]'),
        Place("settings", "settings", '[data-testid="setting"]'),
        Place("settings-notifications", "settings/notifications", "notify-view h3"),
        Place("settings-system", "settings/system", '[data-testid="system-status"]'),
        Place("settings-about", "settings/about", '[data-testid="library"]'),
    ]


class House:
    """A dashboard that has something to show on each page."""

    def __init__(self, workspace: Path) -> None:
        (workspace / "work/sessions").mkdir(parents=True)
        self.stage = Stage(workspace, claude_folders=["work/sessions"])
        made = fill(workspace)
        job = self.stage.job("harbour-board", "# Show the berths\n\nOf the west.")
        lines = [f"12:00:{number:02} [INFO] wrote berth {number}" for number in range(40)]
        self.stage.say(job, "Running /speckit.plan", *lines, "12:00:50 [ERROR] no berth")
        eventually(lambda: self.stage.lines(job) > 40)
        self.live = self.stage.live
        self.live.sync()
        eventually(lambda: self.live.json("/api/session-logs")["sessions"])
        eventually(lambda: self.live.json("/api/needs-you")["needs"])
        self.places = places(made, job)

    def stop(self) -> None:
        """End it."""
        self.stage.stop()

    def at(self, place: Place) -> str:
        """Its address."""
        return f"{self.live.url}/#/{place.address}"
