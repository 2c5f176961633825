"""What a page shows once it has come to rest: for what is compared with how it is later, or counted from; and what is
wrong with it then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

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


def what_stays(look: Callable[[], list[Any]], timeout_s: float = 60.0) -> list[Any]:
    """What `look()` finds when all had time to come to rest: a page follows another width or medium a little later."""
    deadline = time.monotonic() + timeout_s
    while (found := look()) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return found
