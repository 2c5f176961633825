"""The tree is true: after any storm it equals a fresh look at the disk, its sums equal a recount, the lines written are
what a comparison with the disk before gives, and what was announced adds up to what is there.

Random operations by two writers at once, on a real disk, under the real watcher; then the same with a watcher whose
hints are dropped, delayed, doubled and reordered. Meanwhile the system refuses to open, list or look at files for a
while, with every error that is no proof of absence. `--sequences N` says how often, `--model-seed` repeats a run.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from kit.artifact_trees import (
    FileOnDisk,
    TrackedArtifacts,
    folders_of,
    lines_on_disk,
    mirrored,
    on_disk,
    real_projects,
    recounted,
    summed,
    written_between,
)
from kit.failing_files import ERRORS, FailingFiles
from kit.model_runs import run_sequences, watchers

from llm_service.watch.observer import MakeObserver

PROJECTS = ("p", "q", "with\nnewline")
NAMES = ("a", "A", "b.py", "docs", "spec.md", "caf\udce9", "new\nline ' \"", "node_modules", "x~1", "dist")
TICK_NS = 20_000_000
PATTERNS = ("", "*.py\n", "docs/\n", "a\n!A\n", "/b.py\n/docs\n", "*\n!spec.md\n")

projects = st.sampled_from(PROJECTS)
paths = st.builds(
    lambda project, names: "/".join((project, *names)),
    projects,
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
)
texts = st.sampled_from(("", "one\n", "one\ntwo\n", "no end", "\0\1\2", "ü\n" * 50))
writers = st.integers(0, 1)


def opened(path: Path, flags: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | flags)  # of a FIFO it fails instead of waiting


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    with open(opened(root / path, os.O_TRUNC), "w") as file:
        file.write(text)


def append(root: Path, path: str, text: str) -> None:
    with open(opened(root / path, os.O_APPEND), "w") as file:
        file.write(text)
        file.flush()
        threading.Event().wait(0.002)
        file.write(text)


def write_beside_and_rename(root: Path, path: str, text: str) -> None:
    beside = (root / path).with_name(f".{threading.get_ident()}.tmp")
    beside.write_text(text)
    os.rename(beside, root / path)


def make_folder(root: Path, path: str, text: str) -> None:
    (root / path).mkdir(parents=True)


def make_special(root: Path, path: str, text: str) -> None:
    os.mkfifo(root / path)


def link_to_itself_or_above(root: Path, path: str, text: str) -> None:
    os.symlink(".." if text else ".", root / path)


def remove(root: Path, path: str, text: str) -> None:
    if (root / path).is_dir() and not (root / path).is_symlink():
        shutil.rmtree(root / path)
    else:
        (root / path).unlink()


def rewrite_in_the_same_tick(root: Path, path: str, text: str) -> None:
    status = (root / path).lstat()
    if time.time_ns() - status.st_mtime_ns > TICK_NS:
        raise OSError("too late: without another time nothing reports that it was written again")
    with open(opened(root / path, 0), "wb") as file:
        file.write(b"\n" * status.st_size)
    os.utime(root / path, ns=(status.st_atime_ns, status.st_mtime_ns))


def rename(root: Path, path: str, other: str) -> None:
    os.rename(root / path, root / other)


def rename_over(root: Path, path: str, other: str) -> None:
    if (root / other).is_dir():  # of a FIFO `rmtree` never returns
        shutil.rmtree(root / other, ignore_errors=True)
    os.rename(root / path, root / other)


def swap(root: Path, path: str, other: str) -> None:
    aside = root / f".{threading.get_ident()}.aside"
    os.rename(root / path, aside)
    try:
        os.rename(root / other, root / path)
    finally:
        os.rename(aside, root / other)


def hard_link(root: Path, path: str, other: str) -> None:
    os.link(root / path, root / other)


def symbolic_link(root: Path, path: str, other: str) -> None:
    os.symlink(root / path, root / other)


def copy(root: Path, path: str, other: str) -> None:
    if os.path.realpath(root / other).startswith(os.path.realpath(root / path)):
        raise OSError("into itself")  # it would never end
    if (root / path).is_dir():
        shutil.copytree(root / path, root / other, symlinks=True)
    else:
        shutil.copy2(root / path, root / other)


def ignore(root: Path, path: str, text: str) -> None:
    (root / path / ".gitignore").write_text(text)


def stop_ignoring(root: Path, path: str, text: str) -> None:
    (root / path / ".gitignore").unlink()


def remove_the_root(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)


def put_the_root_aside_and_back(root: Path) -> None:
    aside = root.with_name("aside")
    os.rename(root, aside)
    threading.Event().wait(0.003)
    os.rename(aside, root)


def replace_the_root(root: Path) -> None:
    shutil.rmtree(root.with_name("other"), ignore_errors=True)
    os.rename(root, root.with_name("other"))
    write(root, "p/docs/a", "new\n")


SINGLE = (
    write, append, write_beside_and_rename, make_folder, make_special, link_to_itself_or_above, remove, remove,
    rewrite_in_the_same_tick,
)  # fmt: skip
PAIRS = (rename, rename, rename_over, swap, hard_link, symbolic_link, copy)
FAILURES = (("open",), ("scandir",), ("stat",), ("open", "scandir", "stat", "read"), ("read",))
ROOT = (remove_the_root, put_the_root_aside_and_back, replace_the_root)


class Storm(RuleBasedStateMachine):
    """One storm: what hypothesis makes up, what two writers do, and what must be true at rest."""

    tracked: ClassVar[TrackedArtifacts]
    writers: ClassVar[list[ThreadPoolExecutor]]
    failing: ClassVar[FailingFiles]
    files: ClassVar[dict[str, FileOnDisk]]
    written: ClassVar[dict[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Future[None]] = []

    def do(self, writer: int, action: Callable[..., None], *arguments: Any) -> None:
        self._waiting.append(self.writers[writer].submit(action, self.tracked.root, *arguments))

    @rule(writer=writers, action=st.sampled_from(SINGLE), path=paths, text=texts)
    def change(self, writer: int, action: Callable[..., None], path: str, text: str) -> None:
        self.do(writer, action, path, text)

    @rule(writer=writers, action=st.sampled_from(PAIRS), path=paths, other=paths)
    def move(self, writer: int, action: Callable[..., None], path: str, other: str) -> None:
        self.do(writer, action, path, other)

    @rule(writer=writers, action=st.sampled_from((rename, rename_over, swap)), path=projects, other=projects)
    def move_a_project(self, writer: int, action: Callable[..., None], path: str, other: str) -> None:
        self.do(writer, action, path, other)

    @rule(writer=writers, path=st.one_of(projects, paths), text=st.sampled_from(PATTERNS))
    def say_what_to_leave_out(self, writer: int, path: str, text: str) -> None:
        self.do(writer, ignore, path, text)

    @rule(writer=writers, path=st.one_of(projects, paths))
    def say_no_more_what_to_leave_out(self, writer: int, path: str) -> None:
        self.do(writer, stop_ignoring, path, "")

    @rule(writer=writers, action=st.sampled_from(ROOT))
    def shake_the_root(self, writer: int, action: Callable[..., None]) -> None:
        self.do(writer, action)

    @rule(number=st.sampled_from(ERRORS), calls=st.sampled_from(FAILURES))
    def let_nothing_be_read(self, number: int, calls: tuple[str, ...]) -> None:
        self.failing.begin(number, calls)

    @rule()
    def let_everything_be_read(self) -> None:
        self.failing.end()

    @rule()
    def come_to_rest(self) -> None:
        self.failing.end()
        for done in self._waiting:
            done.exception(timeout=60)  # a clash with the other writer is part of the storm
        self._waiting.clear()
        tracked = self.tracked
        tracked.sync()
        files, folders = on_disk(tracked.root)
        assert mirrored(tracked) == files
        assert folders_of(tracked) == folders
        tracked.counted()
        assert summed(tracked) == recounted(tracked)
        self.check_lines_written()
        assert tracked.announced() == {shown.name: shown.files for _, shown in real_projects(tracked) if shown.files}

    def check_lines_written(self) -> None:
        """What was added since the last time is what a comparison of the disk with what it was then gives. The lines of
        a file with names in several projects count in one of them."""
        tracked, after = self.tracked, lines_on_disk(self.tracked)
        expected = written_between(self.files, after)
        written = {name: project.lines_written for name, project in real_projects(tracked)}
        grown = {name: lines - self.written.get(name, 0) for name, lines in written.items()}
        shared = expected.pop("", 0)
        assert sum(grown.values()) == sum(expected.values()) + shared, (grown, expected, shared)
        assert all(lines - expected.get(name, 0) in range(shared + 1) for name, lines in grown.items())
        tracked.tree.settle_all()
        type(self).files = after
        self.written.update(written)

    def teardown(self) -> None:
        self.come_to_rest()
        shutil.rmtree(self.tracked.root, ignore_errors=True)
        for project in PROJECTS:
            (self.tracked.root / project / "docs").mkdir(parents=True)


@watchers
def storm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Storm]]:
    make_observer: MakeObserver = request.param
    (tmp_path / "generated_projects").mkdir()
    Storm.failing = FailingFiles(monkeypatch, str(tmp_path / "generated_projects"))
    Storm.tracked = TrackedArtifacts(tmp_path, make_observer, sweep_interval_s=3600).start()
    Storm.files, Storm.written = {}, {}
    Storm.writers = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
    yield Storm
    for writer in Storm.writers:
        writer.shutdown()
    Storm.tracked.stop()


@pytest.mark.timeout(3000)
def test_after_any_storm_tree_sums_and_announcements_equal_the_disk(
    storm: type[Storm], request: pytest.FixtureRequest
) -> None:
    run_sequences(storm, request, steps=24)
