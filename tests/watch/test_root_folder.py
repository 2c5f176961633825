"""Which folder is the root now, and what is concluded where there is none."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_service.watch import root_folder
from llm_service.watch.root_folder import Absence, RootFolder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that count as mount points."""
    points: list[str] = []
    monkeypatch.setattr(root_folder, "is_mount_point", lambda path: path in points)
    return points


def identity(path: Path) -> tuple[int, int]:
    return path.stat().st_dev, path.stat().st_ino


def test_it_is_the_first_place_where_there_is_a_folder(place: Path) -> None:
    other = place.with_name("other")
    folder = RootFolder((str(place), str(other)))
    assert (folder.path, folder.find()) == (str(place), identity(place))
    place.rmdir()
    assert (folder.find(), folder.path) == (Absence("No such file or directory"), str(place))
    other.mkdir()
    assert (folder.find(), folder.path) == (identity(other), str(other))
    place.write_text("")
    other.rmdir()
    other.write_text("")
    assert (folder.find(), folder.path) == (Absence("it is not a folder"), str(place))
    assert folder.find() == Absence("it is not a folder", "missing", True)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_where_the_system_does_not_say_it_may_well_be_there(
    place: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder = RootFolder((str(place.with_name("none")), str(place), str(place.parent)))
    whole = os.stat

    def stat(path: str) -> os.stat_result:
        if path == str(place):
            raise OSError(number, os.strerror(number))
        return whole(path)

    monkeypatch.setattr(os, "stat", stat)
    assert (folder.find(), folder.path) == (Absence(os.strerror(number), "unreadable", False), str(place))


def made(*paths: str) -> Callable[[Path], None]:
    def make(place: Path) -> None:
        for path in paths:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).mkdir() if path.endswith("/") else (place / path).write_text("")

    return make


@pytest.mark.parametrize(
    "left", [made(), made("inbox/", "done/ada/"), made(".gitkeep", "inbox/.gitkeep"), made("a/b/c/d")]
)
def test_an_empty_folder_where_one_was_mounted_is_not_the_root(
    place: Path, mounted: list[str], left: Callable[[Path], None]
) -> None:
    folder = RootFolder((str(place),))
    mounted.append(str(place))
    folder.remember(identity(place))
    os.rename(place, place.with_name("store"))
    place.mkdir()
    left(place)
    assert folder.find() == identity(place), "something else is mounted there"
    mounted.clear()
    assert folder.find() == Absence("its file system is not mounted any more", "missing", False)
    mounted.append(str(place))
    folder.remember(identity(place))
    assert folder.find() == identity(place)


def linked(place: Path) -> None:
    """A link to a folder is something that somebody has put there."""
    (place / "link").symlink_to(place)


@pytest.mark.parametrize("found", [made("x.yaml"), made("inbox/x.yaml"), made("done/ada/x.yaml", "a/"), linked])
def test_one_with_files_in_it_is(place: Path, mounted: list[str], found: Callable[[Path], None]) -> None:
    folder = RootFolder((str(place),))
    mounted.append(str(place))
    folder.remember(identity(place))
    os.rename(place, place.with_name("store"))
    place.mkdir()
    found(place)
    mounted.clear()
    assert folder.find() == identity(place)


def test_the_same_folder_and_one_that_was_not_mounted_count_as_they_are(place: Path, mounted: list[str]) -> None:
    folder = RootFolder((str(place),))
    mounted.append(str(place))
    folder.remember(identity(place))
    mounted.clear()
    assert folder.find() == identity(place)
    folder.remember(identity(place))
    os.rename(place, place.with_name("store"))
    place.mkdir()
    assert folder.find() == identity(place)


def test_what_cannot_be_listed_is_taken_as_it_is(
    place: Path, mounted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RootFolder((str(place),))
    mounted.append(str(place))
    folder.remember((1, 2))
    mounted.clear()

    def refusing(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    assert folder.find() == identity(place)


def test_a_place_that_leads_out_of_the_workspace_is_refused_if_no_other_one_is_there(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(root_folder, "way_out", lambda path: None if path.endswith("third") else f"/out{path[-1]}")
    (place.with_name("second")).mkdir()
    folder = RootFolder((str(place), str(place.with_name("second")), str(place.with_name("third"))))
    text = "a link leads out of the workspace, to /outt, and is not followed"
    assert (folder.find(), folder.path) == (Absence(text, "refused", True), str(place))
    (place.with_name("third")).mkdir()
    assert folder.find() == identity(place.with_name("third"))
