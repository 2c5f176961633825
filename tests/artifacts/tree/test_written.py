"""Lines written, step by step: both ends of what happens to a file, in any order, and what is remembered how long."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest

from llm_service.artifacts.tree import recent_files, records
from llm_service.artifacts.tree.listing import FolderListing
from llm_service.artifacts.tree.tree import ArtifactTree

START_NS = 1_800_000_000_000_000_000
SECOND_NS = 1_000_000_000


class World:
    """A tree of the projects p and q, its clock, and when the files of the disk were made."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.born: dict[int, int] = {}
        self.tree = ArtifactTree(clock_ns=lambda: self.now_ns, birth_ns=lambda path, inode: self.born.get(inode))
        for project in ("p", "q"):
            self.tree.apply_folder(project, FolderListing())

    def begin(self) -> None:
        """What comes from now on is new."""
        self.tree.set_loaded()
        self.wait(1)

    def wait(self, seconds: float) -> None:
        self.now_ns += int(seconds * SECOND_NS)

    def see(
        self, path: str, inode: int, size: int = 10, at_ns: int | None = None, links: int = 1, after_s: float = 1
    ) -> bytes:
        """A file is seen, `after_s` after it was written, just now unless `at_ns` says when."""
        status: Any = Status(inode, size, self.now_ns if at_ns is None else at_ns, links)
        record = records.record_of(status, status.st_mtime_ns + int(after_s * SECOND_NS), records.MOST_COUNTED_BYTES)
        assert self.tree.apply_file(path, record)
        return record

    def miss(self, *paths: str) -> None:
        """Files are seen to be gone."""
        for path in paths:
            assert self.tree.apply_file(path, None)

    def count(self, path: str, lines: int | None) -> None:
        record = self.tree.record_at(path)
        assert record is not None
        self.tree.apply_count(path, record, lines, None)

    def write(
        self, path: str, lines: int | None, inode: int, size: int = 10, at_ns: int | None = None, **more: Any
    ) -> None:
        """A file is seen, and its lines are counted."""
        self.see(path, inode, size, at_ns, **more)
        self.count(path, lines)

    def written(self) -> tuple[int, int]:
        """The lines written into p and into q."""
        found = [self.tree.project(project) for project in ("p", "q")]
        return tuple(project.lines_written if project else -1 for project in found)  # type: ignore[return-value]


class Status:
    def __init__(self, inode: int, size: int, at_ns: int, links: int) -> None:
        self.st_ino, self.st_size, self.st_mtime_ns, self.st_nlink = inode, size, at_ns, links
        self.st_ctime_ns = at_ns
        self.st_mode = stat.S_IFREG


@pytest.fixture
def world() -> World:
    return World()


def old_file(world: World, path: str, inode: int, lines: int) -> int:
    """A file that was there before the start; when it was written."""
    at_ns = world.now_ns
    world.write(path, lines, inode)
    return at_ns


@pytest.mark.parametrize("missed_first", [True, False])
def test_a_file_renamed_over_another_counts_what_it_is_longer_in_either_order(world: World, missed_first: bool) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    at_ns = world.now_ns
    world.write("p/tmp", 103, 2, at_ns=at_ns)
    assert world.written() == (103, 0)
    if missed_first:
        world.miss("p/tmp")
        assert world.written() == (0, 0), "a file that is gone counts nothing"
    world.see("p/a", 2, at_ns=at_ns)
    assert world.tree.find("p", "a").lines == 103  # type: ignore[union-attr]
    if not missed_first:
        world.miss("p/tmp")
    assert world.written() == (3, 0)


def test_a_link_to_a_file_that_is_known_by_another_name_for_long_writes_nothing(world: World) -> None:
    world.begin()
    at_ns = world.now_ns
    world.write("p/a", 100, 1)
    world.tree.settle_all()
    world.write("q/a", 100, 1, at_ns=at_ns, links=2)
    assert world.written() == (100, 0)


def test_files_that_became_known_after_others_were_linked_are_found_by_their_links_too(world: World) -> None:
    world.begin()
    for number in (1, 2):
        at_ns = world.now_ns
        world.write(f"p/{number}", 100, number)
        for _ in range(3):
            world.wait(6)
            world.tree.settle(0.0)
        world.write(f"q/{number}", 100, number, at_ns=at_ns, links=2)
    assert world.written() == (200, 0)


def test_a_file_renamed_while_it_may_be_written_again_in_the_same_tick_is_counted_again(world: World) -> None:
    world.begin()
    at_ns = world.now_ns
    world.write("p/a", 1, 1, after_s=0.001)
    world.miss("p/a")
    world.see("p/b", 1, at_ns=at_ns)
    assert world.tree.projects()[0].uncounted == 1
    world.count("p/b", 10)
    assert world.written() == (10, 0)


def test_what_takes_the_place_of_a_file_that_was_written_for_long_counts_what_it_is_longer(world: World) -> None:
    world.begin()
    for lines in range(1_000, 11_000, 1_000):
        world.wait(3)
        world.write("p/log", lines, 1, lines)
        world.tree.settle(0.0)
    world.write("p/log", 10_003, 2)
    assert world.written() == (10_003, 0)


def test_a_name_through_which_another_file_went_is_still_that_of_the_first(world: World) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    world.miss("p/a")
    at_ns = world.now_ns
    world.write("p/a", 10, 2)
    world.miss("p/a")
    world.see("q/a", 2, at_ns=at_ns)
    world.write("p/a", 103, 3)
    assert world.written() == (3, 10)


def test_lines_appended_to_a_file_with_two_names_count_once_however_late_the_other_is_seen(world: World) -> None:
    world.begin()
    at_ns = world.now_ns
    for path in ("p/a", "p/b"):
        world.write(path, 100, 1, at_ns=at_ns, links=2)
    world.tree.settle_all()
    world.wait(60)
    at_ns = world.now_ns
    world.write("p/a", 120, 1, 20, at_ns, links=2)
    world.tree.settle_all()
    world.write("p/b", 120, 1, 20, at_ns, links=2)
    assert world.written() == (120, 0)


def test_an_old_file_that_is_moved_and_then_changed_counts_what_it_grew_in_either_order(world: World) -> None:
    for number, path in enumerate(("p/a", "p/b"), 1):
        world.born[number] = old_file(world, path, number, 100)
    world.begin()
    world.miss("p/a")
    world.write("q/a", 120, 1, 20)
    world.write("q/b", 120, 2, 20)
    world.miss("p/b")
    assert world.written() == (0, 40)


def test_a_file_with_the_inode_of_another_counts_whole_in_either_order(world: World) -> None:
    for number, path in enumerate(("p/a", "p/b"), 1):
        old_file(world, path, number, 100)
    world.begin()
    world.born = {1: world.now_ns, 2: world.now_ns}
    world.miss("p/a")
    world.write("q/a", 120, 1, 20)
    world.write("q/b", 120, 2, 20)
    world.miss("p/b")
    assert world.written() == (0, 240)


def test_an_inode_that_went_from_one_name_to_another_and_back_is_distinguished_each_time(world: World) -> None:
    world.begin()
    world.write("p/a", 100, 1)
    world.wait(1)
    world.born[1] = world.now_ns
    world.write("p/b", 7, 1, 20)
    world.wait(1)
    world.born[1] = world.now_ns
    world.write("p/a", 50, 1, 30)
    world.miss("p/b")
    assert world.written() == (50, 0), "all is new, and the first and the second file are gone"


def test_a_link_in_the_place_of_a_deleted_file_to_one_that_got_its_inode_is_distinguished(world: World) -> None:
    world.begin()
    world.write("p/a", 100, 1)
    world.wait(1)
    world.born[1] = at_ns = world.now_ns
    for path in ("p/b", "p/a"):
        world.write(path, 7, 1, 20, at_ns, links=2)
    assert world.written() == (7, 0)


def test_a_file_made_anew_under_a_name_through_which_an_old_one_went_counts_whole(world: World) -> None:
    at_ns = world.born[1] = old_file(world, "p/a", 1, 100)
    world.begin()
    world.miss("p/a")
    world.see("p/b", 1, at_ns=at_ns)
    world.wait(1)
    world.born[1] = world.now_ns
    world.write("p/b", 7, 1, 20)
    assert world.written() == (7, 0)


def test_a_file_that_moved_on_before_its_birth_was_known_is_distinguished_where_it_went(
    world: World,
) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    world.miss("p/a")
    at_ns = world.now_ns
    world.write("p/tmp", 103, 1, 20, at_ns)
    world.born[1] = at_ns
    world.see("p/b", 1, 20, at_ns)
    world.miss("p/tmp")
    assert world.written() == (103, 0)


def test_files_that_change_places_write_nothing_though_each_has_a_name_of_another(world: World) -> None:
    world.begin()
    at_ns = world.now_ns
    world.write("p/a", 100, 1)
    world.write("p/b", 80, 2)
    world.miss("p/a", "p/b")
    world.see("p/a", 2, at_ns=at_ns)
    world.see("p/b", 1, at_ns=at_ns)
    assert world.written() == (180, 0)


def test_what_took_the_name_of_a_file_counts_whole_when_that_turns_up_elsewhere(world: World) -> None:
    at_ns = old_file(world, "p/log", 1, 100)
    world.begin()
    world.miss("p/log")
    world.write("p/log", 103, 2)
    assert world.written() == (3, 0)
    world.see("p/log.1", 1, at_ns=at_ns)
    assert world.written() == (103, 0)
    world.miss("p/log.1")
    assert world.written() == (3, 0)


def test_a_file_made_again_counts_what_it_is_longer_than_the_first_of_that_name(world: World) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    for inode, lines in ((2, 50), (3, 150), (4, 103)):
        world.miss("p/a")
        world.write("p/a", lines, inode)
    assert world.written() == (3, 0)


def test_a_text_that_was_no_text_for_a_moment_grew_from_what_it_was(world: World) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    world.write("p/a", None, 1, 20)
    world.write("p/a", 104, 1, 30)
    assert world.written() == (4, 0)


def test_what_was_written_before_it_was_brought_here_does_not_count(world: World) -> None:
    before = world.now_ns - SECOND_NS
    world.begin()
    world.write("p/a", 100, 1, at_ns=before)
    world.miss("p/a")
    world.see("q/a", 1, at_ns=before)
    assert world.written() == (0, 0)
    world.write("q/a", 101, 1, 20)
    assert world.written() == (0, 1)


def test_of_a_file_whose_lines_were_not_counted_nothing_counts_until_they_are(world: World) -> None:
    world.see("p/a", 1)
    world.see("p/b", 2)
    world.begin()
    world.write("p/a", 100, 1, 20)
    world.write("p/b", 100, 3)
    assert world.written() == (0, 0)


def test_what_is_counted_late_counts_from_what_it_was(world: World) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    world.see("p/new", 2)
    world.see("p/a", 1, 20)
    world.tree.settle_all()
    world.count("p/new", 10)
    world.count("p/a", 103)
    assert world.written() == (13, 0)


def test_a_file_that_waits_to_be_counted_is_remembered_if_it_took_a_name(world: World) -> None:
    old_file(world, "p/a", 1, 100)
    world.begin()
    world.miss("p/a")
    world.see("p/a", 2)
    for _ in range(4):
        world.wait(6)
        world.tree.settle(0.0)
    world.count("p/a", 103)
    assert world.written() == (3, 0)
    world.wait(6)
    world.tree.settle(0.0)
    world.wait(6)
    world.tree.settle(0.0)
    assert world.tree.recent_files == 0


def test_a_log_that_is_cut_keeps_what_was_written_and_counts_on(world: World) -> None:
    world.begin()
    world.see("p/log", 1)
    for lines in range(1_000, 11_000, 1_000):
        world.wait(3)
        world.write("p/log", lines, 1, lines)
        world.tree.settle(0.0)
    for lines in (0, 10, 20, 30, 40):
        world.wait(3)
        world.write("p/log", lines, 1, lines)
        world.tree.settle(0.0)
    total, _ = world.written()
    assert 9_000 < total <= 10_040, "but for what was cut within seconds"


def test_a_file_is_forgotten_after_some_seconds_but_not_before_what_waits_is_checked(world: World) -> None:
    world.begin()
    world.tree.settle(0.0)
    at_ns = world.now_ns
    world.write("p/a", 100, 1)
    world.miss("p/a")
    for second in range(1, 61):
        world.wait(1)
        world.tree.settle(float(second))
    world.see("p/b", 1, at_ns=at_ns)
    assert world.tree.find("p", "b").lines == 100  # type: ignore[union-attr]
    world.miss("p/b")
    for _ in range(4):
        world.wait(6)
        world.tree.settle(0.0)
    assert world.tree.recent_files == 0


@pytest.fixture
def a_twentieth_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is a twentieth, so that a twentieth of the files reaches it."""
    monkeypatch.setattr(recent_files, "_MOST", recent_files._MOST // 20)


def test_when_very_many_are_remembered_the_oldest_are_forgotten_whatever_waits(
    a_twentieth_remembered: None, world: World
) -> None:
    world.begin()
    for number in range(12_500):
        world.see("p/a", number + 1, os.getpid())
        if not number % 50:
            world.tree.settle(1e9)
    assert world.tree.recent_files <= 10_100


def test_a_project_made_again_goes_on_with_the_lines_that_it_had(world: World) -> None:
    world.begin()
    world.write("p/a", 100, 1)
    world.tree.settle_all()
    world.tree.apply_folder("p", None)
    world.tree.apply_folder("p", FolderListing())
    assert world.written() == (100, 0)


def test_a_new_file_with_the_inode_of_a_replaced_one_is_not_that_one(world: World) -> None:
    # What a busy disk showed: `a` and `b` are replaced one after the other, and the file beside `b` gets the inode that
    # `a` had. It is seen before it is seen that `a` was replaced, and its temporary name is gone by then.
    for number, name in enumerate("ab"):
        old_file(world, f"p/{name}", number + 1, 100)
    world.begin()
    world.born = {9: world.now_ns}
    world.write("p/x", 0, 9)
    world.see("p/y", 9, size=11)  # moved and written: so it is seen that this file system knows births
    world.see("p/b.tmp", 1, size=11)
    world.write("p/a", 110, 3, size=11)
    world.miss("p/b.tmp")
    world.write("p/b", 110, 1, size=11)
    assert world.written() == (20, 0)


def test_a_file_written_in_place_with_its_size_and_mtime_is_updated(world: World) -> None:
    at_ns = old_file(world, "p/a", 1, 1)
    world.begin()
    status: Any = Status(1, 10, at_ns, 1)
    status.st_ctime_ns = world.now_ns
    change = world.tree.apply_folder(
        "p", FolderListing(files={"a": records.record_of(status, world.now_ns, records.MOST_COUNTED_BYTES)})
    )
    assert change is not None and change.updated == ["a"]
    world.count("p/a", 3)
    assert world.tree.find("p", "a").lines == 3  # type: ignore[union-attr]
    assert world.written() == (2, 0)
