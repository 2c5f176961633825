"""Fixtures: the system's Chromium, and pages whose console must stay empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit import chromium
from kit.foreign_page import foreign_server
from kit.puppets import Stage
from playwright.sync_api import Browser, Page, expect, sync_playwright

_SERVICE = re.compile(r"http://127\.0\.0\.1:\d+")
expect.set_options(timeout=60_000)  # what is shown counts here; how soon, in benchmarks/
# Messages go by themselves after 12 s (`SHOWN_MS`), which on a busy machine may be before they are looked at.
_MESSAGES_STAY = """const later = window.setTimeout.bind(window);
window.setTimeout = (act, wait_ms, ...given) => later(act, wait_ms === 12_000 ? 3_600_000 : wait_ms, ...given);"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of the session."""
    assert chromium.PATH, "Chromium is missing; Debian: sudo apt-get install chromium-headless-shell"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        yield started
        started.close()


class Opened:
    """A page and everything that its console said. `may_miss`: but for files asked for that were just removed."""

    def __init__(self, page: Page, may_miss: bool) -> None:
        self.page = page
        self.console: list[str] = []
        self._may_miss = may_miss
        page.on("console", lambda message: self._hear(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self._hear(f"error: {error}"))

    def _hear(self, line: str) -> None:
        if not (self._may_miss and line.endswith("404 (NOT FOUND)")):
            self.console.append(line)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own; at the end of the test its console must be empty. The address of a service
    alone opens its board."""
    opened: list[Opened] = []

    def begin(url: str, console_must_be_empty: bool = True, may_miss: bool = False, **context: Any) -> Page:
        context.setdefault("viewport", {"width": 1440, "height": 900})
        page = browser.new_context(**context).new_page()
        page.set_default_timeout(60_000)
        page.add_init_script(_MESSAGES_STAY)
        one = Opened(page, may_miss)
        if console_must_be_empty:
            opened.append(one)
        page.goto(f"{url}/#/board" if _SERVICE.fullmatch(url) else url)
        return page

    yield begin
    said = [line for one in opened for line in one.console]
    for context in browser.contexts:
        context.close()
    assert said == []


@pytest.fixture
def foreign_url() -> Iterator[str]:
    """The address of a page of somebody else."""
    with foreign_server() as url:
        yield url


@pytest.fixture
def stage(workspace: Path) -> Iterator[Stage]:
    """A dashboard whose jobs print what the test says."""
    started = Stage(workspace)
    yield started
    started.stop()
