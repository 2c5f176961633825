"""The desk asks each source for a limited time, and one that fails hides nothing of the others."""

from __future__ import annotations

import threading

import pytest

from llm_service.errors import HistoryUnavailable
from llm_service.search import desk as module
from llm_service.search.desk import Found, Limits, SearchDesk, TooManySearches
from llm_service.search.model import Hit, Query, parse


def hits(kind: str, count: int) -> list[Hit]:
    """So many hits."""
    return [Hit(kind=kind, title=f"{kind} {number}", text="", href=f"#/{kind}/{number}") for number in range(count)]


def gives(kind: str, count: int, is_complete: bool = True) -> module.Source:
    """A source that finds so many."""
    return lambda query, limits: Found(hits(kind, count), is_complete)


def test_each_kind_has_its_limit_and_says_whether_there_is_more() -> None:
    desk = SearchDesk({"tasks": gives("tasks", 5), "files": gives("files", 2), "logs": gives("logs", 1, False)})
    answer = desk.find(parse("x"), frozenset(), 3)
    assert [hit.kind for hit in answer.hits] == ["tasks"] * 3 + ["files"] * 2 + ["logs"]
    assert answer.incomplete == ("tasks", "logs")


def test_only_the_kinds_that_are_asked_for_are_searched() -> None:
    desk = SearchDesk({"tasks": gives("tasks", 1), "files": gives("files", 1)})
    assert {hit.kind for hit in desk.find(parse("x"), frozenset({"files"}), 3).hits} == {"files"}
    assert {hit.kind for hit in desk.find(parse("x kind:task"), frozenset(), 3).hits} == {"tasks"}
    assert desk.find(parse("x kind:task"), frozenset({"files"}), 3).hits == ()
    assert desk.find(parse("-x"), frozenset(), 3).hits == ()


def test_a_source_that_fails_is_incomplete_and_the_others_are_there(caplog: pytest.LogCaptureFixture) -> None:
    def broken(query: Query, limits: Limits) -> Found:
        raise ValueError("a defect")

    def unavailable(query: Query, limits: Limits) -> Found:
        raise HistoryUnavailable("the database cannot be read")

    desk = SearchDesk({"plans": broken, "calls": unavailable, "tasks": gives("tasks", 1)})
    answer = desk.find(parse("x"), frozenset(), 3)
    assert [hit.kind for hit in answer.hits] == ["tasks"]
    assert answer.incomplete == ("plans", "calls")
    assert "plans could not be searched" in caplog.text


def test_few_searches_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT_S", 0.01)
    entered, leave = threading.Semaphore(0), threading.Event()

    def slow(query: Query, limits: Limits) -> Found:
        entered.release()
        leave.wait(60)
        return Found((), True)

    desk = SearchDesk({"tasks": slow})
    threads = [
        threading.Thread(target=desk.find, args=(parse("x"), frozenset(), 1)) for _ in range(module.MOST_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert entered.acquire(timeout=60)
    with pytest.raises(TooManySearches):
        desk.find(parse("x"), frozenset(), 1)
    leave.set()
    for thread in threads:
        thread.join(60)
    assert desk.find(parse("x"), frozenset(), 1).hits == ()
