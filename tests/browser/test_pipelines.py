"""Pipelines on the page: listed, filtered, opened by step and by job, with logs that grow while they are read."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from itertools import dropwhile
from typing import Any

import pytest
import requests
from kit.at_rest import what_stays
from kit.hostile_markdown import MARKDOWN
from kit.live import Live
from kit.pipelines import HAND_MADE, Clock, TickingClock, folder_of, reporter_of, write_pipeline
from playwright.sync_api import Locator, Page, expect

from llm_service.pipelines.reporter import PipelineReporter

Open = Callable[..., Page]
STALE_AFTER_S = 6 * 3600
WIDER = """() => [...document.querySelectorAll("html, pipeline-list, pipeline-detail")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => [one.tagName, one.scrollWidth, one.clientWidth])"""
LINKS = '[data-testid="log-entries"] a[href]'


@pytest.fixture
def tools(live: Live) -> PipelineReporter:
    """An agent's tools, in no connection with the dashboard."""
    return reporter_of(live.workspace, TickingClock())


def new(tools: PipelineReporter, ticket: str = "T-1", **more: Any) -> str:
    return str(tools.create_pipeline("ticket_work", ticket_id=ticket, **more)["pipeline_id"])


def job_in(tools: PipelineReporter, pipeline: str, step: str = "research", name: str = "Read", **more: Any) -> str:
    return str(tools.create_pipeline_job(pipeline, step, name, "backend", **more)["job_id"])


def row(page: Page, pipeline: str) -> Locator:
    return page.locator(f'[data-testid="pipeline"][data-pipeline="{pipeline}"]')


def opened(live: Live, open_page: Open, address: str = "", **options: Any) -> Page:
    live.sync()  # what was reported before is known
    page = open_page(f"{live.url}/#/pipelines{address}", **options)
    expect(page.locator("pipelines-page")).to_be_visible()
    return page


def test_what_agents_report_is_listed_at_once_the_newest_first(
    live: Live, tools: PipelineReporter, open_page: Open
) -> None:
    page = opened(live, open_page)
    expect(page.get_by_test_id("no-pipelines")).to_contain_text("No pipelines yet")
    first = new(tools, project="quay", branch="feature/ical")
    expect(row(page, first)).to_contain_text("T-1")
    expect(row(page, first)).to_contain_text("feature/ical")
    second = new(tools, "T-2")
    expect(page.get_by_test_id("pipeline").first).to_have_attribute("data-pipeline", second)
    expect(page.get_by_test_id("pipelines-sum")).to_have_text("2 pipelines, 0 running")
    job = job_in(tools, first, status="running")
    dots = row(page, first).get_by_test_id("step-dots").locator("li")
    expect(dots.nth(0)).to_have_attribute("data-status", "running")
    expect(dots).to_have_text(["Research: running", "Coding: pending", "Wrap up: pending"])
    expect(page.get_by_test_id("pipelines-sum")).to_have_text("2 pipelines, 1 running")
    length = row(page, first).locator("run-time")
    shown = length.inner_text()
    expect(length).not_to_have_text(shown)  # it ticks
    tools.update_pipeline_job(job, status="failed")
    expect(row(page, first)).to_have_attribute("data-status", "failed")
    tools.finish_pipeline(first)
    expect(dots.nth(2)).to_have_attribute("data-status", "skipped")
    ended = length.inner_text()
    other = new(tools, "T-other")
    job_in(tools, other, status="running")
    running = row(page, other).locator("run-time")
    expect(running).not_to_have_text(running.inner_text())  # all of them share one clock
    expect(length).to_have_text(ended)  # and stands at the end
    shutil.rmtree(folder_of(live.workspace, other))
    shutil.rmtree(folder_of(live.workspace, second))
    expect(row(page, second)).to_have_count(0)
    expect(page.get_by_test_id("pipelines-sum")).to_have_text("1 pipeline, 0 running")


def test_the_list_is_filtered_and_paged_by_its_address(live: Live, tools: PipelineReporter, open_page: Open) -> None:
    made = [new(tools, f"T-{number}", project=("quay", "yard")[number % 2]) for number in range(22)]
    close = tools.create_pipeline("sprint_close", sprint_id="S-1")["pipeline_id"]
    tools.finish_pipeline(close, "success")
    tools.finish_pipeline(made[0], "failed")
    live.sync()
    page = opened(live, open_page)
    expect(page.get_by_test_id("pipeline")).to_have_count(20)
    expect(page.get_by_test_id("pager-range")).to_have_text("1–20 of 23")
    page.get_by_test_id("page-next").click()
    expect(page.get_by_test_id("pipeline")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"#/pipelines\?page=2$"))
    page.go_back()
    expect(page.get_by_test_id("pipeline")).to_have_count(20)
    page.get_by_test_id("status-failed").click()
    expect(page.get_by_test_id("pipeline")).to_have_count(1)
    expect(page.get_by_test_id("status-failed")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("pipelines-sum")).to_have_text("1 of 23 pipelines, 0 running")
    page.get_by_test_id("status-success").click()
    expect(page.get_by_test_id("pipeline")).to_have_count(2)
    page.get_by_test_id("type-sprint_close").click()
    expect(page.get_by_test_id("pipeline")).to_have_count(1)
    expect(page.get_by_test_id("pipeline")).to_contain_text("S-1")
    expect(page).to_have_url(re.compile("type=sprint_close"))
    page.reload()
    expect(page.get_by_test_id("pipeline")).to_contain_text("S-1")
    page.get_by_test_id("pipelines-project").select_option("quay")
    expect(page.get_by_test_id("none-pass")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_test_id("pipeline")).to_have_count(20)
    page.get_by_test_id("pipelines-project").select_option("yard")
    expect(page.get_by_test_id("pipeline")).to_have_count(11)
    page.get_by_test_id("status-running").click()
    expect(page.get_by_test_id("none-pass")).to_be_visible()
    job_in(tools, made[1], status="running")  # it comes to pass while it is looked at
    expect(row(page, made[1])).to_be_visible()
    tools.finish_pipeline(made[1], "canceled")
    expect(page.get_by_test_id("none-pass")).to_be_visible()
    page.goto(f"{live.url}/#/pipelines?page=9")
    page.get_by_role("link", name="The first page", exact=True).click()
    expect(page.get_by_test_id("pipeline")).to_have_count(20)


def test_a_pipeline_is_a_column_a_step_and_a_card_a_job(live: Live, tools: PipelineReporter, open_page: Open) -> None:
    live.write("assigned/ada/T-1.yaml", title="A feed of arrivals")
    source = live.workspace / "generated_projects/quay/app.py"
    source.parent.mkdir(parents=True)
    source.write_text("x = 1\n")
    (live.workspace / ".git/worktrees/one").mkdir(parents=True)
    (live.workspace / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (live.workspace / ".git/worktrees/one/HEAD").write_text("ref: refs/heads/feature/ical\n")
    (live.workspace / ".git/worktrees/one/gitdir").write_text(f"{live.workspace}/trees/ical/.git\n")
    pipeline = new(tools, project="quay", branch="feature/ical", meta={"session_id": "s-1"})
    job = job_in(
        tools, pipeline, name="Read RFC 5545", status="running", description="What a feed is", session_id="s-2"
    )
    call = {"model_name": "claude-sonnet-4-5", "prompt_tokens": 10, "completion_tokens": 1}
    for session, cost_usd in (("s-1", 0.25), ("s-2", 0.5)):
        assert requests.post(
            f"{live.url}/api/telemetry", json=call | {"session_id": session, "cost_usd": cost_usd}, timeout=60
        ).ok
    live.sync()
    page = opened(live, open_page)
    row(page, pipeline).get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"#/pipelines/{pipeline}$"))
    expect(page.get_by_test_id("step")).to_have_count(3)
    card = page.locator('[data-step="research"]').get_by_test_id("pipeline-job")
    expect(card).to_contain_text("What a feed is")
    expect(card.locator("run-time")).to_be_visible()
    tools.update_pipeline_job(job, status="failed")
    tools.update_pipeline_job(job, status="running", attempt=2)
    expect(card.get_by_test_id("attempt")).to_have_text("attempt 2")
    tools.update_pipeline_job(job, status="success", score=91, summary="By the booking.\nNot by the berth.")
    expect(card.get_by_test_id("score")).to_have_text("Score 91")
    expect(card).to_contain_text("By the booking.")
    expect(page.locator('section[data-step="research"]')).to_have_attribute("data-status", "success")
    second = job_in(tools, pipeline, "coding", "Write it")
    expect(page.locator('[data-step="coding"]').get_by_test_id("pipeline-job")).to_contain_text("Write it")
    links = page.get_by_test_id("pipeline-links")
    expect(links.get_by_test_id("link-branch")).to_contain_text("trees/ical")
    expect(links.get_by_test_id("link-artifacts")).to_have_attribute("href", "#/artifacts/quay")
    costs = links.get_by_test_id("link-costs")
    expect(costs.first).to_have_attribute("href", re.compile("session=s-1"))
    expect(links.get_by_test_id("session-cost")).to_have_text(["$0.25, 1 call", "$0.50, 1 call"])
    expect(links.get_by_test_id("all-costs")).to_have_text("All sessions: $0.75, 2 calls")
    more = call | {"session_id": "s-2", "cost_usd": 0.25}
    assert requests.post(f"{live.url}/api/telemetry", json=more, timeout=60).ok
    expect(links.get_by_test_id("session-cost").nth(1)).to_have_text("$0.75, 2 calls", timeout=60_000)
    links.get_by_test_id("link-task").click()
    expect(page.locator("task-detail")).to_contain_text("A feed of arrivals")
    page.keyboard.press("Escape")
    expect(page.locator("task-detail")).not_to_be_visible()
    page.keyboard.press("ArrowDown")  # by keyboard: the first job, the one beside, its page, and up again
    expect(page.get_by_role("link", name="Read RFC 5545")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"job={second}$"))
    expect(page.get_by_test_id("no-log")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_test_id("step")).to_have_count(3)
    page.keyboard.press("u")
    expect(page.get_by_test_id("pipeline")).to_have_count(1)
    page.go_back()
    expect(page.get_by_test_id("step")).to_have_count(3)
    page.goto(f"{live.url}/#/pipelines/{pipeline}?job=nothing")
    expect(page.get_by_test_id("pipeline-job-unknown")).to_contain_text("There is no such job")


def test_a_step_without_jobs_says_whether_there_will_be_some(
    live: Live, tools: PipelineReporter, open_page: Open
) -> None:
    pipeline = new(tools)
    live.sync()
    page = opened(live, open_page)
    row(page, pipeline).get_by_role("link").click()
    nothing = page.locator('section[data-step="coding"] .nil')
    expect(nothing).to_have_text("No jobs yet.")
    tools.finish_pipeline(pipeline)
    expect(nothing).to_have_text("No jobs.")


def test_the_log_of_a_job_grows_while_it_is_looked_at(live: Live, tools: PipelineReporter, open_page: Open) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    page = opened(live, open_page, f"/{pipeline}?job={job}")
    expect(page.get_by_test_id("no-log")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/log" in request.url else None)
    tools.append_job_log(job, "# What I read\n\n- [x] **RFC 5545**\n\n```\nunfinished fence")
    entries = page.get_by_test_id("log-entry")
    expect(entries).to_have_count(1)
    expect(entries.first.get_by_role("heading")).to_have_text("What I read")
    page.evaluate("document.querySelector('.log-entry').isSame = true")
    tools.append_job_log(job, "## Then *this*")
    expect(entries).to_have_count(2)
    # Only what came since, from the first entry on. What brings the second may be asked for before that is written.
    since = list(dropwhile(lambda url: "after=" not in url, asked))
    assert since and all("after=" in url for url in since), asked
    expect(entries.nth(1).get_by_role("heading")).to_have_text("Then this")  # the fence ends with its entry
    expect(entries.nth(1).locator("time")).to_be_visible()
    assert page.evaluate("document.querySelector('.log-entry').isSame")  # what was there stayed
    expect(page.get_by_test_id("log-sum")).to_contain_text("2 entries")
    tools.update_pipeline_job(job, status="success", score=80, summary="Done.")
    expect(page.get_by_test_id("job-summary")).to_contain_text("Done.")
    expect(page.locator("[data-figure=score]")).to_contain_text("80 of 100")


def test_a_long_log_begins_with_its_end_and_follows_it(live: Live, tools: PipelineReporter, open_page: Open) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    for number in range(9):
        tools.append_job_log(job, f"number {number}\n\n" + "word " * 9_000)
    live.sync()
    page = opened(live, open_page, f"/{pipeline}?job={job}")
    entries = page.get_by_test_id("log-entry")
    expect(entries.last).to_contain_text("number 8")
    expect(entries.filter(has_text="number 0")).to_have_count(0)
    page.get_by_test_id("log-earlier").click()
    expect(entries.first).to_contain_text("number 0")
    expect(page.get_by_test_id("log-earlier")).not_to_be_visible()
    for number in range(9):
        expect(entries.filter(has_text=f"number {number}")).to_have_count(1)
    page.get_by_role("button", name="To the end").click()
    expect(entries.last).to_be_in_viewport()
    tools.append_job_log(job, "number 9")
    expect(entries.last).to_contain_text("number 9")
    expect(entries.last).to_be_in_viewport()
    expect(entries.first).to_contain_text("number 0")  # what was loaded stays


def test_a_broken_pipeline_says_where_until_it_is_mended(live: Live, tools: PipelineReporter, open_page: Open) -> None:
    pipeline = new(tools)
    text = (folder_of(live.workspace, pipeline) / "pipeline.yaml").read_text()
    write_pipeline(live.workspace, "id: x\nsteps: [\n  - {a: 1\n")
    page = opened(live, open_page, may_miss=True)
    expect(row(page, HAND_MADE).get_by_test_id("pipeline-status")).to_have_text("Broken file")
    problem = row(page, HAND_MADE).get_by_test_id("pipeline-problem")
    expect(problem).to_contain_text(re.compile(r"pipeline\.yaml line \d+, column \d+: "))
    page.get_by_test_id("status-broken").click()
    expect(page.get_by_test_id("pipeline")).to_have_count(1)
    row(page, HAND_MADE).get_by_role("link").click()
    expect(page.locator(".detail-head").get_by_test_id("pipeline-problem")).to_contain_text(
        re.compile(r"line \d+, column")
    )
    expect(page.get_by_test_id("step")).to_have_count(0)
    write_pipeline(live.workspace, text.replace(pipeline, HAND_MADE))
    expect(page.get_by_test_id("step")).to_have_count(3)
    expect(page.locator(".detail-head").get_by_test_id("pipeline-problem")).to_have_count(0)
    shutil.rmtree(folder_of(live.workspace, HAND_MADE))
    expect(page.get_by_test_id("pipeline-unknown")).to_contain_text("There is no such pipeline")


@pytest.mark.timeout(600)
def test_hostile_markdown_in_a_log_is_inert(live: Live, tools: PipelineReporter, open_page: Open) -> None:
    pipeline = new(tools, "<img src=x onerror=document.title='RAN'>", branch="\u202eevil")
    job = job_in(tools, pipeline, name="<script>document.title='RAN'</script>", status="running")
    tools.update_pipeline_job(job, summary="<img src=x onerror=document.title='RAN'>")
    for text in MARKDOWN:
        tools.append_job_log(job, text.replace("\0", ""))
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (asked.append("RAN"), dialog.dismiss()))
    for address in ("", f"/{pipeline}", f"/{pipeline}?job={job}"):
        page.goto(f"{live.url}/#/pipelines{address}")
        expect(page.get_by_text("onerror=document.title").locator("visible=true").first).to_be_visible()
    expect(page.get_by_test_id("log-entry").first).to_be_visible()
    entries = page.get_by_test_id("log-entry")
    for number in range(entries.count()):
        entries.nth(number).scroll_into_view_if_needed()
        expect(entries.nth(number)).to_have_attribute("data-rendered", re.compile("true|false"))
    assert entries.count() >= len(MARKDOWN)
    assert not [
        url for url in asked if "RAN" in url or "evil" in url or not url.startswith((live.url, "data:", "blob:"))
    ]
    assert "RAN" not in page.title() and "READ" not in page.title()
    unsafe = "script, style, iframe, object, form, input:not([type=checkbox]), svg, img, link, meta, base"
    assert page.locator('[data-testid="log-entries"]').locator(unsafe).count() == 0
    hrefs = page.locator(LINKS).evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert all(href.startswith(("https:", "http:", "mailto:")) for href in hrefs), hrefs


def test_a_pipeline_becomes_stale_at_the_border_without_an_event(live: Live, open_page: Open) -> None:
    quiet_since = int(time.time()) - STALE_AFTER_S + 600  # by then the page is there
    tools = reporter_of(live.workspace, Clock(float(quiet_since)))
    pipeline = new(tools)
    job_in(tools, pipeline, status="running")
    live.sync()
    page = open_page("about:blank")
    page.clock.install()
    page.goto(f"{live.url}/#/pipelines")
    stale = row(page, pipeline).get_by_test_id("stale")
    expect(stale).to_be_attached()
    expect(stale).not_to_be_visible()
    page.clock.pause_at(quiet_since + STALE_AFTER_S)
    expect(stale).not_to_be_visible()  # for six hours, not for longer
    page.clock.run_for(1_500)
    expect(stale).to_be_visible()
    expect(stale).to_have_text("Stale")
    page.clock.resume()
    page.goto(f"{live.url}/#/pipelines/{pipeline}")
    expect(page.locator(".detail-head").get_by_test_id("stale")).to_be_visible()


def test_where_nothing_is_pushed_it_is_asked_for_every_15_seconds(
    live: Live, tools: PipelineReporter, open_page: Open
) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    page.route("**/vendor/socket.io-client/**", lambda route: route.abort())
    page.clock.install()
    page.goto(f"{live.url}/#/pipelines")
    expect(row(page, pipeline)).to_have_attribute("data-status", "running")
    tools.update_pipeline_job(job, status="failed")
    live.sync()
    page.clock.fast_forward(15_000)
    expect(row(page, pipeline)).to_have_attribute("data-status", "failed")
    page.goto(f"{live.url}/#/pipelines/{pipeline}?job={job}")
    expect(page.get_by_test_id("no-log")).to_be_visible()
    tools.append_job_log(job, "A last word")
    page.clock.fast_forward(15_000)
    expect(page.get_by_test_id("log-entry")).to_contain_text("A last word")


def test_without_the_service_what_is_shown_stays_and_says_so(
    live: Live, tools: PipelineReporter, open_page: Open
) -> None:
    pipeline = new(tools)
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    page.clock.install()
    page.goto(f"{live.url}/#/pipelines")
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")  # else it asks now and then
    expect(row(page, pipeline)).to_be_visible()
    page.route("**/api/pipelines**", lambda route: route.abort())
    page.route("**/api/pipelines/**", lambda route: route.abort())
    row(page, pipeline).get_by_role("link").click()
    expect(page.get_by_test_id("pipeline-failed")).to_contain_text("The service cannot be reached.")
    page.go_back()
    expect(row(page, pipeline)).to_be_visible()
    expect(page.locator("pipeline-list .pipe-old")).to_contain_text("What you see may be old.")
    page.go_forward()
    expect(page.get_by_test_id("pipeline-failed")).to_be_visible()
    page.clock.pause_at(int(time.time()) + 60)  # nothing but the button asks again
    page.unroute_all()
    page.get_by_role("button", name="Try again").press("Enter")
    page.clock.resume()
    expect(page.get_by_test_id("step")).to_have_count(3)


def filled(live: Live, tools: PipelineReporter) -> tuple[str, str]:
    """A pipeline with one of everything, and a job of it."""
    pipeline = new(
        tools, "a-ticket-with-a-rather-long-name-" * 4, project="a-project-" * 9, branch="feature/" + "long" * 30
    )
    job = job_in(
        tools, pipeline, name="A title that does not end " * 7, status="running", description="What it is about"
    )
    tools.update_pipeline_job(job, summary="unbroken" * 60, score=20, attempt=3)
    tools.append_job_log(
        job, f"# {'wide' * 60}\n\n| {'a | ' * 40}\n|{'---|' * 40}\n\n```\n{'code ' * 90}\n```\n\n[link](https://a.test)"
    )
    other = new(tools, "T-2", meta={"session_id": "s-1"})
    tools.finish_pipeline(other, "success")
    for number in range(21):
        new(tools, f"T-{number + 10}")
    write_pipeline(live.workspace, "id: x\nsteps: [\n  - {a: 1\n")
    live.sync()
    return pipeline, job


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_of_it_is_cut_off(live: Live, tools: PipelineReporter, open_page: Open, width: int) -> None:
    pipeline, job = filled(live, tools)
    page = opened(live, open_page, viewport={"width": width, "height": 844}, may_miss=True)
    for address, there in (
        ("?page=2", '[data-testid="pipeline"]'),
        ("", '[data-testid="pager"]'),
        (f"/{pipeline}", '[data-testid="pipeline-job"]'),
        (f"/{pipeline}?job={job}", '[data-rendered="true"]'),
        (f"/{HAND_MADE}", '.detail-head [data-testid="pipeline-problem"]'),
        ("/nothing", '[data-testid="pipeline-unknown"]'),
    ):
        page.goto(f"{live.url}/#/pipelines{address}")
        if "job=" in address:
            page.get_by_role("button", name="To the end").click()
        expect(page.locator(there).first).to_be_visible()
        assert what_stays(lambda: page.evaluate(WIDER)) == [], address


def test_the_page_has_a_key_and_an_entry_in_the_help(live: Live, open_page: Open) -> None:
    page = open_page(live.url)
    expect(page.get_by_test_id("nav-pipelines")).to_be_visible()
    page.keyboard.press("i")
    expect(page.get_by_test_id("no-pipelines")).to_be_visible()
    expect(page).to_have_title(re.compile("^Pipelines · "))
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_contain_text("In a pipeline: one level up")
