"""What trackers of the files of a folder have in common."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from llm_service.watch.folder_tracker import FolderTracker
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.root import WatchedRoot
from llm_service.watch.scan import Filter
from llm_service.watch.settle import Settler

WANTED = Filter(folder=lambda path: path.count("/") < 2, file=lambda path: path.endswith(".txt"))


class Texts(FolderTracker):
    """Knows the texts of files. `fails`: the next time, none can be applied."""

    name = "texts"
    fails = False

    def __init__(self, folder: Path) -> None:
        root = WatchedRoot(str(folder), WANTED.folder, lambda hint: None, force_polling=True)
        super().__init__(root, Settler(0.01, 0.5), WANTED, lambda: self.now)
        self.now = time.monotonic()
        self.texts: dict[str, str] = {}
        self.applied = 0

    def apply(self, present: Iterable[str], gone: Iterable[str]) -> None:
        """See `FolderTracker`."""
        if self.fails:
            raise ValueError("a defect")
        self.applied += 1
        for path in present:
            self.texts[path] = Path(self.root.root, path).read_text()
            self.done(path)
        for path in gone:
            self.texts.pop(path, None)
            self.done(path)

    def pass_time(self, seconds: float) -> bool:
        """A turn so much later."""
        self.now += seconds
        return self.turn(self.now)


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    for path in ("a.txt", "in/b.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path)
    made = Texts(tmp_path)
    made.load()
    return made


def test_a_folder_that_cannot_be_listed_is_tried_again_and_waited_for_until_then(
    tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.scandir

    def refusing(where: int | str) -> object:
        place = os.readlink(f"/proc/self/fd/{where}") if isinstance(where, int) else where
        if place == str(tmp_path / "in"):
            raise PermissionError(13, "Permission denied")
        return whole(where)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refusing)
        texts.rescan("in")
        for _ in range(3):
            due = texts.next_due()
            assert due is not None and due > texts.now, "else its follower would not rest"
            texts.pass_time(due - texts.now)
    (tmp_path / "in/c.txt").write_text("c")
    due = texts.next_due()
    assert due is not None and "in/c.txt" not in texts.texts
    texts.pass_time(due - texts.now)
    assert texts.texts == {"a.txt": "a.txt", "in/b.txt": "in/b.txt", "in/c.txt": "c"}
    assert texts.next_due() is None


def test_what_is_gone_when_a_turn_fails_is_gone_after_the_next_scan(tmp_path: Path, texts: Texts) -> None:
    (tmp_path / "a.txt").unlink()
    texts.hint(Hint(HintKind.GONE, "a.txt", texts.now), texts.now)
    texts.fails = True
    with pytest.raises(ValueError, match="defect"):
        texts.pass_time(0.1)
    assert texts.oldest_pending() is not None
    texts.fails = False
    texts.rescan("")
    assert (set(texts.texts), texts.oldest_pending()) == ({"in/b.txt"}, None)


def test_a_folder_is_not_scanned_for_a_hint_that_came_before_the_scan_of_the_one_above(
    tmp_path: Path, texts: Texts
) -> None:
    (tmp_path / "new/deep").mkdir(parents=True)
    (tmp_path / "new/deep/d.txt").write_text("d")
    hints = [Hint(HintKind.DIRECTORY, path, texts.now) for path in ("new", "new/deep")]
    texts.now += 1
    before = texts.applied
    for hint in hints:
        texts.hint(hint, texts.now)
    assert texts.applied == before + 1 and texts.texts["new/deep/d.txt"] == "d"
    (tmp_path / "new/deep/e.txt").write_text("e")
    texts.hint(Hint(HintKind.DIRECTORY, "new/deep", texts.now), texts.now)
    assert texts.texts["new/deep/e.txt"] == "e"
