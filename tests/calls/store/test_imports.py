"""Imports can be listed and taken back, whatever was counted before, in between and after them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_service.calendar_days import Calendar
from llm_service.calls.model import Call
from llm_service.calls.sessions.checkpoints import Checkpoint
from llm_service.calls.store.imports import Imports
from llm_service.calls.store.store import CallStore
from llm_service.costs.queries import CostQueries
from llm_service.database.database import Database

NOON = 1_772_366_400


class Book:
    """A call store where every token costs 1,000 nano-dollars, and its imports."""

    def __init__(self, path: Path) -> None:
        self.database = Database(str(path / "history.db"))
        self.database.start()
        assert self.database.wait_open(60)
        calendar = Calendar(ZoneInfo("UTC"))
        self.store = CallStore(self.database, lambda call: 1_000 * call.prompt_tokens, calendar)
        self.imports = Imports(self.database, calendar)
        self.queries = CostQueries(self.database, calendar)

    def ids(self) -> set[str]:
        with self.database.read_transaction() as connection:
            return {row[0] for row in connection.execute("SELECT invocation_id FROM calls")}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    yield made
    made.database.stop()


def calls(*numbers: int) -> list[Call]:
    return [Call(f"id-{number}", NOON * 1000, model_name="m", prompt_tokens=number) for number in numbers]


def test_an_import_has_a_number_paths_calls_and_their_cost(book: Book) -> None:
    first = book.imports.begin(["a.jsonl", "/b"])
    book.store.ingest(calls(1, 2), import_id=first)
    book.store.ingest(calls(3))
    book.store.ingest(calls(2, 3, 4), import_id=first)
    second = book.imports.begin(["/c"])
    newer, older = book.imports.every()
    assert (older.number, older.paths) == (first, (os.path.abspath("a.jsonl"), "/b"))
    assert (older.calls, older.cost_nanos) == (3, 7_000)
    assert (newer.number, newer.calls, newer.cost_nanos, newer.time_ms >= older.time_ms) == (second, 0, 0, True)


def test_what_an_import_added_is_removed_and_nothing_else(book: Book) -> None:
    first, second = book.imports.begin(["/a"]), book.imports.begin(["/b"])
    book.store.ingest(calls(1))
    book.store.ingest(calls(1, 2, 3), import_id=first)
    book.store.ingest(calls(3, 4), import_id=second)
    book.store.ingest(calls(5))
    assert book.imports.forget(first) == 2
    assert book.ids() == {"id-1", "id-4", "id-5"}
    assert (book.queries.totals(NOON)["total"].calls, book.queries.totals(NOON)["total"].cost_nanos) == (3, 10_000)
    assert [one.number for one in book.imports.every()] == [second]
    assert book.imports.forget(first) is None
    assert book.imports.begin(["/a"]) > second


def test_a_large_import_is_removed_in_parts(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.calls.store.imports._ROWS", 3)
    number = book.imports.begin(["/a"])
    book.store.ingest(calls(*range(6)), import_id=number)
    book.store.ingest(calls(9))
    assert book.imports.forget(number) == 6
    assert book.ids() == {"id-9"}


def test_logs_that_were_imported_are_read_again_where_they_are_followed(book: Book) -> None:
    number = book.imports.begin(["/logs/a", "/other.jsonl"])
    paths = ("/logs/a/x.jsonl", "/logs/ab.jsonl", "/other.jsonl", "/logs/b.jsonl")
    book.store.ingest(calls(1), [Checkpoint(path, 1, 2, 3, 4, b"", "", 0) for path in paths], import_id=number)
    book.imports.forget(number)
    assert set(book.store.checkpoints()) == {"/logs/ab.jsonl", "/logs/b.jsonl"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([None, 0, 1, 2]), st.sets(st.integers(0, 15), max_size=5), st.sampled_from("iif")),
        max_size=12,
    )
)
def test_any_imports_and_removals_leave_the_calls_of_the_others(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int | None, set[int], str]]
) -> None:
    book = Book(tmp_path_factory.mktemp("book"))
    try:
        numbers = [book.imports.begin([f"/{index}"]) for index in range(3)]
        owner: dict[int, int | None] = {}
        for index, added, action in steps:
            if action == "i":
                book.store.ingest(calls(*added), import_id=None if index is None else numbers[index])
                owner = dict.fromkeys(added, index) | owner
            elif index is not None and numbers[index]:
                assert book.imports.forget(numbers[index]) == sum(one == index for one in owner.values())
                owner = {number: one for number, one in owner.items() if one != index}
                numbers[index] = book.imports.begin([f"/{index}"])
            assert book.ids() == {f"id-{number}" for number in owner}
        found = {one.number: one.calls for one in book.imports.every()}
        assert [found[number] for number in numbers] == [
            sum(one == index for one in owner.values()) for index in range(3)
        ]
        assert book.queries.totals(NOON)["total"].calls == len(owner)
        assert book.queries.totals(NOON)["total"].cost_nanos == 1_000 * sum(owner)
    finally:
        book.database.stop()
