"""The threads that serve requests: bounded, a share for short requests, and no end when the system gives no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from kit.live import eventually

from llm_service.server import request_pool
from llm_service.server.request_pool import RequestPool


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse a stream soon."""
    monkeypatch.setattr(request_pool, "_WAIT_S", 0.02)


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set at the end of the test: jobs that wait for it end."""
    event = threading.Event()
    yield event
    event.set()


def hold(pool: RequestPool, over: threading.Event, address: str = "127.0.0.1") -> bool:
    """Submit a job that asks to keep its thread, and keeps it if it may."""
    answers: list[bool] = []

    def job() -> None:
        answers.append(pool.hold(address))
        if answers[0]:
            over.wait()

    assert pool.submit(job)
    eventually(lambda: answers)
    return answers[0]


def served(pool: RequestPool) -> None:
    """A short job is served."""
    done = threading.Event()
    assert pool.submit(done.set)
    assert done.wait(60)


def test_streams_get_all_threads_but_a_share_and_short_jobs_are_always_served(over: threading.Event) -> None:
    pool = RequestPool(8)
    assert [hold(pool, over) for _ in range(8)] == [True] * 6 + [False] * 2
    served(pool)
    assert pool.threads <= 8


def test_one_address_has_its_share_only_but_this_machine_may_have_all(over: threading.Event) -> None:
    pool = RequestPool(16)
    assert [hold(pool, over, "192.0.2.1") for _ in range(10)] == [True] * 8 + [False] * 2
    assert hold(pool, over, "192.0.2.2")
    assert [hold(pool, over) for _ in range(6)] == [True] * 5 + [False]
    small = RequestPool(16, per_address=2)
    assert [hold(small, over, "2001:db8::1") for _ in range(3)] == [True, True, False]


def test_a_share_is_free_again_when_a_stream_ends() -> None:
    pool, first, second = RequestPool(8), threading.Event(), threading.Event()
    assert all(hold(pool, first) for _ in range(6))
    assert not hold(pool, second)
    first.set()
    eventually(lambda: hold(pool, second))
    second.set()


def test_a_stream_waits_a_moment_for_one_that_ends(monkeypatch: pytest.MonkeyPatch, over: threading.Event) -> None:
    monkeypatch.setattr(request_pool, "_WAIT_S", 20)
    pool, first = RequestPool(8), threading.Event()
    assert all(hold(pool, first) for _ in range(6))
    threading.Timer(0.05, first.set).start()
    assert hold(pool, over)


def test_when_the_system_gives_no_more_threads_those_there_are_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, over: threading.Event
) -> None:
    monkeypatch.setattr(request_pool, "STARTED_AT_ONCE", 4)
    pool = RequestPool(64)

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    held = [hold(pool, over) for _ in range(10)]
    assert held.count(True) in (2, 3)
    for _ in range(20):
        served(pool)
    assert pool.threads == 4
    assert [record.message for record in caplog.records].count(
        "The system gives no more threads (can't start new thread); further clients wait or are refused"
    ) == 1


def test_without_any_thread_a_job_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert not RequestPool(8).submit(lambda: None)


def test_a_job_that_fails_does_not_take_its_thread_along(caplog: pytest.LogCaptureFixture) -> None:
    pool = RequestPool(8)
    for _ in range(30):
        pool.submit(lambda: 1 / 0)
    served(pool)
    eventually(lambda: len(caplog.records) == 30)
