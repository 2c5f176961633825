"""The start-up message: a folder that need not be there is no error, and one that is there is not called missing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from llm_service.assembly.condition import Condition
from llm_service.feature import Feature, Kernel


def test_the_rows_of_watched_folders(tmp_path: Path) -> None:
    def follower(name: str, mode: str, **more: str) -> Any:
        root = str(tmp_path / name)
        return SimpleNamespace(status=lambda: {"root": root, "mode": mode, **more}, troubles=lambda: ())

    (tmp_path / "new").mkdir()
    (tmp_path / "seen").mkdir()
    followers = [
        follower("seen", "inotify"),
        follower("none/a", "missing"),
        follower("none/b", "missing"),
        follower("new", "missing"),
        follower("lost", "missing", error="was removed"),
    ]
    feature = SimpleNamespace(followers=followers, banner=lambda: [("tasks", "0")], troubles=lambda: ())
    settings = SimpleNamespace(workspace=str(tmp_path))
    kernel = SimpleNamespace(settings=settings, database=None, troubles=lambda: ())
    rows = Condition(cast(Kernel, kernel), [cast(Feature, feature)]).banner()
    assert rows == [
        ("watching", f"{tmp_path}/seen (inotify)"),
        ("watching", f"{tmp_path}/new (starting)"),
        ("watching", f"{tmp_path}/lost (missing)"),
        ("later", "none/a, none/b (watched as soon as they are there)"),
        ("tasks", "0"),
        ("history", "off"),
    ]
