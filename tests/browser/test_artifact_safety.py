"""Files made by agents in a real Chromium: what they contain never runs in our origin, opened, embedded or rendered.

Each attack is also made with the guards off, where it succeeds: so the tests would notice a guard that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kit.hostile_markdown import IN_ATTRIBUTE, MARKDOWN, SCRIPT
from kit.live import Live
from playwright.sync_api import Page

from llm_service.web import file_responses as file_answers
from llm_service.web.guard import Guard, GuardPolicy, Rule

SECRET = "t1-is-the-secret"
HTML = f'<!doctype html><title>page</title><script>{SCRIPT}</script><img src=x onerror="{IN_ATTRIBUTE}">'
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{IN_ATTRIBUTE}\"><script>{SCRIPT}</script></svg>"
XHTML = f"<html xmlns='http://www.w3.org/1999/xhtml'><body><script>{SCRIPT}</script></body></html>"
XSLT = (
    "<?xml version='1.0'?><?xml-stylesheet type='text/xml' href='#s'?><xsl:stylesheet id='s' version='1.0' "
    "xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'>"
    f"<html><body><script>{SCRIPT}</script></body></html></xsl:template></xsl:stylesheet>"
)
PAGES: dict[str, bytes] = {
    "page.html": HTML.encode(),
    "page.htm": HTML.encode(),
    "page.svg": SVG.encode(),
    "page.xml": XHTML.encode(),
    "page.xhtml": XHTML.encode(),
    "page.xsl": XSLT.encode(),
    "page.md": HTML.encode(),
    "page.txt": HTML.encode(),
    "page": HTML.encode(),
    "page.js": SCRIPT.encode(),
    "page.mjs": SCRIPT.encode(),
    "page.json": HTML.encode(),
    "utf16.html": HTML.encode("utf-16"),
    "utf7.html": HTML.replace("<", "+ADw-").replace(">", "+AD4-").encode(),
    "gif.html": b"GIF89a\1\0\1\0/*" + HTML.encode(),
    "png.svg": b"\x89PNG\r\n\x1a\n" + SVG.encode(),
    "cut.html": b" " * 600 + HTML.encode(),
}


@pytest.fixture
def shop(live: Live) -> Live:
    """A dashboard with a task that is a secret, and a project of hostile files."""
    live.write("inbox/t1.yaml", title=SECRET)
    folder = live.workspace / "generated_projects/hostile"
    folder.mkdir(parents=True)
    for name, data in PAGES.items():
        (folder / name).write_bytes(data)
    for number, text in enumerate(MARKDOWN):
        (folder / f"md{number:02d}.md").write_text(text, "utf-8")
    (folder / "style.css").write_text("body { background: url('/RAN') } * { color: rgb(1, 2, 3) !important }")
    live.sync()
    live.sync()
    return live


class Watch:
    """What a page asks the server for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.urls: list[str] = []
        page.context.on("request", lambda request: self.urls.append(request.url))
        page.on("dialog", lambda dialog: (self.urls.append("dialog RAN"), dialog.dismiss()))

    @property
    def ran(self) -> bool:
        """True if a script of an agent ran."""
        return any("RAN" in url for url in self.urls) or self.page.title().startswith(("RAN", "READ"))

    def elsewhere(self, live: Live) -> list[str]:
        """Addresses that are not ours."""
        return [url for url in self.urls if not url.startswith((live.url, "data:", "blob:"))]


def raw(live: Live, name: str, how: str = "raw") -> str:
    return f"{live.url}/api/artifacts/hostile/file?path={quote(name, safe='')}&{how}=1"


def settle(page: Page) -> None:
    """Wait until the browser has done all that it had to do for the page, twice: what could run has run."""
    page.evaluate(
        """async () => {
          for (let round = 0; round < 2; round += 1) {
            await Promise.all([...document.images].map((image) => {
              image.loading = "eager";  // else one that is not in sight is waited for without end
              return image.decode().catch(() => {});
            }));
            await new Promise((done) => requestIdleCallback(() => setTimeout(done), { timeout: 1000 }));
          }
        }"""
    )


def outcome(page: Page, live: Live, name: str) -> dict[str, Any]:
    """What becomes of a file that is opened as a page."""
    watch = Watch(page)
    page.goto(raw(live, name))
    page.wait_for_load_state("networkidle")  # no script of ours runs in it
    return {
        "ran": watch.ran,
        "read": SECRET in page.title(),
        "origin": page.evaluate("origin"),
        "type": page.evaluate("document.contentType"),
    }


@pytest.fixture
def blank(live: Live, open_page: Callable[..., Page]) -> Page:
    return open_page("about:blank", console_must_be_empty=False)


def test_nothing_runs_of_a_file_that_is_opened(shop: Live, blank: Page) -> None:
    for name in PAGES:
        seen = outcome(blank, shop, name)
        assert (seen["ran"], seen["read"]) == (False, False), name
        assert seen["origin"] == "null", name
        assert seen["type"] in ("text/plain", "image/gif", "image/png"), name


def test_the_sandbox_alone_stops_it(shop: Live, blank: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_answers, "display_type", lambda head: "text/html; charset=utf-8")
    seen = outcome(blank, shop, "page.html")
    assert seen == {"ran": False, "read": False, "origin": "null", "type": "text/html"}


def test_the_type_alone_stops_it(shop: Live, blank: Page) -> None:
    shop._server.app = Guard(shop.dashboard.site.flask, GuardPolicy(), off=[Rule.HEADERS])
    original = file_answers.SANDBOX
    try:
        file_answers.SANDBOX = "default-src *"
        for name in PAGES:
            seen = outcome(blank, shop, name)
            assert (seen["ran"], seen["read"]) == (False, False), name
    finally:
        file_answers.SANDBOX = original


@pytest.mark.parametrize(
    ("name", "kind"), [("page.html", "text/html"), ("page.svg", "image/svg+xml"), ("page.xml", "text/xml")]
)
def test_it_runs_and_reads_everything_with_both_off(
    shop: Live, blank: Page, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    shop._server.app = Guard(shop.dashboard.site.flask, GuardPolicy(), off=[Rule.HEADERS])
    for policy in ("SANDBOX", "_SVG_SANDBOX"):
        monkeypatch.setattr(file_answers, policy, "default-src * 'unsafe-inline'")
    monkeypatch.setattr(file_answers, "display_type", lambda head: kind)
    with blank.expect_request(lambda request: "/RAN?" in request.url):  # it has read the tasks, and tells how much
        blank.goto(raw(shop, name))


def test_a_download_is_saved_and_never_shown(shop: Live, open_page: Callable[..., Page]) -> None:
    page = open_page(shop.url)
    opened, watch = page.url, Watch(page)
    for name in ("page.html", "page.svg", "gif.html"):
        with page.expect_download() as waiting:
            page.evaluate("(url) => { location.href = url; }", raw(shop, name, "download"))
        assert waiting.value.suggested_filename == name
        assert Path(waiting.value.path()).read_bytes() == PAGES[name]
    assert page.url == opened
    assert not watch.ran


EMBEDS: dict[str, str] = {
    "script": "(url) => { const e = document.createElement('script'); e.src = url; document.head.append(e); }",
    "module": "(url) => { import(url).catch(() => {}); }",
    "frame": "(url) => { const e = document.createElement('iframe'); e.src = url; document.body.append(e); }",
    "object": "(url) => { const e = document.createElement('object'); e.data = url; document.body.append(e); }",
    "embed": "(url) => { const e = document.createElement('embed'); e.src = url; document.body.append(e); }",
    "image": "(url) => { const e = document.createElement('img'); e.src = url; document.body.append(e); }",
    "worker": "(url) => { try { new Worker(url); } catch {} }",
    "module worker": "(url) => { try { new Worker(url, {type: 'module'}); } catch {} }",
    "shared worker": "(url) => { try { new SharedWorker(url); } catch {} }",
    "service worker": "(url) => { navigator.serviceWorker?.register(url).catch(() => {}); }",
    "style": "(url) => { const e = document.createElement('link'); e.rel = 'stylesheet'; e.href = url;"
    " document.head.append(e); }",
    "window": "(url) => { window.open(url); }",
}


def test_nothing_runs_of_a_file_that_our_own_page_embeds(shop: Live, open_page: Callable[..., Page]) -> None:
    """A page of ours that was tricked into this would still run nothing: not the policy of the page, the answer."""
    shop._server.app = Guard(shop.dashboard.site.flask, GuardPolicy(), off=[Rule.HEADERS])
    page = open_page(f"{shop.url}/favicon.svg", console_must_be_empty=False)
    page.goto(f"{shop.url}/api/openapi.json")  # a page of our origin without a policy of its own
    watch = Watch(page)
    for name in ("page.js", "page.mjs", "page.html", "page.svg", "page.xml", "style.css", "gif.html"):
        for how, embed in EMBEDS.items():
            page.evaluate(embed, f"{raw(shop, name)}#{how}")
        settle(page)
        assert not watch.ran, name
    assert page.evaluate("getComputedStyle(document.body).color") != "rgb(1, 2, 3)"
    # One that is refused is there until it is; one that is taken stays.
    page.wait_for_function("navigator.serviceWorker.getRegistrations().then((all) => all.length === 0)")


def test_the_same_embeds_run_with_the_types_that_the_names_promise(
    shop: Live, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop._server.app = Guard(shop.dashboard.site.flask, GuardPolicy(), off=[Rule.HEADERS])
    monkeypatch.setattr(file_answers, "display_type", lambda head: "text/javascript")
    page = open_page(f"{shop.url}/api/openapi.json", console_must_be_empty=False)
    watch = Watch(page)
    page.evaluate(EMBEDS["script"], raw(shop, "page.js"))
    page.wait_for_function("document.title.startsWith('READ')")
    assert watch.ran


# --- Markdown

RENDER = """async ([text, how]) => {
  const host = document.createElement("article");
  document.body.append(host);
  if (how === "notes") {
    const { loadMarkdown } = await import("/lib/markdown.js");
    host.append((await loadMarkdown())(text));
  } else {
    const { showMarkdown } = await import("/lib/long-markdown.js");
    const addressOf = (href) => `#/${encodeURIComponent(href)}`;
    const pictureAt = addressOf;
    await showMarkdown(host, text, { addressOf, pictureAt, signal: new AbortController().signal });
  }
  for (const node of host.querySelectorAll(":not(a)")) {
    for (const type of ["mouseover", "click", "toggle", "focus"]) node.dispatchEvent(new Event(type));
  }
  await new Promise((done) => setTimeout(done, 20));
  // The boxes that the page itself puts blocks into carry a class, which nothing of an agent's can.
  const found = [...host.querySelectorAll(":not(.chunk)")].map((node) => [
    node.tagName, [...node.attributes].map((a) => [a.name, a.value]),
  ]);
  host.remove();
  return found;
}"""
TAGS = {
    "P", "H1", "H2", "H3", "H4", "H5", "H6", "A", "UL", "OL", "LI", "BLOCKQUOTE", "PRE", "CODE", "TABLE", "THEAD",
    "TBODY", "TR", "TH", "TD", "EM", "STRONG", "DEL", "BR", "HR", "SPAN",
}  # fmt: skip
IN_FILES = {"DIV", "B", "DETAILS", "SUMMARY", "IMG", "SUP"}
ATTRIBUTES = {"href", "title", "rel", "target", "align", "start"}
ATTRIBUTES_IN_FILES = {"id", "name", "open", "class", "alt", "loading", "decoding", "src"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", ["notes", "file"])
def test_no_markdown_runs_or_asks_anybody_for_anything(shop: Live, open_page: Callable[..., Page], how: str) -> None:
    page = open_page(shop.url)
    page.set_default_timeout(60_000)
    watch = Watch(page)
    for text in MARKDOWN:
        for tag, attributes in page.evaluate(RENDER, [text, how]):
            assert tag in TAGS or (how == "file" and tag in IN_FILES), (tag, text[:200])
            named = dict(attributes)
            if named.get("class") == "hidden-character":
                continue  # ours
            assert named.pop("dir", "auto") == "auto"  # ours: the side of the first strong letter
            if (tag, named.get("class")) == ("LI", "with-box"):
                del named["class"]  # ours
            allowed = ATTRIBUTES | ATTRIBUTES_IN_FILES if how == "file" else ATTRIBUTES
            assert named.keys() <= allowed, text[:200]
            for made in ("id", "name"):
                assert named.get(made, "user-content-").startswith("user-content-")
            assert named.get("src", "#/").startswith("#/"), text[:200]
            assert named.get("href", "https://").startswith(("https://", "http://", "mailto:", "#/")), text[:200]
            assert how == "file" or not named.get("href", "").startswith("#/")
            if not named.get("href", "#/").startswith("#/"):
                assert (named["rel"], named["target"]) == ("noopener noreferrer", "_blank")
    assert not watch.ran
    assert watch.elsewhere(shop) == []


@pytest.mark.timeout(600)
def test_the_page_shows_every_hostile_file_and_runs_none(shop: Live, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{shop.url}/#/artifacts", may_miss=True)  # their pictures
    watch = Watch(page)
    names = [*PAGES, "style.css", *(f"md{number:02d}.md" for number in range(len(MARKDOWN)))]
    for name in names:
        page.goto(f"{shop.url}/#/artifacts/hostile?path={quote(name, safe='')}")
        page.locator(f'[data-testid="copy-path"][data-text="{name}"]').wait_for()
        settle(page)
    assert not watch.ran
    assert watch.elsewhere(shop) == []


def test_the_same_markdown_runs_when_it_is_rendered_without_care(shop: Live, open_page: Callable[..., Page]) -> None:
    """Each kind of attack is one that works, on a page without a policy, by the library alone."""
    shop._server.app = Guard(shop.dashboard.site.flask, GuardPolicy(), off=[Rule.HEADERS])
    careless = """async (text) => {
      const { marked } = await import("/vendor/marked/marked.esm.js");
      document.body.innerHTML = marked.parse(text);
    }"""
    for text in (MARKDOWN[1], MARKDOWN[12], MARKDOWN[19]):
        page = open_page(f"{shop.url}/api/openapi.json", console_must_be_empty=False)
        page.evaluate(careless, text)
        page.wait_for_function("/RAN|READ/.test(document.title)")
