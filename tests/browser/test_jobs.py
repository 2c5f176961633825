"""Jobs: who may start what, what each does, why it waits, how it ended, what was noticed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from kit.at_rest import what_stays
from kit.live import eventually, running
from kit.puppets import Stage, puppet
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]

# What lies beyond the right edge of the window, and can be reached by scrolling the document.
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.className || one.tagName)"""


def card(page: Page, job: str) -> Locator:
    return page.locator(f'[data-testid="job"][data-job="{job}"]')


def opened(stage: Stage, open_page: Open, address: str = "#/jobs", **options: object) -> Page:
    page = open_page(f"{stage.live.url}/{address}", **options)
    expect(page.locator("jobs-page")).to_be_visible()
    return page


def test_a_job_is_started_from_the_page_and_followed_to_its_end(stage: Stage, open_page: Open) -> None:
    page = opened(stage, open_page)
    expect(page.get_by_test_id("no-jobs")).to_contain_text("No jobs yet")
    page.get_by_test_id("start-job").click()
    dialog = page.get_by_test_id("start-dialog")
    expect(page.get_by_test_id("profile-argv")).to_contain_text("{job}")  # the whole command line
    expect(page.get_by_test_id("profile-argv").locator("li")).to_have_count(7)
    expect(page.get_by_test_id("profile-env")).to_contain_text("Nothing is set.")
    expect(page.get_by_test_id("profile-approved")).to_be_visible()
    dialog.get_by_label("Project").fill("quay")
    dialog.get_by_label("Specification").fill("# A quay\n\nWith berths.")
    page.get_by_test_id("start").click()
    expect(page.locator(".job-title h2")).to_contain_text("quay")
    expect(page).to_have_url(re.compile(r"#/jobs/[\w-]+$"))  # it may be known later than the page is shown
    job = page.url.rsplit("/", 1)[1]
    phases = page.locator("job-detail").get_by_test_id("phases")
    stage.say(job, "Running /speckit.specify")
    expect(phases).to_have_attribute("data-phase", "specify")
    stage.say(job, "Running /speckit.plan")
    expect(phases.locator('[data-phase="plan"]')).to_have_attribute("aria-current", "step")
    expect(phases.locator('[data-phase="specify"]')).to_have_attribute("data-state", "done")
    expect(phases.locator('[data-phase="specify"] .phase-time')).not_to_be_empty()
    page.get_by_test_id("nav-jobs").click()
    page.get_by_role("link", name="All jobs").click()
    expect(page.get_by_test_id("jobs-in_progress").get_by_test_id("job")).to_contain_text("A quay")
    stage.end(job, 3)
    failed = page.get_by_test_id("jobs-failed").get_by_test_id("job")
    expect(failed).to_contain_text("exit code 3")
    expect(failed.get_by_test_id("job-status")).to_have_text("Failed")
    page.get_by_test_id("jobs-show-list").click()
    expect(page.get_by_test_id("job-row")).to_contain_text("exit code 3")


def test_without_control_all_is_shown_and_nothing_can_be_started(workspace: Path, open_page: Open) -> None:
    live = running(workspace, profiles=[puppet(workspace)])
    try:
        file = workspace / "work/jobs/dropped.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("id: dropped\nproject: quay\nspecification: Do it.\nprofile: puppet\nstatus: completed\n")
        live.sync()
        page = open_page(f"{live.url}/#/jobs")
        expect(card(page, "dropped")).to_contain_text("Do it.")
        page.get_by_test_id("jobs-off").locator("summary").click()
        expect(page.get_by_test_id("jobs-off")).to_contain_text("control: true")
        page.get_by_test_id("start-job").click()
        expect(page.get_by_test_id("start-dialog")).to_contain_text("a workspace cannot do it for you")
        expect(page.get_by_test_id("start")).to_be_disabled()
        expect(page.get_by_test_id("start-reason")).to_contain_text("Control is off")
        page.keyboard.press("Escape")
        card(page, "dropped").get_by_role("link").click()
        expect(page.get_by_test_id("job-retry")).to_be_disabled()
        page.get_by_test_id("why-not").click()
        expect(page.locator(".job-explain")).to_contain_text("control: true")
        expect(page.get_by_test_id("log-none")).to_contain_text("never started")
    finally:
        live.stop()


TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("token", [None, TOKEN])
def test_what_a_workspace_proposes_is_approved_as_it_was_shown(
    workspace: Path, open_page: Open, token: str | None
) -> None:
    file = workspace / "work/profiles/build.yaml"
    file.parent.mkdir(parents=True)
    file.write_text('argv: ["make", "all it takes"]\n')
    live = running(workspace, control=True, min_disk_space_mb=0, **({"token": token} if token else {}))
    try:
        page = open_page(f"{live.url}/?token={token}" if token else live.url, console_must_be_empty=False)
        page.goto(f"{live.url}/#/jobs")
        page.get_by_test_id("start-job").click()
        page.get_by_label("Profile").select_option("build")
        expect(page.get_by_test_id("profile-argv").locator("li")).to_have_text(["make", "all it takes"])
        expect(page.get_by_test_id("start")).to_be_disabled()
        expect(page.get_by_test_id("start-reason")).to_have_text("The profile is not approved.")
        if token is None:  # nobody can tell the user from an agent
            expect(page.get_by_test_id("profile")).to_contain_text("llm-service approve")
            return
        file.write_text('argv: ["make", "something else"]\n')  # behind the user's back
        page.get_by_test_id("approve").click()
        expect(page.locator(".start-problem")).not_to_be_empty()
        page.keyboard.press("Escape")
        page.get_by_test_id("start-job").click()
        expect(page.get_by_test_id("profile-argv").locator("li")).to_have_text(["make", "something else"])
        page.get_by_test_id("approve").click()
        expect(page.get_by_test_id("profile-approved")).to_be_visible()
        expect(page.get_by_test_id("start")).to_be_enabled()
    finally:
        live.stop()


def test_who_waits_for_a_person_is_said_on_every_page(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    stage.say(job, json.dumps({"type": "thread.started", "thread_id": "t1"}))
    asked = {"id": "i1", "type": "request_user_input", "questions": [{"question": "May I moor here?"}]}
    page = open_page(stage.live.url)
    stage.say(job, json.dumps({"type": "item.started", "item": asked}))
    expect(page.get_by_test_id("nav-jobs")).to_contain_text("1 job waits for your input")
    page.keyboard.press("j")
    expect(page.get_by_test_id("jobs-ask")).to_contain_text("waits for your input")
    expect(page.get_by_test_id("jobs-ask")).to_contain_text("May I moor here?")
    expect(card(page, job).get_by_test_id("job-asks")).to_be_visible()
    page.get_by_test_id("jobs-ask").get_by_role("link").click()
    expect(page.locator(".job-head").get_by_test_id("job-asks")).to_contain_text("May I moor here?")
    stage.end(job)
    expect(page.locator(".job-head").get_by_test_id("job-asks")).to_have_count(0)
    expect(page.get_by_test_id("nav-jobs").locator(".nav-mark")).not_to_be_visible()


def test_stop_retry_and_two_runs_side_by_side(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    page = opened(stage, open_page, f"#/jobs/{job}")
    stage.say(job, "the first run", "ERROR: could not moor")
    expect(page.locator(".log-row", has_text="the first run")).to_be_visible()
    page.get_by_test_id("job-stop").click()
    expect(page.locator(".job-head").get_by_test_id("job-status")).to_have_text("Cancelled")
    (stage.folder / job).write_text("")
    page.get_by_test_id("job-retry").click()
    expect(page.locator(".job-head").get_by_test_id("job-status")).to_have_text("In progress")
    stage.say(job, "the second run")
    expect(page.locator(".log-row")).to_have_count(1)  # the log is that of the latest run
    expect(page.locator(".log-row")).to_contain_text("the second run")
    stage.end(job)
    first = page.get_by_test_id("log-run").locator("option").nth(1).get_attribute("value")
    page.get_by_test_id("log-run").select_option(first)
    expect(page.locator(".log-row", has_text="the first run")).to_be_visible()
    page.get_by_test_id("job-tab-runs").click()
    expect(page.get_by_test_id("run").locator(".run-end")).to_have_text(["exit code 0", "signal 15, stopped"])
    page.get_by_test_id("compare").click()
    table = page.get_by_test_id("compare-table")
    expect(table.locator("tr[data-differs]", has_text="End")).to_contain_text("signal 15, stopped")
    expect(table.locator("tr", has_text="Errors").locator("td")).to_have_text(["1", "0", "−1"])
    page.set_viewport_size({"width": 390, "height": 844})
    hidden = "(box) => [box.scrollHeight - box.clientHeight, box.scrollWidth - box.clientWidth]"
    assert page.locator("compare-view .table-box").evaluate(hidden) == [0, 0]  # the view scrolls, not a box in it
    page.get_by_role("link", name="Back to the job").click()
    expect(page.get_by_test_id("run")).to_have_count(2)


def test_why_a_job_waits_and_which_are_shown(stage: Stage, open_page: Open) -> None:
    first, _ = stage.job("quay"), stage.job("yard")
    body = {"specification": "Later.", "profile": "puppet"}
    third = requests.post(f"{stage.live.url}/api/projects/quay/jobs", json=body, timeout=60).json()["job"]["id"]
    page = opened(stage, open_page)
    expect(card(page, third).get_by_test_id("job-queue")).to_contain_text("position 1")
    expect(page.get_by_test_id("jobs-sum")).to_have_text("3 jobs, 2 running")
    page.get_by_test_id("jobs-project").select_option("quay")
    expect(page.get_by_test_id("jobs-sum")).to_have_text("2 of 3 jobs, 2 running")
    page.get_by_test_id("jobs-status").select_option("pending")
    expect(page.get_by_test_id("job")).to_have_count(1)
    expect(page).to_have_url(re.compile("project=quay&status=pending"))
    page.reload()
    expect(page.get_by_test_id("job")).to_have_attribute("data-job", third)
    stage.end(first)
    expect(page.get_by_test_id("job")).to_have_count(0)
    page.get_by_test_id("jobs-status").select_option("")
    expect(page.get_by_test_id("jobs-completed").get_by_test_id("job")).to_have_attribute("data-job", first)


def test_insights_facts_files_and_the_four_stages(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    page = opened(stage, open_page, f"#/jobs/{job}?tab=insights")
    expect(page.get_by_test_id("no-insights")).to_be_visible()
    said = {"text": "The tests look flaky", "source": "ada", "severity": "warning", "job": job}
    assert requests.post(f"{stage.live.url}/api/streams/insights", json=said, timeout=60).status_code == 202
    insight = page.get_by_test_id("insight")
    expect(insight).to_contain_text("The tests look flaky")
    expect(insight).to_contain_text("inferred")
    expect(insight).to_contain_text("said by an agent")
    page.get_by_test_id("job-tab-knowledge").click()
    expect(page.get_by_test_id("no-facts")).to_be_visible()
    stage.say(job, "at work", "FACT: Berths are counted from the east.")
    fact = page.get_by_test_id("fact")
    expect(fact).to_contain_text("Berths are counted from the east.")
    expect(fact.get_by_role("link", name="line 2")).to_be_visible()
    fact.get_by_test_id("fact-accept").click()
    expect(fact).to_have_attribute("data-status", "accepted")
    page.get_by_test_id("job-tab-files").click()
    expect(page.get_by_test_id("no-files")).to_be_visible()
    (stage.live.workspace / "work/generated_projects/quay/quay.py").write_text("berths = 3\n")
    expect(page.get_by_test_id("job-file")).to_contain_text("quay.py")
    stage.say(job, "wrote quay.py")
    page.get_by_test_id("job-tab-doctor").click()
    expect(page.get_by_test_id("stage")).to_have_count(4)
    expect(page.get_by_test_id("stage").first).to_contain_text("Did the script generate files?")
    page.get_by_test_id("job-tab-log").click()
    expect(page.locator(".log-row", has_text="wrote quay.py")).to_be_visible()


def test_the_tab_that_is_open_is_in_view_where_not_all_are(stage: Stage, open_page: Open) -> None:
    job = stage.job()
    page = opened(stage, open_page, f"#/jobs/{job}?tab=doctor", viewport={"width": 390, "height": 844})
    expect(page.get_by_test_id("job-tab-doctor")).to_be_in_viewport(ratio=1)
    page.goto(f"{stage.live.url}/#/jobs/{job}")
    expect(page.get_by_test_id("job-tab-log")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_of_it_is_cut_off(stage: Stage, open_page: Open, width: int) -> None:
    job = stage.job("a-project-with-a-rather-long-name-" * 3, "# " + "A title that does not end " * 9)
    stage.say(job, "Running /speckit.plan")
    page = opened(stage, open_page, viewport={"width": width, "height": 844})
    for address in ("#/jobs", f"#/jobs/{job}", f"#/jobs/{job}?tab=runs", f"#/jobs/{job}?tab=doctor"):
        page.goto(f"{stage.live.url}/{address}")
        expect(page.locator("job-detail, jobs-overview").locator("visible=true").first).to_be_visible()
        expect(page.locator(".state .spinner").locator("visible=true")).to_have_count(0)
        assert what_stays(lambda: page.evaluate(WIDER)) == [], address
    page.goto(f"{stage.live.url}/#/jobs/nothing")
    expect(page.get_by_test_id("job-unknown")).to_contain_text("There is no such job")
    page.goto(f"{stage.live.url}/#/jobs")
    page.get_by_test_id("start-job").click()
    expect(page.get_by_test_id("profile")).to_be_visible()
    assert eventually(
        lambda: page.get_by_test_id("start-dialog").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    )


def test_what_an_agent_reports_is_shown_while_it_works(stage: Stage, open_page: Open) -> None:
    """Events in the shapes of Claude Code, as its program writes them."""
    job = stage.job()
    page = opened(stage, open_page, f"#/jobs/{job}?tab=agent")
    expect(page.get_by_test_id("no-agent")).to_be_visible()

    def say(kind: str, **event: object) -> None:
        stage.say(job, json.dumps({"type": kind, "session_id": "5f7f0f3c", "uuid": "0f7f0f3c", **event}))

    def uses(key: str, name: str, **given: object) -> None:
        content = [{"type": "tool_use", "id": key, "name": name, "input": given}]
        say("assistant", message={"id": f"msg_{key}", "role": "assistant", "content": content}, parent_tool_use_id=None)

    def answers(key: str, text: str, is_error: bool = False) -> None:
        content = [{"type": "tool_result", "tool_use_id": key, "content": text, "is_error": is_error}]
        say("user", message={"role": "user", "content": content})

    say("system", subtype="init", cwd="/", model="opus", tools=["Bash"])
    uses(
        "1", "TodoWrite", todos=[{"content": "Berths", "status": "in_progress"}, {"content": "x", "status": "pending"}]
    )
    uses("2", "Bash", command="make test")
    answers("2", "Exit code 2\n1 failed", is_error=True)
    uses("3", "Write", file_path="berths.py", content="x")
    answers("3", "File created")
    fact = page.locator("[data-fact]")
    expect(page.get_by_test_id("agent-files")).to_contain_text("berths.py")
    expect(fact.filter(has_text="Agent")).to_contain_text("Claude Code")
    expect(fact.filter(has_text="Turns")).to_contain_text("3")
    expect(page.get_by_test_id("agent-todos").locator('[data-status="in_progress"]')).to_contain_text("Berths")
    expect(page.get_by_test_id("agent-commands")).to_contain_text("exit code 2")
    say(
        "rate_limit_event", rate_limit_info={"status": "rejected", "rateLimitType": "five_hour", "resetsAt": 1796016162}
    )
    expect(page.get_by_test_id("job-limit")).to_contain_text("Rate limit reached (five hour)")
    uses("4", "AskUserQuestion", questions=[{"question": "Which port?"}])
    expect(page.get_by_test_id("job-asks")).to_contain_text("Which port?")
    expect(page.get_by_test_id("job-limit")).to_have_count(0)  # it answers again
    denied = [{"tool_name": "Bash", "tool_input": {}}]
    say("result", subtype="error_max_turns", is_error=True, errors=["Too many turns"], permission_denials=denied)
    stage.end(job, 1)
    expect(page.get_by_test_id("job-error")).to_have_text("It ended with exit code 1. The agent said: Too many turns")
    expect(fact.filter(has_text="Not permitted")).to_contain_text("Bash")
    page.get_by_test_id("agent-commands").get_by_role("link").click()
    expect(page.locator(".log-number").filter(has_text="4").first).to_be_visible()
