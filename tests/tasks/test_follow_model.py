"""Whatever is written, each card of the board then equals its file, and so does the board of each client.

Random operations by three writers at once, on a real disk, under the real watcher; then `GET /api/sync`. The
second machine does the same with a watcher whose hints are dropped, delayed, doubled and reordered. Meanwhile the
system refuses to open, list or look at files for a while, with every error that is no proof of absence: what could not
be read is read again.
`--sequences N` sets how many sequences each of the two runs (40 by default), `--model-seed` repeats a run.
"""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from kit.failing_files import ERRORS, FailingFiles
from kit.live import (
    Listener,
    Live,
    apply,
    apply_by_id,
    check_groups,
    differences,
    facts_by_path,
    fresh,
    running,
    task_text,
)  # fmt: skip
from kit.model_runs import run_sequences, watchers

from llm_service.watch.observer import MakeObserver

FOLDERS = ("inbox", "assigned/ada", "assigned/bob", "done/ada", "done/bob")
NAMES = ("t1", "t2", "t3", "t4", "t5")

paths = st.builds(lambda folder, name: f"{folder}/{name}.yaml", st.sampled_from(FOLDERS), st.sampled_from(NAMES))
contents = st.one_of(
    st.builds(
        lambda name, title, status: task_text(name, title=title, status=status),
        st.sampled_from(NAMES),
        st.sampled_from(("a", "b", "longer title")),
        st.sampled_from(("new", "done")),
    ),
    st.sampled_from(("", "- a\n- b\n", "id: t1\ntitle: [broken\n", "title: no id here\n", "id: t9\nx: 2026-02-30\n")),
)


class Writers:
    """Three threads that write to the folder as agents and people do."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._queues: list[queue.Queue[Callable[[], None] | None]] = [queue.Queue() for _ in range(3)]
        self._threads = [threading.Thread(target=self._work, args=(q,), daemon=True) for q in self._queues]
        for thread in self._threads:
            thread.start()

    def do(self, writer: int, action: Callable[..., None], *arguments: Any) -> None:
        """Let a writer do something; a conflict with the others (missing file or folder) is ignored."""
        self._queues[writer].put(lambda: action(self._root, *arguments))

    def finish(self) -> None:
        """Wait until all actions are done."""
        for waiting in self._queues:
            waiting.join()

    def stop(self) -> None:
        """End the threads."""
        for waiting in self._queues:
            waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=60)

    @staticmethod
    def _work(waiting: queue.Queue[Callable[[], None] | None]) -> None:
        while True:
            action = waiting.get()
            try:
                if action is None:
                    return
                action()
            except OSError:
                pass
            finally:
                waiting.task_done()


def write_in_place(root: Path, path: str, text: str) -> None:
    (root / path).write_text(text)


def write_with_a_pause(root: Path, path: str, text: str) -> None:
    with (root / path).open("w") as file:
        file.flush()
        threading.Event().wait(0.004)
        file.write(text)


def write_beside_and_rename(root: Path, path: str, text: str) -> None:
    target = root / path
    temporary = target.with_name(f".{target.name}.{threading.get_ident()}.tmp")
    temporary.write_text(text)
    os.rename(temporary, target)


def write_elsewhere_and_rename(root: Path, path: str, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=root.parent)
    os.write(handle, text.encode())
    os.close(handle)
    os.rename(name, root / path)


def rename(root: Path, path: str, target: str) -> None:
    os.rename(root / path, root / target)


def copy_then_delete(root: Path, path: str, target: str) -> None:
    (root / target).write_bytes((root / path).read_bytes())
    (root / path).unlink()


def copy(root: Path, path: str, target: str) -> None:
    shutil.copy(root / path, root / target)


def delete(root: Path, path: str) -> None:
    (root / path).unlink()


def touch(root: Path, path: str) -> None:
    os.utime(root / path)


def make_folder_of_that_name(root: Path, path: str) -> None:
    (root / path).mkdir()


def remove_folder_of_that_name(root: Path, path: str) -> None:
    (root / path).rmdir()


def link(root: Path, path: str, target: str) -> None:
    os.symlink(root / path, root / target)


def hard_link(root: Path, path: str, target: str) -> None:
    os.link(root / path, root / target)


def rename_folder(root: Path, folder: str, target: str) -> None:
    os.rename(root / folder, root / target)


def make_folders(root: Path) -> None:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)


def remove_everything(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    make_folders(root)


SINGLE = (delete, touch, make_folder_of_that_name, remove_folder_of_that_name)
WRITING = (write_in_place, write_with_a_pause, write_beside_and_rename, write_elsewhere_and_rename)
PAIRS = (rename, copy_then_delete, copy, link, hard_link)
WHOLE_FOLDERS = ("inbox", "assigned", "done", "assigned/ada", "assigned/bob", "done/ada", "kept")
FAILURES = (("open",), ("scandir",), ("lstat",), ("open", "scandir", "lstat"), ("stat",), ("read",))
writers = st.integers(0, 2)


class Storm(RuleBasedStateMachine):
    """The state machine: random actions of three writers, and what must be true when they are done."""

    live: ClassVar[Live]
    listener: ClassVar[Listener]
    client: ClassVar[dict[str, Any]]
    client_by_id: ClassVar[dict[str, Any]]
    applied: ClassVar[int]
    threads: ClassVar[Writers]
    failing: ClassVar[FailingFiles]

    def __init__(self) -> None:
        super().__init__()
        make_folders(self.live.root)

    @rule(writer=writers, action=st.sampled_from(WRITING), path=paths, text=contents)
    def write(self, writer: int, action: Callable[..., None], path: str, text: str) -> None:
        self.threads.do(writer, action, path, text)

    @rule(writer=writers, action=st.sampled_from(PAIRS), path=paths, new_path=paths)
    def move(self, writer: int, action: Callable[..., None], path: str, new_path: str) -> None:
        self.threads.do(writer, action, path, new_path)

    @rule(writer=writers, action=st.sampled_from(SINGLE), path=paths)
    def change(self, writer: int, action: Callable[..., None], path: str) -> None:
        self.threads.do(writer, action, path)

    @rule(writer=writers, folder=st.sampled_from(WHOLE_FOLDERS), new_name=st.sampled_from(WHOLE_FOLDERS))
    def rename_a_whole_folder(self, writer: int, folder: str, new_name: str) -> None:
        self.threads.do(writer, rename_folder, folder, new_name)
        self.threads.do(writer, make_folders)

    @rule(writer=writers)
    def remove_the_root_and_make_it_again(self, writer: int) -> None:
        self.threads.do(writer, remove_everything)

    @rule(number=st.sampled_from(ERRORS), calls=st.sampled_from(FAILURES))
    def let_nothing_be_read(self, number: int, calls: tuple[str, ...]) -> None:
        self.failing.begin(number, calls)

    @rule()
    def let_everything_be_read(self) -> None:
        self.failing.end()

    @rule()
    def sync_meanwhile(self) -> None:
        self.live.get("/api/sync?timeout_ms=50")

    @rule()
    def come_to_rest(self) -> None:
        self.threads.finish()
        self.failing.end()
        seq = self.live.sync()
        snapshot = self.live.json("/api/snapshot")
        board = {task["key"]: task for task in snapshot["tasks"]}
        assert len(board) == len(snapshot["tasks"])
        check_groups(board)
        assert differences(facts_by_path(board), facts_by_path(fresh(self.live.root))) == {}
        events = self.listener.upto(seq)
        for name, body in events[self.applied :]:
            apply(self.client, name, body)
            apply_by_id(self.client_by_id, name, body)
        type(self).applied = len(events)
        assert differences(self.client, board) == {}
        leads = {key: task for key, task in board.items() if key == task["id"]}
        assert differences(self.client_by_id, leads) == {}

    def teardown(self) -> None:
        self.come_to_rest()
        shutil.rmtree(self.live.root, ignore_errors=True)
        make_folders(self.live.root)


@watchers
def storm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Storm]]:
    make_folders(tmp_path / "work/collaboration")
    make_observer: MakeObserver = request.param
    Storm.failing = FailingFiles(monkeypatch, str(tmp_path / "work"))
    live = running(tmp_path, make_observer, debounce_ms=20, max_wait_ms=80, history=False, sweep_interval_s=3600)
    Storm.live, Storm.listener = live, live.listen(since=0)
    Storm.client, Storm.client_by_id, Storm.applied, Storm.threads = {}, {}, 0, Writers(live.root)
    yield Storm
    Storm.threads.stop()
    live.stop()


@pytest.mark.timeout(3000)
def test_after_any_writes_board_and_clients_equal_the_disk(storm: type[Storm], request: pytest.FixtureRequest) -> None:
    run_sequences(storm, request, steps=24)
