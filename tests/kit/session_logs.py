"""Test helpers for session logs: `LogStore` reads folders into a real store; `merge_calls` merges as the store does."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llm_service.calendar_days import Calendar
from llm_service.calls.model import Call
from llm_service.calls.prices.book import PriceBook
from llm_service.calls.sessions.batch import Ingest
from llm_service.calls.sessions.follow import LogFolder
from llm_service.calls.sessions.kinds import file_filter, reader_factory
from llm_service.calls.sessions.log_kind import Kind
from llm_service.calls.store.queries import CallFilter
from llm_service.calls.store.store import CallStore
from llm_service.costs.queries import CostQueries
from llm_service.database.database import Database
from llm_service.tasks.model import LANES
from llm_service.watch.hints import HintInbox
from llm_service.watch.root import WatchedRoot

SAMPLES = Path(__file__).parents[1] / "samples/telemetry"


class LogStore:
    """A real store into which folders are read."""

    def __init__(self, state: Path) -> None:
        self.database = Database(str(state / "history.db"))
        self.database.start()
        self.prices = PriceBook()
        calendar = Calendar(UTC)
        self.store = CallStore(self.database, self.prices.cost_nanos, calendar)
        self.queries = CostQueries(self.database, calendar)

    def folder(self, kind: Kind, path: Path, ingest: Ingest | None = None, **scope: Any) -> LogFolder:
        """A folder that continues from the checkpoints in the store."""
        return make_folder(kind, path, ingest or self.store.ingest, self.store.checkpoints(), **scope)

    def read(self, kind: Kind, path: Path, **scope: Any) -> LogFolder:
        """Read all logs in a folder."""
        folder = self.folder(kind, path, **scope)
        folder.load()
        drive(folder)
        return folder

    def calls(self) -> list[dict[str, Any]]:
        """Every call in the store."""
        return list(self.queries.calls.every(CallFilter()))


def copy_with_line_times(sample: Path, folder: Path) -> Path:
    """A copy of a sample whose files have the times of their last lines.

    Git does not store times, and the older of two logs owns a call that is in both.
    """
    copy = Path(shutil.copytree(sample, folder / sample.name))
    for path in copy.rglob("*.jsonl"):
        times = re.findall(r'"timestamp":"([^"]+)"', path.read_text())
        at = datetime.fromisoformat(max(times)).timestamp()
        os.utime(path, (at, at))
    return copy


@contextmanager
def open_log_store(state: Path) -> Iterator[LogStore]:
    """Context manager: a store that is closed at the end."""
    store = LogStore(state)
    assert store.database.wait_open(60)
    try:
        yield store
    finally:
        store.database.stop()


def make_folder(
    kind: Kind,
    path: Path,
    ingest: Ingest,
    checkpoints: Any,
    clock: Callable[[], float] = time.monotonic,
    **scope: Any,
) -> LogFolder:
    """A folder with a root that is not watched: the test gives the hints."""
    root = WatchedRoot(str(path), file_filter(kind).folder, HintInbox().put, force_polling=True)
    return LogFolder(kind, root, reader_factory(kind, str(path), LANES, **scope), ingest, checkpoints, clock=clock)


def drive(folder: LogFolder, timeout_s: float = 60) -> None:
    """Call `turn` until nothing is pending."""
    deadline = time.monotonic() + timeout_s
    while folder.oldest_pending() is not None:
        folder.turn(time.monotonic())
        assert time.monotonic() < deadline, "the folder is not read in time"


def numbered(lines: Iterable[object], first: int = 1) -> list[tuple[int, bytes]]:
    """Lines as a reader gets them; agents write JSON without spaces."""
    return [
        (number, line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":")).encode())
        for number, line in enumerate(lines, first)
    ]


def merge_calls(calls: Iterable[Call]) -> dict[str, Call]:
    """Each call once, as the store has it: as first seen, with the largest counts."""
    merged: dict[str, Call] = {}
    for call in calls:
        known = merged.get(call.invocation_id)
        if known is None:
            merged[call.invocation_id] = call
        elif call.supersedes and call.completion_tokens > known.completion_tokens:
            merged[call.invocation_id] = known._replace(
                prompt_tokens=call.prompt_tokens,
                completion_tokens=call.completion_tokens,
                cache_read_tokens=call.cache_read_tokens,
                cache_write_tokens=call.cache_write_tokens,
                cache_write_1h_tokens=call.cache_write_1h_tokens,
                web_searches=call.web_searches,
                service_tier=call.service_tier,
                inference_geo=call.inference_geo,
                unconfirmed=call.unconfirmed,
                cost_nanos=call.cost_nanos,
                latency_ms=call.latency_ms,
            )
    return merged
