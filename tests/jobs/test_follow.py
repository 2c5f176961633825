"""The tracker of job files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kit.live import eventually

from llm_service import files
from llm_service.errors import FileUnreadable
from llm_service.jobs.follow import FILTER, JobTracker
from llm_service.jobs.reader import JobFile
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.root import WatchedRoot
from llm_service.watch.settle import Settler


def test_a_job_that_vanished_with_its_folder_is_gone_if_it_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, JobFile | None] = {}
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("project: quay\nspecification: x\n")
    root = WatchedRoot(str(tmp_path), FILTER.folder, lambda hint: None, force_polling=True)
    tracker = JobTracker(root, "work/jobs", known.__setitem__, Settler(0.01, 0.5))
    tracker.load()
    assert None not in known.values() and set(known) == {"a", "b"}
    (tmp_path / "a.yaml").unlink()
    tracker.hint(Hint(HintKind.GONE, "a.yaml"), time.monotonic())
    with monkeypatch.context() as patched:
        patched.setattr(root, "is_there", lambda: False)
        eventually(lambda: tracker.turn(time.monotonic()))
    assert None not in known.values()
    tracker.rescan("")
    assert known["a"] is None and known["b"] is not None


def test_a_file_that_cannot_be_read_for_a_time_is_read_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[str, JobFile | None] = {}
    now = time.monotonic()
    (tmp_path / "old.yaml").write_text("project: quay\nspecification: x\n")
    root = WatchedRoot(str(tmp_path), FILTER.folder, lambda hint: None, force_polling=True)
    tracker = JobTracker(root, "work/jobs", known.__setitem__, Settler(0.01, 0.5), lambda: now)
    tracker.load()
    old = known["old"]
    assert old is not None and old.problem is None
    (tmp_path / "new.yaml").write_text("project: quay\nspecification: y\n")
    (tmp_path / "old.yaml").write_text("project: quay\nspecification: changed\n")

    def refuse(*_: object) -> None:
        raise FileUnreadable("new.yaml cannot be read: Too many open files.")

    with monkeypatch.context() as patched:
        patched.setattr(files, "read_file", refuse)
        tracker.rescan("")
    assert known["old"] is old  # what is known of it stays
    assert known["new"] is not None and "Too many open files" in str(known["new"].problem)
    for _ in range(50):
        now += 0.5
        tracker.turn(now)
    assert known["new"].problem is None and known["new"].specification == "y"
    assert known["old"] is not None and known["old"].specification == "changed"
    assert tracker.oldest_pending() is None


def test_of_two_files_of_a_job_the_other_counts_when_the_first_is_gone(tmp_path: Path) -> None:
    known: dict[str, JobFile | None] = {}
    (tmp_path / "a.yaml").write_text("project: quay\nspecification: x\n")
    root = WatchedRoot(str(tmp_path), FILTER.folder, lambda hint: None, force_polling=True)
    tracker = JobTracker(root, "work/jobs", known.__setitem__, Settler(0.01, 0.5))
    tracker.load()
    (tmp_path / "a.yml").write_text("project: quay\nspecification: y\n")
    tracker.rescan("")
    assert known["a"] is not None and known["a"].specification == "x"
    (tmp_path / "a.yaml").unlink()
    tracker.rescan("")
    assert known["a"] is not None and known["a"].specification == "y"
    (tmp_path / "a.yml").unlink()
    tracker.wrote("b.yaml")
    tracker.rescan("")
    assert known == {"a": None, "b": None}


def test_a_scan_while_the_folder_is_gone_takes_no_job_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, JobFile | None] = {}
    (tmp_path / "a.yaml").write_text("project: quay\nspecification: x\n")
    root = WatchedRoot(str(tmp_path), FILTER.folder, lambda hint: None, force_polling=True)
    tracker = JobTracker(root, "work/jobs", known.__setitem__, Settler(0.01, 0.5))
    tracker.load()
    (tmp_path / "a.yaml").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(root, "is_there", lambda: False)
        tracker.rescan("")
    assert known["a"] is not None
    tracker.rescan("")
    assert known["a"] is None
