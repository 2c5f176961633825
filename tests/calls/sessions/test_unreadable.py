"""A log that cannot be read for a while is read again, and each of its calls counts once."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from kit.failing_files import FailingFiles
from kit.live import Live, eventually

Start = Callable[..., Live]


def line(number: int) -> str:
    call = {"invocation_id": f"id-{number}", "timestamp": "2026-11-18T09:00:00Z", "model": "gpt-5", "prompt_tokens": 1}
    return json.dumps(call) + "\n"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> FailingFiles:
    (workspace / "work/telemetry").mkdir(parents=True)
    return FailingFiles(monkeypatch, str(workspace / "work/telemetry"))


@pytest.fixture
def log(workspace: Path) -> Path:
    return workspace / "work/telemetry/a.jsonl"


def calls_of(live: Live) -> list[str]:
    return sorted(call["invocation_id"] for call in live.json("/api/telemetry/calls")["calls"])


@pytest.mark.parametrize(
    ("number", "polled"), [(errno.EMFILE, False), (errno.EIO, False), (errno.ESTALE, True), (errno.EACCES, True)]
)
def test_a_call_in_a_log_that_cannot_be_read_is_counted_later_without_any_hint(
    start: Start, failing: FailingFiles, log: Path, number: int, polled: bool
) -> None:
    live = start(sweep_interval_s=3600, force_polling=polled, poll_interval_s=3600)
    failing.begin(number, ("open", "read"))
    log.write_text(line(1))
    if polled:
        assert live.get("/api/sync?timeout_ms=60000").status_code == 200
    eventually(lambda: live.dashboard.health()["status"] == "degraded")

    def problems() -> list[dict[str, str]]:
        (row,) = [row for row in live.json("/api/telemetry/sources")["sources"] if row["folder"] == str(log.parent)]
        found: list[dict[str, str]] = row["problems"]
        return found

    assert os.strerror(number) in eventually(problems)[0]["error"]
    failing.end()
    eventually(lambda: calls_of(live) == ["id-1"])
    eventually(lambda: live.dashboard.health()["status"] == "healthy" or polled)
    eventually(lambda: "unreadable" not in live.dashboard.followers[-1].status())


def test_sync_reads_at_once_what_could_not_be_read(start: Start, failing: FailingFiles, log: Path) -> None:
    live = start(sweep_interval_s=3600)
    with failing.during(errno.EMFILE, "open"):
        log.write_text(line(1))
        for _ in range(3):
            live.sync()
    live.sync()
    assert calls_of(live) == ["id-1"]


def test_a_folder_of_logs_that_cannot_be_listed_forgets_nothing(start: Start, failing: FailingFiles, log: Path) -> None:
    live = start(sweep_interval_s=3600)
    log.write_text(line(1))
    live.sync()
    failing.begin(errno.EACCES, ("scandir", "lstat", "open"))
    with log.open("a") as file:
        file.write(line(2))
    live.sync()
    eventually(lambda: any(one["root"].startswith(str(log.parent)) for one in live.dashboard.degraded()))
    failing.end()
    eventually(lambda: calls_of(live) == ["id-1", "id-2"])
    live.sync()
    assert calls_of(live) == ["id-1", "id-2"]


def test_a_log_that_was_renamed_while_it_could_not_be_recognised_is_not_counted_twice(
    start: Start, failing: FailingFiles, log: Path
) -> None:
    live = start(sweep_interval_s=3600)
    text = json.dumps({"timestamp": "2026-11-18T09:00:00Z", "model": "gpt-5", "prompt_tokens": 7}) + "\n"
    log.write_text(text)
    live.sync()
    before = len(calls_of(live))
    with failing.during(errno.EMFILE, "open"):
        os.rename(log, log.with_name("b.jsonl"))
        live.sync()
    live.sync()
    assert len(calls_of(live)) == before == 1


def test_a_linked_folder_among_the_logs_is_named(start: Start, failing: FailingFiles, log: Path) -> None:
    (log.parents[2] / "elsewhere").mkdir()
    os.symlink(log.parents[2] / "elsewhere", log.parent / "more")
    live = start()
    live.sync()
    assert {one["root"]: one["mode"] for one in live.dashboard.degraded()} == {str(log.parent / "more"): "skipped"}
