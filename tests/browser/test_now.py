"""The first page: what agents are at, what that rests on, and what is not known; and the feed beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from kit.axe import serious
from kit.hook_payloads import asked, bash, claude
from kit.hook_reports import report
from kit.live import Live, running
from playwright.sync_api import Locator, Page, Request, expect

Open = Callable[..., Page]
SHOP = "work/generated_projects/shop"
SHIFTS = """let shifted = 0;
const add = (entries) => { for (const { hadRecentInput, value } of entries) if (!hadRecentInput) shifted += value; };
const observer = new PerformanceObserver((list) => add(list.getEntries()));
observer.observe({ type: "layout-shift", buffered: true });
window.shifted = async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  add(observer.takeRecords());
  return shifted;
};"""


def count(live: Live, *calls: dict[str, Any], ago_s: float = 0) -> None:
    at = (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat()
    body = {"model_name": "m", "prompt_tokens": 1, "completion_tokens": 1, "timestamp": at}
    answer = requests.post(f"{live.url}/api/telemetry", json=[body | call for call in calls], timeout=60)
    assert answer.json()["accepted"] == len(calls)


def row(page: Page, agent_id: str) -> Locator:
    return page.locator(f'[data-testid="agent"][data-id="{agent_id}"]')


def opened(live: Live, open_page: Open, address: str = "/", **options: Any) -> Page:
    page = open_page(live.url + address, **options)
    expect(page.locator(".now-agents, .state[data-testid=no-agents]").locator("visible=true")).to_have_count(1)
    return page


def session(workspace: Path, name: str, *payloads: dict[str, Any]) -> None:
    report(workspace, *(payload | {"session_id": name, "cwd": f"{workspace}/{SHOP}"} for payload in payloads))


def test_it_is_the_first_page_and_follows_what_happens(live: Live, workspace: Path, open_page: Open) -> None:
    live.sync()
    page = open_page("about:blank")
    page.add_init_script(SHIFTS)
    page.goto(f"{live.url}/")
    expect(page.get_by_test_id("no-agents")).to_contain_text("No agents yet")
    expect(page.get_by_test_id("nav-now")).to_have_attribute("aria-current", "page")
    # Nothing needs the reader, and yet all is not clear: hooks, jobs and pipelines tell nothing.
    none = page.get_by_test_id("needs-brief")
    expect(none).to_contain_text("Nothing is known to need you")
    expect(none).to_contain_text("Agents, by their hooks: cannot tell")
    expect(none).not_to_contain_text("All clear")
    expect(page.locator('[data-testid="now-source"][data-source="hooks"]')).to_contain_text("cannot tell")

    live.write("assigned/ada/t1.yaml", title="Find the leak", status="in_progress")
    ada = row(page, "agent:ada")
    expect(ada.get_by_test_id("agent-state")).to_contain_text("Working")
    expect(ada.get_by_test_id("rests-on")).to_have_text("by its task file: Its task says “in_progress”.")
    expect(ada).to_contain_text("Find the leak")
    expect(page.get_by_test_id("state-counts")).to_have_text("1 working")
    tasks = page.locator('[data-testid="now-source"][data-source="tasks"]').get_by_role("link")
    expect(tasks).to_have_text("1 task")
    expect(tasks).to_have_attribute("href", "#/board")
    shifted = page.evaluate("window.shifted()")
    count(live, {"agent_name": "ada", "cost_usd": 0.25}, {"agent_name": "ada"})
    expect(ada.get_by_test_id("agent-calls")).to_have_text("2")
    expect(ada).to_contain_text("$0.25 + ?")
    expect(ada.get_by_test_id("rests-on")).to_contain_text("by its calls")
    expect(page.get_by_test_id("figure-cost")).to_contain_text("$0.25")
    expect(page.get_by_test_id("figure-calls")).to_contain_text("2")
    assert page.evaluate("window.shifted()") - shifted <= 0.01  # figures tick in their places

    (workspace / SHOP).mkdir(parents=True)
    session(workspace, "s1", claude("PreToolUse", **bash("t1", "make")))
    (workspace / SHOP / "soup.py").write_text("salt = 1\n")
    own = row(page, "agent:claude-code")
    expect(own.get_by_test_id("rests-on")).to_contain_text("by its hook")
    expect(own.get_by_role("link", name="soup.py")).to_have_attribute("href", "#/artifacts/shop?path=soup.py")
    count(live, {"agent_name": "claude-code", "session_id": "s1"}, ago_s=5)
    count(live, {"agent_name": "Explore", "session_id": "s1"}, ago_s=3)
    expect(row(page, "sub-agent:s1/Explore").locator(".who")).to_have_attribute("data-depth", "1")
    session(workspace, "s1", claude("PermissionRequest", **asked("git push -f")))
    expect(own.get_by_test_id("agent-state")).to_contain_text("Waits for you")
    expect(page.get_by_test_id("brief-need")).to_contain_text("asks to use Bash")
    (live.root / "done/ada").mkdir(parents=True, exist_ok=True)
    (live.root / "assigned/ada/t1.yaml").rename(live.root / "done/ada/t1.yaml")
    expect(page.get_by_test_id("figure-done")).to_contain_text("1 task, 0 jobs")


def test_links_lead_to_where_it_comes_from_and_the_keyboard_gets_there(
    live: Live, workspace: Path, open_page: Open
) -> None:
    (workspace / SHOP).mkdir(parents=True)
    live.write("assigned/ada/t1.yaml", title="Find the leak", status="doing")
    live.write("done/bob/t2.yaml")
    live.sync()
    count(live, {"agent_name": "ada", "cost_usd": 0.25})
    page = opened(live, open_page, "/#/agents")  # as the page was called before
    expect(page.get_by_test_id("nav-now")).to_have_attribute("aria-current", "page")
    expect(page.get_by_test_id("state-counts")).to_have_text(re.compile(r"1 working\s*1 finished"))
    page.get_by_test_id("state-counts").get_by_role("link", name="1 finished").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("agent")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"#/now\?state=finished$"))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("agent")).to_have_count(2)
    page.get_by_test_id("strip").get_by_role("link", name="ada").focus()
    page.keyboard.press("Enter")
    expect(row(page, "agent:ada")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(row(page, "agent:bob")).to_be_focused()
    page.keyboard.press("b")
    expect(page.locator("task-card")).to_have_count(2)
    page.keyboard.press("o")
    row(page, "agent:ada").get_by_role("link", name="Find the leak").press("Enter")
    expect(page.get_by_test_id("detail")).to_contain_text("Find the leak")
    page.keyboard.press("Escape")
    row(page, "agent:ada").get_by_test_id("agent-calls").press("Enter")
    expect(page.get_by_test_id("call")).to_have_count(1)
    expect(page).to_have_url(re.compile("agent=ada"))


def test_the_feed_has_the_time_before_the_start_and_can_be_narrowed_and_held(
    start: Callable[..., Live], workspace: Path, open_page: Open
) -> None:
    (workspace / SHOP).mkdir(parents=True)
    live = start()
    listener = live.listen()
    live.write("assigned/ada/t1.yaml", title="Find the leak")
    (workspace / SHOP / "soup.py").write_text("salt = 1\n")
    listener.wait(lambda got: any(name.startswith("artifact.") for name, _ in got))
    live.sync()
    count(live, {"agent_name": "bob"})
    listener.first("telemetry.update")
    live.stop()
    live = start()
    page = opened(live, open_page)
    items = page.get_by_test_id("activity-item")

    def of(kind: str) -> Locator:
        return page.locator(f'[data-testid="activity-item"][data-kind="{kind}"]')

    expect(of("files")).to_contain_text("soup.py")
    expect(of("calls")).to_contain_text("bob")
    expect(of("tasks").first).to_contain_text("Find the leak")
    page.get_by_test_id("feed-kind-files").click()
    expect(items).to_have_count(1)
    page.reload()
    expect(page.get_by_test_id("feed-kind-files")).to_have_attribute("aria-pressed", "true")  # it is remembered
    expect(items).to_have_count(1)
    page.get_by_test_id("feed-kind-files").click()
    page.get_by_test_id("feed-agent").select_option("ada")
    expect(of("calls")).to_have_count(0)
    expect(items.first).to_contain_text("Find the leak")
    page.get_by_test_id("feed-hold").click()
    live.write("assigned/ada/t2.yaml", title="Paint it")
    expect(page.get_by_test_id("feed-hold")).to_contain_text("Held, 2 new")  # created and assigned
    expect(page.get_by_test_id("activity").get_by_text("Paint it")).to_have_count(0)
    page.get_by_test_id("feed-hold").click()
    expect(items.first).to_contain_text("Paint it")
    page.get_by_test_id("nav-costs").click()
    expect(page.get_by_test_id("activity")).to_be_hidden()  # where nobody asked for it
    page.keyboard.press("a")
    expect(page.get_by_test_id("activity")).to_be_visible()


def test_it_asks_only_when_something_is_different_and_says_when_it_cannot(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml")
    live.sync()
    page = open_page("about:blank", console_must_be_empty=False)
    page.route("**/api/journal**", lambda route: route.abort())
    page.goto(f"{live.url}/")
    expect(row(page, "agent:ada")).to_be_visible()
    expect(page.get_by_test_id("feed-problem")).to_contain_text("Earlier events could not be loaded.")
    page.unroute("**/api/journal**")
    asked_for: list[str] = []

    def note(request: Request) -> None:
        if "/api/overview" in request.url:
            asked_for.append(request.url)

    page.on("request", note)
    page.get_by_test_id("nav-board").click()
    live.write("assigned/ada/t2.yaml")
    expect(page.locator("task-card")).to_have_count(2)
    asked_for.clear()
    listener = live.listen()
    live.write("assigned/bob/t4.yaml")
    changed = listener.first("overview.changed")
    page.wait_for_function("seq => window.__dashboard.seq >= seq", arg=changed["seq"])
    assert asked_for == []  # nobody looks
    page.route("**/api/overview", lambda route: route.abort())
    page.get_by_test_id("nav-now").click()
    live.write("assigned/ada/t3.yaml")
    expect(page.locator("agent-list .panel-problem")).to_contain_text("What you see may be old.")
    page.unroute("**/api/overview")
    live.dashboard.site.clients.disconnect_all()  # the connection is cut, and comes back by itself
    expect(row(page, "agent:ada")).to_contain_text("3 tasks")
    expect(page.locator("agent-list .panel-problem")).to_be_hidden()
    expect(page.get_by_test_id("feed-problem")).to_be_hidden()


def test_it_fits_and_axe_finds_nothing_serious(workspace: Path, open_page: Open) -> None:
    (workspace / SHOP).mkdir(parents=True)
    live = running(workspace, telemetry=False)
    try:
        live.write("assigned/a-rather-long-name-of-an-agent/t1.yaml", title="A title " + "that does not end " * 9)
        live.write("assigned/bob/t2.yaml", status="blocked")
        live.sync()
        for name in ("s1", "s2"):
            session(workspace, name, claude("PermissionRequest", **asked("git push -f")))
        page = opened(live, open_page, bypass_csp=True)
        expect(row(page, "session:s2")).to_be_visible()
        expect(page.get_by_test_id("figure-calls")).to_contain_text("calls are not counted")
        expect(row(page, "agent:bob").locator(".c-calls")).to_have_text("—")
        for width in (320, 390, 760, 1000, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(
                "() => { const box = document.querySelector('agent-list .table-box');"
                " return box.scrollWidth <= box.clientWidth && document.documentElement.scrollWidth <= innerWidth }"
            )
        assert serious(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert serious(page) == []
    finally:
        live.stop()
