"""Pages plug in: a folder and a line; what is not open is not loaded; and none is heavier than it may be."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from kit.live import Live, eventually
from playwright.sync_api import Page, Request, Route, expect

Open = Callable[..., Page]
INDEX = (Path(__file__).parents[2] / "static/pages/index.js").read_text()
LINE = '  import("./hello/page.js"),\n'
HELLO = {
    "page.js": """
export default {
  name: "hello", label: "Hello", key: "h", topics: ["tasks"], styles: ["/pages/hello/hello.css"],
  shortcuts: [{ keys: ["x"], does: "Say hello" }],
  load: () => import("./hello-page.js"),
};
""",
    "hello-page.js": """
import { define } from "../../lib/dom.js";
import { effect } from "../../lib/signals.js";
import { html, render } from "../../lib/html.js";
import { Store } from "../../stores/stores.js";

export const tag = "hello-page";

class Seen extends Store {
  titles = [];
  constructor() { super("tasks"); }
  take(tasks) { this.titles = tasks.map(({ title }) => title); this.changed(); }
  apply({ type, task }) { if (type === "task.created") this.titles.push(task.title); }
  flush() { this.changed(); }
}

class HelloPage extends HTMLElement {
  setUp({ stores }) {
    const seen = new Seen();
    stores.register(seen);
    effect(() => {
      seen.revision.value;
      render(this, html`<p class="hello-words" data-testid="hello">Hello ${seen.titles.join(", ")}</p>`);
    });
  }
  show({ item }) { this.dataset.item = item ?? ""; }
}

export function register() { define(tag, HelloPage); }
""",
    "hello.css": "@layer pages { hello-page { .hello-words { color: rgb(1 2 3); } } }",
}

# Notes when the first card is there.
FIRST_CARD = """new MutationObserver((_, observer) => {
  if (!document.querySelector("task-card")) return;
  window.firstCard = performance.now();
  observer.disconnect();
}).observe(document, { subtree: true, childList: true });"""
LATER = """performance.getEntriesByType("resource").filter(({ startTime }) => startTime > window.firstCard)
  .map(({ name }) => new URL(name).pathname.replace(/^\\/v\\/\\w+/, ""))"""
FIRST_CONTENT = FIRST_CARD.replace("task-card", "task-card, agent-list tbody tr")
EARLIER = """performance.getEntriesByType("resource").filter(({ startTime }) => startTime < window.firstCard)
  .map(({ name }) => name)"""
LOADED = "performance.getEntriesByType('resource').map(({ name }) => name)"
VERSION = re.compile(r"^/v/\w+")
SOURCES = (".js", ".mjs")
BOARD_BYTES, BOARD_REQUESTS, PAGE_BYTES = 250_000, 40, 150_000


def with_hello(page: Page) -> list[str]:
    """Serve a page that the service does not have; the paths of it that are asked for."""
    asked: list[str] = []

    def index(route: Route) -> None:
        at = INDEX.index("]);")
        route.fulfill(body=INDEX[:at] + LINE + INDEX[at:], content_type="text/javascript")

    def hello(route: Route) -> None:
        name = urlsplit(route.request.url).path.rsplit("/", 1)[1]
        asked.append(name)
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        route.fulfill(body=HELLO[name], content_type=kind)

    page.route("**/pages/index.js", index)
    page.route("**/pages/hello/*", hello)
    return asked


def test_a_page_is_one_folder_and_one_line(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank")
    asked = with_hello(page)
    page.goto(f"{live.url}/#/board")
    expect(page.locator("task-card")).to_have_count(1)
    assert asked == ["page.js"]  # neither its code nor its style before it is opened
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_contain_text("Say hello")
    pages = page.get_by_test_id("help").locator("section", has=page.get_by_role("heading", name="Pages")).locator("dd")
    names = ["Now", "Board", "Needs you", "Sessions", "Jobs", "Pipelines", "Plans", "Costs", "Artifacts", "MCP"]
    expect(pages).to_have_text([*names, "Settings", "Hello"])
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    hello = page.get_by_test_id("hello")
    expect(hello).to_have_text("Hello First")
    expect(hello).to_have_css("color", "rgb(1, 2, 3)")
    assert sorted(asked) == ["hello-page.js", "hello.css", "page.js"]
    expect(page).to_have_url(re.compile("#/hello$"))
    expect(page.get_by_test_id("nav-hello")).to_have_attribute("aria-current", "page")
    expect(page).to_have_title("Hello · " + live.workspace.name + " · llm-service")
    live.write("inbox/t2.yaml", title="Second")
    expect(hello).to_have_text("Hello First, Second")
    page.get_by_test_id("nav-board").click()
    expect(hello).not_to_be_visible()
    expect(page.locator("task-card")).to_have_count(2)


def test_a_page_is_opened_by_its_address(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank")
    with_hello(page)
    page.goto(f"{live.url}/#/hello/there")
    expect(page.get_by_test_id("hello")).to_have_text("Hello First")
    expect(page.locator("hello-page")).to_have_attribute("data-item", "there")
    expect(page.locator("task-card")).to_have_count(0)


class Weight:
    """The scripts that a page asked for, the worker's too, with their sizes."""

    def __init__(self, page: Page) -> None:
        self.sizes: dict[str, int] = {}
        page.context.on("requestfinished", self._note)

    def _note(self, request: Request) -> None:
        path = VERSION.sub("", urlsplit(request.url).path)
        # Fetched to see whether it can be had, then imported from the browser's cache.
        if path.endswith(SOURCES) and path not in self.sizes and (response := request.response()):
            self.sizes[path] = len(response.body())  # not compressed

    def wait(self, page: Page) -> None:
        """Wait for the browser's word, which comes in its own time, that all that the page has loaded is finished."""
        paths = {VERSION.sub("", urlsplit(url).path) for url in page.evaluate(LOADED)}
        self.have(page, *(path for path in paths if path.endswith(SOURCES)))

    def have(self, page: Page, *paths: str) -> None:
        """Wait until these are finished; each look at the page lets its events come."""
        eventually(lambda: page.evaluate("true") and self.sizes.keys() >= set(paths))

    def since(self, before: set[str]) -> int:
        """Bytes of what was not there before, apart from charts and highlighting."""
        apart = ("/vendor/chart.js/", "/vendor/@highlightjs/", "/lib/highlight")
        return sum(size for path, size in self.sizes.items() if path not in before and not path.startswith(apart))


def test_the_board_loads_little_before_its_first_card(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank")
    weight = Weight(page)
    page.add_init_script(FIRST_CARD)
    page.goto(f"{live.url}/#/board")
    expect(page.locator("task-card")).to_be_visible()
    expect(page.get_by_test_id("activity-item").first).to_be_visible()  # so all requests are finished
    weight.wait(page)
    weight.have(page, "/vendor/socket.io-client/socket.io.esm.min.js")  # what the worker loads is counted
    later = set(page.evaluate(LATER))
    first = {path: size for path, size in weight.sizes.items() if path not in later}
    more_pages = INDEX.count("/page.js") - 3  # each brings its page.js
    assert len(first) <= BOARD_REQUESTS + more_pages, sorted(first)
    assert "/first.js" in first  # it is not read again later, and so not left out
    assert sum(first.values()) <= BOARD_BYTES, first
    assert not [
        path
        for path in weight.sizes
        if path.startswith(
            ("/pages/now/now-page", "/pages/jobs/jobs", "/pages/plans/plan", "/pages/costs/", "/pages/artifacts/")
        )
    ]
    assert not [path for path in weight.sizes if "marked" in path or "purify" in path or "chart" in path]


def test_the_first_page_comes_with_few_requests(live: Live, open_page: Open) -> None:
    live.write("assigned/ada/t1.yaml", title="First")
    live.sync()
    eventually(lambda: live.json("/api/overview")["agents"])  # from then on nothing changes
    for address, is_now in (("/", True), ("/#/now/ada", True), ("/#/agents", True), ("/#/board", False)):
        page = open_page("about:blank")
        page.add_init_script(f"if (location.protocol !== 'about:') {{ {FIRST_CONTENT} }}")
        page.goto(live.url + address)
        expect(page.locator("task-card, agent-list").first).to_be_visible()
        before = [VERSION.sub("", urlsplit(url).path) for url in page.evaluate(EARLIER)]
        # What is asked for early is used. Later it is asked for as often as something changes.
        assert before.count("/api/overview") == (1 if is_now else 0), (address, before)
        assert ("/now.js" in before) is is_now, (address, before)
        assert before.count("/first.js") == 1, before  # it is not read again to see what it imports
        own = [path for path in before if path.endswith(SOURCES) and path.startswith(("/pages/now", "/ui", "/stores"))]
        assert own == [], address  # each of them would be one more round trip
        page.context.close()


def test_every_further_page_loads_little_more(live: Live, open_page: Open) -> None:
    live.write("inbox/t1.yaml", title="First")
    live.sync()
    page = open_page("about:blank")
    weight = Weight(page)
    page.goto(f"{live.url}/#/board")
    expect(page.get_by_test_id("activity-item").first).to_be_visible()
    weight.wait(page)
    # They come when there is nothing else to do, which may be while a page is opened.
    weight.have(page, "/vendor/socket.io-client/socket.io.esm.min.js", "/shell/palette/palette.js")
    for name in ("now", "needs-you", "sessions", "jobs", "pipelines", "plans", "costs", "artifacts", "mcp", "settings"):
        before = set(weight.sizes)
        page.get_by_test_id(f"nav-{name}").click()
        expect(page.locator(f"{name}-page *").first).to_be_attached()  # so all of it is loaded
        weight.wait(page)
        assert weight.since(before) <= PAGE_BYTES, (name, weight.since(before))
        if name == "now":  # it has come with what other parts of the page share with it
            assert 0 < weight.sizes["/now.js"] <= PAGE_BYTES
        else:
            assert weight.since(before) > 0, name
