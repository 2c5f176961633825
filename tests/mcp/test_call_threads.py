"""`CallThreads`: an answer in time or an error, few threads, and no call that holds up another one or the end."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest
from kit.live import eventually

from llm_service.mcp.call_threads import CallThreads, CallTimeout

NAME = "call-threads-test"
WHO: ContextVar[str] = ContextVar("who", default="nobody")


def alive() -> int:
    return sum(thread.name == NAME for thread in threading.enumerate())


@pytest.fixture
def calls() -> Iterator[CallThreads]:
    one = CallThreads(NAME, 2)
    yield one
    one.stop()
    assert eventually(lambda: alive() == 0)


def test_a_call_is_answered_in_the_context_of_who_asks(calls: CallThreads) -> None:
    token = WHO.set("ada")
    try:
        assert calls.run(lambda: (WHO.get(), threading.current_thread().name), 60) == ("ada", NAME)
    finally:
        WHO.reset(token)
    assert calls.run(WHO.get, 60) == "nobody"


@pytest.mark.parametrize("kind", [ValueError, TimeoutError])
def test_what_a_call_raises_is_raised(calls: CallThreads, kind: type[Exception]) -> None:
    def fail() -> None:
        raise kind("no")

    with pytest.raises(kind, match="no"):
        calls.run(fail, 60)


def test_a_thread_serves_many_calls(calls: CallThreads) -> None:
    found = {calls.run(threading.get_ident, 60) for _ in range(50)}
    assert 1 <= len(found) <= 2 and alive() <= 2


def test_a_call_that_hangs_holds_up_nobody_and_one_that_waits_is_dropped(calls: CallThreads) -> None:
    release, ran = threading.Event(), list[str]()

    def hang() -> None:
        """One call hangs: one that has not begun when its time is over is dropped."""
        has_begun, is_first = threading.Event(), True
        while is_first or not has_begun.wait(1):
            is_first = False
            with pytest.raises(CallTimeout):
                calls.run(lambda: has_begun.set() or release.wait(60), 0.05)

    try:
        hang()
        assert calls.run(lambda: 7, 60) == 7
        hang()
        with pytest.raises(CallTimeout):
            calls.run(lambda: ran.append("late"), 0.01)
        assert alive() == 2
    finally:
        release.set()
    assert calls.run(lambda: 8, 60) == 8 and ran == []


def test_after_the_end_it_can_be_used_again(calls: CallThreads) -> None:
    assert calls.run(lambda: 1, 60) == 1
    calls.stop()
    assert eventually(lambda: alive() == 0)
    assert calls.run(lambda: 2, 60) == 2


def test_a_call_that_hangs_does_not_keep_the_process() -> None:
    script = "import threading; from llm_service.mcp.call_threads import *\ntry:\n CallThreads('x', 1).run("
    script += "threading.Event().wait, 0.01)\nexcept CallTimeout:\n print('late')"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout == "late\n"
