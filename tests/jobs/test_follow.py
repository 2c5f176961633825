"""The tracker of job files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kit.live import eventually

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
    tracker = JobTracker(root, str(tmp_path), "work/jobs", known.__setitem__, Settler(0.01, 0.5))
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
