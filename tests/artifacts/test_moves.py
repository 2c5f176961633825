"""Files that were moved are recognised, whichever of both places is seen first, and what was not moved is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kit.live import Live, eventually
from kit.whole_files import put


@pytest.fixture
def shop(live: Live) -> Path:
    folder = live.workspace / "generated_projects/shop"
    (folder / "src/deep").mkdir(parents=True)
    for path in ("a.txt", "src/b.txt", "src/deep/c.txt"):
        put(folder / path, f"{path}\n")
    live.sync()
    return folder


def get(live: Live, what: str, path: str, project: str = "shop") -> Any:
    answer = live.get(f"/api/artifacts/{project}/{what}?path={quote(path)}")
    return answer.json() if answer.status_code == 200 else None


def moved(live: Live, path: str, project: str = "shop") -> tuple[str, str] | None:
    found = get(live, "moved", path, project)["moved_to"]
    return found and (found["project"], found["path"])


def rename_file(folder: Path) -> None:
    (folder / "a.txt").rename(folder / "new.txt")


def rename_folder(folder: Path) -> None:
    (folder / "src").rename(folder / "lib")


def rename_project(folder: Path) -> None:
    folder.rename(folder.with_name("store"))


def into_another_project(folder: Path) -> None:
    (folder.parent / "other").mkdir()
    (folder / "a.txt").rename(folder.parent / "other/a.txt")


def by_link(folder: Path) -> None:
    os.link(folder / "a.txt", folder / "new.txt")
    (folder / "a.txt").unlink()


@pytest.mark.parametrize(
    ("move", "old", "new"),
    [
        (rename_file, "a.txt", ("shop", "new.txt")),
        (by_link, "a.txt", ("shop", "new.txt")),
        (rename_folder, "src/deep/c.txt", ("shop", "lib/deep/c.txt")),
        (rename_project, "src/b.txt", ("store", "src/b.txt")),
        (into_another_project, "a.txt", ("other", "a.txt")),
    ],
)
def test_a_moved_file_is_known_at_its_new_place_with_its_history(
    live: Live, shop: Path, move: Callable[[Path], None], old: str, new: tuple[str, str]
) -> None:
    eventually(lambda: len(get(live, "versions", old)["versions"]) == 1)
    put(shop / old, "second\n")
    eventually(lambda: len(get(live, "versions", old)["versions"]) == 2)
    live.sync()
    listener = live.listen(topics=["artifacts"])
    move(shop)
    eventually(lambda: moved(live, old) == new)
    project, path = new
    eventually(lambda: len((get(live, "versions", path, project) or {"versions": []})["versions"]) == 2)
    event = listener.first("artifact.moved", previous_project="shop", previous_path=old)
    assert (event["project"], event["artifact"]["path"]) == new


def test_several_moves_are_followed_to_the_last_place_and_back(live: Live, shop: Path) -> None:
    for old, new in (("a.txt", "b.txt"), ("b.txt", "c.txt")):
        (shop / old).rename(shop / new)
        eventually(lambda old=old, new=new: moved(live, old) == ("shop", new))
    assert moved(live, "a.txt") == ("shop", "c.txt")
    (shop / "c.txt").rename(shop / "a.txt")
    eventually(lambda: moved(live, "c.txt") == ("shop", "a.txt"))


def test_what_is_deleted_copied_or_saved_by_an_editor_is_not_moved(live: Live, shop: Path) -> None:
    (shop / "src/b.txt").unlink()
    (shop / "a.txt").rename(shop / "a.txt~")
    (shop / "a.txt").write_text("new content\n")
    (shop / "copy.txt").write_bytes((shop / "src/deep/c.txt").read_bytes())
    (shop / "src/deep/c.txt").unlink()
    live.sync()
    live.sync()
    assert [moved(live, path) for path in ("src/b.txt", "a.txt", "src/deep/c.txt")] == [None, None, None]


def test_where_a_link_leads(live: Live, shop: Path) -> None:
    links = {"up": "../a.txt", "absolute": str(shop / "a.txt"), "out": "/etc/passwd", "none": "nowhere", "self": "self"}
    for name, target in links.items():
        os.symlink(target, shop / "src" / name)
    live.sync()
    shown = {name: get(live, "link", f"src/{name}") for name in links}
    assert {name: found["target"] for name, found in shown.items()} == links
    paths = {name: found["path"] for name, found in shown.items()}
    assert paths == {"up": "a.txt", "absolute": "a.txt", "out": None, "none": None, "self": "src/self"}
    assert live.get("/api/artifacts/shop/link?path=a.txt").status_code >= 400
