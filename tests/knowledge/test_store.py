"""The messages of streams in memory and in the database."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_service.database.database import Database
from llm_service.knowledge.model import Message
from llm_service.knowledge.queries import MessageFilter, select_messages
from llm_service.knowledge.store import RECENT, MessageStore
from llm_service.times import iso_time
from llm_service.watch.tail import Position

NOW = 1_790_000_000.0


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(str(tmp_path / "history.db"))
    database.start()
    assert database.wait_open(60)
    yield database
    database.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def message(store: MessageStore, text: str, topic: str = "insights", **fields: Any) -> Message:
    values: dict[str, Any] = {"source": "ada", "created_at": iso_time(NOW)}
    return Message(id=store.next_id(), topic=topic, text=text, **(values | fields))


def all_texts(store: MessageStore, topic: str = "insights") -> list[str]:
    return [one.text for one in store.newest_first(topic)]


def test_ids_rise_whatever_the_clock_does(clock: Clock) -> None:
    store = MessageStore(None, clock=clock)
    ids = [store.next_id(), store.next_id()]
    clock.now -= 3_600
    ids.append(store.next_id())
    clock.now += 7_200
    ids.append(store.next_id())
    assert ids == sorted(set(ids))
    assert ids[0] == int(NOW * 1_000_000)
    assert ids[-1] == int((NOW + 3_600) * 1_000_000)


def test_everything_of_a_message_is_stored(database: Database, clock: Clock) -> None:
    store = MessageStore(database, clock=clock)
    said = message(
        store, "x", severity="error", job="j1", data={"a": [1, None]}, rests_on="y", is_recorded=True, origin="file"
    )
    store.add([said], "/w/insights.jsonl", Position(1, 2, 3, 4, b"five"))
    assert database.flush(60)
    other = MessageStore(database, clock=clock)
    assert other.load() == {"/w/insights.jsonl": Position(1, 2, 3, 4, b"five")}
    assert other.recent("insights") == [said]
    assert other.next_id() > said.id


def test_messages_and_how_far_a_file_was_read_are_stored_together(database: Database) -> None:
    store = MessageStore(database)
    store.add([], "/w/a", Position(1, 2, 3, 4, b"x"))
    store.add([message(store, "one")], "/w/a", Position(1, 2, 9, 5, b"y"))
    assert database.flush(60)
    assert MessageStore(database).load() == {"/w/a": Position(1, 2, 9, 5, b"y")}


def test_all_messages_are_found_also_those_no_longer_in_memory(database: Database) -> None:
    store = MessageStore(database)
    for start in range(0, RECENT + 700, 100):
        store.add([message(store, f"n{number}") for number in range(start, start + 100)])
    store.add([message(store, "of another stream", "logs")])
    assert database.flush(60)
    assert all_texts(store) == [f"n{number}" for number in reversed(range(RECENT + 700))]
    assert all_texts(store, "logs") == ["of another stream"]
    assert len(store.recent("insights")) == RECENT


def test_what_is_not_committed_yet_is_found(database: Database) -> None:
    store = MessageStore(database)
    store.add([message(store, "one")])
    assert all_texts(store) == ["one"]


def test_without_a_database_there_is_the_memory() -> None:
    store = MessageStore(None)
    store.add([message(store, f"n{number}") for number in range(RECENT + 1)], "/w/a", Position())
    assert store.load() == {}
    assert len(all_texts(store)) == RECENT
    assert store.decisions() == {}


def test_a_database_that_is_not_open_yet_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.knowledge.store._OPEN_S", 0.01)
    database = Database(str(tmp_path / "history.db"))
    store = MessageStore(database)
    assert (store.load(), store.decisions()) == (None, None)
    database.start()
    assert database.wait_open(60)
    assert (store.load(), store.decisions()) == ({}, {})
    database.stop()


def test_a_database_that_cannot_be_used_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    database = Database(str(tmp_path / "history.db"))
    database.start()
    assert database._tried.wait(60)
    store = MessageStore(database)
    assert (store.load(), store.decisions()) == ({}, {})
    store.add([message(store, "one")])
    assert all_texts(store) == ["one"]
    database.stop()


def test_the_oldest_messages_are_removed(database: Database, clock: Clock) -> None:
    store = MessageStore(database, max_messages=10, max_age_days=1, clock=clock)
    store.add([message(store, "old", created_at=iso_time(NOW - 2 * 86_400))])
    store.add([message(store, f"n{number}") for number in range(30)])
    clock.now += 601
    store.add([message(store, "last")])
    assert database.flush(60)
    other = MessageStore(database)
    other.load()
    assert [one.text for one in other.recent("insights")] == [*(f"n{number}" for number in range(21, 30)), "last"]


def test_pages_lead_from_one_to_the_next() -> None:
    store = MessageStore(None)
    store.add([message(store, f"n{number}", job="j1" if number % 3 else "j2") for number in range(20)])
    wanted, found, before = MessageFilter(jobs=("j2",)), [], None
    while True:
        page = select_messages(store, "insights", wanted, before, 2)
        found += [one.text for one in page.messages]
        if page.next_before is None:
            break
        before = page.next_before
    assert found == ["n18", "n15", "n12", "n9", "n6", "n3", "n0"]


def test_a_search_that_finds_nothing_ends_where_it_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.knowledge.queries._MOST_SEARCHED", 7)
    store = MessageStore(None)
    store.add([message(store, f"n{number}") for number in range(10)])
    first = select_messages(store, "insights", MessageFilter(words=("n1",)), None, 5)
    assert (first.messages, first.next_before is not None) == ((), True)
    second = select_messages(store, "insights", MessageFilter(words=("n1",)), first.next_before, 5)
    assert [one.text for one in second.messages] == ["n1"]
    assert second.next_before is None


def test_decisions_are_remembered(database: Database) -> None:
    store = MessageStore(database)
    store.record_decision("d1", "declined", "2026-11-30T05:00:00Z")
    store.record_decision("d1", "accepted", "2026-11-30T06:00:00Z")
    assert database.flush(60)
    assert store.decisions() == {"d1": ("accepted", "2026-11-30T06:00:00Z")}


def test_a_message_that_is_still_being_written_is_not_left_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.knowledge.store._OPEN_S", 0.01)  # writing may take longer than opening
    store = MessageStore(database)
    held, go = threading.Event(), threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        held.set()
        assert go.wait(60)

    database.write_later(hold)
    assert held.wait(60)
    store.add([message(store, f"n{number}") for number in range(RECENT + 200)])
    threading.Timer(0.2, go.set).start()
    assert all_texts(store) == [f"n{number}" for number in reversed(range(RECENT + 200))]
