"""What is left out of projects: the same as git leaves out, in bounded time, with rules that change."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from llm_service.artifacts.gitignore import Patterns
from llm_service.artifacts.ignore import ALWAYS_IGNORED, IgnoreRules

pieces = st.sampled_from(
    ["a", "b", "ab", "A", "*", "**", "/", "/", "?", "[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[[:alpha:]]",
     "[[:upper:]]", "[[:x:]]", "[", "]", "\\", "\\*", "\\a", "!", "#", " ", "\\ ", ".", "-", "é", "**/", "/**",
     "/**/", "***"]
)  # fmt: skip
patterns = st.lists(pieces, min_size=1, max_size=6).map("".join)
files = st.lists(patterns, min_size=1, max_size=5).map("\n".join)
PATHS = [
    "a", "b", "ab", "A", "abc", "é", " ", "a ", "b ", "*", "-", "]", "!a", "#a", "\\a", ".a", "a/a", "a/b", "b/a",
    "a/ab", "ab/a", "a/b/a", "a/b/ab", "b/a/b", "a/a/a", "a/b/a/b", "b/b/b/a", "é/a", "a/é", "a/b/c/d/ab",
]  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("repository")
    environment = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    subprocess.run(["git", "init", "-q", str(folder)], check=True, env=environment)
    return folder


def left_out_by_git(repository: Path, paths: list[str]) -> set[str]:
    environment = {"HOME": str(repository), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    answer = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(paths).encode(), capture_output=True, cwd=repository, env=environment,
    )  # fmt: skip
    assert answer.returncode in (0, 1), answer.stderr
    return set(answer.stdout.decode().split("\0")) - {""}


def left_out_by_us(book: IgnoreRules, paths: list[str]) -> set[str]:
    folders = {path.rpartition("/")[0] for path in PATHS}
    return {path for path in paths if book.ignores(f"project/{path}", path in folders)}


def book_of(root: Path, *folders: str) -> IgnoreRules:
    book = IgnoreRules(unignore=ALWAYS_IGNORED)
    for folder in folders:
        book.learn(str(root), folder, time.monotonic_ns())
    return book


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=files, nested=files)
@example(text="a/**\n!a/b", nested="")
@example(text="**/a/**/b", nested="!*")
@example(text="a \\ \nb\\ ", nested="/b")
@example(text="\ufeffa\r\n!a/\n", nested="")
@example(text="*\n!*/\n!ab", nested="ab")
def test_the_same_is_left_out_as_by_git(text: str, nested: str, repository: Path) -> None:
    project = repository / "project"
    shutil.rmtree(project, ignore_errors=True)
    for path in PATHS:
        if any(other.startswith(f"{path}/") for other in PATHS):
            (project / path).mkdir(parents=True, exist_ok=True)
        else:
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).touch()
    (project / ".gitignore").write_text(text)
    (project / "a/.gitignore").write_text(nested)
    git = left_out_by_git(repository, [f"project/{path}" for path in PATHS])
    ours = left_out_by_us(book_of(repository, "project", "project/a"), PATHS)
    assert {f"project/{path}" for path in ours} == git


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 20 + "b", "**/*a*a/" * 4 + "*a*ab", "[!b]*" * 30 + "b", "a*" * 60, "**/" * 4 + "*" * 900, "*a**/a" * 3],
)
@pytest.mark.timeout(60)  # Exponential would be years.
def test_a_pattern_made_to_take_for_ever_does_not(pattern: str) -> None:
    patterns = Patterns(pattern.encode())
    for name in (b"a" * 255, b"ab" * 127):
        patterns.ignores(b"a" * 200 + b"/" + b"aa/" * 400, name, False)


def test_too_many_and_too_complicated_patterns_are_refused_and_counted() -> None:
    many = Patterns(b"\n".join(b"f%d" % number for number in range(10_200)))
    assert (many.refused, many.ignores(b"", b"f9999", False), many.ignores(b"", b"f10000", False)) == (200, True, None)
    assert Patterns(b"**/a/" * 5 + b"b").refused == 1
    assert Patterns(b"x" * 1_001).refused == 1
    assert Patterns(b"[\n[[:nothing:]]\n\\").refused == 0


def test_names_are_left_out_in_every_folder_and_can_be_added_and_taken_away() -> None:
    book = IgnoreRules(ignore=["secret"], unignore=["dist"])
    assert book.ignores("shop/node_modules", True)
    assert book.ignores("shop/a/b/__pycache__/x.pyc", False)
    assert book.ignores("shop/secret", False)
    assert not book.ignores("shop/dist", True)
    assert not book.ignores("shop/node_modules.md", False)


def test_rules_of_one_project_say_nothing_about_another(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "one/.gitignore").write_text("*.log\n")
    book = book_of(tmp_path, "one")
    assert book.ignores("one/a/x.log", False)
    assert not book.ignores("other/a/x.log", False)


def test_a_list_above_the_projects_is_not_used(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    assert not book_of(tmp_path, "").ignores("one/x.py", False)


def test_rules_that_change_are_read_again_and_end_with_their_file(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/.gitignore").write_text("*.log\n")
    book = IgnoreRules()
    book.learn(str(tmp_path), "one", 1)
    assert book.ignores("one/x.log", False)
    (tmp_path / "one/.gitignore").write_text("*.tmp\n")
    book.learn(str(tmp_path), "one", 1)
    assert book.ignores("one/x.log", False), "the same signature: not read again"
    book.invalidate("one")
    book.learn(str(tmp_path), "one", 1)
    assert (book.ignores("one/x.log", False), book.ignores("one/x.tmp", False)) == (False, True)
    book.learn(str(tmp_path), "one", None)
    assert not book.ignores("one/x.tmp", False)


@pytest.mark.parametrize("kind", ["fifo", "link", "huge", "folder"])
def test_a_list_that_is_no_ordinary_file_is_not_used(tmp_path: Path, kind: str) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "secret").write_text("*\n")
    target = tmp_path / "one/.gitignore"
    if kind == "fifo":
        os.mkfifo(target)
    elif kind == "link":
        target.symlink_to(tmp_path / "secret")
    elif kind == "folder":
        target.mkdir()
    else:
        target.write_bytes(b"*\n" * 40_000)
    assert not book_of(tmp_path, "one").ignores("one/x.py", False)


def test_names_that_are_not_utf_8_are_compared_byte_by_byte(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/.gitignore").write_bytes(b"caf\xe9*\n[\xe0-\xff]x\n")
    book = book_of(tmp_path, "one")
    assert book.ignores(os.fsdecode(b"one/caf\xe9.txt"), False)
    assert book.ignores(os.fsdecode(b"one/\xe9x"), False)
    assert not book.ignores("one/café.txt", False)
