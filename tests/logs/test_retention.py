"""Logs of ended runs are removed by age and size; those of runs that go on never are."""

from __future__ import annotations

from pathlib import Path

from kit.run_logs import FakeRuns, Followed

from llm_service.logs.retention import INTERVAL_S, LogRetention
from llm_service.logs.rows import RowFilter
from llm_service.logs.settings import LogSettings

DAY_MS = 86_400_000
START_MS = 1_893_456_000_000  # 2030-01-01


class Kept:
    """Runs with logs, and what is left of them."""

    def __init__(self, folder: Path, **settings: int) -> None:
        self.runs = FakeRuns(folder)
        self.now_ms, self.clock = START_MS + DAY_MS, 0.0
        self.store = Followed(self.runs, folder / "state").store
        own = LogSettings(**settings)
        self.retention = LogRetention(own, self.store, self.runs.runs, lambda: self.now_ms, lambda: self.clock)

    def add(self, run_id: str, mb: float, ended_day: int | None = 1) -> None:
        self.runs.add(run_id)
        self.runs.write(b"x" * int(mb * 1_000_000), run_id)
        if ended_day is not None:
            self.runs.end(run_id, f"2030-01-{ended_day:02}T00:00:00.000Z")

    def left(self) -> list[str]:
        self.clock += INTERVAL_S
        self.retention()
        return [run.run_id for run in self.runs.runs() if self.runs.log(run.run_id).exists()]


def test_logs_are_removed_by_age(tmp_path: Path) -> None:
    kept = Kept(tmp_path, logs_max_age_days=7)
    kept.add("old", 0.1, 1)
    kept.add("new", 0.1, 5)
    kept.add("live", 0.1, None)
    assert kept.left() == ["old", "new", "live"]
    kept.now_ms = START_MS + 8 * DAY_MS
    assert kept.left() == ["new", "live"]
    kept.now_ms = START_MS + 999 * DAY_MS
    assert kept.left() == ["live"]


def test_the_oldest_logs_are_removed_first_when_all_are_too_large(tmp_path: Path) -> None:
    kept = Kept(tmp_path, logs_max_mb=2)
    for day in (3, 1, 2):
        kept.add(f"day-{day}", 0.9, day)
    kept.add("live", 1.5, None)
    assert kept.left() == ["day-3", "day-2", "live"]


def test_a_log_that_is_too_large_by_itself_is_removed(tmp_path: Path) -> None:
    kept = Kept(tmp_path, logs_run_max_mb=1)
    kept.add("large", 1.2)
    kept.add("small", 0.9)
    assert kept.left() == ["small"]


def test_without_limits_everything_stays(tmp_path: Path) -> None:
    kept = Kept(tmp_path, logs_run_max_mb=0, logs_max_age_days=0, logs_max_mb=0)
    kept.add("large", 1.2)
    kept.now_ms = START_MS + 9_999 * DAY_MS
    assert kept.left() == ["large"]


def test_it_works_every_ten_minutes(tmp_path: Path) -> None:
    kept = Kept(tmp_path, logs_run_max_mb=1)
    assert kept.left() == []
    kept.add("large", 1.2)
    kept.retention()
    assert kept.runs.log("large").exists()
    assert kept.left() == []


def test_an_index_goes_with_its_log_or_its_run(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    runs.add()
    runs.write(b"line\n" * 30_000)
    runs.end()
    followed = Followed(runs, tmp_path / "state")
    gone = tmp_path / "state/gone.jsonl"
    gone.write_text("{}")
    index = tmp_path / "state/run-1.jsonl"
    assert index.exists()
    retention = LogRetention(LogSettings(logs_max_age_days=1), followed.store, runs.runs, lambda: START_MS + 9 * DAY_MS)
    retention()
    assert not gone.exists()
    assert not index.exists()
    assert followed.queries.lines(runs.run("run-1"), RowFilter("all"), 0, 9).lines_total == 0


def test_a_log_behind_a_link_is_not_removed(tmp_path: Path) -> None:
    kept = Kept(tmp_path, logs_run_max_mb=1)
    kept.add("large", 1.2)
    folder = tmp_path / "work/runs/large"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert kept.left() == ["large"]
    assert (tmp_path / "elsewhere/output.log").exists()
