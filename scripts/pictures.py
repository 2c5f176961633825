"""Makes pictures from `llm-service demo`: `make pictures`, or `python scripts/pictures.py [--all] [FOLDER]`.

Those of the README: each page in Chromium at 1440 x 900, light and dark, as WebP. The jobs are shown once the first one
is at work on its phase "implement", all else when all three have ended, so that the pictures of two runs differ in
names and times only.

`--all FOLDER`: every page and its parts (`tests/kit/every_page.py`) at 1440 and 390 px, light and dark, to be looked
at, with an `index.html` of all of them. The demo then also has what `fill` writes: long titles, Arabic, Chinese, a
broken file.
"""

from __future__ import annotations

import argparse
import base64
import html
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import chromium
from kit.every_page import Place, fill, places
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs/pictures"
THEMES = ("light", "dark")
AT_WORK = ("board", "now", "job")
AT_END = ("costs",)
PAGES = {name: f"/{name}" for name in ("now", "board", *AT_END)}
THERE = {
    "job": ".log-row",
    "now": '[data-testid="agent"]',
    "board": '[aria-labelledby="lane-assigned"] task-card',
    "costs": "cost-trend canvas",
}
"""What a page waits for last, which a busy machine takes long for; on the board, that a job has a task in hand."""
_DRAWN = """() => {
  const charts = [...document.querySelectorAll("costs-page:not([hidden]) :is(cost-trend, model-share) canvas")];
  const dots = ({ width, height }, pen) => (width > 0 ? pen.getImageData(0, 0, width, height).data : []);
  return charts.every((canvas) => dots(canvas, canvas.getContext("2d")).some(Boolean));
}"""
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
_SECONDS, _SECONDS_OF_ALL, _WAIT_S, _QUALITY = 150, 300, 400.0, 82
_SETTLED_MS, _SETTLED_OF_ALL_MS = 1_500, 500
_URL = re.compile(r"http://[\d.]+:\d+")


@contextmanager
def demo(seconds: int) -> Iterator[str]:
    """The address of a demo that runs; it ends with the block."""
    command = [sys.executable, "-u", "-m", "llm_service", "demo", "--no-open", "--seconds", str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if found := _URL.search(line):
                yield found[0]
                return
        raise SystemExit(f"The demo did not start: {said}")
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        process.wait(60)


def until(found: Callable[[], Any]) -> Any:
    """The first true result."""
    deadline = time.monotonic() + _WAIT_S
    while not (result := found()):
        if time.monotonic() > deadline:
            raise SystemExit("The demo did not get there.")
        time.sleep(0.1)
    return result


def answer(url: str) -> Any:
    """The JSON at an address."""
    with urllib.request.urlopen(url, timeout=20) as response:
        return json.load(response)


def jobs(url: str) -> list[dict[str, Any]]:
    """The three jobs, by project; [] until all are there."""
    found: list[dict[str, Any]] = answer(f"{url}/api/jobs")["jobs"]
    return sorted(found, key=lambda job: str(job["project"])) if len(found) == 3 else []


def job_at_work(url: str) -> str:
    """The id of the first job at work on "implement", once there is one."""
    return str(until(lambda: next((one["id"] for one in jobs(url) if one["current_phase"] == "implement"), None)))


def opened(browser: Browser, url: str, theme: Any, size: str = "wide") -> Page:
    """The page in a theme, in sync."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.locator('[data-testid="badge"][data-state="in_sync"]').wait_for()
    return page


def save(page: Page, path: Path) -> None:
    """The picture of what the page shows."""
    page.mouse.move(0, 0)
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    session.detach()
    path.write_bytes(base64.b64decode(shot["data"]))


def go(page: Page, address: str, settled_ms: int) -> None:
    """Go to a page of the dashboard, and wait until nothing more comes."""
    page.evaluate("address => { location.hash = address }", address)
    page.wait_for_timeout(settled_ms)


def pictures_of_the_readme(browser: Browser, url: str, folder: Path) -> None:
    """Make them."""
    pages = {theme: opened(browser, url, theme) for theme in THEMES}
    for page in pages.values():  # so that their scripts are there when the job is at work
        for address in (*PAGES.values(), "/jobs"):
            go(page, address, _SETTLED_OF_ALL_MS)

    def make(name: str, address: str) -> None:
        for theme, page in pages.items():
            go(page, address, 0)
            page.locator(THERE[name]).locator("visible=true").first.wait_for()
            page.wait_for_function(_DRAWN)
            page.wait_for_timeout(_SETTLED_MS)
            path = folder / f"{name}-{theme}.webp"
            save(page, path)
            print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")

    job = job_at_work(url)
    for name in AT_WORK:
        make(name, f"/jobs/{job}" if name == "job" else PAGES[name])
    until(lambda: (found := jobs(url)) and all(one["finished_at"] for one in found))
    for name in AT_END:
        make(name, PAGES[name])


def pictures_of_all(browser: Browser, url: str, folder: Path) -> None:
    """Make them, and the page that shows them; at the end those places whose content did not come are named."""
    made = fill(Path(answer(f"{url}/health")["workspace"]))
    wanted = places(made, job_at_work(url))
    missing = []
    for size in SIZES:
        page = opened(browser, url, "light", size)
        for place in wanted:
            if not _shown(page, place):
                missing.append(f"{place.name} ({size})")
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                page.wait_for_timeout(_SETTLED_OF_ALL_MS)
                save(page, folder / f"{place.name}-{size}-{theme}.webp")
            if place.keys:
                page.keyboard.press("Escape")
        page.context.close()
    (folder / "index.html").write_text(_index([place.name for place in wanted]), encoding="utf-8")
    print(f"{len(wanted) * len(SIZES) * len(THEMES)} pictures: {folder / 'index.html'}")
    if missing:
        raise SystemExit(f"The content of these did not come: {', '.join(missing)}")


def _shown(page: Page, place: Place) -> bool:
    """Go there; whether what is to be there has come."""
    go(page, f"/{place.address}", 0)
    for keys, there in (("", place.there), (place.keys, place.after)):
        if keys:
            page.keyboard.press(keys)
        if there:
            try:
                page.locator(there).locator("visible=true").first.wait_for(timeout=10_000)
            except TimeoutError:
                return False
    return True


def _index(names: list[str]) -> str:
    """The page with all pictures."""
    rows = []
    for name in names:
        shots = [f"{name}-{size}-{theme}.webp" for size in SIZES for theme in THEMES]
        links = "".join(f'<a href="{shot}"><img loading="lazy" alt="{shot}" src="{shot}"></a>' for shot in shots)
        rows.append(f"<h2>{html.escape(name)}</h2><p>{links}</p>")
    style = "body{font:16px system-ui;margin:24px}p{display:flex;flex-wrap:wrap;gap:12px}img{height:420px}"
    head = f"<meta charset=utf-8><title>Every page</title><style>{style}</style>"
    return f"<!doctype html>{head}<h1>Every page of the dashboard</h1>{''.join(rows)}\n"


def main() -> None:
    """Make those that are asked for."""
    parser = argparse.ArgumentParser(description="Pictures from `llm-service demo`.")
    parser.add_argument("folder", nargs="?", type=Path, help="where they go; default: docs/pictures")
    parser.add_argument("--all", action="store_true", help="every page, narrow and wide; needs a folder")
    asked = parser.parse_args()
    if asked.all and asked.folder is None:
        parser.error("--all needs a folder: these pictures are not those of the README")
    folder = asked.folder or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, demo(_SECONDS_OF_ALL if asked.all else _SECONDS) as url:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        (pictures_of_all if asked.all else pictures_of_the_readme)(browser, url, folder)
        browser.close()


if __name__ == "__main__":
    main()
