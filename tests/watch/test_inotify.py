"""The kernel's queue itself: real queues, with the errors of inotify(7) where there are no more of them."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kit.descriptors import open_descriptors

from llm_service.watch import inotify
from llm_service.watch.inotify import InotifyQueue, parse

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


@pytest.fixture
def one_more_file() -> Iterator[int]:
    """This process can open one more file, with this number, until the test ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(number) for number, _ in open_descriptors()) + 1
    fillers = [os.open("/", os.O_RDONLY)]
    while fillers[-1] < highest:
        fillers.append(os.open("/", os.O_RDONLY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    os.close(highest)
    yield highest
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for filler in fillers[:-1]:
        os.close(filler)


@pytest.fixture
def queue() -> Iterator[InotifyQueue]:
    queue = InotifyQueue()
    yield queue
    queue.close()


def test_events_come_in_order_with_watch_mask_and_name(queue: InotifyQueue, tmp_path: Path) -> None:
    watch = queue.add(os.fsencode(tmp_path), inotify.CREATE | inotify.DELETE)
    assert queue.add(os.fsencode(tmp_path), inotify.CREATE | inotify.DELETE) == watch, "the one that it has"
    (tmp_path / "a name").mkdir()
    (tmp_path / "a name").rmdir()
    (tmp_path / ("x" * 255)).write_text("")
    assert list(parse(queue.read())) == [
        (watch, inotify.CREATE | inotify.ISDIR, b"a name"),
        (watch, inotify.DELETE | inotify.ISDIR, b"a name"),
        (watch, inotify.CREATE, b"x" * 255),
    ]
    queue.remove(watch)
    assert list(parse(queue.read())) == [(watch, inotify.IGNORED, b"")]
    queue.remove(watch)  # it has ended already
    (tmp_path / "late").mkdir()
    queue.wake()
    assert queue.read() == b""
    assert queue.read() == b"", "from then on"


@pytest.mark.parametrize(("path", "number"), [("none", errno.ENOENT), ("x" * 300, errno.ENAMETOOLONG)])
def test_what_cannot_be_watched_is_an_error_of_the_system(
    queue: InotifyQueue, tmp_path: Path, path: str, number: int
) -> None:
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        queue.add(os.fsencode(tmp_path / path), inotify.CREATE)
    assert (caught.value.errno, caught.value.strerror) == (number, os.strerror(number))


def test_without_any_queue_left_the_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by a limit of the process: in a run of mutants, mutmut itself opens files meanwhile."""

    def exhausted(flags: int) -> int:
        ctypes.set_errno(errno.EMFILE)
        return -1

    calls = {"inotify_init1": exhausted, "inotify_add_watch": SimpleNamespace(), "inotify_rm_watch": SimpleNamespace()}
    monkeypatch.setattr(ctypes, "CDLL", lambda *arguments, **options: SimpleNamespace(**calls))
    with pytest.raises(OSError, match="Too many open files") as caught:
        InotifyQueue()
    assert caught.value.errno == errno.EMFILE
    assert caught.value.strerror == "no inotify queue: instance limit reached (Too many open files)"


def test_without_a_pipe_nothing_stays_open(one_more_file: int) -> None:
    with pytest.raises(OSError, match="Too many open files"):
        InotifyQueue()
    assert os.dup(0) == one_more_file
    os.close(one_more_file)


def test_a_queue_may_have_the_number_of_the_standard_input() -> None:
    """As in a process that was started with its input closed."""
    saved = os.dup(0)
    os.close(0)
    try:
        queue = InotifyQueue()
        assert queue._handle == 0
        queue.close()
    finally:
        os.dup2(saved, 0)
        os.close(saved)


@pytest.mark.parametrize("problem", [OSError("not on this system"), TypeError("no name")])
def test_a_c_library_without_inotify_is_named(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    def refusing(*arguments: Any, **options: Any) -> Any:
        raise problem

    monkeypatch.setattr(ctypes, "CDLL", refusing)
    with pytest.raises(NotImplementedError, match=f"^the C library has no inotify: {problem}$"):
        InotifyQueue()


def test_a_closed_queue_gives_everything_back_and_can_be_closed_and_woken_again(tmp_path: Path) -> None:
    before = open_descriptors()
    queue = InotifyQueue()
    queue.add(os.fsencode(tmp_path), inotify.CREATE)
    assert len(open_descriptors() - before) == 3
    assert not any(os.get_inheritable(handle) for handle in (queue._handle, queue._wake_read, queue._wake_write))
    queue.close()
    queue.close()
    queue.wake()
    assert open_descriptors() <= before
    with pytest.raises(OSError, match="Bad file descriptor"):
        queue.add(os.fsencode(tmp_path), inotify.CREATE)
