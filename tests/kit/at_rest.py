"""What a page shows once it has come to rest: for what is compared with how it is later, or counted from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kit.live import eventually
from playwright.sync_api import Page

T = TypeVar("T")


def two_frames(page: Page) -> None:
    """Wait until the page has drawn what it has to draw now."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def at_rest(page: Page, look: Callable[[], T]) -> T:
    """What `look()` finds, once it finds the same after two frames."""
    found: list[T] = [look()]

    def is_same() -> bool:
        two_frames(page)
        found.append(look())
        return found[-1] == found[-2]

    eventually(is_same)
    return found[-1]
