"""What the viewer makes of files, in a real Chromium: documents, notebooks, pictures, logs, long lines, encodings."""

from __future__ import annotations

import base64
import json
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from kit.live import Live, eventually
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
GIF = base64.b64decode("R0lGODlhAgABAIAAAP///wAAACwAAAAAAgABAAACAgQKADs=")


class Project:
    """A project of a running dashboard."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.folder = live.workspace / "generated_projects/p"
        self.folder.mkdir(parents=True)

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file, and wait until it is known."""
        target: Path = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.live.sync()
        return target

    def versions(self, path: str) -> list[Any]:
        """The versions that are kept of a file."""
        kept: list[Any] = self.live.json(f"/api/artifacts/p/versions?path={quote(path, safe='')}")["versions"]
        return kept

    def at(self, path: str, **query: str) -> str:
        """The address of a file."""
        more = "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        return f"{self.live.url}/#/artifacts/p?path={quote(path, safe='')}{more}"


@pytest.fixture
def project(live: Live) -> Project:
    return Project(live)


def lines(page: Page) -> Locator:
    return page.get_by_test_id("line")


def line(page: Page, number: int) -> Locator:
    return page.locator(f'[data-line="{number}"]')


def inside(page: Page, place: Locator) -> None:
    """It is in view, which `content-visibility` and smooth layouts may take a moment for."""
    expect(place).to_be_in_viewport()


# --- Markdown

DOCUMENT = """---
title: Tides
tags:
  - water
---
# Tides

To [the end](#the-end), [a line](src/a.py#L3), [a folder](docs/), [a heading](docs/plan.md#step-two), [out](../../x).

![chart](docs/chart.svg) ![dot](dot.gif) ![far](https://example.test/far.png)

One<br>two <kbd>Ctrl</kbd> <span style="position:fixed" onclick="window.hacked=1">span</span>

<details><summary>More</summary>

Inside *it*.

</details>

> [!WARNING]
> Deep water.

A note.[^n]

[^n]: The note itself.

"""


def test_a_document_is_shown_as_its_author_meant_it(project: Project, open_page: Open) -> None:
    project.write("docs/plan.md", "# Plan\n\n## Step two\n\nHere.\n")
    project.write("docs/chart.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>')
    project.write("dot.gif", GIF)
    project.write("src/a.py", "one = 1\ntwo = 2\nthree = 3\n")
    project.write("README.md", DOCUMENT + "text\n\n" * 80 + "## The end\n\nLast.\n")
    page = open_page(project.at("README.md"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    text = page.get_by_test_id("rendered")
    expect(text.locator("table.front-matter td")).to_have_text(["Tides", "- water"])
    expect(text.get_by_role("heading", name="title")).to_have_count(0)
    for name, width in (("chart", 30), ("dot", 2)):
        picture = text.get_by_alt_text(name)
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("naturalWidth", width)
    expect(text.get_by_role("link", name="far")).to_have_attribute("href", "https://example.test/far.png")
    expect(text.locator("br")).to_have_count(1)
    expect(text.locator("kbd")).to_have_text("Ctrl")
    expect(text.locator("summary")).to_have_text("More")
    expect(text.locator("em")).to_be_hidden()
    text.locator("summary").click()
    expect(text.locator("details em")).to_be_visible()
    expect(text.locator(".alert-warning")).to_contain_text("Warning")
    expect(text.locator(".alert-warning")).to_contain_text("Deep water.")
    text.locator("sup a").click()
    inside(page, text.locator(".footnotes li"))
    text.locator(".footnotes a").click()
    inside(page, text.locator("sup a"))
    text.get_by_role("link", name="the end").click()
    inside(page, text.get_by_role("heading", name="The end"))
    page.get_by_test_id("file-facts").scroll_into_view_if_needed()
    assert text.get_by_role("link", name="out").count() == 0  # it leads out of the project
    assert not [url for url in asked if not url.startswith(project.live.url)]


def test_links_of_a_document_lead_to_lines_folders_and_headings(project: Project, open_page: Open) -> None:
    project.write("docs/plan.md", "# Plan\n\n" + "text\n\n" * 90 + "## Step two\n\nHere.\n" + "text\n\n" * 90)
    project.write("src/a.py", "one = 1\ntwo = 2\nthree = 3\n")
    project.write("README.md", DOCUMENT)
    page = open_page(project.at("README.md"), may_miss=True)
    for name, shown in {
        "a line": '[data-line="3"][data-target]',
        "a heading": ".file-prose h2",
        "a folder": '[data-testid="folder"]',
    }.items():
        link = page.get_by_test_id("rendered").get_by_role("link", name=name)
        link.click()
        inside(page, page.locator(shown).first)
        if name != "a folder":
            page.go_back()
            expect(link).to_be_visible()
    page.get_by_test_id("folder").get_by_role("link", name="plan.md").click()
    expect(page.get_by_test_id("rendered")).to_contain_text("Here.")


UNUSUAL = (
    "---\nno: end\n", "---\n\n---\n# After rules\n", "+++\na = 1\n+++\n# Toml\n", "---\n- a\n- b: c\n---\n# List\n",
    "<details>never closed\n\n**bold**\n", "[^a]: unused\n",
    "[^a] only\n", "> [!NOTE]\n", "<a name='x'></a>\n<img>\n",
)  # fmt: skip


def test_unusual_documents_are_shown_too(project: Project, open_page: Open) -> None:
    for number, text in enumerate(UNUSUAL):
        project.write(f"{number}.md", f"{text}\nThe last words of {number}.\n")
    page = open_page(project.at("0.md"))
    for number, text in enumerate(UNUSUAL):
        page.evaluate("address => { location.href = address }", project.at(f"{number}.md"))
        expect(page.get_by_test_id("rendered"), text).to_contain_text(f"The last words of {number}.")


# --- Pictures and notebooks


def test_an_svg_is_a_picture_that_cannot_run_and_has_its_source(project: Project, open_page: Open) -> None:
    script = "<script>document.title='RAN';fetch('/RAN')</script>"
    outside = "<image href='https://example.test/RAN.png' width='9' height='9'/>"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="fetch(`/RAN`)">{script}{outside}</svg>'
    )
    project.write("a.svg", svg)
    page = open_page(project.at("a.svg"))
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_test_id("picture")).to_contain_text("40 × 30")
    page.get_by_test_id("view-source").click()
    expect(lines(page).first).to_contain_text("<svg")
    address = next(url for url in asked if "picture=1" in url)
    project.write("a.svg", svg.replace('"40"', '"50"'))
    page.get_by_test_id("view-content").click()
    expect(page.get_by_test_id("picture")).to_contain_text("50 × 30")
    other = page.context.new_page()
    other.goto(address)  # as a page of its own it is only text
    assert other.evaluate("document.contentType") == "text/plain"
    other.close()
    assert not [url for url in asked if "RAN" in url]


def notebook(*cells: dict[str, Any]) -> str:
    metadata = {"kernelspec": {"language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 7, "metadata": {}, "source": [source], "outputs": outputs}


def test_a_notebook_is_shown_with_its_results_and_nothing_of_it_runs(project: Project, open_page: Open) -> None:
    table = (
        "<style>body{display:none}</style><table class='dataframe' style='color:red'><tr>"
        "<td onclick='window.hacked=1'>3.2"
        "</td></tr></table><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
    )
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='5' onload='window.hacked=1'/>"
    text = notebook(
        {"cell_type": "markdown", "metadata": {}, "source": ["# Tides\n", "[plan](plan.md)"]},
        code("import os", {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mred\x1b[0m\n"]}),
        code("df", {"output_type": "execute_result", "data": {"text/html": [table], "text/plain": ["3.2"]}}),
        code("plot", {"output_type": "display_data", "data": {"image/gif": base64.b64encode(GIF).decode()}}),
        code("svg", {"output_type": "display_data", "data": {"image/svg+xml": [svg]}}),
        code("1/0", {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[0;31mE\x1b[0m: v"]}),
    )
    project.write("a.ipynb", text)
    page = open_page(project.at("a.ipynb"), may_miss=True)
    cells = page.get_by_test_id("cell")
    expect(cells).to_have_count(6)
    expect(cells.nth(0).get_by_role("heading", name="Tides")).to_be_visible()
    expect(cells.nth(0).get_by_role("link", name="plan")).to_have_attribute("href", re.compile("plan.md"))
    expect(cells.nth(1)).to_contain_text("[7]")
    expect(cells.nth(1).locator(".hljs-keyword")).to_have_text("import")
    expect(cells.nth(1).locator(".ansi-red")).to_have_text("red")
    expect(cells.nth(2).locator("td")).to_have_text("3.2")
    expect(cells.nth(3).locator("img")).to_have_js_property("naturalWidth", 2)
    expect(cells.nth(4).locator("img")).to_have_js_property("naturalWidth", 7)
    expect(cells.nth(5).locator(".cell-error")).to_have_text("E: v")
    assert page.evaluate("window.hacked") is None
    page.get_by_test_id("view-source").click()
    expect(lines(page).first).to_contain_text("nbformat")
    project.write("b.ipynb", "no notebook\n")
    page.goto(project.at("b.ipynb"))
    expect(lines(page)).to_have_text(["no notebook"])


# --- Text


def test_colours_are_right_inside_of_what_began_far_above(project: Project, open_page: Open) -> None:
    project.write("a.py", '"""Begin\n' + "in the docstring\n" * 500 + '"""\n' + "x = 1  # comment\n" * 300)
    page = open_page(project.at("a.py", line="300"))
    expect(line(page, 300).locator(".hljs-string")).to_have_text("in the docstring")
    page.goto(project.at("a.py", line="700"))
    expect(line(page, 700).locator(".hljs-comment")).to_have_text("# comment")


def test_a_hit_far_inside_of_a_line_is_to_be_seen(project: Project, open_page: Open) -> None:
    project.write("long.txt", "x" * 4_200_000 + "NEEDLE" + "y" * 5_000 + "\nlast\n")
    page = open_page(f"{project.live.url}/#/artifacts/p?q=NEEDLE&in=contents")
    page.get_by_test_id("result-hit").click()
    expect(page).to_have_url(re.compile("column=4200001"))
    expect(line(page, 1).locator("mark")).to_have_text("NEEDLE")
    inside(page, line(page, 1).locator("mark"))
    parts = line(page, 1).get_by_test_id("line-part")
    expect(parts.first).to_have_text("from the start")
    parts.last.click()
    expect(line(page, 1)).not_to_contain_text("NEEDLE")
    parts.first.click()
    expect(parts).to_have_text(["line goes on"])


def test_a_line_behind_the_end_shows_the_end_and_says_so(project: Project, open_page: Open) -> None:
    project.write("a.txt", "".join(f"line {number}\n" for number in range(1, 61)))
    page = open_page(project.at("a.txt", line="500"))
    expect(page.get_by_test_id("text-note")).to_contain_text("There is no line 500: the file has 60 lines.")
    inside(page, line(page, 60))


def test_a_log_of_200000_lines_has_an_end_any_line_and_can_be_followed(project: Project, open_page: Open) -> None:
    text = "".join(f"\x1b[{31 + number % 6}mstep {number}\x1b[0m\n" for number in range(1, 200_001))
    log = project.write("run.log", text)
    page = open_page(project.at("run.log"))
    expect(line(page, 1).locator(".ansi-green")).to_have_text("step 1")
    page.get_by_test_id("to-end").click()
    inside(page, line(page, 200_000))
    page.get_by_test_id("goto-line").fill("123456")
    page.keyboard.press("Enter")
    inside(page, line(page, 123_456))
    expect(line(page, 123_456)).to_have_text("step 123456")
    page.get_by_test_id("follow").click()
    inside(page, line(page, 200_000))
    with log.open("a") as more:
        more.write("one more\n")
    inside(page, page.get_by_text("one more"))
    log.write_text("begun anew\n")
    expect(lines(page)).to_have_text(["begun anew"])
    page.get_by_test_id("follow").click()
    expect(page.get_by_test_id("follow")).to_have_attribute("aria-pressed", "false")


def test_a_wrong_guess_of_an_encoding_is_put_right(project: Project, open_page: Open) -> None:
    project.write("old.txt", "Привет, гавань\n".encode("cp1251"))
    page = open_page(project.at("old.txt"))
    choice = page.get_by_test_id("encoding")
    expect(choice.locator("option:checked")).to_contain_text("(guessed)")
    choice.select_option("windows-1251")
    expect(lines(page)).to_have_text(["Привет, гавань"])
    page.reload()
    expect(lines(page)).to_have_text(["Привет, гавань"])


def test_where_a_link_leads_is_said(project: Project, open_page: Open) -> None:
    os.symlink("docs/a.txt", project.folder / "in")
    os.symlink("/etc/passwd", project.folder / "out")
    project.write("docs/a.txt", "here\n")
    page = open_page(project.at("out"))
    expect(page.get_by_test_id("link-target")).to_have_text("/etc/passwd")
    expect(page.get_by_test_id("unopened").get_by_role("link")).to_have_count(0)
    page.goto(project.at("in"))
    page.get_by_test_id("link-target").click()
    expect(lines(page)).to_have_text(["here"])


# --- What changed, and what was moved


def test_only_a_byte_order_mark_or_another_encoding_is_said_to_be_that(project: Project, open_page: Open) -> None:
    project.write("a.txt", "für\n")
    page = open_page(project.at("a.txt"))
    expect(lines(page)).to_have_text(["für"])
    for content, said in ((b"\xef\xbb\xbff\xc3\xbcr\n", "byte order mark"), ("für\n".encode("utf-16"), "encoding")):
        project.write("a.txt", content)
        page.goto(project.at("a.txt", view="diff"))
        page.reload()
        expect(page.get_by_test_id("diff-same")).to_contain_text(said)
        expect(page.get_by_test_id("diff-same")).not_to_contain_text("how they end")


@pytest.mark.parametrize("how", ["file", "folder", "project"])
def test_a_moved_file_keeps_its_history_and_the_viewer_goes_along(project: Project, open_page: Open, how: str) -> None:
    file = project.write("src/a.txt", "first\n")
    page = open_page(project.at("src/a.txt"), may_miss=True)
    expect(lines(page)).to_have_text(["first"])
    eventually(lambda: project.versions("src/a.txt"))  # what is replaced before it was read is no version
    file.write_text("second\n")
    expect(lines(page)).to_have_text(["second"])
    eventually(lambda: len(project.versions("src/a.txt")) == 2)
    page.reload()  # how many there are is asked with the text, which may be shown before its version is stored
    expect(page.get_by_test_id("file-facts")).to_contain_text("2 versions")
    old, new = {
        "file": (file, file.with_name("b.txt")),
        "folder": (file.parent, file.parent.with_name("lib")),
        "project": (project.folder, project.folder.with_name("q")),
    }[how]
    old.rename(new)
    if how == "project":
        expect(page).to_have_url(re.compile("/artifacts/q"))
    else:
        expect(page.get_by_test_id("file-news")).to_contain_text("Moved: it was src/a.txt")
    expect(lines(page)).to_have_text(["second"])
    page.get_by_test_id("view-diff").click()
    expect(page.get_by_test_id("diff-sum")).to_contain_text("+1")
    page.goto(project.at("src/a.txt"))
    expect(lines(page)).to_have_text(["second"])


# --- Characters that are not seen

MARKED = "ab\u202ecd\u200bef"


def unmarked(page: Page) -> str:
    """The hidden characters in texts and in attributes that are read, wherever they are on the page."""
    found: str = page.evaluate(
        r"""() => {
          const bad = /[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f]/;
          const seen = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) if (bad.test(walker.currentNode.data)) seen.push(walker.currentNode.data);
          for (const node of document.querySelectorAll("[title], [aria-label], [alt], [placeholder]"))
            for (const name of ["title", "aria-label", "alt", "placeholder"])
              if (bad.test(node.getAttribute(name) ?? "")) seen.push(`${node.tagName} ${name}`);
          if (bad.test(document.title)) seen.push("title of the document");
          return seen.join("\n");
        }"""
    )
    return found


def test_hidden_characters_are_marked_in_every_view(project: Project, open_page: Open) -> None:
    live = project.live
    quoted = json.dumps(MARKED)
    live.write(
        "assigned/ada/t1.yaml",
        title=quoted,
        tags=f"[{quoted}]",
        description=json.dumps(f"Text {MARKED} and **{MARKED}**"),
        notes=quoted,
        status=quoted,
        batch=quoted,
        artefacts=f"[{quoted}]",
        error=quoted,
        result=f"{{summary: {quoted}}}",
    )
    live.write("inbox/t2.yaml", title=f"'{MARKED}' broken")
    source = f"x = '{MARKED}'\n"
    project.write("a.py", source)
    project.write("a.md", f"# {MARKED}\n\nText {MARKED} `{MARKED}` [{MARKED}](b.md '{MARKED}')\n\n    {MARKED}\n")
    project.write("a.ipynb", notebook({"cell_type": "raw", "metadata": {}, "source": MARKED}, code(source)))
    page = open_page(live.url)
    mark = page.locator(".hidden-character")

    def check(expected: Locator) -> None:
        expect(expected.locator("visible=true").first).to_be_visible()
        assert unmarked(page) == ""

    check(page.locator("task-card").locator(mark))
    page.locator("task-card").filter(has=mark).first.click(position={"x": 6, "y": 6})
    check(page.locator("task-detail").locator(mark))
    for tab in page.locator("task-detail [role=tab]").all():
        tab.click()
        assert unmarked(page) == ""
    page.keyboard.press("Escape")
    live.write("assigned/ada/t1.yaml", title=json.dumps(f"other {MARKED}"))
    check(page.locator("activity-feed").locator(mark))
    page.goto(project.at("a.py"))
    check(lines(page).locator(mark))
    project.write("a.py", source + f"y = '{MARKED}'\n")
    page.goto(project.at("a.py", view="diff"))
    check(page.get_by_test_id("diff").locator(mark))
    page.goto(project.at("a.md"))
    check(page.get_by_test_id("rendered").locator(mark))
    page.goto(project.at("a.md", view="source"))
    check(lines(page).locator(mark))
    page.goto(project.at("a.ipynb"))
    check(page.get_by_test_id("notebook").locator(mark))
    page.goto(f"{live.url}/#/artifacts/p?q=x&in=contents")
    check(page.get_by_test_id("result-hit").locator(mark))
    page.goto(f"{live.url}/#/costs")
    expect(page.locator("costs-page")).to_be_visible()
    call = {"id": "c1", "model": MARKED, "agent": MARKED, "task_id": MARKED, "session_id": MARKED, "input_tokens": 5}
    answer = requests.post(f"{live.url}/api/telemetry", json=[call], timeout=60)
    assert answer.status_code < 300, answer.text
    check(page.locator("costs-page").locator(mark))
    page.evaluate(
        """text => document.dispatchEvent(new CustomEvent("toast", { detail: { key: "k", title: text, text } }))""",
        MARKED,
    )
    check(page.locator("toast-list").locator(mark))


def test_letters_with_accents_are_found_in_names_however_they_are_encoded(project: Project, open_page: Open) -> None:
    project.write(unicodedata.normalize("NFD", "résumé.txt"), "x\n")
    page = open_page(f"{project.live.url}/#/artifacts/p?q={quote(unicodedata.normalize('NFC', 'résumé'))}")
    expect(page.get_by_test_id("result-found")).to_have_count(1)
