"""What the follower of claimed folders makes of scans that come before it has watched them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from llm_service.evidence.claimed_folders import ClaimedFolders


class Root:
    """A root of which everything can be watched."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)

    def watch(self, folder: str) -> bool:
        return True

    def forget(self, folders: Collection[str]) -> None:
        """Nothing is kept."""

    def scan_started(self) -> None:
        """Nothing is timed."""

    def scan_finished(self, *facts: Any) -> None:
        """Nothing is timed."""


def test_a_folder_that_a_scan_has_watched_first_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    told: list[set[str]] = []
    folders = ClaimedFolders(lambda changed: told.append(set(changed)))
    folders.join(Root(tmp_path))  # type: ignore[arg-type]
    folders.want(["docs", "missing"])
    folders.rescan("")
    assert folders.turn(0.0)
    assert told == [{"docs"}]
    assert not folders.turn(1.0)
