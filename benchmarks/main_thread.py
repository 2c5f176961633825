"""What the main thread of a page did: its time by kind, its longest tasks, heap and nodes, as Chromium says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, CDPSession, Page

_LONG_MS = 50.0
_CATEGORIES = ["disabled-by-default-devtools.timeline", "__metadata"]
TIMES = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
"""Seconds of the main thread, the first one of all its tasks together."""


class Metrics:
    """The figures of `Performance.getMetrics` of a page."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read(self) -> dict[str, float]:
        """All of them: times in seconds of the thread's CPU, sizes in bytes, counts."""
        return {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}

    def collect_garbage(self) -> None:
        """Free what is not used any more, so that what is left can be compared."""
        self._session.send("HeapProfiler.collectGarbage")


@dataclass(slots=True)
class Tasks:
    """The tasks of the main thread: (duration, CPU time of the thread) in ms, the longest first."""

    all: list[tuple[float, float]] = field(default_factory=list)

    @property
    def long(self) -> int:
        """How many had the processor for more than 50 ms."""
        return sum(cpu > _LONG_MS for _, cpu in self.all)

    @property
    def longest(self) -> float:
        """ms of the longest one, by the clock: also what others had the processor for."""
        return max((duration for duration, _ in self.all), default=0.0)

    @property
    def longest_cpu(self) -> float:
        """ms of the longest one by the CPU time of the thread, which a busy machine does not make longer."""
        return max((cpu for _, cpu in self.all), default=0.0)


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[Tasks]:
    """The tasks of the page's main thread while inside; known at the end."""
    tasks = Tasks()
    browser.start_tracing(page=page, categories=_CATEGORIES)
    try:
        yield tasks
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        mains = {
            (event["pid"], event["tid"])
            for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        found = [
            (event.get("dur", 0) / 1000, event.get("tdur", 0) / 1000)
            for event in events
            if event["name"] == "RunTask" and (event["pid"], event["tid"]) in mains
        ]
        tasks.all = sorted(found, reverse=True)
