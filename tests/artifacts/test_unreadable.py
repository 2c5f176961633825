"""Artifacts that cannot be read for a while are not gone: they stay, that is said, and they are read again."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.artifact_trees import TrackedArtifacts, mirrored, on_disk
from kit.failing_files import FailingFiles
from kit.live import eventually

from llm_service.artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactRemoved
from llm_service.artifacts.model import Artifact

NUMBERS = (errno.EMFILE, errno.EACCES, errno.EIO, errno.ESTALE)
Track = Callable[..., TrackedArtifacts]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FailingFiles:
    return FailingFiles(monkeypatch, str(tmp_path / "generated_projects"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name in ("a", "src/b", "src/deep/c"):
        (tmp_path / "generated_projects/shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "generated_projects/shop" / name).write_text("one\n")
    return tmp_path / "generated_projects/shop"


@pytest.fixture
def track(tmp_path: Path, failing: FailingFiles) -> Iterator[Track]:
    started: list[TrackedArtifacts] = []

    def begin(**settings: object) -> TrackedArtifacts:
        tracked = TrackedArtifacts(tmp_path, **{"sweep_interval_s": 3600, **settings})
        started.append(tracked)
        return tracked.start()

    yield begin
    for tracked in started:
        tracked.stop()


def modes(tracked: TrackedArtifacts) -> dict[str, str]:
    return {one.root: one.mode for one in tracked.watched.follower.troubles()}


def is_said(status: dict[str, Any]) -> bool:
    """Polling looks at the root as well: then it may be the root that cannot be read, and no folder is named."""
    return "unreadable" in status or (status["mode"] == "unreadable" and bool(status["error"]))


def artifact(tracked: TrackedArtifacts, path: str) -> Artifact:
    folder, _, name = path.rpartition("/")
    found = tracked.tree.folder_at(folder)
    assert found is not None
    shown = tracked.tree.artifact(found, name)
    assert shown is not None
    return shown


def removed(tracked: TrackedArtifacts) -> int:
    return len(tracked.of(ArtifactRemoved)) + sum(batch.removed for batch in tracked.of(ArtifactBatch))


@pytest.mark.parametrize("polled", [False, True], ids=["watched", "polled"])
@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_folders_that_cannot_be_listed_stay_as_they_were(
    track: Track, shop: Path, failing: FailingFiles, number: int, polled: bool
) -> None:
    tracked = track(force_polling=polled, poll_interval_s=0.1)
    before = mirrored(tracked)
    failing.begin(number, ("open", "scandir", "stat"))
    os.utime(shop / "src")  # a hint about the folder, and about a file in it
    (shop / "src/b").write_text("one\ntwo\n")
    eventually(lambda: "unreadable" in modes(tracked).values())
    eventually(lambda: is_said(tracked.watched.follower.status()))
    assert set(mirrored(tracked)) == set(before)
    tracked.sync()
    assert set(mirrored(tracked)) == set(before)
    failing.end()
    eventually(lambda: mirrored(tracked) == on_disk(tracked.root)[0])
    eventually(lambda: polled or modes(tracked) == {})
    assert (removed(tracked), tracked.of(ArtifactCreated)) == (0, [])


def test_what_was_removed_meanwhile_is_removed_then(track: Track, shop: Path, failing: FailingFiles) -> None:
    tracked = track()
    with failing.during(errno.EACCES, "open", "scandir", "stat"):
        (shop / "src/b").unlink()
        (shop / "new").write_text("")
        eventually(lambda: failing.failed > 2)
        assert "shop/src/b" in mirrored(tracked)
    eventually(lambda: mirrored(tracked) == on_disk(tracked.root)[0])
    assert removed(tracked) == 1


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_lines_and_digest_are_counted_once_the_file_can_be_read(
    track: Track, shop: Path, failing: FailingFiles, number: int
) -> None:
    tracked = track()
    tracked.counted()
    with failing.during(number, "open", "read", only=lambda path: True):
        (shop / "late").write_text("one\ntwo\n")
        eventually(lambda: failing.failed > 2)
    eventually(lambda: "shop/late" in mirrored(tracked) and artifact(tracked, "shop/late").lines == 2)
    assert artifact(tracked, "shop/late").sha256 == hashlib.sha256(b"one\ntwo\n").hexdigest()
    tracked.counted()


def test_a_gitignore_that_cannot_be_read_counts_as_it_was_and_is_read_again(
    track: Track, shop: Path, failing: FailingFiles
) -> None:
    (shop / ".gitignore").write_text("*.log\n")
    tracked = track()
    with failing.during(errno.EMFILE, "open"):
        (shop / ".gitignore").write_text("*.tmp\n")
        (shop / "x.log").write_text("")
        eventually(lambda: failing.failed > 2)
    (shop / "y.tmp").write_text("")
    eventually(lambda: mirrored(tracked) == on_disk(tracked.root)[0])
    assert {"shop/x.log"} <= set(mirrored(tracked)) and "shop/y.tmp" not in mirrored(tracked)


def test_versions_are_stored_once_the_file_can_be_read(track: Track, shop: Path, failing: FailingFiles) -> None:
    tracked = track()
    with failing.during(errno.EMFILE, "open"):
        (shop / "late").write_text("first\n")
        eventually(lambda: failing.failed > 2)
    eventually(lambda: tracked.watched.versions.list("shop", "late"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOTCONN], ids=errno.errorcode.get)
def test_a_root_of_which_the_system_says_nothing_is_kept_and_said(
    track: Track, shop: Path, failing: FailingFiles, number: int
) -> None:
    tracked = track()
    before = mirrored(tracked)
    with failing.during(number, "open", "scandir", "stat"):
        eventually(lambda: modes(tracked) == {str(tracked.root): "unreadable"})
        tracked.sync()
        assert mirrored(tracked) == before
    eventually(lambda: modes(tracked) == {})
    assert removed(tracked) == 0


def test_a_root_that_is_unmounted_is_kept_and_one_that_is_deleted_is_not(track: Track, shop: Path) -> None:
    store = shop.parents[1] / "store"
    os.rename(shop.parent, store)
    shop.parent.mkdir()
    mount = ["mount", "--bind", str(store), str(shop.parent)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs more rights than this process has")
    try:
        tracked = track()
        before = mirrored(tracked)
        assert len(before) == 3
    finally:
        subprocess.run(["umount", "--lazy", str(shop.parent)], check=True)
    eventually(lambda: modes(tracked) == {str(tracked.root): "missing"})
    tracked.sync()
    assert mirrored(tracked) == before
    shop.parent.rmdir()
    os.rename(store, shop.parent)
    eventually(lambda: modes(tracked) == {})
    tracked.sync()
    assert (removed(tracked), mirrored(tracked)) == (0, on_disk(tracked.root)[0])
    subprocess.run(["rm", "-r", str(shop.parent)], check=True)
    eventually(lambda: mirrored(tracked) == {})
    assert modes(tracked) == {}, "that it is missing is no problem"


def test_a_project_that_is_a_link_is_named(track: Track, shop: Path) -> None:
    tracked = track()
    (shop.parents[1] / "elsewhere").mkdir()
    os.symlink(shop.parents[1] / "elsewhere", shop.parent / "linked")
    eventually(lambda: modes(tracked) == {str(shop.parent / "linked"): "skipped"})
    tracked.sync()
    assert modes(tracked) == {str(shop.parent / "linked"): "skipped"}
    (shop.parent / "linked").unlink()
    eventually(lambda: modes(tracked) == {})


def test_after_a_rename_the_digest_is_still_known(track: Track, shop: Path) -> None:
    tracked = track()
    tracked.counted()
    (shop / "src/new").write_text("new\n")
    expected = hashlib.sha256(b"new\n").hexdigest()
    eventually(lambda: "shop/src/new" in mirrored(tracked) and artifact(tracked, "shop/src/new").sha256 == expected)
    os.rename(shop / "src/new", shop / "newer")
    eventually(lambda: "shop/newer" in mirrored(tracked))
    tracked.counted()
    eventually(lambda: artifact(tracked, "shop/newer").sha256 == expected)
    os.rename(shop / "src", shop / "lib")
    eventually(lambda: "shop/lib/b" in mirrored(tracked))
    tracked.counted()
    eventually(lambda: artifact(tracked, "shop/lib/b").sha256 == hashlib.sha256(b"one\n").hexdigest())
