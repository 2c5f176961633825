"""The files that a specification may name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llm_service.jobs.specifications import MAX_FILES, specifications


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n")


def test_files_of_the_project_that_a_job_may_name(desk: Callable[..., Any]) -> None:
    one = desk()
    shop = one.live.workspace / "work/generated_projects/shop"
    for name in ("spec.md", "specs/one/spec.md", "code.py", ".git/hidden.md", "node_modules/pkg/readme.md"):
        put(shop / name)
    put(shop.parent / "other/spec.md")
    for prefix in ("/api", ""):
        found = one.live.json(f"{prefix}/projects/shop/specifications")["specifications"]
        assert found == ["work/generated_projects/shop/spec.md", "work/generated_projects/shop/specs/one/spec.md"]
    assert one.ask("shop", found[1]).status_code == 201, "each is one that a job takes"
    assert one.live.json("/api/projects/none/specifications") == {"specifications": []}


def test_no_link_is_followed_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    put(tmp_path / "secret/spec.md")
    project = tmp_path / "ws/work/shop"
    project.mkdir(parents=True)
    os.symlink(tmp_path / "secret", project / "folder")
    os.symlink(tmp_path / "secret/spec.md", project / "link.md")
    os.symlink(tmp_path / "secret", project.parent / "linked")
    put(project / "own.md")
    put(project / "bad\x07name.md")
    os.mkfifo(project / "pipe.md")
    workspace, projects = str(tmp_path / "ws"), str(project.parent)
    assert specifications(workspace, projects, "shop") == ["work/shop/own.md"]
    for name in ("linked", "..", "../../secret", "", "own.md"):
        assert specifications(workspace, projects, name) == []


def test_projects_may_be_the_workspace_itself_or_not_in_it(tmp_path: Path) -> None:
    put(tmp_path / "ws/shop/spec.md")
    put(tmp_path / "ws..more/shop/spec.md")
    workspace = str(tmp_path / "ws")
    assert specifications(workspace, workspace, "shop") == ["shop/spec.md"]
    assert specifications(workspace, str(tmp_path / "ws..more"), "shop") == []
    assert specifications(str(tmp_path), str(tmp_path / "ws..more"), "shop") == ["ws..more/shop/spec.md"]


def test_what_is_near_the_top_comes_first_and_there_are_bounds(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 20):
        put(tmp_path / f"shop/deep/{number:03}.md")
    put(tmp_path / "shop/zz.md")
    put(tmp_path / ("shop/" + "a/" * 40 + "far.md"))
    found = specifications(str(tmp_path), str(tmp_path), "shop")
    assert len(found) == MAX_FILES
    assert "shop/zz.md" in found
    (tmp_path / "full").mkdir()
    for number in range(5_001):
        (tmp_path / f"full/{number}.txt").touch()
    put(tmp_path / "full/sub/late.md")
    assert [one for one in specifications(str(tmp_path), str(tmp_path), "full") if "late" in one] == []
    put(tmp_path / "deep/0/1/2/3/4/5/6/too.md")
    put(tmp_path / "deep/0/1/2/3/4/5/yes.md")
    assert specifications(str(tmp_path), str(tmp_path), "deep") == ["deep/0/1/2/3/4/5/yes.md"]
