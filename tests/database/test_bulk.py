"""Many rows with few statements: any number of rows is inserted, complete and in order."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.database.bulk import insert_rows, select_in


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 63, 64, 65, 255, 256, 1023, 1024, 1025, 5000])
@pytest.mark.parametrize("width", [1, 24, 40])
def test_rows_are_inserted_complete_and_in_order(count: int, width: int) -> None:
    names = [f"c{number}" for number in range(width)]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {', '.join(names)})")
        rows = [tuple(range(number, number + width)) for number in range(count)]
        insert_rows(connection, f"INTO t ({', '.join(names)})", rows)
        assert connection.execute(f"SELECT {', '.join(names)} FROM t ORDER BY id").fetchall() == rows


def test_many_rows_take_few_statements() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        insert_rows(connection, "INTO t", [(number, None) for number in range(8_000)])
        assert len([one for one in statements if one.startswith("INSERT")]) < 25


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 5)), max_size=300))
def test_an_upsert_adds_to_existing_rows_in_one_statement(rows: list[tuple[int, int]]) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (key PRIMARY KEY, total)")
        insert_rows(connection, "INTO t", rows, "ON CONFLICT (key) DO UPDATE SET total = total + excluded.total")
        expected: dict[int, int] = {}
        for key, value in rows:
            expected[key] = expected.get(key, 0) + value
        assert dict(connection.execute("SELECT key, total FROM t")) == expected


@pytest.mark.parametrize("count", [0, 1, 500, 501, 1_700])
def test_rows_are_found_by_any_number_of_keys(count: int) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (key PRIMARY KEY, value)")
        insert_rows(connection, "INTO t", [(number, -number) for number in range(2_000)])
        found = select_in(connection, "SELECT key, value FROM t WHERE key IN", range(1_000, 1_000 + count))
        assert dict(found) == {number: -number for number in range(1_000, min(1_000 + count, 2_000))}


def test_any_number_of_keys_takes_few_statements_to_prepare() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (key PRIMARY KEY)")
        insert_rows(connection, "INTO t", [(number,) for number in range(600)])
        statements: set[str] = set()
        connection.set_trace_callback(lambda text: statements.add(str(text.count(","))))  # the values are in the text
        for count in range(601):
            found = list(select_in(connection, "SELECT key FROM t WHERE key IN", range(count)))
            assert sorted(found) == [(number,) for number in range(count)]
        assert len(statements) <= 10
