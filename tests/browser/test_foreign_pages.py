"""The boundary from a real Chromium: a page of another origin reads nothing and connects to nothing.

Each attack is also made with the guard off, where it succeeds: so the test would notice a guard that is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from kit import chromium
from kit.foreign_page import FETCH, FRAME, NO_CORS, SCRIPT, SOCKET_IO, WEBSOCKET
from kit.live import Live
from playwright.sync_api import Browser, Page, expect

from llm_service.web.guard import Guard, GuardPolicy, Rule


@pytest.fixture
def foreign_page(open_page: Callable[..., Page], foreign_url: str) -> Page:
    """A page on the same host, another port: for the browser the same *site*, which makes it the harder case."""
    return open_page(foreign_url, console_must_be_empty=False)


def attacks(live: Live, page: Page) -> dict[str, str]:
    """What each attack got to see."""
    seen = {
        "fetch": page.evaluate(FETCH, f"{live.url}/api/tasks"),
        "websocket": page.evaluate(WEBSOCKET, f"{live.url}/ws/tasks"),
        "engine.io": page.evaluate(WEBSOCKET, f"{live.url}/socket.io/?EIO=4&transport=websocket"),
        "script": page.evaluate(SCRIPT, f"{live.url}/app.js"),
    }
    for transport in ("websocket", "polling"):
        seen[transport] = page.evaluate(SOCKET_IO, [live.url, transport])
    return seen


def test_a_foreign_page_reads_nothing_and_connects_to_nothing(live: Live, foreign_page: Page) -> None:
    live.write("inbox/t1.yaml", title="Secret")
    live.sync()
    reached: list[str] = []

    def recording(environ: Any, start_response: Any) -> Any:
        reached.append(environ["PATH_INFO"])
        return live.dashboard.site.flask(environ, start_response)

    live._server.app = Guard(recording, GuardPolicy())
    assert set(attacks(live, foreign_page).values()) == {"refused"}
    foreign_page.evaluate(NO_CORS, f"{live.url}/api/tasks")
    foreign_page.evaluate(FRAME, live.url)
    assert reached == []


def test_the_same_attacks_succeed_with_the_guard_off(live: Live, foreign_page: Page) -> None:
    """Reading by fetch and polling stays impossible even then: the browser itself wants CORS headers for that."""
    live.write("inbox/t1.yaml", title="Secret")
    live.sync()
    live._server.app = Guard(live.dashboard.site.flask, GuardPolicy(), off=frozenset(Rule))
    seen = attacks(live, foreign_page)
    assert "Secret" in seen["websocket"]
    assert seen["engine.io"].startswith("0{")
    assert seen["script"] == "loaded"
    assert foreign_page.evaluate(NO_CORS, f"{live.url}/api/tasks") == "arrived opaque"


def test_a_page_of_no_origin_is_refused(live: Live, open_page: Callable[..., Page]) -> None:
    page = open_page("data:text/html,<title>null</title>", console_must_be_empty=False)
    assert page.evaluate("origin") == "null"
    assert page.evaluate(FETCH, f"{live.url}/api/tasks") == "refused"
    assert page.evaluate(WEBSOCKET, f"{live.url}/ws/tasks") == "refused"


def test_a_name_rebound_to_us_is_refused_and_works_only_with_the_guard_off(live: Live, browser: Browser) -> None:
    """DNS rebinding: the browser believes that evil.test is this machine, so its page and we share an origin."""
    arguments = [*chromium.ARGUMENTS, "--host-resolver-rules=MAP evil.test 127.0.0.1"]
    rebound = browser.browser_type.launch(executable_path=chromium.PATH, args=arguments)
    try:
        page = rebound.new_page()
        answer = page.goto(f"http://evil.test:{live.port}/api/tasks")
        assert answer is not None
        assert answer.status == 403
        live._server.app = Guard(live.dashboard.site.flask, GuardPolicy(), off=frozenset(Rule))
        again = page.goto(f"http://evil.test:{live.port}/api/tasks")
        assert again is not None
        assert again.status == 200
    finally:
        rebound.close()


LINK = """(url) => {
  const link = document.createElement('a');
  link.href = url;
  link.textContent = 'here';
  document.body.append(link);
}"""


def follow(page: Page, foreign_url: str, url: str) -> None:
    """Follow a link on the page of somebody else."""
    page.goto(foreign_url)
    page.evaluate(LINK, url)
    page.get_by_text("here").click()
    page.wait_for_url(f"{url.partition('?')[0]}*")


def test_a_link_on_a_foreign_page_opens_the_dashboard(live: Live, foreign_page: Page, foreign_url: str) -> None:
    live.write("inbox/t1.yaml", title="Seen by its owner")
    live.sync()
    follow(foreign_page, foreign_url, f"{live.url}/")
    expect(foreign_page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    expect(foreign_page.get_by_text("Seen by its owner").first).to_be_visible()
    # To data it leads by way of a page of ours.
    follow(foreign_page, foreign_url, f"{live.url}/api/tasks?limit=1")
    expect(foreign_page.get_by_role("heading")).to_have_text("Open this address?")
    assert "Seen by" not in (foreign_page.text_content("body") or "")
    foreign_page.get_by_role("link").click()
    expect(foreign_page.locator("body")).to_contain_text("Seen by its owner")


def test_a_link_on_a_foreign_page_opens_a_dashboard_with_a_token(
    start: Callable[..., Live], foreign_page: Page, foreign_url: str
) -> None:
    """Chromium does not send the cookie with a link of another site, but with the click on our own page."""
    live = start(token="correct-horse")
    follow(foreign_page, foreign_url, f"{live.url}/")
    foreign_page.get_by_label("Token").fill("wrong")
    foreign_page.get_by_role("button").click()
    expect(foreign_page.locator("body")).to_contain_text("That is not the token")
    foreign_page.get_by_label("Token").fill("correct-horse")
    foreign_page.get_by_role("button").click()
    expect(foreign_page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    follow(foreign_page, foreign_url.replace("127.0.0.1", "localhost"), f"{live.url}/")
    foreign_page.get_by_role("link", name="Open it without a token").click()
    expect(foreign_page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    (cookie,) = foreign_page.context.cookies(live.url)
    assert cookie["name"].startswith(f"llm_service_{live.port}_")
    assert 6.9 * 86_400 < cookie["expires"] - time.time() < 7.1 * 86_400
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
