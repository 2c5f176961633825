"""Keeping what changed: in its own thread, the newest state, and a flood costs no more than its queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.live import eventually

from llm_service.artifacts.versions import keeper as keeper_module
from llm_service.artifacts.versions.keeper import VersionKeeper
from llm_service.artifacts.versions.store import Versions
from llm_service.errors import FileChanging


class Disk:
    """What the keeper reads; a read can be made to wait or to find a file that is being written."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.reads: list[str] = []
        self.may_read = threading.Event()
        self.may_read.set()
        self.being_written = 0

    def read(self, project: str, path: str) -> bytes | None:
        assert self.may_read.wait(60)
        self.reads.append(path)
        if self.being_written:
            self.being_written -= 1
            raise FileChanging("it is written")
        if path == "broken":
            raise RuntimeError("a bug in a reader")
        return self.files.get(path)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(str(tmp_path))


@pytest.fixture
def keeper(versions: Versions, disk: Disk) -> Iterator[VersionKeeper]:
    made = VersionKeeper(versions, disk.read, queue=100, pause_s=0.001)
    made.start()
    yield made
    disk.may_read.set()
    made.stop()


def contents(versions: Versions, path: str) -> list[bytes]:
    return [versions.read(version.sha256) for version in versions.list("p", path)]


def test_each_change_is_stored(keeper: VersionKeeper, versions: Versions, disk: Disk) -> None:
    for data in (b"one", b"two"):
        disk.files["a"] = data
        keeper.changed("p", "a")
        assert keeper.wait(60)
    assert contents(versions, "a") == [b"two", b"one"]


def test_changes_while_it_is_busy_are_one_with_the_newest_state(
    keeper: VersionKeeper, versions: Versions, disk: Disk
) -> None:
    disk.may_read.clear()
    for number in range(50):
        disk.files["a"] = f"{number}".encode()
        keeper.changed("p", "a")
    disk.may_read.set()
    assert keeper.wait(60)
    assert contents(versions, "a")[0] == b"49"
    assert len(disk.reads) <= 2


def test_a_file_that_is_being_written_is_read_again(keeper: VersionKeeper, versions: Versions, disk: Disk) -> None:
    disk.files["a"] = b"whole"
    disk.being_written = 2
    keeper.changed("p", "a")
    eventually(lambda: contents(versions, "a") == [b"whole"])


def test_a_file_that_is_always_being_written_is_given_up(keeper: VersionKeeper, disk: Disk) -> None:
    disk.being_written = 10**9
    keeper.changed("p", "a")
    disk.files["b"] = b"x"
    keeper.changed("p", "b")
    eventually(lambda: keeper.wait(0.05))
    assert len(disk.reads) <= 10


def test_in_a_flood_the_rest_is_left_out_and_counted(keeper: VersionKeeper, disk: Disk) -> None:
    disk.may_read.clear()
    for number in range(1_000):
        keeper.changed("p", f"{number}")
    assert keeper.left_out >= 899
    disk.may_read.set()
    assert keeper.wait(60)


def test_what_cannot_be_stored_is_left_out(keeper: VersionKeeper, versions: Versions, disk: Disk) -> None:
    keeper.changed("p", "binary, too large, or gone")
    assert keeper.wait(60)
    assert versions.status()["versions"] == 0


def test_one_file_does_not_end_the_keeping_of_the_others(
    keeper: VersionKeeper, versions: Versions, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    keeper.changed("p", "broken")
    disk.files["a"] = b"one"
    keeper.changed("p", "a")
    assert keeper.wait(60)
    assert contents(versions, "a") == [b"one"]
    assert "could not be stored" in caplog.text


def test_seeds_give_the_first_change_something_to_be_compared_with(
    keeper: VersionKeeper, versions: Versions, disk: Disk
) -> None:
    disk.files = {"a": b"before", "b": b"other"}
    keeper.seed([("p", "a"), ("p", "b")])
    eventually(lambda: versions.status()["versions"] == 2)
    disk.files["a"] = b"after"
    keeper.changed("p", "a")
    assert keeper.wait(60)
    assert contents(versions, "a") == [b"after", b"before"]


def test_a_seed_of_a_known_file_keeps_what_it_became_while_nobody_watched(tmp_path: Path, disk: Disk) -> None:
    earlier = Versions(str(tmp_path))
    earlier.open()
    earlier.keep("p", "a", b"as it was")
    versions = Versions(str(tmp_path))
    keeper = VersionKeeper(versions, disk.read, pause_s=0.001)
    disk.files["a"] = b"as it is now"
    keeper.start()
    keeper.seed([("p", "a")])
    eventually(lambda: contents(versions, "a") == [b"as it is now", b"as it was"])
    keeper.stop()


def test_changes_go_before_seeds(keeper: VersionKeeper, disk: Disk) -> None:
    disk.may_read.clear()
    keeper.changed("p", "first")
    eventually(lambda: not keeper.wait(0))
    keeper.seed([("p", f"seed {number}") for number in range(10)])
    keeper.changed("p", "changed")
    disk.may_read.set()
    eventually(lambda: len(disk.reads) == 12)
    assert disk.reads[:2] == ["first", "changed"]


def test_of_too_many_seeds_the_last_named_are_stored_and_come_first(versions: Versions, disk: Disk) -> None:
    keeper = VersionKeeper(versions, disk.read, pause_s=0.0)
    keeper.seed(("p", f"{number}") for number in range(6_000))
    keeper.start()
    eventually(lambda: len(disk.reads) == 5_000)
    keeper.stop()
    assert disk.reads == [f"{number}" for number in range(5_999, 999, -1)]


def test_what_waits_is_stored_before_it_stops(versions: Versions, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_STOP_S", 60)
    keeper = VersionKeeper(versions, disk.read)
    disk.files = {f"{number}": b"%d" % number for number in range(50)}
    for path in disk.files:
        keeper.changed("p", path)
    keeper.start()
    keeper.stop()
    assert versions.status()["versions"] == 50
