"""The page of plans: all of them; one with phases, tasks, graph, findings; what changes live; hostile text."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, eventually, running
from kit.orchestrators import make_place, orchestrators_in, profile_of
from kit.plans import PlanFiles, task
from kit.repositories import add_worktree, make_repository
from kit.runs import end_all
from playwright.sync_api import Page, expect

Open = Callable[..., Page]

PLAN = """# Tide import

## Phase 1: Parser
**Execution Note:** Tasks 1.1-1.2 are [SEQUENTIAL] - the table comes first
- [ ] 1.1 Read the table
- [ ] 1.2 Check the hours (depends: 1.1)

## Phase 2: Service
- [ ] 2.1 Serve the next tide (depends: 1.2)
- [ ] 2.2 Write the manual
"""
PAYLOAD = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202egnp'


def tasks(**changes: str) -> list[dict[str, Any]]:
    """The tasks of the plan in their statuses."""
    times = {"startedAt": "2026-11-20T08:00:00Z", "completedAt": "2026-11-20T08:05:00Z", "duration": 300_000}
    found = [
        task("1.1", "completed", **times, notes="All hours are in UTC.", findingsPath="findings/1.1.md"),
        task("1.2", "in_progress", dependencies=["1.1"], startedAt="2026-11-20T08:06:00Z", retryCount=2),
        task("2.1", "pending", dependencies=["1.2"]),
        task("2.2", "failed", error="The printer is on fire.", lastError="Out of paper."),
    ]
    return [each | {"status": changes.get(f"t{each['id'].replace('.', '_')}", each["status"])} for each in found]


class Harbour:
    """A dashboard with two plans."""

    def __init__(self, workspace: Path) -> None:
        self.files = PlanFiles(workspace)
        self.files.plan("tide", PLAN)
        self.files.plan("signs", "# Signs\n\n## Phase 1: Paint\n- [ ] 1.1 Paint them\n")
        self.files.finding("tide", "1.1.md", "# Found\n\nThe table has **gaps**.\n")
        run = {"runId": "run-1", "startedAt": "2026-11-20T08:00:00Z", "tasksCompleted": 1, "tasksFailed": 1}
        self.files.tasks("tide", *tasks(), runs=[run])
        self.live: Live = running(workspace)
        self.live.sync()

    def at(self, address: str = "") -> str:
        """The address of the page, of a plan on it."""
        return f"{self.live.url}/#/plans{address}"

    def write(self, *items: dict[str, Any], **fields: Any) -> None:
        """Replace the status file of the plan."""
        self.files.tasks("tide", *items, **fields)
        self.live.sync()


@pytest.fixture
def harbour(workspace: Path) -> Iterator[Harbour]:
    """It, until the test has ended."""
    made = Harbour(workspace)
    yield made
    made.live.stop()


def test_the_list_says_how_far_each_plan_is(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at())
    rows = page.get_by_test_id("plan-row")
    expect(rows).to_have_count(2)
    tide = page.locator('[data-testid="plan-row"][data-plan="tide"]')
    expect(tide.get_by_test_id("plan-status")).to_have_text("In progress")
    expect(tide.locator(".plan-bar")).to_have_attribute("data-percentage", "25")
    expect(tide.get_by_test_id("plan-now")).to_have_text("1.2 Task 1.2")
    expect(tide.locator("time-ago")).not_to_be_empty()
    expect(page.get_by_test_id("plans-sum")).to_have_text("2 plans, 0 running")
    page.get_by_test_id("plans-status-pending").click()
    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("data-plan", "signs")
    expect(page).to_have_url(re.compile(r"status=pending"))
    page.get_by_test_id("plans-status-failed").click()
    expect(page.get_by_test_id("no-such-plans")).to_be_visible()
    page.get_by_test_id("plans-status-all").click()
    tide.get_by_role("link").click()
    expect(page.get_by_test_id("plan-title")).to_have_text("Tide import")


def test_the_list_says_which_plan_is_current_and_which_has_a_worktree(place: Path, open_page: Open) -> None:
    PlanFiles(place).plan("signs", "# Signs\n\n## Phase 1: Paint\n- [ ] 1.1 Paint them\n")
    (place / ".claude").mkdir(exist_ok=True)
    (place / ".claude/current-plan.txt").write_text("docs/plans/signs.md\n")
    live = running(place)
    try:
        live.sync()
        page = open_page(f"{live.url}/#/plans")
        rows = page.get_by_test_id("plan-row")
        tide, signs = (page.locator(f'[data-testid="plan-row"][data-plan="{name}"]') for name in ("tide", "signs"))
        expect(tide.get_by_test_id("plan-worktree")).to_have_text("Worktree in use")
        expect(signs.get_by_test_id("plan-is-current")).to_have_text("Current plan")
        expect(tide.get_by_test_id("plan-is-current")).to_have_count(0)
        page.get_by_test_id("plans-worktree").check()
        expect(rows).to_have_count(1)
        expect(rows).to_have_attribute("data-plan", "tide")
        expect(page).to_have_url(re.compile(r"worktree=true"))
        page.reload()
        expect(page.get_by_test_id("plans-worktree")).to_be_checked()
        expect(rows).to_have_count(1)
        page.get_by_test_id("plans-worktree").uncheck()
        expect(rows).to_have_count(2)
        (place / ".claude/current-plan.txt").write_text("tide")
        expect(tide.get_by_test_id("plan-is-current")).to_be_visible()
        tide.get_by_role("link").click()
        expect(page.get_by_test_id("plan-title")).to_have_text("Tide import")
        expect(page.locator("plan-detail").get_by_test_id("plan-is-current")).to_have_text("Current plan")
        expect(page.locator("plan-detail").get_by_test_id("plan-worktree")).to_have_text("Worktree in use")
    finally:
        live.stop()


@pytest.fixture
def place(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with a plan, its worktree and an orchestrator; all that runs in it is ended afterwards."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(workspace.parent / "user"))
    make_repository(workspace)
    make_place(workspace, "tide")
    tree = add_worktree(workspace, "tide", "plan/tide")
    yield workspace
    shutil.rmtree(tree)  # the folder beside the workspace is that of all tests
    for process in orchestrators_in(workspace):
        process.kill()
    end_all(workspace)


def test_an_orchestrator_is_started_watched_and_stopped(place: Path, open_page: Open) -> None:
    settings = {"control": True, "min_disk_space_mb": 0, "profiles": [profile_of("--step-seconds", "60")]}
    live = running(place, **settings)
    try:
        page = open_page(f"{live.url}/#/plans", console_must_be_empty=False)  # a start that fails is answered with 500
        page.get_by_test_id("row-start").click()
        page.get_by_test_id("start-some").check()
        expect(page.get_by_test_id("plan-start-reason")).to_have_text("No task is chosen.")
        expect(page.get_by_test_id("plan-start-now")).to_be_disabled()
        page.get_by_test_id("start-task").first.check()
        page.get_by_test_id("plan-start-now").click()
        expect(page.get_by_test_id("toast")).to_contain_text("tide has started")
        expect(page.get_by_test_id("plan-start-dialog")).to_be_hidden()
        (process,) = orchestrators_in(place)
        assert process.cmdline()[-4:-2] == ["--tasks", "1.1"]
        expect(page.get_by_test_id("plan-running")).to_have_text(f"Running, process {process.pid}")
        page.get_by_test_id("plan-row").get_by_role("link").click()
        expect(page.get_by_test_id("plan-start")).to_be_disabled()
        expect(page.get_by_test_id("plan-why")).to_have_text(f"It runs already, as process {process.pid}.")
        page.get_by_test_id("plan-tab-log").click()
        expect(page.get_by_test_id("log-live")).to_have_text("Live")
        expect(page.get_by_test_id("log-row").last).to_contain_text("Task 1.1")
        PlanFiles(place).log("tide", "".join(f"12:00:00 [INFO] line {number}\n" for number in range(3_000)))
        expect(page.get_by_test_id("log-row").last).to_have_text("12:00:00 [INFO] line 2999")  # it is followed
        assert page.get_by_test_id("log-row").count() < 200
        page.get_by_test_id("log-view").evaluate("one => { one.scrollTop = 0 }")
        expect(page.get_by_test_id("log-row").first).to_contain_text("Started tide")
        PlanFiles(place).log("tide", "12:00:01 [ERROR] \x1b[31mthe last line\x1b[0m\n")
        expect(page.get_by_test_id("log-sum")).to_have_text("3,003 lines")
        expect(page.get_by_test_id("log-row").first).to_contain_text("Started tide")  # who reads is left alone
        page.get_by_test_id("log-filter").fill("the last")
        expect(page.get_by_test_id("log-row")).to_have_count(1)
        expect(page.get_by_test_id("log-row")).to_have_attribute("data-level", "error")
        expect(page.get_by_test_id("log-row").locator(".ansi-red")).to_have_text("the last line")
        page.get_by_test_id("plan-tab-orchestrator").click()
        expect(page.get_by_test_id("orchestrator-status")).to_have_text("Running")
        expect(page.get_by_test_id("orchestrator-memory")).to_contain_text("MB")
        expect(page.get_by_test_id("orchestrator-run")).to_have_count(1)
        page.get_by_test_id("plan-force").click()
        expect(page.get_by_test_id("toast")).to_contain_text("tide has stopped")
        expect(page.get_by_test_id("orchestrator-status")).to_have_text("Stopped")
        expect(page.get_by_test_id("plan-stop")).to_be_disabled()
        expect(page.get_by_test_id("plan-stop")).to_have_attribute("title", "It does not run.")
        page.get_by_test_id("plan-differences").locator("summary").click()
        expect(page.get_by_test_id("plan-differences")).to_contain_text("no orchestrator of the plan runs")
        (place / "scripts/plan_orchestrator.py").write_text("print('no harbour here'); raise SystemExit(3)\n")
        page.get_by_test_id("plan-start").click()
        page.get_by_test_id("plan-start-now").click()
        expect(page.get_by_test_id("plan-start-log")).to_contain_text("no harbour here")
        expect(page.get_by_test_id("toast")).to_contain_text("tide could not be started")
        page.keyboard.press("Escape")
        page.goto(f"{live.url}/#/plans?view=worktrees")
        expect(page.locator('[data-testid="worktree"][data-worktree="wt-tide"]')).to_contain_text("plan/tide")
        expect(page.get_by_test_id("can-create")).to_have_text("There is room for another worktree.")
        page.get_by_test_id("plans-view-orchestrators").click()
        expect(page.get_by_test_id("orchestrator-row")).to_have_count(1)
        page.set_viewport_size({"width": 390, "height": 800})
        box = page.get_by_role("region", name="List of orchestrators")
        eventually(lambda: box.evaluate("one => one.scrollWidth <= one.clientWidth"))
        expect(page.get_by_test_id("orchestrator-row").get_by_role("cell").last).to_be_in_viewport(ratio=1)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_test_id("plans-view-activity").click()
        expect(page.get_by_test_id("activity-row").first).to_contain_text("tide 1.1")
    finally:
        live.stop()
    eventually(lambda: orchestrators_in(place) == [])


# The word behind time and level of the first and the last line in view, and whether lines are wider than it.
ENDS = """view => {
  const box = view.getBoundingClientRect();
  const isIn = ({ top, bottom }) => bottom > box.top + 1 && top < box.bottom - 1;
  const rows = [...view.querySelectorAll(".log-row")].filter((row) => isIn(row.getBoundingClientRect()));
  const word = (row) => row?.textContent.split(" ")[2]; // none is there until the place that was jumped to is drawn
  return { first: word(rows[0]), last: word(rows.at(-1)), isWider: view.scrollWidth > view.clientWidth };
}"""


def test_on_a_phone_the_log_wraps_and_all_of_it_is_reached(harbour: Harbour, open_page: Open) -> None:
    text = " and so on" * 20
    harbour.files.log("tide", "".join(f"12:00:00 [INFO] n{number}{text}\n" for number in range(18)))
    page = open_page(harbour.at("/tide?tab=log"), viewport={"width": 390, "height": 844})
    view = page.get_by_test_id("log-view")
    expect(page.get_by_test_id("log-sum")).to_have_text("18 lines")

    def shows(**wanted: str) -> None:
        eventually(lambda: wanted.items() <= (found := view.evaluate(ENDS)).items() and not found["isWider"])

    shows(last="n17")
    for _ in range(40):  # as a wheel does, not with one jump
        view.evaluate("view => { view.scrollTop -= 120 }")
    shows(first="n0")
    view.evaluate("view => { view.scrollTop = view.scrollHeight }")
    shows(last="n17")
    harbour.files.log("tide", "12:00:00 [INFO] n18 the last\n")
    shows(last="n18")  # it is followed


def test_who_reads_the_log_stays_at_the_line_while_it_is_filtered(harbour: Harbour, open_page: Open) -> None:
    lines = [f"12:00:00 [{'ERROR' if number % 2 else 'INFO'}] n{number}\n" for number in range(400)]
    harbour.files.log("tide", "".join(lines))
    page = open_page(harbour.at("/tide?tab=log"))
    view = page.get_by_test_id("log-view")
    expect(page.get_by_test_id("log-sum")).to_have_text("400 lines")
    eventually(lambda: view.evaluate(ENDS)["last"] == "n399")
    view.evaluate("view => { view.scrollTop = 201 * 20 }")
    eventually(lambda: view.evaluate(ENDS)["first"] == "n201")
    page.get_by_label("Warnings and errors").check()
    expect(page.get_by_test_id("log-sum")).to_have_text("200 of 400 lines")
    eventually(lambda: view.evaluate(ENDS)["first"] == "n201")


def test_where_control_is_off_nothing_can_be_pressed(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at())
    start = page.locator('[data-testid="plan-row"][data-plan="tide"]').get_by_test_id("row-start")
    expect(start).to_be_disabled()
    expect(start).to_have_attribute("title", re.compile("Control is off"))
    page.goto(harbour.at("/tide"))
    for name in ("start", "stop", "force"):
        expect(page.get_by_test_id(f"plan-{name}")).to_be_disabled()
    expect(page.get_by_test_id("plan-why")).to_contain_text("Control is off")
    page.goto(harbour.at("?view=orchestrators"))
    expect(page.get_by_test_id("control-note")).to_contain_text("Control is off")


def test_what_ran_when_and_the_plan_as_it_was(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at("/tide?tab=timeline"))
    expect(page.get_by_test_id("gantt-row")).to_have_count(2)  # the others have no times
    expect(page.get_by_test_id("gantt-row").first).to_contain_text("5 min 0 s")
    expect(page.get_by_test_id("replay-share")).to_have_text("25 %")
    harbour.write(*tasks(t1_2="completed"))
    expect(page.get_by_test_id("replay-share")).to_have_text("50 %")  # it follows what comes
    slider = page.get_by_test_id("replay-step")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_test_id("replay-said")).to_have_text("Before the first change")
    expect(page.get_by_test_id("replay-share")).to_have_text("0 %")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("replay-said")).to_contain_text("1.1 in progress")
    page.get_by_test_id("replay-play").click()
    expect(page.get_by_test_id("replay-share")).to_have_text("50 %")
    expect(page.get_by_test_id("replay-play")).to_have_text("Play")
    page.get_by_test_id("gantt-row").first.get_by_role("link").click()
    expect(page.get_by_test_id("plan-task")).to_contain_text("All hours are in UTC.")


def test_without_plans_and_for_one_that_is_gone_that_is_said(workspace: Path, open_page: Open) -> None:
    live = running(workspace)
    try:
        page = open_page(f"{live.url}/#/plans", may_miss=True)  # the plan that is asked for as it goes
        expect(page.get_by_test_id("no-plans")).to_contain_text("No plans yet")
        page.goto(f"{live.url}/#/plans/nothing")
        expect(page.get_by_test_id("plan-unknown")).to_contain_text("nothing")
        PlanFiles(workspace).plan("nothing", PLAN)
        expect(page.get_by_test_id("plan-title")).to_have_text("Tide import")
        (workspace / "docs/plans/nothing.md").unlink()
        expect(page.get_by_test_id("plan-unknown")).to_be_visible()
    finally:
        live.stop()


def test_a_plan_has_phases_tasks_and_all_that_is_known_of_a_task(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at("/tide"))
    rows = page.get_by_test_id("task-row")
    expect(rows).to_have_count(4)
    expect(page.get_by_test_id("plan-share")).to_have_text("25 %")
    expect(page.get_by_test_id("plan-phase").locator(".phase-count")).to_have_text(["1/2", "0/2"])
    expect(page.get_by_test_id("plan-current")).to_contain_text("Task 1.2")
    expect(rows.nth(1)).to_contain_text("2 retries")
    page.get_by_test_id("plan-phase").first.click()
    expect(rows).to_have_count(2)
    expect(page.get_by_test_id("phase-notes")).to_contain_text("the table comes first")
    page.get_by_test_id("plan-phase").first.click()
    page.get_by_test_id("task-status-failed").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    chosen = page.get_by_test_id("plan-task")
    expect(chosen).to_contain_text("The printer is on fire.")
    expect(chosen).to_contain_text("Out of paper.")
    page.get_by_test_id("task-status-all").click()
    expect(rows).to_have_count(4)
    rows.nth(3).get_by_role("link").focus()
    page.keyboard.press("Home")
    expect(rows.first.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chosen).to_contain_text("All hours are in UTC.")
    expect(chosen).to_contain_text("5 min 0 s")
    page.get_by_test_id("plan-tab-history").click()
    expect(page.get_by_test_id("plan-run")).to_contain_text("never said to be over")
    expect(page.get_by_test_id("plan-activity-row").first).to_be_visible()


def test_findings_are_rendered(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at("/tide?task=1.1"))
    page.get_by_test_id("task-findings").click()
    expect(page.get_by_test_id("finding").locator("strong")).to_have_text("gaps")
    harbour.files.finding("tide", "2.1-tides.md", "# Tides\n")
    harbour.write(*tasks(t1_2="completed"))
    expect(page.get_by_test_id("finding-file")).to_have_count(2)
    page.get_by_test_id("finding-file").nth(1).click()
    expect(page.get_by_test_id("finding").locator("h1")).to_have_text("Tides")
    page.goto(harbour.at("/tide?task=2.1"))  # its status file names no findings: the name of the file does
    expect(page.get_by_test_id("task-findings")).to_be_visible()


def test_the_graph_shows_one_task_with_what_belongs_to_it(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at("/tide?tab=graph"))
    nodes = page.get_by_test_id("graph-node")
    expect(nodes).to_have_count(4)
    expect(page.get_by_test_id("graph-layer")).to_have_count(2)
    expect(page.get_by_test_id("critical-path")).to_contain_text("1.1 → 1.2 → 2.1")
    page.locator('[data-testid="graph-node"][data-task="1.1"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-testid="graph-node"][data-task="2.1"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("graph-focus")).to_contain_text("with 2 tasks")
    expect(nodes).to_have_count(3)  # 2.2 belongs to none of them
    width = page.get_by_test_id("graph").evaluate("one => one.clientWidth")
    page.get_by_test_id("zoom-in").click()
    expect(page.get_by_test_id("zoom")).to_have_text("125 %")
    eventually(lambda: page.get_by_test_id("graph").evaluate("one => one.clientWidth") > width)
    page.get_by_test_id("zoom-fit").click()
    expect(page.get_by_test_id("zoom")).to_have_text("100 %")
    page.get_by_test_id("graph-all").click()
    expect(nodes).to_have_count(4)


def test_what_changes_is_shown_live(harbour: Harbour, open_page: Open) -> None:
    page = open_page(harbour.at())
    tide = page.locator('[data-testid="plan-row"][data-plan="tide"]')
    expect(tide.locator(".plan-bar")).to_have_attribute("data-percentage", "25")
    harbour.write(*tasks(t1_2="completed"))
    expect(tide.locator(".plan-bar")).to_have_attribute("data-percentage", "50")
    tide.get_by_role("link").click()
    expect(page.get_by_test_id("task-row")).to_have_count(4)
    harbour.write(*tasks(t1_2="completed", t2_1="in_progress"))
    row = page.locator('[data-testid="task-row"][data-task="2.1"]')
    expect(row).to_have_attribute("data-status", "in_progress")
    expect(page.get_by_test_id("plan-current")).to_contain_text("Task 2.1")
    page.get_by_test_id("plan-tab-graph").click()
    node = page.locator('[data-testid="graph-node"][data-task="2.1"]')
    expect(node).to_have_attribute("data-status", "in_progress")
    harbour.write(*tasks(t1_2="completed", t2_1="completed"))
    expect(node).to_have_attribute("data-status", "completed")
    expect(page.get_by_test_id("plan-share")).to_have_text("75 %")
    expect(page.get_by_test_id("plan-phase").locator(".phase-count")).to_have_text(["2/2", "1/2"])


def test_a_plan_of_many_tasks_has_few_rows(harbour: Harbour, open_page: Open) -> None:
    harbour.write(*[task(f"1.{number}") for number in range(1, 3_001)])
    page = open_page(harbour.at("/tide?task=1.2000"))
    expect(page.locator('[data-testid="task-row"][data-task="1.2000"]')).to_be_visible()
    assert page.get_by_test_id("task-row").count() < 100
    expect(page.get_by_test_id("task-sum")).to_have_text("3,000 tasks")
    page.get_by_test_id("plan-tab-graph").click()
    expect(page.get_by_test_id("graph-focus")).to_contain_text("with 0 tasks")
    page.get_by_test_id("graph-all").click()
    expect(page.get_by_test_id("graph")).to_have_attribute("data-tasks", "3000")
    expect(page.get_by_test_id("graph")).to_have_attribute("data-close", "true")
    eventually(lambda: 20 < page.get_by_test_id("graph-node").count() < 600)
    page.get_by_test_id("graph-node").first.focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(page.locator('[data-testid="graph-node"]:focus')).to_be_in_viewport()  # what is reached is drawn
    page.get_by_test_id("zoom-fit").click()
    expect(page.get_by_test_id("graph")).to_have_attribute("data-close", "false")
    page.get_by_test_id("graph").click(position={"x": 40, "y": 12})
    expect(page.get_by_test_id("zoom")).to_have_text("100 %")
    expect(page.get_by_test_id("graph-node").first).to_be_visible()


def test_hostile_text_stays_text(harbour: Harbour, open_page: Open) -> None:
    text = f"# {PAYLOAD}\n\n## Phase 1: {PAYLOAD}\n**Execution Note:** Tasks 1.1-1.2 are [SEQUENTIAL] - {PAYLOAD}\n"
    harbour.files.plan("tide", f"{text}- [ ] 1.1 {PAYLOAD}\n- [ ] 1.2 {PAYLOAD}\n")
    fields = {"description": PAYLOAD, "notes": PAYLOAD, "error": PAYLOAD, "phase": PAYLOAD}
    items = [task("1.1", "in_progress", **fields), task(PAYLOAD, "failed", **fields | {"dependencies": [PAYLOAD]})]
    harbour.files.finding("tide", "1.1.md", f"# Found\n\n{PAYLOAD}\n\n[run](javascript:window.hacked=1)\n")
    harbour.write(*items, runs=[{"runId": PAYLOAD}])
    harbour.files.log("tide", f"12:00:00 [ERROR] {PAYLOAD}\n\x1b[31m{PAYLOAD}\x1b[0m\n")
    page = open_page(harbour.at())
    expect(page.locator('[data-plan="tide"]').get_by_role("link")).to_contain_text("<img src=x")
    tabs = ("graph", "timeline", "history", "log", "findings&task=1.1")
    for query in ("?task=1.1", "?phase=1", *(f"?tab={tab}" for tab in tabs)):
        page.goto(harbour.at(f"/tide{query}"))
        expect(page.get_by_test_id("plan-title")).to_contain_text("<script>")
        expect(page.locator(".plan-panel .spinner").locator("visible=true")).to_have_count(0)
        expect(page.locator(".plan-panel > :not([hidden], .plan-state)").first).to_be_visible()
        assert page.evaluate("window.hacked") is None, query
        assert page.locator("plans-page :is(img, script)").count() == 0, query
    expect(page.get_by_test_id("finding").locator("h1")).to_have_text("Found")
    assert page.get_by_test_id("finding").locator("a[href^=javascript]").count() == 0
    page.goto(harbour.at("/tide?tab=graph"))
    expect(page.get_by_test_id("graph-node")).to_have_count(2)  # a hidden character ends no drawing
    expect(page.get_by_test_id("cycles")).to_be_visible()
