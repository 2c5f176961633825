"""Watching real folders: every backend that runs here gives hints for every kind of change."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_service.watch import inotify
from llm_service.watch.backends import InotifyBackend, ObserverBackend, WatchesExhausted, network_file_system
from llm_service.watch.hints import Hint, HintInbox, HintKind
from llm_service.watch.scan import Mirror, Wanted


class Collected:
    """Hints as they come, with a way to wait for one."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []
        self._news = threading.Condition()

    def __call__(self, hint: Hint) -> None:
        with self._news:
            self.hints.append(hint)
            self._news.notify_all()

    def wait(self, path: str, *kinds: HintKind) -> Hint:
        def find() -> Any:
            return next((h for h in self.hints if h.path == path and (not kinds or h.kind in kinds)), None)

        with self._news:
            hint = self._news.wait_for(find, 5)
            assert hint, f"no hint for {path!r}; got {self.hints}"
            return hint  # type: ignore[no-any-return]


@pytest.fixture
def hints() -> Collected:
    return Collected()


@pytest.fixture(params=[InotifyBackend, ObserverBackend])
def backend(request: pytest.FixtureRequest, tmp_path: Path, hints: Collected) -> Iterator[Any]:
    (tmp_path / "lane").mkdir()
    made = request.param(str(tmp_path), lambda path: "ignored" not in path, hints)
    made.watch("lane")
    yield made
    made.stop()


def test_a_file_written_and_closed_gives_a_complete_hint(backend: Any, tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane/x.yaml").write_text("a: 1")
    hints.wait("lane/x.yaml", HintKind.COMPLETE)


def test_a_file_renamed_into_place_gives_a_complete_hint(backend: Any, tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane/tmp").write_text("a: 1")
    os.rename(tmp_path / "lane/tmp", tmp_path / "lane/x.yaml")
    hints.wait("lane/x.yaml", HintKind.COMPLETE)


def test_a_deleted_file_gives_a_gone_hint(backend: Any, tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane/x.yaml").write_text("a: 1")
    hints.wait("lane/x.yaml")
    (tmp_path / "lane/x.yaml").unlink()
    hints.wait("lane/x.yaml", HintKind.GONE)


def test_a_new_folder_gives_a_directory_hint_and_can_be_watched(backend: Any, tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane/new").mkdir()
    hints.wait("lane/new", HintKind.DIRECTORY)
    assert backend.watch("lane/new")
    (tmp_path / "lane/new/x.yaml").write_text("a: 1")
    hints.wait("lane/new/x.yaml")


def test_a_file_moved_out_of_the_tree_is_told_without_waiting_for_its_other_half(
    tmp_path: Path, hints: Collected
) -> None:
    (tmp_path / "root").mkdir()
    backend = InotifyBackend(str(tmp_path / "root"), lambda path: True, hints)
    (tmp_path / "root/x.yaml").write_text("a: 1")
    os.rename(tmp_path / "root/x.yaml", tmp_path / "x.yaml")
    hints.wait("x.yaml", HintKind.GONE)
    backend.stop()


def test_a_renamed_folder_is_followed_under_its_new_name(tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane").mkdir()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    backend.watch("lane")
    os.rename(tmp_path / "lane", tmp_path / "other")
    hints.wait("other", HintKind.DIRECTORY)
    backend.watch("other")
    backend.forget(["lane"])
    (tmp_path / "other/x.yaml").write_text("a: 1")
    hints.wait("other/x.yaml", HintKind.COMPLETE)
    backend.stop()


def test_a_folder_made_again_under_the_same_name_is_watched_anew(tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane").mkdir()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    backend.watch("lane")
    os.rename(tmp_path / "lane", tmp_path / "kept")
    (tmp_path / "lane").mkdir()
    backend.watch("lane")
    (tmp_path / "lane/x.yaml").write_text("a: 1")
    hints.wait("lane/x.yaml", HintKind.COMPLETE)
    assert backend.watched_folders == 2
    backend.stop()


def test_a_forgotten_folder_gives_no_more_hints(tmp_path: Path, hints: Collected) -> None:
    for name in ("lane", "kept"):
        (tmp_path / name).mkdir()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    assert backend.watch("lane") and backend.watch("kept")
    backend.forget(["lane"])
    (tmp_path / "lane/x.yaml").write_text("a: 1")
    (tmp_path / "kept/after.yaml").write_text("a: 1")
    hints.wait("kept/after.yaml", HintKind.COMPLETE)
    assert "lane/x.yaml" not in {hint.path for hint in hints.hints}
    assert backend.watched_folders == 2
    backend.stop()


def test_a_deleted_folder_frees_its_watch(tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane").mkdir()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    backend.watch("lane")
    (tmp_path / "lane").rmdir()
    hints.wait("lane", HintKind.DIRECTORY)
    assert backend.watched_folders == 1
    assert not backend.watch("lane")
    backend.stop()


def test_a_folder_copied_with_its_content_is_watched_all_the_way_down(tmp_path: Path, hints: Collected) -> None:
    deep = tmp_path / "outside/a/b/c"
    deep.mkdir(parents=True)
    (tmp_path / "root").mkdir()
    backend = InotifyBackend(str(tmp_path / "root"), lambda path: True, hints)
    everything = Wanted(folder=lambda path: True, file=lambda path: path.endswith(".yaml"))
    mirror = Mirror(str(tmp_path / "root"), everything, backend.watch, backend.forget)
    shutil.copytree(tmp_path / "outside", tmp_path / "root/in")
    hints.wait("in", HintKind.DIRECTORY)
    mirror.look_below("in")
    (tmp_path / "root/in/a/b/c/x.yaml").write_text("a: 1")
    hints.wait("in/a/b/c/x.yaml")
    shutil.rmtree(tmp_path / "root/in")
    mirror.look_below("in")
    assert backend.watched_folders == 1
    backend.stop()


def test_more_folders_than_our_share_are_not_watched(tmp_path: Path, hints: Collected) -> None:
    for name in ("lane", "kept"):
        (tmp_path / name).mkdir()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    backend.max_watches = 2
    assert backend.watch("lane")
    with pytest.raises(WatchesExhausted, match="our share"):
        backend.watch("kept")
    assert backend.watch("lane"), "a folder that is watched may be watched again"
    backend.stop()


def test_folders_that_are_not_wanted_are_not_watched(backend: Any, tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "ignored").mkdir()
    (tmp_path / "lane/after.yaml").write_text("a: 1")
    hints.wait("lane/after.yaml")
    if isinstance(backend, InotifyBackend):
        assert backend.watched_folders == 2


def test_losing_the_root_asks_for_a_look_at_everything(tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "root").mkdir()
    backend = InotifyBackend(str(tmp_path / "root"), lambda path: True, hints)
    os.rename(tmp_path / "root", tmp_path / "elsewhere")
    hints.wait("", HintKind.EVERYTHING)
    backend.stop()


def test_overflow_asks_for_a_look_at_everything(tmp_path: Path, hints: Collected) -> None:
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    backend._on_events(iter([(-1, inotify.OVERFLOW, b"")]))
    hints.wait("", HintKind.EVERYTHING)
    backend.stop()


def test_of_hints_about_one_file_in_a_row_the_last_one_is_given(tmp_path: Path, hints: Collected) -> None:
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    of_root = backend._watch_of[""]
    names = [(b"a", inotify.CREATE), (b"a", inotify.MODIFY), (b"a", inotify.CLOSE_WRITE), (b"b", inotify.CREATE)]
    backend._on_events(iter([(of_root, mask, name) for name, mask in [*names, (b"a", inotify.DELETE)]]))
    assert [(hint.path, hint.kind) for hint in hints.hints] == [
        ("a", HintKind.COMPLETE),
        ("b", HintKind.CHANGED),
        ("a", HintKind.GONE),
    ]
    backend.stop()


def test_a_folder_whose_rights_change_is_looked_at(tmp_path: Path, hints: Collected) -> None:
    (tmp_path / "lane").mkdir()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    (tmp_path / "lane").chmod(0o700)
    hints.wait("lane", HintKind.DIRECTORY)
    backend.stop()


def test_a_stopped_backend_gives_no_more_hints_and_leaves_no_thread(tmp_path: Path, hints: Collected) -> None:
    before = threading.active_count()
    backend = InotifyBackend(str(tmp_path), lambda path: True, hints)
    backend.stop()
    (tmp_path / "x.yaml").write_text("a: 1")
    assert threading.active_count() == before
    assert hints.hints == []


def test_local_folders_do_not_count_as_network_file_systems(tmp_path: Path) -> None:
    assert network_file_system(str(tmp_path)) is None


def test_a_full_inbox_turns_into_one_look_at_everything() -> None:
    inbox = HintInbox(capacity=10)
    for number in range(25):
        inbox.put(Hint(HintKind.CHANGED, str(number)))
    kinds = [hint.kind for hint in inbox.take(0)]
    assert HintKind.EVERYTHING in kinds
    assert len(kinds) <= 10


def test_take_waits_for_the_first_hint_and_can_be_woken() -> None:
    inbox = HintInbox()
    taken: list[list[Hint]] = []
    give: list[Callable[[], None]] = [lambda: inbox.put(Hint(HintKind.GONE, "x")), inbox.wake]
    for action in give:
        waiting = threading.Thread(target=lambda: taken.append(inbox.take(10)))
        waiting.start()
        action()
        waiting.join(timeout=5)
    assert [[hint.path for hint in hints] for hints in taken] == [["x"], []]
