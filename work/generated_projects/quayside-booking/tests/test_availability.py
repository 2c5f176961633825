"""What is offered to a skipper."""

import sqlite3
from datetime import date

import pytest
from quayside.availability import Boat, free_berths, why_none
from quayside.store.bookings import connect

PETREL = Boat("Petrel", 1120, 360, 170)
FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 6), date(2026, 11, 7), date(2026, 11, 8)


@pytest.fixture
def db() -> sqlite3.Connection:
    db = connect(":memory:")
    rows = [(16, "B", 1150, 380, 180), (17, "B", 1200, 400, 180), (31, "C", 1400, 420, -60)]
    db.executemany("INSERT INTO berth (id, pontoon, length_cm, beam_cm, depth_cm) VALUES (?, ?, ?, ?, ?)", rows)
    return db


def test_the_smallest_berth_that_fits_comes_first(db: sqlite3.Connection) -> None:
    assert [berth.id for berth in free_berths(db, PETREL, SATURDAY, SUNDAY)] == [16, 17, 31]


def test_who_leaves_and_who_arrives_may_share_a_day(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO stay (berth_id, boat, arrival, departure) VALUES (16, 'Curlew', ?, ?)", (FRIDAY, SATURDAY))
    assert 16 in [berth.id for berth in free_berths(db, PETREL, SATURDAY, SUNDAY)]
    assert 16 not in [berth.id for berth in free_berths(db, PETREL, FRIDAY, SUNDAY)]


def test_a_boat_that_fits_nowhere_gets_the_reason(db: sqlite3.Connection) -> None:
    long = Boat("Long John", 1500, 300, 200)
    assert free_berths(db, long, SATURDAY, SUNDAY) == []
    assert why_none(db, long) == "Our longest berth takes boats up to 13.7 m."


def test_a_stay_has_at_least_one_night(db: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="at least one night"):
        free_berths(db, PETREL, SATURDAY, SATURDAY)
