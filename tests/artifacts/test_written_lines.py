"""Lines written: what counts when files are renamed, replaced, linked and deleted, on a real disk, whatever is seen of
it in between."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.artifact_trees import TrackedArtifacts, real_projects
from kit.live import eventually

from llm_service.artifacts.tree import recent_files
from llm_service.artifacts.tree.birth_time import birth_time_ns

TEXT = "line\n" * 100
LONGER = "line\n" * 103
TICK_NS = 20_000_000
"""The clock of a file system goes by ticks of up to 10 ms, and is behind the other one by so much."""
DELAYS_MS = (0, 2, 5, 10, 20, 50, 100, 150, 200)
SHARE = 1_000 // len(DELAYS_MS) + 1

Write = Callable[[Path, Callable[[], object]], None]


@pytest.fixture
def tracked(tmp_path: Path) -> Iterator[TrackedArtifacts]:
    """Artifacts of two projects; nothing but hints finds changes. `old` was there before the service."""
    for project in ("p", "q"):
        (tmp_path / f"generated_projects/{project}/docs").mkdir(parents=True)
    (tmp_path / "generated_projects/p/old").write_text(TEXT)
    started = TrackedArtifacts(tmp_path, sweep_interval_s=3_600, ignore=["ignored.tmp"]).start()
    started.counted()
    _wait_for_clock_of_files(tmp_path / "clock")
    yield started
    started.stop()


def _wait_for_clock_of_files(probe: Path) -> None:
    """Until a new file is younger than now: a file system's clock goes by ticks of up to 10 ms, and of a file made in
    the tick of the start it cannot be told that it was made after it."""
    now_ns = time.time_ns()

    def is_past() -> bool:
        probe.touch()
        return probe.stat().st_mtime_ns > now_ns

    eventually(is_past)


def written(tracked: TrackedArtifacts) -> dict[str, int]:
    """The lines written into each project, all that was done before being seen and counted."""
    tracked.sync()
    tracked.counted()
    return {name: project.lines_written for name, project in real_projects(tracked)}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("temporary", ["p/docs/.{}.tmp", "p/{}.tmp", "q/{}.tmp"], ids=["beside", "above", "elsewhere"])
def test_a_thousand_files_written_beside_and_renamed_at_nine_delays_count_once(
    tracked: TrackedArtifacts, temporary: str
) -> None:
    def write(delay_ms: int) -> None:
        for number in range(SHARE):
            name = f"{delay_ms}-{number}"
            aside = tracked.root / temporary.format(name)
            aside.write_text(TEXT)
            waiting.append((time.monotonic() + delay_ms / 1000, aside, tracked.root / "p/docs" / name))

    waiting: list[tuple[float, Path, Path]] = []
    for delay_ms in DELAYS_MS:
        write(delay_ms)
        for at, aside, there in waiting:
            threading.Event().wait(max(0.0, at - time.monotonic()))
            aside.rename(there)
        waiting.clear()
    lines = 100 * SHARE * len(DELAYS_MS)
    assert written(tracked) == {"p": lines, "q": 0}
    assert tracked.tree.projects()[0].lines_per_hour == lines


def beside_and_rename(path: Path, pause: Callable[[], object]) -> None:
    aside = path.with_name("file.tmp")
    aside.write_text(LONGER)
    pause()
    aside.rename(path)


def ignored_and_rename(path: Path, pause: Callable[[], object]) -> None:
    aside = path.with_name("ignored.tmp")
    aside.write_text(LONGER)
    pause()
    aside.rename(path)


def in_another_project_and_rename(path: Path, pause: Callable[[], object]) -> None:
    aside = path.parents[1] / "q/docs/file.tmp"
    aside.write_text(LONGER)
    pause()
    aside.rename(path)


def piece_by_piece_and_rename(path: Path, pause: Callable[[], object]) -> None:
    aside = path.with_name("file.tmp")
    for _ in range(103):
        with aside.open("a") as file:
            file.write("line\n")
    pause()
    with aside.open("a") as file:
        file.write("")
    aside.rename(path)


def like_vim(path: Path, pause: Callable[[], object]) -> None:
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    pause()
    path.write_text(LONGER)
    pause()
    backup.unlink()


def like_emacs(path: Path, pause: Callable[[], object]) -> None:
    backup = path.with_name(f"{path.name}~")
    shutil.copyfile(path, backup)
    pause()
    path.write_text(LONGER)
    pause()
    backup.unlink()


def deleted_and_made_again(path: Path, pause: Callable[[], object]) -> None:
    path.unlink()
    pause()
    path.write_text(LONGER)


def truncated_and_written(path: Path, pause: Callable[[], object]) -> None:
    with path.open("w") as file:
        pause()
        file.write(LONGER)


def linked_and_unlinked(path: Path, pause: Callable[[], object]) -> None:
    aside = path.with_name("file.tmp")
    aside.write_text(LONGER)
    path.unlink()
    os.link(aside, path)
    pause()
    aside.unlink()


def renamed_and_appended(path: Path, pause: Callable[[], object]) -> None:
    there = path.with_name("renamed")
    path.rename(there)
    pause()
    with there.open("a") as file:
        file.write("line\n" * 3)


def as_a_folder(path: Path, pause: Callable[[], object]) -> None:
    path.unlink()
    folder = path.parent / "build.tmp"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/a").write_text("line\n" * 3)
    pause()
    folder.rename(path.parent / "docs/built")


def across_projects(path: Path, pause: Callable[[], object]) -> None:
    there = path.parents[1] / "q/docs/there"
    path.rename(there)
    pause()
    there.rename(path)
    with path.open("a") as file:
        file.write("line\n" * 3)


PATTERNS = (
    beside_and_rename, ignored_and_rename, in_another_project_and_rename, piece_by_piece_and_rename, like_vim,
    like_emacs, deleted_and_made_again, truncated_and_written, linked_and_unlinked, renamed_and_appended, as_a_folder,
    across_projects,
)  # fmt: skip


@pytest.mark.parametrize("delay_ms", [0, 5, 200, None])
@pytest.mark.parametrize("write", PATTERNS, ids=lambda write: write.__name__)
def test_a_file_that_gets_three_lines_more_counts_three_however_it_is_written(
    tracked: TrackedArtifacts, write: Write, delay_ms: int | None
) -> None:
    def pause() -> None:
        if delay_ms is None:
            written(tracked)  # all of the states in between are seen
        else:
            threading.Event().wait(delay_ms / 1000)

    write(tracked.root / "p/old", pause)
    assert written(tracked) == {"p": 3, "q": 0}
    tracked.tree.settle_all()
    assert written(tracked) == {"p": 3, "q": 0}


def test_moving_linking_or_replacing_what_was_written_long_ago_writes_nothing(
    tracked: TrackedArtifacts,
) -> None:
    for name in ("a", "b", "c"):
        (tracked.root / f"p/docs/{name}").write_text(TEXT)
    assert written(tracked) == {"p": 300, "q": 0}
    tracked.tree.settle_all()
    os.link(tracked.root / "p/docs/a", tracked.root / "q/linked")
    os.link(tracked.root / "p/docs/a", tracked.root / "p/old.link")
    (tracked.root / "p/old.link").replace(tracked.root / "p/old")
    (tracked.root / "p/docs/b").rename(tracked.root / "p/docs/c")
    assert written(tracked) == {"p": 300, "q": 0}
    tracked.tree.settle_all()
    (tracked.root / "p/docs").rename(tracked.root / "q/docs/moved")
    assert written(tracked) == {"p": 300, "q": 0}
    with (tracked.root / "q/linked").open("a") as file:
        file.write("line\n")
    # Until the hint has come: a scan that comes before it meets the file under its first name, and counts it there.
    eventually(lambda: dict(real_projects(tracked))["q"].lines_written == 1)
    assert written(tracked) == {"p": 300, "q": 1}
    tracked.tree.settle_all()
    shutil.rmtree(tracked.root / "q/docs")
    assert written(tracked) == {"p": 300, "q": 1}


def test_a_new_file_with_the_inode_of_a_deleted_one_counts_whole(tracked: TrackedArtifacts) -> None:
    old = tracked.root / "p/old"
    inode = old.stat().st_ino
    made = []
    for number in range(200):  # the file system gives the number again, sooner or later
        old.unlink(missing_ok=True)
        path = tracked.root / f"q/docs/{number}"
        path.write_text(LONGER)
        made.append(path.stat().st_ino)
        if made[-1] == inode:
            break
    assert written(tracked) == {"p": 0, "q": 103 * len(made)}


def test_after_more_deletions_than_are_remembered_moves_write_nothing_and_memory_is_freed(
    tracked: TrackedArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A tenth of the real limits with a tenth of 60,000 files, which took 74 s and gave the same.
    monkeypatch.setattr(recent_files, "_MANY", recent_files._MANY // 10)
    monkeypatch.setattr(recent_files, "_MOST", recent_files._MOST // 10)
    for number in range(6_000):
        folder = tracked.root / f"p/many/{number // 1000}"
        if not number % 1000:
            folder.mkdir(parents=True)
        (folder / str(number)).write_text("")
    for number in range(50):
        (tracked.root / f"q/{number}").write_text(TEXT)
    assert written(tracked) == {"p": 0, "q": 5_000}
    tracked.tree.settle_all()
    shutil.rmtree(tracked.root / "p/many")
    written(tracked)
    for number in range(50):
        (tracked.root / f"q/{number}").rename(tracked.root / f"p/docs/{number}")
    assert written(tracked) == {"p": 0, "q": 5_000}
    eventually(lambda: tracked.tree.recent_files < 1_000, 60)


def test_the_time_a_file_was_made_is_known_of_that_file_only(tmp_path: Path) -> None:
    before = time.time_ns()
    (tmp_path / "a").write_text("")
    after = time.time_ns()
    inode = (tmp_path / "a").stat().st_ino
    born = birth_time_ns(str(tmp_path / "a"), inode)
    assert born is not None
    assert before - TICK_NS <= born <= after
    assert birth_time_ns(str(tmp_path / "a"), inode + 1) is None
    assert birth_time_ns(str(tmp_path / "b"), inode) is None
