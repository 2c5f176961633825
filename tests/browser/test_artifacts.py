"""The artifacts page in a real Chromium: it follows the disk, stays quick among many files, and can be used by all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from kit.at_rest import two_frames
from kit.axe import serious
from kit.live import Live, eventually, running
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
LONG_TASKS = """
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask", buffered: true });
"""


def where(live: Live, project: str = "", **query: str) -> str:
    """The address of the page, of a project, of a file in it."""
    rest = f"/{quote(project, safe='')}" if project else ""
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{live.url}/#/artifacts{rest}{'?' + asked if asked else ''}"


def row(page: Page, path: str) -> Locator:
    """A row of the tree, by the path that is shown."""
    kinds = '[data-kind="folder"], [data-kind="file"], [data-kind="ignored"]'
    return page.locator(f'.tree-row:is({kinds})[data-path="{css(path)}"]')


def css(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def names(page: Page) -> list[str]:
    """The names in the tree, from the top."""
    rows = page.get_by_test_id("tree-row").evaluate_all(
        "rows => rows.toSorted((a, b) => a.itemIndex - b.itemIndex)"
        ".map(row => row.querySelector('.row-name, .row-text').textContent)"
    )
    return [str(name) for name in rows]


def lines(page: Page) -> Locator:
    return page.get_by_test_id("line")


def figure(page: Page, name: str) -> Locator:
    return page.get_by_test_id(f"figure-{name}").locator("visible=true")


def picture(width: int, height: int) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = zlib.compress((b"\0" + b"\x30\x70\xc0" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class Shop:
    """A dashboard that watches a project called `shop`."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.root = live.workspace / "generated_projects"
        self.folder = self.root / "shop"
        self.url = where(live, "shop")

    def write(self, path: str, content: str | bytes = "x = 1\n") -> Path:
        """Write a file of the project."""
        target: Path = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def at(self, path: str, **query: str) -> str:
        """The address of a file."""
        return where(self.live, "shop", path=path, **query)

    def versions(self, path: str) -> list[dict[str, Any]]:
        """The contents that are kept of a file."""
        found: list[dict[str, Any]] = self.live.json(f"/api/artifacts/shop/versions?path={quote(path)}")["versions"]
        return found


@pytest.fixture
def shop(live: Live) -> Shop:
    """A project with a bit of everything."""
    shop = Shop(live)
    shop.write("tasks.md", "# Tasks\n")
    shop.write("spec.md", "# Spec\n\nSee [the plan](docs/plan.md) and [the web](https://example.test/).\n")
    shop.write("docs/plan.md", "# Plan\n\n- one\n- two\n")
    shop.write("src/app.py", "def greet(name):\n    return f'hello {name}'\n")
    shop.write("src/deep/down/here/leaf.py")
    shop.write("Makefile", "all:\n\techo hi\n")
    shop.write("node_modules/left/index.js")
    live.sync()
    return shop


# --- Projects


def test_every_project_tells_its_figures_and_they_run(shop: Shop, open_page: Open) -> None:
    page = open_page(where(shop.live))
    card = page.get_by_test_id("project")
    expect(card).to_have_count(1)
    expect(card.get_by_test_id("figure-files")).to_have_text("6")
    expect(card).to_contain_text("Documents 3")
    expect(card).to_contain_text("Code 3")
    expect(card).to_contain_text("1 folder left out as ignored")
    before = 13
    expect(card.get_by_test_id("figure-lines")).to_have_text(str(before))  # counted a little later than the files
    shop.write("src/more.py", "a = 1\n" * 40)
    expect(card.get_by_test_id("figure-files")).to_have_text("7")
    expect(card.get_by_test_id("figure-lines")).to_have_text(str(before + 40))
    expect(card.get_by_test_id("figure-lines_written")).to_have_text(f"+{before + 40}")
    expect(card.get_by_test_id("figure-lines_per_hour")).to_have_text(str(before + 40))
    (shop.root / "other").mkdir()
    (shop.root / "other/README.md").write_text("# Other\n")
    expect(card).to_have_count(2)
    shutil.rmtree(shop.root / "other")
    expect(card).to_have_count(1)
    card.get_by_role("link", name="shop").click()
    expect(page).to_have_url(shop.url)


def test_a_workspace_without_projects_says_what_to_do(live: Live, open_page: Open) -> None:
    page = open_page(where(live))
    empty = page.get_by_test_id("artifacts-empty")
    expect(empty).to_contain_text(str(live.workspace / "generated_projects/hello"))
    command = empty.locator("pre").inner_text()
    assert os.system(command) == 0
    expect(page.get_by_test_id("project")).to_have_count(1)
    expect(page.get_by_test_id("project").get_by_test_id("figure-lines")).to_have_text("1")


def test_a_service_that_does_not_watch_them_says_so(start: Callable[..., Live], open_page: Open) -> None:
    page = open_page(where(start(artifacts=False)))
    expect(page.get_by_test_id("artifacts-off")).to_be_visible()


def test_a_project_that_there_is_not_is_shown_when_it_comes(shop: Shop, open_page: Open) -> None:
    page = open_page(where(shop.live, "later"))
    expect(page.get_by_test_id("project-unknown")).to_contain_text("later")
    (shop.root / "later").mkdir()
    (shop.root / "later/a.py").write_text("a = 1\n")
    expect(row(page, "a.py")).to_be_visible()


def test_many_projects_are_filtered_by_name(shop: Shop, open_page: Open) -> None:
    for number in range(12):
        (shop.root / f"p{number:02d}").mkdir()
        (shop.root / f"p{number:02d}/a.py").write_text("")
    page = open_page(where(shop.live))
    expect(page.get_by_test_id("project")).to_have_count(13)
    page.get_by_test_id("project-filter").fill("P0")
    expect(page.get_by_test_id("project")).to_have_count(10)


# --- The tree


def test_the_tree_is_loaded_a_level_at_a_time(shop: Shop, open_page: Open) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tree?" in request.url else None)
    page.goto(shop.url)
    expect(row(page, "src")).to_be_visible()
    assert names(page) == ["docs", "src", "node_modules", "spec.md", "tasks.md", "Makefile"]
    expect(row(page, "node_modules")).to_contain_text("ignored")
    expect(row(page, "src")).to_contain_text("2")
    assert len(asked) == 1
    row(page, "src").click()
    expect(row(page, "src/app.py")).to_be_visible()
    assert names(page) == ["docs", "src", "deep", "app.py", "node_modules", "spec.md", "tasks.md", "Makefile"]
    assert len(asked) == 2
    row(page, "src").click()
    expect(row(page, "src/app.py")).to_have_count(0)
    row(page, "src").click()
    expect(row(page, "src/app.py")).to_be_visible()
    assert len(asked) == 2


def test_the_tree_is_used_by_keys_as_its_pattern_says(shop: Shop, open_page: Open) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.goto(shop.url)
    expect(row(page, "src")).to_be_visible()
    expect(page.get_by_role("navigation", name="Specification, plan, tasks").get_by_role("link")).to_have_count(3)
    page.get_by_test_id("filter-code").focus()
    for _ in range(4):  # the strip of spec, tasks and plan lies between
        page.keyboard.press("Tab")
    expect(row(page, "docs")).to_be_focused()
    for key, path, *opened in [
        ("ArrowDown", "src"),
        ("ArrowRight", "src", "src/deep"),
        ("ArrowRight", "src/deep"),
        ("ArrowRight", "src/deep", "src/deep/down"),
        ("ArrowRight", "src/deep/down"),
        ("ArrowLeft", "src/deep"),
        ("ArrowLeft", "src/deep"),
        ("End", "Makefile"),
        ("Home", "docs"),
        ("s", "src"),
        ("ArrowLeft", "src"),
        ("m", "Makefile"),
        ("Home", "docs"),
    ]:
        page.keyboard.press(key)
        expect(row(page, path)).to_be_focused()
        for shown in opened:
            expect(row(page, shown)).to_be_visible()
        if key == "s":
            page.clock.fast_forward(800)  # what is typed soon after another letter goes on with it
    page.keyboard.press("*")
    expect(row(page, "docs/plan.md")).to_be_visible()
    expect(row(page, "src/app.py")).to_be_visible()
    expect(row(page, "src")).to_have_attribute("aria-expanded", "true")
    expect(row(page, "docs/plan.md")).to_have_attribute("aria-level", "2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(shop.at("docs/plan.md"))
    expect(page.get_by_test_id("rendered")).to_contain_text("two")
    expect(row(page, "docs/plan.md")).to_be_focused()
    expect(row(page, "docs/plan.md")).to_have_attribute("aria-selected", "true")


def test_what_changes_is_shown_where_it_is_and_marked(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.url, may_miss=True)
    row(page, "src").click()
    expect(row(page, "src/app.py")).to_be_visible()
    expect(page.get_by_test_id("fresh")).to_have_count(0)
    shop.write("src/brand_new.py")
    expect(row(page, "src/brand_new.py").get_by_test_id("fresh")).to_be_visible()
    expect(row(page, "src")).to_contain_text("3")
    shop.write("src/app.py", "def other():\n    pass\n\n\n")
    expect(row(page, "src/app.py")).to_contain_text("4 lines")
    expect(row(page, "src/app.py").get_by_test_id("fresh")).to_be_visible()
    shop.write("src/deep/down/unseen.py")
    expect(row(page, "src/deep").get_by_test_id("fresh")).to_be_visible()
    expect(row(page, "src/deep")).to_contain_text("2")
    (shop.folder / "src/brand_new.py").unlink()
    expect(row(page, "src/brand_new.py")).to_have_count(0)
    os.rename(shop.folder / "src/deep", shop.folder / "src/shallow")
    expect(row(page, "src/shallow")).to_be_visible()
    expect(row(page, "src/deep")).to_have_count(0)
    shutil.rmtree(shop.folder / "src")
    expect(row(page, "src")).to_have_count(0)
    expect(row(page, "docs")).to_be_visible()
    expect(page.get_by_test_id("recent").filter(has_text="Created src/brand_new.py")).to_have_count(1)


def test_the_tree_equals_the_disk_after_every_storm(shop: Shop, open_page: Open) -> None:
    shutil.rmtree(shop.folder)
    for folder in ("a/x", "a/y", "b/x", "b/y"):
        shop.write(f"{folder}/f0.py")
    shop.live.sync()
    page = open_page(shop.url, viewport={"width": 1200, "height": 3000}, console_must_be_empty=False)
    random = Random(20_260_101)
    for _ in range(8):
        for _ in range(random.choice((1, 5, 40, 300))):
            storm(shop.folder, random)
        shop.live.sync()
        unfold_all(page)
        wanted = on_disk(shop.folder)

        def is_shown(wanted: object = wanted) -> bool:
            unfold_all(page)
            return in_tree(page) == wanted

        eventually(is_shown)


def storm(root: Path, random: Random) -> None:
    """One random change below two levels of folders."""
    folder, what = root / random.choice("ab") / random.choice("xyz"), random.random()
    if not folder.is_dir():
        folder.mkdir(parents=True)
    file = folder / f"f{random.randrange(8)}.py"
    if what < 0.6:
        file.write_text("1\n" * random.randrange(5))
    elif what < 0.85:
        file.unlink(missing_ok=True)
    elif what < 0.92:
        shutil.rmtree(folder)
    else:
        target = root / random.choice("ab") / random.choice("xyz")
        if not target.exists() and target.parent.is_dir():
            folder.rename(target)


def unfold_all(page: Page) -> None:
    """Open every folder."""
    while (closed := page.locator('.tree-row[aria-expanded="false"]')).count():
        with contextlib.suppress(PlaywrightError):  # it may go meanwhile
            closed.first.click(timeout=500)


def in_tree(page: Page) -> set[tuple[str, str, str]]:
    """(kind, path, figure) of each row in the tree."""
    rows = page.locator('.tree-row:is([data-kind="folder"], [data-kind="file"])').evaluate_all(
        "rows => rows.map(row => [row.dataset.kind, row.dataset.path, row.querySelector('.row-figure').textContent])"
    )
    return {(kind, path, figure) for kind, path, figure in rows}


def on_disk(root: Path) -> set[tuple[str, str, str]]:
    """The same, of the disk."""
    seen = set()
    for path in root.rglob("*"):
        if path.is_dir():
            figure = str(sum(inner.is_file() for inner in path.rglob("*")))
        else:
            lines = path.read_text().count("\n")
            figure = f"{lines} line{'' if lines == 1 else 's'}"
        seen.add(("folder" if path.is_dir() else "file", str(path.relative_to(root)), figure))
    return seen


def test_an_agent_scaffolds_3000_files_and_the_page_follows(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.url, may_miss=True)
    row(page, "src").click()
    expect(row(page, "src/app.py")).to_be_visible()
    page.evaluate(LONG_TASKS)
    for package in range(30):
        for module in range(10):
            for number in range(10):
                shop.write(f"src/p{package:02d}/m{module}/f{number}.py", f"value = {number}\n")
    expect(figure(page, "files")).to_have_text("3,006", timeout=60_000)
    expect(figure(page, "lines_written")).to_have_text("+3,013", timeout=60_000)
    expect(row(page, "src")).to_contain_text("3k")
    expect(row(page, "src/p29")).to_have_count(1)
    for name in ("p00", "p17", "p29"):
        expect(row(page, f"src/{name}")).to_contain_text("100")
    print("longest task of the page meanwhile:", max(page.evaluate("longTasks"), default=0), "ms")
    shutil.rmtree(shop.folder / "src")
    expect(row(page, "src")).to_have_count(0, timeout=60_000)
    expect(figure(page, "files")).to_have_text("4")
    print("and until all of it was removed:", max(page.evaluate("longTasks"), default=0), "ms")


def test_a_folder_of_many_files_keeps_few_elements_and_comes_as_one_scrolls(shop: Shop, open_page: Open) -> None:
    for number in range(2_500):
        shop.write(f"many/f{number:05d}.txt", "")
    shop.live.sync()
    page = open_page(shop.url)
    row(page, "many").click()
    expect(row(page, "many/f00003.txt")).to_be_visible()
    expect(page.locator(".tree-row")).to_have_count(page.locator(".tree-row").count())
    assert page.locator(".tree-row").count() < 100
    row(page, "many").focus()

    def is_at_end() -> bool:
        page.keyboard.press("End")  # each time as far as it is loaded
        return row(page, "Makefile").is_visible()

    eventually(is_at_end)
    expect(row(page, "Makefile")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(row(page, "tasks.md")).to_be_focused()
    assert page.locator(".tree-row").count() < 100
    page.goto(shop.at("many/f02222.txt"))  # far from what is loaded at first
    expect(row(page, "many/f02222.txt")).to_be_in_viewport()
    expect(row(page, "many/f02222.txt")).to_have_attribute("aria-selected", "true")


def test_spec_plan_and_tasks_are_a_step_away(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.url)
    strip = page.get_by_role("navigation", name="Specification, plan, tasks").get_by_role("link")
    expect(strip).to_have_text(["spec.md", "tasks.md", "docs/plan.md"])
    page.get_by_test_id("flow-plan").click()
    expect(page.get_by_test_id("rendered")).to_contain_text("two")
    expect(page.get_by_test_id("flow-plan")).to_have_attribute("aria-current", "true")


# --- Looking for


def test_files_are_filtered_by_type_and_found_by_words_in_their_paths(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.url)
    expect(page.get_by_test_id("filter-all")).to_contain_text("6")
    page.get_by_test_id("filter-documentation").click()
    found = page.get_by_test_id("result-found")
    expect(found.locator(".row-name")).to_have_text(["spec.md", "tasks.md", "plan.md"])
    page.get_by_test_id("filter-code").click()
    expect(found).to_have_count(3)
    page.get_by_test_id("filter-all").click()
    page.keyboard.press("/")
    page.keyboard.type("src app")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text(["app", "src"])
    expect(page.get_by_test_id("search-words")).to_have_text("1 file")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"path=src%2Fapp\.py&q=src\+app"))
    expect(lines(page)).to_have_count(2)
    shop.write("src/apparent.py")
    expect(found).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("tree")).to_be_visible()
    page.keyboard.type("nothing like it")
    expect(page.get_by_test_id("search-words")).to_have_text("No file matches")


def test_contents_are_searched_and_a_hit_leads_to_its_line(shop: Shop, open_page: Open) -> None:
    shop.write("src/long.py", "".join(f"value_{number} = {number}\n" for number in range(2_000)))
    shop.live.sync()
    page = open_page(shop.url)
    page.get_by_test_id("search-contents").click()
    page.keyboard.type("VALUE_15")
    expect(page.get_by_test_id("result-file")).to_have_text(re.compile("src/long.py"))
    expect(page.get_by_test_id("search-words")).to_contain_text("searched")
    hit = page.get_by_test_id("result-hit")
    expect(hit.first).to_contain_text("value_15 = 15")
    expect(hit.first.locator("mark")).to_have_text("value_15")
    page.get_by_test_id("search-case").click()
    expect(page.get_by_test_id("search-words")).to_contain_text("No hits")
    page.get_by_test_id("search-case").click()
    page.get_by_test_id("search-regex").click()
    page.get_by_test_id("artifact-search").fill("^value_1999 = ")
    expect(hit).to_have_count(1)
    hit.click()
    target = page.locator('[data-line="2000"]')
    expect(target).to_be_in_viewport()
    expect(target).to_have_attribute("data-target", "")
    expect(page).to_have_url(re.compile("line=2000"))
    page.reload()
    expect(target).to_be_in_viewport()
    expect(hit).to_have_count(1)


def test_an_expression_that_is_none_is_said_to_be_none(shop: Shop, open_page: Open) -> None:
    page = open_page(where(shop.live, "shop", q="(", **{"in": "contents"}, regex="1"), console_must_be_empty=False)
    expect(page.get_by_test_id("search-words")).to_contain_text("cannot be used")


def test_hits_are_shown_as_they_arrive_and_a_search_can_be_stopped(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.url)
    expect(row(page, "src")).to_be_visible()
    page.evaluate(
        """() => {
          const ask = window.fetch;
          window.fetch = (address, options) => {
            if (!String(address).includes("/search?")) return ask(address, options);
            const found = { column: 1, text: "needle", match: [0, 6] };
            const hit = (path, line) => JSON.stringify({ hit: { path, line, ...found } });
            const body = new ReadableStream({
              start(control) {
                const send = (text) => control.enqueue(new TextEncoder().encode(text));
                send(hit("a.py", 1) + "\\n" + hit("a.py", 7) + "\\n" + hit("b.py", 2).slice(0, 20));
                window.sendRest = () => send(hit("b.py", 2).slice(20) + "\\n");
                options.signal.addEventListener("abort", () => {
                  window.wasAborted = true;
                  control.error(options.signal.reason);
                });
              },
            });
            return Promise.resolve(new Response(body));
          };
        }"""
    )
    page.get_by_test_id("search-contents").click()
    page.keyboard.type("needle")
    expect(page.get_by_test_id("result-hit")).to_have_count(2)
    expect(page.get_by_test_id("search-stop")).to_be_visible()
    page.evaluate("sendRest()")
    expect(page.get_by_test_id("result-hit")).to_have_count(3)
    expect(page.get_by_test_id("result-file")).to_have_count(2)
    page.get_by_test_id("search-stop").click()
    expect(page.get_by_test_id("search-words")).to_contain_text("Stopped: 3 hits in 2 files")
    expect(page.get_by_test_id("search-stop")).to_be_hidden()
    assert page.evaluate("wasAborted") is True
    expect(page.get_by_test_id("result-hit")).to_have_count(3)


# --- A file


def test_source_is_shown_in_colours_with_its_numbers_and_facts(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.at("src/app.py"))
    expect(lines(page)).to_have_text(["def greet(name):", "    return f'hello {name}'"])
    expect(page.locator(".line .hljs-keyword")).to_have_text(["def", "return"])
    facts = page.get_by_test_id("file-facts")
    for fact in ("python", "2 lines", "UTF-8", "44 B", "changed"):
        expect(facts).to_contain_text(fact)
    page.get_by_test_id("wrap").click()
    expect(page.locator("artifact-viewer")).to_have_attribute("data-wrap", "")
    page.reload()
    expect(page.locator("artifact-viewer")).to_have_attribute("data-wrap", "")


LANGUAGES = {
    "a.ts": ("const x: number = 1;\n", ".hljs-keyword"),
    "Dockerfile": ("FROM debian\n", ".hljs-keyword"),
    "a.hs": ("module Main where\n", ".hljs-keyword"),
    "a.html": ("<p class='x'>y</p>\n", ".hljs-name"),
    "a.py": ("'''one\ntwo\nthree'''\n", ".hljs-string"),
}


def test_languages_of_the_library_and_those_brought_besides_are_coloured(shop: Shop, open_page: Open) -> None:
    for name, (text, _) in LANGUAGES.items():
        shop.write(f"src/{name}", text)
    shop.live.sync()
    page = open_page(shop.url)
    for name, (text, token) in LANGUAGES.items():
        page.evaluate("address => { location.href = address }", shop.at(f"src/{name}"))
        expect(lines(page)).to_have_text(text.splitlines())
        expect(page.locator(f".line:first-child {token}").first, name).to_be_visible()


def test_a_long_file_comes_by_200_lines_and_long_lines_are_clipped_visibly(shop: Shop, open_page: Open) -> None:
    shop.write("src/long.py", "".join(f"n = {number}\n" for number in range(1, 901)) + "s = '" + "x" * 9_000 + "'\n")
    shop.live.sync()
    page = open_page(shop.at("src/long.py"))
    expect(lines(page)).to_have_count(200)
    expect(page.get_by_test_id("lines-shown")).to_have_text("Lines 1 to 200 of 901")
    for number in (400, 600, 800):
        page.get_by_test_id("lines-behind").click()
        expect(lines(page)).to_have_count(number)
    page.get_by_test_id("lines-behind").click()
    expect(lines(page)).to_have_count(901)
    expect(page.get_by_test_id("lines-behind")).to_be_hidden()
    expect(page.locator('[data-line="850"] .hljs-number')).to_have_text("850")
    expect(page.locator('[data-line="901"] .clipped')).to_have_text("line goes on")
    page.goto(shop.at("src/long.py", line="700"))
    expect(page.locator('[data-line="700"]')).to_be_in_viewport()
    page.reload()
    expect(page.locator('[data-line="700"]')).to_be_in_viewport()
    assert page.locator(".line").first.get_attribute("data-line") == "670"
    page.get_by_test_id("lines-before").click()
    expect(lines(page).first).to_have_attribute("data-line", "470")
    numbers = lines(page).evaluate_all("lines => lines.map(line => Number(line.dataset.line))")
    assert numbers == list(range(470, 470 + len(numbers)))


def test_a_file_that_is_written_while_it_is_open_is_read_again(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.at("src/app.py"))
    expect(lines(page)).to_have_count(2)
    shop.write("src/app.py", "def greet(name):\n    # politely\n    return f'hello {name}'\n")
    expect(lines(page)).to_have_count(3)
    expect(page.locator('[data-line="2"]')).to_have_attribute("data-changed", "")
    expect(page.locator('[data-line="1"]')).not_to_have_attribute("data-changed", "")
    expect(page.get_by_test_id("file-news")).to_contain_text("Changed since you saw it")
    page.get_by_test_id("see-changes").click()
    expect(page.locator('.diff-half[data-op="added"]')).to_contain_text("# politely")
    shop.write("src/app.py", "pass\n")
    expect(page.get_by_test_id("diff-sum")).to_contain_text("−2")
    (shop.folder / "src/app.py").unlink()
    expect(page.get_by_test_id("file-news")).to_contain_text("removed")
    expect(page.get_by_test_id("diff-sum")).to_be_visible()
    shop.write("src/app.py", "back = True\n")
    expect(page.get_by_test_id("file-facts")).to_contain_text("1 line")


def test_markdown_is_rendered_with_links_to_other_files_and_its_source(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.at("spec.md"))
    rendered = page.get_by_test_id("rendered")
    expect(rendered.get_by_role("heading", name="Spec")).to_be_visible()
    outside = rendered.get_by_role("link", name="the web")
    expect(outside).to_have_attribute("rel", "noopener noreferrer")
    page.get_by_test_id("view-source").click()
    expect(lines(page).first).to_have_text("# Spec")
    expect(page).to_have_url(re.compile("view=source"))
    page.reload()
    expect(lines(page).first).to_have_text("# Spec")
    page.keyboard.press("Tab")
    page.get_by_test_id("view-source").focus()
    page.keyboard.press("ArrowLeft")
    expect(rendered).to_be_visible()
    rendered.get_by_role("link", name="the plan").click()
    expect(page).to_have_url(shop.at("docs/plan.md"))
    expect(rendered).to_contain_text("two")
    page.go_back()
    expect(rendered).to_contain_text("See the plan")


def test_hostile_markdown_becomes_harmless_and_never_holds_up_the_page(shop: Shop, open_page: Open) -> None:
    shop.write(
        "bad.md",
        "# Bad\n\n<script>window.hacked = 1</script>\n\n<img src=x onerror='window.hacked=1'>\n\n"
        "[x](javascript:window.hacked=1) [out](../../../etc/passwd) [up](/etc/passwd) [query](docs/plan.md?x#y)\n\n"
        "![pixel](https://example.test/pixel.png)\n\n<style>body { display: none }</style>\n",
    )
    shop.write("deep.md", ">" * 20_000 + " deep\n\n" + "[" * 20_000)
    shop.write("big.md", "".join(f"## Part {number}\n\nSome *words* and `code`.\n\n" for number in range(4_000)))
    shop.live.sync()
    page = open_page(shop.at("bad.md"), may_miss=True)  # its picture
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    rendered = page.get_by_test_id("rendered")
    expect(rendered).to_contain_text("<script>window.hacked = 1</script>")
    assert page.evaluate("window.hacked") is None
    assert rendered.locator("script, style, [onerror]").count() == 0
    hrefs = rendered.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    pixel = "https://example.test/pixel.png"  # a link to it: it is not loaded
    assert hrefs == [None, None, None, "#/artifacts/shop?path=docs%2Fplan.md&at=y", pixel]
    page.goto(shop.at("deep.md"))
    expect(lines(page).first.locator(".clipped")).to_be_visible(timeout=60_000)  # as it is written
    page.goto(shop.at("big.md"))
    expect(rendered.get_by_role("heading", name="Part 3999")).to_have_count(1, timeout=60_000)
    assert not [url for url in asked if not url.startswith((shop.live.url, "blob:"))]


def test_pictures_binaries_pipes_and_links_are_said_to_be_what_they_are(shop: Shop, open_page: Open) -> None:
    shop.write("art/logo.png", picture(40, 30))
    shop.write("art/liar.png", "<svg onload='window.hacked=1'></svg>")
    shop.write("art/scene.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>window.hacked=1</script></svg>\n")
    shop.write("blob.bin", b"\0\1\2\3" * 838_861)
    shop.write("empty.txt", "")
    shop.write("umlaut.txt", "Grüße\n".encode("latin-1"))
    shop.write("turned.py", "access = 'user\u202e \u2066# nobody\u2069 \u2066'\n")
    os.mkfifo(shop.folder / "pipe")
    os.symlink("/etc/passwd", shop.folder / "passwd")
    shop.live.sync()
    page = open_page(shop.at("art/logo.png"))
    image = page.get_by_test_id("picture")
    expect(image).to_contain_text("40 × 30")
    expect(image.locator("img")).to_have_attribute("src", re.compile("^blob:"))
    page.goto(shop.at("art/liar.png"))
    expect(page.get_by_test_id("binary")).to_contain_text("not what its name says")
    page.goto(shop.at("art/scene.svg", view="source"))
    expect(lines(page).first).to_contain_text("<script>")
    page.goto(shop.at("blob.bin"))
    expect(page.get_by_test_id("binary")).to_contain_text("Binary, 3.2 MB")
    page.goto(shop.at("empty.txt"))
    expect(page.locator(".no-lines")).to_have_text("The file is empty.")
    page.goto(shop.at("umlaut.txt"))
    expect(lines(page)).to_have_text(["Grüße"])
    expect(page.get_by_test_id("encoding").locator("option:checked")).to_have_text("WINDOWS-1252 (guessed)")
    page.goto(shop.at("turned.py"))
    expect(lines(page).locator(".hidden-character").first).to_have_text("U+202E")
    expect(page.get_by_test_id("file-news")).to_contain_text("turn the direction of writing")
    page.goto(shop.at("pipe"))
    expect(page.get_by_test_id("unopened")).to_contain_text("never opened")
    page.goto(shop.at("passwd"))
    expect(page.get_by_test_id("unopened")).to_contain_text("never followed")
    expect(page.get_by_test_id("download")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    page.goto(shop.at("not/there.py"))
    expect(page.get_by_test_id("file-missing")).to_contain_text("not/there.py")
    shop.write("not/there.py", "now = 1\n")
    expect(lines(page)).to_have_text(["now = 1"])


def test_an_open_link_that_is_replaced_by_a_file_is_shown_as_one_and_back(shop: Shop, open_page: Open) -> None:
    def link(name: str) -> Path:
        os.symlink("spec.md", shop.folder / name)
        return shop.folder / name

    link("current.py")
    shop.live.sync()
    page = open_page(shop.at("current.py"))
    expect(page.get_by_test_id("unopened")).to_contain_text("never followed")
    os.replace(shop.write(".new", "now = 1\n"), shop.folder / "current.py")
    expect(lines(page)).to_have_text(["now = 1"])
    expect(page.get_by_test_id("view-diff")).to_be_visible()
    os.replace(link(".new"), shop.folder / "current.py")
    expect(page.get_by_test_id("unopened")).to_contain_text("never followed")
    expect(page.get_by_test_id("view-diff")).to_have_count(0)


def test_names_of_all_kinds_can_be_opened_and_downloaded(shop: Shop, open_page: Open) -> None:
    odd = [
        "with space.txt",
        "qu\"ot'e.txt",
        "new\nline.txt",
        "<b>bold.txt",
        "a&b=c#d%.txt",
        "ünïcödé 🚢.txt",
        "~x?.txt",
    ]
    for number, name in enumerate(odd):
        shop.write(f"odd/{name}", f"content {number}\n")
    raw = os.fsencode(str(shop.folder / "odd")) + b"/caf\xe9.txt"
    Path(os.fsdecode(raw)).write_text("content not utf-8\n")
    shop.live.sync()
    wanted = {f"content {number}" for number in range(len(odd))} | {"content not utf-8"}
    page = open_page(shop.url)
    row(page, "odd").click()
    expect(page.locator('.tree-row[data-kind="file"][data-path^="odd/"]')).to_have_count(len(wanted))
    paths = [
        str(path)
        for path in page.locator('.tree-row[data-kind="file"]').evaluate_all(
            "rows => rows.map(row => row.dataset.path)"
        )
    ]
    inside = [path for path in paths if path.startswith("odd/")]
    assert len(inside) == len(wanted)
    seen = set()
    for path in inside:
        row(page, path).click()
        expect(page.locator(".file-name")).to_have_text(path.removeprefix("odd/"))
        expect(lines(page)).to_have_text(re.compile("content"))
        text = lines(page).text_content() or ""
        with page.expect_download() as download:
            page.get_by_test_id("download").click()
        assert Path(download.value.path()).read_text() == f"{text}\n"
        page.reload()
        expect(lines(page)).to_have_text(text)
        seen.add(text)
    assert seen == wanted


def test_the_path_is_copied(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.at("src/app.py"), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_test_id("copy-path").click()
    expect(page.get_by_test_id("copy-path")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "src/app.py"


# --- What changed


def test_what_changed_since_it_was_looked_at_is_told_when_one_comes_back(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.at("src/app.py"))
    expect(lines(page)).to_have_count(2)
    expect(page.get_by_test_id("file-news")).to_be_hidden()
    page.goto(where(shop.live))
    expect(page.get_by_test_id("project")).to_be_visible()
    shop.write("src/app.py", "def greet(name):\n    return f'hi {name}'\n")
    shop.live.sync()
    shop.write("src/app.py", "import this\n\n\ndef greet(name):\n    return f'hi {name}'\n")
    shop.live.sync()
    page.goto(shop.at("src/app.py"))
    expect(page.get_by_test_id("file-news")).to_contain_text("Changed since you saw it")
    page.get_by_test_id("see-changes").click()
    expect(page).to_have_url(re.compile("view=diff"))
    expect(page.get_by_test_id("diff-sum")).to_have_text(re.compile(r"\+4\s*−1"))
    marks = page.locator(".diff-text mark")
    expect(marks).to_have_text(["hello", "hi"])
    expect(page.locator(".diff-pair")).not_to_have_count(0)
    page.get_by_test_id("diff-unified").click()
    expect(page.locator(".diff-pair")).to_have_count(0)
    expect(page.locator('.diff-line[data-op="removed"] del')).to_have_text("    return f'hello {name}'")
    expect(page.locator('.diff-line[data-op="added"]')).to_have_count(4)
    page.get_by_test_id("view-content").click()
    expect(lines(page)).to_have_count(5)
    expect(page).to_have_url(shop.at("src/app.py"))  # the browser knows of a new address a little later than the page
    page.reload()  # by now it has been looked at
    expect(lines(page)).to_have_count(5)
    expect(page.get_by_test_id("file-news")).to_be_hidden()


def test_any_two_of_the_versions_seen_are_compared(shop: Shop, open_page: Open) -> None:
    for number in range(3):
        shop.write("notes.txt", f"one\ntwo {number}\nthree\n")
        shop.live.sync()
        eventually(lambda kept=number + 1: len(shop.versions("notes.txt")) == kept)
    page = open_page(shop.at("notes.txt", view="diff"))
    expect(page.get_by_test_id("diff-sum")).to_have_text(re.compile(r"\+1\s*−1"))
    expect(page.locator(".diff-half", has_text="two 1")).to_have_count(1)
    oldest = shop.versions("notes.txt")[-1]["sha256"]
    page.get_by_test_id("diff-from").select_option(oldest)
    expect(page.locator(".diff-half", has_text="two 0")).to_have_count(1)
    expect(page.locator(".diff-half", has_text="two 2")).to_have_count(1)
    page.get_by_test_id("diff-to").select_option(index=1)
    expect(page.locator(".diff-half", has_text="two 1")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"from={oldest}&to="))
    page.reload()
    expect(page.locator(".diff-half", has_text="two 0")).to_have_count(1)
    page.goto(shop.at("Makefile", view="diff"))
    expect(page.get_by_test_id("diff-nothing")).to_be_visible()


def test_changes_are_shown_unified_where_there_is_no_room(shop: Shop, open_page: Open) -> None:
    shop.live.get("/api/artifacts/shop/versions?path=src/app.py")
    shop.write("src/app.py", "changed = True\n")
    shop.live.sync()
    page = open_page(shop.at("src/app.py", view="diff"), viewport={"width": 390, "height": 844})
    expect(page.locator('.diff-line[data-op="added"]')).to_have_text(re.compile("changed = True"))
    expect(page.locator(".diff-pair")).to_have_count(0)
    expect(page.get_by_test_id("diff-split")).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator(".diff-pair")).not_to_have_count(0)


# --- The page as a whole


def test_an_address_leads_to_a_file_and_back_leads_back(shop: Shop, open_page: Open) -> None:
    page = open_page(where(shop.live))
    page.get_by_test_id("project").get_by_role("link", name="shop").click()
    row(page, "src").click()
    row(page, "src/app.py").click()
    expect(lines(page)).to_have_count(2)
    expect(page).to_have_title(re.compile("app.py · shop · Artifacts"))
    row(page, "Makefile").click()
    expect(lines(page).first).to_have_text("all:")
    page.go_back()
    expect(lines(page)).to_have_count(2)
    expect(lines(page).first).to_have_text("def greet(name):")
    page.go_back()
    expect(page.get_by_test_id("summary")).to_be_visible()
    page.go_back()
    expect(page.get_by_test_id("project")).to_be_visible()
    page.go_forward()
    page.go_forward()
    expect(lines(page)).to_have_count(2)
    other = open_page(shop.at("src/deep/down/here/leaf.py"))
    expect(lines(other)).to_have_count(1)
    expect(row(other, "src/deep/down/here/leaf.py")).to_be_in_viewport()
    expect(row(other, "src/deep/down")).to_have_attribute("aria-expanded", "true")


def test_the_page_has_one_side_at_a_time_on_a_phone(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.url, viewport={"width": 390, "height": 844}, has_touch=True)
    row(page, "docs").tap()
    row(page, "docs/plan.md").tap()
    expect(page.get_by_test_id("rendered")).to_be_visible()
    expect(page.get_by_test_id("tree")).to_be_hidden()
    page.get_by_test_id("to-files").tap()
    expect(row(page, "docs/plan.md")).to_be_visible()
    for address, shown in (
        (where(shop.live), page.get_by_test_id("project").first),
        (shop.url, page.get_by_test_id("tree")),
        (shop.at("src/app.py"), page.get_by_test_id("file-facts")),
        (shop.at("spec.md"), page.get_by_test_id("rendered")),
        (shop.at("spec.md", view="diff"), page.get_by_test_id("diff-nothing")),
    ):
        page.goto(address)
        expect(shown).to_be_visible()
        two_frames(page)
        assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= 390)


def test_a_connection_that_is_lost_is_said_and_caught_up_with(
    workspace: Path, open_page: Open, take_port: Callable[[], int]
) -> None:
    port = take_port()
    shop = Shop(running(workspace, port=port))
    shop.write("src/app.py")
    shop.live.sync()
    page = open_page(shop.url, console_must_be_empty=False)
    row(page, "src").click()
    expect(row(page, "src/app.py")).to_be_visible()
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")  # it has connected
    shop.live.stop()
    expect(page.get_by_test_id("artifacts-lost")).to_be_visible()
    expect(row(page, "src/app.py")).to_be_visible()
    shop.write("src/meanwhile.py")
    again = running(workspace, port=port)
    try:
        expect(row(page, "src/meanwhile.py")).to_be_visible(timeout=60_000)
        expect(page.get_by_test_id("artifacts-lost")).to_be_hidden()
    finally:
        again.stop()


def test_the_first_look_tells_how_far_it_is(shop: Shop, open_page: Open) -> None:
    page = open_page(where(shop.live))
    expect(page.get_by_test_id("project")).to_be_visible()
    told = page.evaluate(
        """async () => {
          const { Artifacts } = await import("/stores/artifacts.js");
          const artifacts = new Artifacts();
          const said = [];
          artifacts.take({ projects: [], loading: { files: 0 } });
          said.push([artifacts.loading !== null, artifacts.files]);
          const totals = { name: "shop", files: 37000 };
          const batch = { type: "artifact.batch", project: "shop", listed: 37000, created: 0, updated: 0, removed: 0,
            folders: [""], more_folders: true, sample: [], totals, seq: 1, time: "2026-01-01T00:00:00Z" };
          artifacts.apply(batch);
          said.push([artifacts.loading !== null, artifacts.files]);
          artifacts.apply({ type: "artifact.ready" });
          said.push([artifacts.loading !== null, artifacts.files]);
          const { scanning } = await import("/pages/artifacts/states.js");
          said.push(scanning({ files: 37000 }).text.includes("37,000 files so far"));
          return said;
        }"""
    )
    assert told == [[True, 0], [True, 37000], [False, 37000], True]


def test_the_keys_of_the_page_lead_to_it_and_are_told(shop: Shop, open_page: Open) -> None:
    page = open_page(shop.live.url)
    expect(page.get_by_test_id("badge")).to_have_attribute("data-state", "in_sync")
    page.keyboard.press("f")
    expect(page.get_by_test_id("project")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_contain_text("Artifacts")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.get_by_test_id("empty-board")).to_be_visible()


def test_files_in_a_flood_do_not_push_tasks_out_of_the_activity(shop: Shop, open_page: Open) -> None:
    shop.live.write("inbox/t1.yaml", title="Water the plants")
    page = open_page(shop.url)
    expect(page.get_by_test_id("activity")).to_be_hidden()  # beside files it is closed at first
    page.get_by_test_id("activity-toggle").click()
    expect(page.get_by_test_id("activity-item").first).to_contain_text("Water the plants")
    shop.write("src/new.py")
    expect(page.get_by_test_id("recent")).to_have_count(1)
    expect(page.locator('[data-testid="activity-item"][data-kind="files"]').first).to_contain_text("new.py")
    page.get_by_test_id("feed-kind-tasks").click()
    expect(page.get_by_test_id("activity-item").first).to_contain_text("Water the plants")


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious(shop: Shop, open_page: Open, width: int) -> None:
    shop.write(
        "src/app.py",
        '"""Words."""\n\n\nclass A(Base):\n    number = 12  # why\n\n    def f(self):\n        return "x"\n',
    )
    shop.write("art/logo.png", picture(40, 30))
    shop.live.sync()
    page = open_page(
        where(shop.live),
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
        bypass_csp=True,
        console_must_be_empty=False,
    )
    seen = {
        where(shop.live): page.get_by_test_id("project"),
        shop.url: row(page, "src"),
        shop.at("src/app.py"): page.locator(".hljs-keyword").first,
        shop.at("src/app.py", view="diff"): page.get_by_test_id("diff-line").first,
        shop.at("spec.md"): page.get_by_test_id("rendered"),
        shop.at("art/logo.png"): page.get_by_test_id("picture"),
        where(shop.live, "shop", q="return", **{"in": "contents"}): page.get_by_test_id("results"),
    }
    for address, there in seen.items():
        page.goto(address)
        expect(there).to_be_visible()
        assert serious(page) == [], address


def test_nothing_that_is_shown_of_a_file_becomes_markup(shop: Shop, open_page: Open) -> None:
    payload = "<img src=x onerror=window.hacked=1>"
    shop.write(f"{payload}/{payload.replace('/', '')}.py", f"x = '{payload}'\n")
    shop.live.sync()
    folder = payload.replace("/", "")
    page = open_page(shop.url)
    row(page, folder).click()
    row(page, f"{folder}/{folder}.py").click()
    expect(lines(page)).to_have_text(f"x = '{payload}'")
    page.get_by_test_id("search-contents").click()
    page.keyboard.type("onerror")
    expect(page.get_by_test_id("result-hit")).to_have_count(1)
    page.get_by_test_id("search-names").click()
    expect(page.get_by_test_id("result-found")).to_have_count(1)
    shop.write(f"{folder}/{folder}.py", f"y = '{payload}'\n")
    page.get_by_test_id("view-diff").click()
    expect(page.get_by_test_id("diff")).to_contain_text(f"y = '{payload}'")
    assert page.locator("artifacts-page img").count() == 0
    assert page.evaluate("window.hacked") is None
