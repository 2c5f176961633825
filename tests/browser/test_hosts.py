"""Other hosts of the board on the page: a real redis-server, two real dashboards, and what a bad host may say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit.axe import serious
from kit.live import Live, eventually, running
from kit.puppets import puppet
from kit.redis_server import RedisServer
from playwright.sync_api import Locator, Page, Route, expect

from llm_service.members.feature import Members

Open = Callable[..., Page]
LABEL = "beta <img src=x onerror=alert(1)>"
TOKEN = "there-" + "t" * 40


def host(folder: Path, server: RedisServer, label: str, port: int, **settings: Any) -> Live:
    """A dashboard of the board, which people reach where it listens."""
    for name in ("inbox", "assigned/ada", "done/ada"):
        (folder / "work/collaboration" / name).mkdir(parents=True, exist_ok=True)
    own = {"board": "team", "redis_url": server.url, "host_label": label, "public_url": f"http://127.0.0.1:{port}"}
    return running(folder, port=port, **(own | settings))


def card(page: Page, title: str) -> Locator:
    return page.get_by_test_id("card").filter(has_text=title)


def test_two_hosts_on_one_page(tmp_path: Path, open_page: Open, take_port: Callable[[], int]) -> None:
    asked: list[str] = []
    here_port, there_port = take_port(), take_port()
    origin = f"http://127.0.0.1:{there_port}"
    with RedisServer(tmp_path / "redis") as server:
        here = host(tmp_path / "here", server, "alpha", here_port)
        there: Live | None = None
        try:
            here.write("inbox/same.yaml", title="Mine")
            here.sync()
            # What is refused with 401 is said by the browser as well; it is what is tested.
            page = open_page("about:blank", console_must_be_empty=False)
            page.on("request", lambda request: asked.append(request.url))
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"{here.url}/#/board")
            expect(card(page, "Mine")).to_have_count(1)
            expect(page.get_by_test_id("filter-host")).to_be_hidden()
            expect(page.get_by_test_id("host-mark")).to_have_count(0)
            page.goto(f"{here.url}/#/now")
            expect(page.get_by_test_id("figure-done")).to_be_visible()
            page.goto(f"{here.url}/#/board")

            # A second host joins while the page is open.
            there = host(tmp_path / "there", server, LABEL, there_port, token=TOKEN, cors_origins=[here.url])
            assert not [url for url in asked if "/hosts/" in url or "/stores/hosts" in url], (
                "nothing while there is one"
            )
            there.write("inbox/same.yaml", title="Theirs")
            there.write("assigned/ada/work.yaml", title="Their work", status="in_progress")
            (there.root / "inbox/broken.yaml").write_text("title: [\n")
            (there.workspace / "work/generated_projects/shop").mkdir(parents=True)
            (there.workspace / "work/generated_projects/shop/hello.md").write_text("<b>from there</b>")
            _board(page, there)
            _detail(page, here, origin)
            _system(page, here)
            _pages(page, here, there, origin)
            _as_of(page, here, server)
            there.stop()
            page.goto(f"{here.url}/#/settings/system")
            expect(page.locator('[data-testid="member"][data-state="unreachable"]')).to_contain_text("unreachable for")
            page.goto(f"{here.url}/#/board")
            mark = card(page, "Theirs").get_by_test_id("host-mark")
            expect(mark).to_have_attribute("data-state", "unreachable")
            assert errors == []
        finally:
            here.stop()
            if there is not None:
                there.stop()


def _board(page: Page, there: Live) -> None:
    expect(card(page, "Theirs").get_by_test_id("host-mark")).to_contain_text(LABEL)
    expect(card(page, "Mine").get_by_test_id("host-mark")).to_contain_text("alpha")
    assert page.evaluate("window.__dashboard.tasks()") == 1, "the store of this workspace has its own only"
    page.get_by_test_id("filter-host").select_option(label=f"{LABEL} (3)")
    expect(card(page, "Mine")).to_have_count(0)
    expect(card(page, "Their work")).to_have_count(1)
    page.reload()  # the filter is in the address, and all comes by the snapshot
    expect(page.get_by_role("status").filter(has_text="3 of 4 tasks")).to_have_count(1)
    expect(card(page, "Mine")).to_have_count(0)
    page.get_by_test_id("clear-filters").click()
    page.get_by_test_id("group").select_option("host")
    heads = page.get_by_test_id("group-head")
    expect(heads).to_have_count(2)
    expect(heads.filter(has_text="alpha")).to_contain_text("1 inbox")
    expect(heads.filter(has_text="beta")).to_contain_text("1 assigned")
    page.get_by_test_id("group").select_option("")
    (there.root / "inbox/same.yaml").unlink()
    expect(card(page, "Theirs")).to_have_count(0)
    expect(card(page, "Mine")).to_have_count(1)
    there.write("inbox/same.yaml", title="Theirs", artefacts=["work/generated_projects/shop/hello.md"])
    expect(card(page, "Theirs")).to_have_count(1)
    assert serious(page) == []


def _detail(page: Page, here: Live, origin: str) -> None:
    """Details come from the owner, with the token for it, which is asked for once and sent nowhere else."""
    sent: list[tuple[str, str]] = []
    page.on("request", lambda request: sent.append((request.url, request.headers.get("authorization", ""))))
    card(page, "Theirs").locator("a.card-title").click()
    form = page.get_by_test_id("owner-token")
    expect(form).to_contain_text(f"Your token for {origin}")
    expect(page.get_by_test_id("owner-link")).to_have_attribute("href", f"{origin}/#/tasks/same")
    form.locator("input").fill(TOKEN)
    form.get_by_role("button").click()
    expect(page.get_by_test_id("owner-raw")).to_contain_text("title: Theirs")
    page.get_by_test_id("owner-files").get_by_role("button").click()
    expect(page.get_by_test_id("owner-file")).to_have_text("<b>from there</b>")
    assert serious(page) == []
    shared = page.evaluate("location.hash")
    assert shared.startswith("#/host/") and shared.endswith("/tasks/same")
    page.go_back()
    expect(page.get_by_test_id("host-detail")).to_be_hidden()
    page.wait_for_function("location.hash === '#/board'")  # what is here keeps its address
    page.goto(f"{here.url}/{shared}")
    page.reload()  # it is opened by its address, once the host is known
    expect(page.get_by_test_id("owner-raw")).to_contain_text("title: Theirs")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_test_id("host-detail")).to_be_hidden()
    page.wait_for_function("location.hash === '#/board'")
    page.goto(f"{here.url}/#/host/{'f' * 16}/tasks/same")
    expect(page.get_by_text("That host is none of this board.")).to_be_visible()
    page.wait_for_function("location.hash === '#/board'")
    card(page, "Their work").locator("a.card-title").click()
    expect(page.get_by_test_id("owner-raw")).to_contain_text("Their work")
    assert {url.split("/api")[0] for url, token in sent if token} == {origin}
    assert page.evaluate("Object.keys(sessionStorage)") == [f"llm-service-token-of {origin}"]
    page.get_by_role("button", name="Close", exact=True).click()
    page.wait_for_function("location.hash === '#/board'")  # before it goes on: closing goes back
    assert "t" * 40 not in here.get("/api/snapshot?topics=all").text


def _system(page: Page, here: Live) -> None:
    page.goto(f"{here.url}/#/settings/system")
    rows = page.get_by_test_id("member")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("this host")
    expect(rows.nth(1)).to_contain_text(LABEL)
    expect(rows.nth(1).get_by_test_id("member-state")).to_have_text("live")
    assert serious(page) == []


def _pages(page: Page, here: Live, there: Live, origin: str) -> None:
    members = here.feature(Members)
    observer = members.board.members()[0].observer
    # What a host might share, were it not checked here: none of it is more than text.
    script = "<script>window.hacked = 1</script>"
    hostile = {
        "jobs": {"title": script, "status": ["x"], "current_phase": {"a": 1}, "cost_usd": "1", "project": "x" * 50_000},
        "pipelines": {"pipeline_type": script, "status": "running", "step_statuses": [1, 2], "active_at": 7},
        "plans": {"title": script, "status": None, "progress": "all", "currentTask": "javascript:alert(1)"},
        "sessions": {"agent": script, "state": "working", "text": "y" * 50_000, "last_at": "never"},
        "costs": {"costs": {"today": 1.5, "month": "x"}, "calls": {"total": 3}},
    }
    for collection, value in hostile.items():
        members.states.put(
            observer, collection, "summary" if collection == "costs" else "k1", json.dumps(value).encode()
        )
    page.goto(f"{here.url}/#/now")
    page.reload()
    agents = page.get_by_test_id("host-agents")
    ada = agents.get_by_test_id("host-row").filter(has_text="Their work")
    expect(ada.get_by_test_id("host-state")).to_have_text("Working")
    expect(agents.locator(".panel-note")).to_contain_text("1 at work")
    expect(page.get_by_test_id("host-cost-sum")).to_contain_text("$1.50")
    assert serious(page) == []
    for name in ("jobs", "pipelines", "plans", "sessions"):
        page.goto(f"{here.url}/#/{name}")
        listed = page.get_by_test_id(f"host-{name}").get_by_test_id("host-row")
        expect(listed).to_have_count(1)
        expect(listed.get_by_test_id("host-mark")).to_contain_text("beta")
    page.goto(f"{here.url}/#/costs")
    expect(page.get_by_test_id("host-cost-sum")).to_contain_text("$1.50")
    assert page.evaluate("window.hacked") is None
    # A need of the other host is decided there.
    page.goto(f"{here.url}/#/needs-you")
    need = page.get_by_test_id("host-needs").get_by_test_id("host-row").filter(has_text="broken.yaml")
    expect(need).to_have_count(1)
    need.get_by_role("link").click()
    page.get_by_test_id("owner-need-done").click()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    eventually(lambda: there.json("/api/needs-you?hidden=1", headers=headers)["needs"][0]["done_at"])
    page.get_by_role("button", name="Close", exact=True).click()
    page.wait_for_function("location.hash === '#/needs-you'")


def _as_of(page: Page, here: Live, server: RedisServer) -> None:
    """While Redis is away, what is shown of others has an age, and nobody there is said to run."""
    server.kill()
    page.goto(f"{here.url}/#/now")
    ada = page.get_by_test_id("host-agents").get_by_test_id("host-row").filter(has_text="Their work")
    expect(ada.get_by_test_id("host-state")).to_have_text("was Working")
    expect(ada.get_by_test_id("host-mark")).to_contain_text("as of")
    expect(page.get_by_test_id("host-agents").locator(".panel-note")).not_to_contain_text("at work")
    page.goto(f"{here.url}/#/board")
    expect(card(page, "Theirs").get_by_test_id("host-mark")).to_have_attribute("data-state", "as_of")
    expect(card(page, "Their work").get_by_test_id("status")).to_have_text("was in_progress")
    assert serious(page) == []
    here.write("inbox/more.yaml", title="Goes on")
    expect(card(page, "Goes on")).to_have_count(1)
    server.start()
    expect(card(page, "Theirs").get_by_test_id("host-mark")).to_have_attribute("data-state", "live")


def test_a_job_is_started_on_another_host(tmp_path: Path, open_page: Open, take_port: Callable[[], int]) -> None:
    """The owner is asked by the browser, with the user's token for it; what it refuses is said in its words."""
    here_port, there_port, closed_port = take_port(), take_port(), take_port()
    origin = f"http://127.0.0.1:{there_port}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    says, profiles = tmp_path / "says", tmp_path / "there/work/profiles"
    shop = tmp_path / "there/work/generated_projects/shop"
    for folder in (says, profiles, shop, tmp_path / "here/work/generated_projects/mine"):
        folder.mkdir(parents=True)
    (shop / "spec.md").write_text("# A shop\n")
    (profiles / "build.yaml").write_text('argv: ["make", "<b>it</b>"]\n')
    live: list[Live] = []
    with RedisServer(tmp_path / "redis") as server:
        here = host(tmp_path / "here", server, "alpha", here_port)
        live.append(here)
        own = {"cors_origins": [here.url], "min_disk_space_mb": 0, "profiles": [puppet(says)]}
        try:
            there = host(tmp_path / "there", server, "beta", there_port, token=TOKEN, control=True, **own)
            live.append(there)
            closed = host(tmp_path / "closed", server, "gamma", closed_port, **own)
            live.append(closed)
            eventually(lambda: len(here.json("/api/members")["members"]) == 3)
            page = open_page("about:blank", console_must_be_empty=False)
            sent: list[tuple[str, str, str]] = []
            page.on(
                "request",
                lambda one: sent.append((one.method, one.url, one.headers.get("authorization", ""))),
            )
            page.goto(f"{here.url}/#/jobs")
            page.get_by_test_id("start-job").click()
            dialog = page.get_by_test_id("start-dialog")
            hosts = page.get_by_test_id("start-host")
            expect(hosts.locator("option")).to_have_count(3)
            expect(page.get_by_test_id("start-reason")).to_contain_text("Control is off: nothing can be")
            assert serious(page) == []

            _chosen(page, there, origin)
            _started(page, here, there, says, shop)
            started = [(url, token) for method, url, token in sent if method == "POST" and "/jobs" in url]
            assert started == [
                (f"{origin}/api/projects/bad:name/jobs".replace(":name", "%3Aname"), f"Bearer {TOKEN}"),
                (f"{origin}/api/projects/shop/jobs", f"Bearer {TOKEN}"),
                (started[2][0], f"Bearer {TOKEN}"),
            ]
            assert started[2][0].startswith(origin) and started[2][0].endswith("/stop")
            assert {url.split("/api")[0] for _, url, token in sent if token} == {origin}
            assert "t" * 40 not in here.get("/api/snapshot?topics=all").text
            assert there.json("/api/jobs", headers=headers)["counts"]["cancelled"] == 1
            assert here.json("/api/jobs")["jobs"] == []
            _refused(page, closed, dialog, hosts)
            live.remove(closed)
            closed.stop()
            expect(page.get_by_test_id("start-reason")).to_have_text("gamma cannot be reached now.")
            expect(page.get_by_test_id("start")).to_be_disabled()
            expect(hosts).to_have_js_property("value", hosts.input_value())
            expect(hosts.locator("option:checked")).to_have_text("gamma")
        finally:
            for one in live:
                one.stop()


def _chosen(page: Page, there: Live, origin: str) -> None:
    """Its projects, profiles and specifications are those of the host, which wants a token first."""
    page.get_by_test_id("start-host").select_option("beta")
    form = page.get_by_test_id("owner-token")
    expect(form).to_contain_text(f"Your token for {origin}")
    expect(page.get_by_test_id("profile")).to_have_count(0)
    expect(page.get_by_test_id("start")).to_be_disabled()
    expect(page.get_by_test_id("start-reason")).to_have_text("It is not known yet whether beta may start programs.")
    assert serious(page) == []
    form.locator("input").fill(TOKEN)
    form.get_by_role("button").click()
    expect(page.locator("#start-projects option")).to_have_count(1)
    expect(page.locator("#start-projects option")).to_have_attribute("value", "shop")
    # What its workspace proposes is approved there, as it was shown.
    page.get_by_label("Profile").select_option("build")
    expect(page.get_by_test_id("profile-argv").locator("li")).to_have_text(["make", "<b>it</b>"])
    expect(page.get_by_test_id("start-reason")).to_have_text("The profile is not approved.")
    expect(page.get_by_test_id("profile")).to_contain_text("on beta, with the rights of who runs that host")
    page.get_by_test_id("approve").click()
    expect(page.get_by_test_id("profile-approved")).to_be_visible()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    found = {one["name"]: one["approved"] for one in there.json("/api/profiles", headers=headers)["profiles"]}
    assert found["build"] is True


def _started(page: Page, here: Live, there: Live, says: Path, shop: Path) -> None:
    """The order goes to the host that was chosen, and the job is followed and stopped there."""
    page.get_by_label("Profile").select_option("puppet")
    dialog = page.get_by_test_id("start-dialog")
    dialog.get_by_label("Specification", exact=True).fill("Do it.")
    dialog.get_by_label("Project", exact=True).fill("bad:name")
    page.get_by_test_id("start").click()
    expect(page.locator(".start-problem")).to_have_text("“bad:name” cannot be the name of a project.")
    dialog.get_by_label("Project", exact=True).fill("shop")
    dialog.get_by_label("Project", exact=True).press("Tab")
    file = "work/generated_projects/shop/spec.md"
    page.get_by_test_id("start-file").select_option(file)
    expect(dialog.get_by_label("Specification", exact=True)).to_have_value(file)
    page.get_by_test_id("start").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("owner-facts")).to_contain_text(file)
    expect(page).to_have_url(re.compile(r"#/host/[0-9a-f]{16}/jobs/[\w-]+$"))
    page.get_by_test_id("owner-job-stop").click()
    expect(page.get_by_test_id("owner-job-retry")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()


def _refused(page: Page, closed: Live, dialog: Locator, hosts: Locator) -> None:
    """A host without control: nothing can be ordered; if it could a moment ago, it refuses itself."""
    page.get_by_test_id("start-job").click()
    hosts.select_option("gamma")
    expect(dialog).to_contain_text("Control is off on gamma.")
    expect(page.get_by_test_id("start-reason")).to_have_text("Control is off on gamma: nothing can be started there.")
    expect(page.get_by_test_id("start")).to_be_disabled()
    expect(page.locator("#start-projects option")).to_have_count(0)

    def before(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"control": True})

    page.route(f"{closed.url}/api/profiles", before)
    hosts.select_option(index=0)
    hosts.select_option("gamma")
    expect(page.get_by_test_id("start")).to_be_enabled()
    dialog.get_by_label("Project", exact=True).fill("shop")
    dialog.get_by_label("Specification", exact=True).fill("Do it.")
    page.get_by_test_id("start").click()
    expect(page.locator(".start-problem")).to_contain_text("Nothing is started, as the setting control is off.")
    assert closed.json("/api/jobs")["jobs"] == []
