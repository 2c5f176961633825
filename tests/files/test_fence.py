"""Fences: a root below one is never opened through a link that leads out, whenever the link was made."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from llm_service.errors import FileRefused, NotRegular
from llm_service.files import (
    SafeRoot,
    fence,
    open_file,
    real_place,
    require_inside,
    scan_folder,
    way_out,
    write_atomic,
)

fences = sys.modules["llm_service.files.fence"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A fenced workspace with a folder `work/tasks`, beside a folder outside."""
    for folder in ("ws/work/tasks", "outside/tasks", "outside2"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ws/work/tasks/own").write_text("own")
    (tmp_path / "outside/tasks/secret").write_text("SECRET")
    fence(str(tmp_path / "ws"))
    return tmp_path / "ws"


def content(root: Path | str, name: str) -> str:
    """What a file has, opened in each of the ways."""
    found = set()
    with SafeRoot(str(root)) as opened:
        handles = [open_file(str(root), name), opened.open(name)]
    for handle in handles:
        found.add(os.read(handle, 100).decode())
        os.close(handle)
    with scan_folder(str(root), "") as entries:
        assert name in [entry.name for entry in entries]
    (text,) = found
    return text


def refused(root: Path | str, name: str) -> None:
    """It is refused in each of the ways."""
    with pytest.raises(FileRefused):
        open_file(str(root), name)
    with SafeRoot(str(root)) as opened:
        for ask in (opened.open, opened.status):
            with pytest.raises(FileRefused):
                ask(name)
        with pytest.raises(FileRefused):
            opened.scan("")
    with pytest.raises(FileRefused), scan_folder(str(root), ""):
        pass


def test_a_root_without_a_link_is_opened(place: Path) -> None:
    assert content(place / "work/tasks", "own") == "own"
    assert way_out(str(place / "work/tasks")) is None
    assert content(place / "work/../work/./tasks", "own") == "own"


@pytest.mark.parametrize(
    ("link", "target"),
    [("work/tasks", "../../outside/tasks"), ("work", "../outside"), ("work", "{base}/outside"), ("work", "chain")],
)
def test_a_root_that_leads_out_is_refused_also_by_a_folder_on_the_way(place: Path, link: str, target: str) -> None:
    content(place / "work/tasks", "own")
    (place / link).rename(place / "old")
    (place / "chain").symlink_to("../outside")
    (place / link).symlink_to(target.format(base=place.parent))
    refused(place / "work/tasks", "secret")
    assert way_out(str(place / "work/tasks")) == str(place.parent / "outside/tasks")
    with pytest.raises(NotRegular, match="links are not followed"):
        open_file(str(place / "work/tasks"), "secret")


def test_a_name_that_begins_like_the_workspace_is_outside(place: Path) -> None:
    (place.parent / "ws2").mkdir()
    (place.parent / "ws2/secret").write_text("SECRET")
    (place / "link").symlink_to("../ws2")
    refused(place / "link", "secret")
    assert content(place.parent / "ws2", "secret") == "SECRET", "no fence is around it"


def test_a_link_within_the_workspace_is_followed(place: Path) -> None:
    (place / "inner").symlink_to("work")
    assert content(place / "inner/tasks", "own") == "own"
    assert way_out(str(place / "inner")) is None
    (place / "top").symlink_to(".")
    assert content(place / "top/work/tasks", "own") == "own"
    (place / "own").write_text("top")
    assert content(place / "top", "own") == "top"


def test_the_workspace_itself_may_be_reached_by_a_link(place: Path) -> None:
    (place.parent / "current").symlink_to("ws")
    fence(str(place.parent / "current"))
    assert content(place.parent / "current/work/tasks", "own") == "own"
    (place / "out").symlink_to("../outside/tasks")
    refused(place.parent / "current/out", "secret")


def test_an_approved_link_is_opened_where_it_led_when_it_was_approved(place: Path) -> None:
    (place / "link").symlink_to("../outside")
    real = str(place.parent / "outside")
    fence(str(place), {str(place / "link"): real})
    assert content(place / "link/tasks", "secret") == "SECRET"
    assert way_out(str(place / "link/tasks")) is None
    assert way_out(str(place / "link")) is None
    (place / "other").symlink_to("../outside")
    refused(place / "other/tasks", "secret")
    (place / "link").unlink()
    (place / "link").symlink_to("../outside2")
    (place.parent / "outside2/tasks").mkdir()
    (place.parent / "outside2/tasks/secret").write_text("ANOTHER")
    refused(place / "link/tasks", "secret")
    assert way_out(str(place / "link/tasks")) == str(place.parent / "outside2/tasks")


def test_a_link_put_in_place_after_the_check_is_not_followed(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is of a time when there was no link: the names it gives are opened without following one."""
    root = str(place / "work/tasks")
    answer = fences.entry(root)
    (place / "inner").symlink_to("work")
    of_link = fences.entry(str(place / "inner/tasks"))
    (place / "work").rename(place / "old")
    (place / "work").symlink_to("../outside")
    for stale in (answer, of_link):
        monkeypatch.setattr("llm_service.files.safe_open.entry", lambda root, stale=stale: stale)
        refused(root, "secret")


def test_the_innermost_fence_counts(place: Path) -> None:
    inner = place / "inner"
    inner.mkdir()
    fence(str(inner))
    (inner / "link").symlink_to("../work/tasks")
    refused(inner / "link", "own")
    assert way_out(str(inner)) is None


def test_a_root_is_opened_from_its_fence_or_from_where_its_links_lead(place: Path) -> None:
    (place.parent / "current").symlink_to("ws")
    current = str(place.parent / "current")
    fence(current)
    assert fences.entry(f"{current}/work/tasks") == (current, ["work", "tasks"])
    (place / "top").symlink_to(".")
    (place / "inner").symlink_to("work")
    assert fences.entry(f"{current}/top") == (str(place), [])
    assert fences.entry(f"{current}/inner/tasks") == (str(place), ["work", "tasks"])
    (place / "out").symlink_to("../outside")
    with pytest.raises(OSError, match=r"\] a link that leads out of the workspace$") as caught:
        fences.entry(f"{current}/out")
    assert caught.value.errno == errno.ELOOP


def test_a_link_to_nothing_is_not_there(place: Path) -> None:
    (place / "gone").symlink_to("../outside/nothing")
    refused(place / "gone", "x")


def test_answers_are_cached_in_bounds(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fences, "_MAX_CACHED", 3)
    sizes = []
    for number in range(10):
        assert way_out(str(place / f"f{number}")) is None
        sizes.append(len(fences._around_cache))
    assert max(sizes) == 3


def test_junctions_of_windows_are_resolved(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There `islink` is false for a junction, so every root is resolved."""
    monkeypatch.setattr(fences, "_CAN_TELL_LINKS", False)
    assert content(place / "work/tasks", "own") == "own"


def test_the_real_place_of_what_leaves_a_folder(place: Path) -> None:
    (place / "link").symlink_to("../outside")
    assert real_place(str(place / "link/x"), str(place)) == str(place.parent / "outside/x")
    assert real_place(str(place / "work/x"), str(place)) is None
    assert real_place(str(place), str(place)) is None
    assert real_place("/", "/") is None
    assert real_place("/x", "/") is None


def test_nothing_is_written_through_a_link_that_leads_out(place: Path) -> None:
    (place / "link").symlink_to("../outside")
    (place / "inner").symlink_to("work")
    for folder in ("link", "link/tasks", "link/missing"):
        with pytest.raises(OSError, match=r"leads out of the workspace by a link, to .*/outside"):
            write_atomic(place / folder / "file", b"x")
        with pytest.raises(OSError, match=f"{folder} leads out") as caught:
            require_inside(str(place / folder))
        assert caught.value.errno == errno.ELOOP
    assert sorted(path.name for path in (place.parent / "outside").rglob("*")) == ["secret", "tasks"]
    for folder in ("work", "inner"):
        write_atomic(place / folder / "file", folder.encode())
    assert (place / "work/file").read_bytes() == b"inner"
    write_atomic(place.parent / "outside2/file", b"no fence is around it")
