"""What the journal costs: publishing with and without it, reading it, and 10,000 files at once with and without it."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kit.processes import dashboard
from kit.tables import table
from kit.task_files import task
from kit.workspaces import workspace

from llm_service.hub.journal import Journal
from llm_service.hub.journal_segments import Bounds
from llm_service.hub.ring import Hub
from llm_service.tasks.events import TaskCreated
from llm_service.times import iso_time

from . import bursts

EVENTS = 20_000
ROUNDS = 7
FILES = 10_000
FLOODS = 4


def publish(journal: Journal | None) -> float:
    """Microseconds of computing an event in the publishing thread: 20,000 of them, 200 every 10 ms as in a burst."""
    hub = Hub()
    if journal is not None:
        hub.subscribe(journal.on_event)
    summary = task("assigned/ada/2026-11-01T0001-ada-task.yaml").summary
    event = TaskCreated(task=summary, lane="assigned", agent="ada", path=summary.path)
    took = 0.0
    for _ in range(EVENTS // 200):
        began = time.thread_time()
        for _ in range(200):
            hub.publish(event)
        took += time.thread_time() - began
        time.sleep(0.01)
    return took / EVENTS * 1e6


def add_alone(journal: Journal) -> float:
    """Microseconds of computing that `Journal.on_event` takes by itself."""
    summary = task("inbox/a.yaml").summary
    envelope = Hub().publish(TaskCreated(task=summary, lane="inbox", agent=None, path=summary.path))
    took = 0.0
    for _ in range(EVENTS // 200):
        began = time.thread_time()
        for _ in range(200):
            journal.on_event(envelope)
        took += time.thread_time() - began
        time.sleep(0.01)
    return took / EVENTS * 1e6


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that it takes, the median of five."""
    found = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def flood(is_journaled: bool) -> tuple[float, float]:
    """(seconds from the first of 10,000 files until the board has them all, seconds of computing meanwhile)."""
    os.environ["LLM_SERVICE_JOURNAL"] = str(is_journaled).lower()
    with workspace(117) as root, dashboard(root) as server:
        _, took, computed = bursts.equal(server, FILES)
        return took, computed


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(str(Path(folder, "journal")), Bounds(256_000_000, 30))
        journal.start()
        without, with_it = [], []
        for _ in range(ROUNDS):
            without.append(publish(None))
            with_it.append(publish(journal))
        alone = statistics.median(add_alone(journal) for _ in range(ROUNDS))
        journal.flush(60)
        rows = [
            ["publish, without the journal", statistics.median(without), min(without)],
            ["publish, with the journal", statistics.median(with_it), min(with_it)],
            ["Journal.on_event alone", alone, alone],
        ]
        table("The publishing thread (µs an event)", ["", "median", "least"], rows)
        events, health = EVENTS * ROUNDS * 2, journal.health()
        middle = iso_time(time.time() - 1)
        rows = [
            ["oldest 100", timed(lambda: journal.read(limit=100))],
            ["newest 100", timed(lambda: journal.read(limit=100, is_backwards=True))],
            ["100 from a second ago", timed(lambda: journal.read(since=middle, limit=100))],
        ]
        table(
            f"Reading {events:,} events, {health['size_bytes'] / 1e6:.0f} MB, dropped {health['dropped']} (ms)",
            ["", "ms"],
            rows,
        )
        journal.stop()
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for number in range(FLOODS * 2):
        is_journaled = number % 2 == (number // 2) % 2  # a b b a: the machine's drift counts for both
        found[is_journaled].append(flood(is_journaled))
    rows = [
        [name, *(figure(column) for column in zip(*found[key], strict=True) for figure in (statistics.median, min))]
        for key, name in ((False, "without"), (True, "with"))
    ]
    table(
        f"{FILES:,} files at once → board equals disk (s)", ["", "median", "least", "computing, median", "least"], rows
    )
