"""The schema refuses what must not be."""

import sqlite3

import pytest
from quayside.store.bookings import connect

BERTH = "INSERT INTO berth (id, pontoon, length_cm, beam_cm, depth_cm) VALUES (17, 'B', 1200, 400, 180)"
STAY = "INSERT INTO stay (berth_id, boat, arrival, departure) VALUES (17, ?, ?, ?)"


def test_two_stays_in_one_berth_cannot_overlap() -> None:
    db = connect(":memory:")
    db.execute(BERTH)
    db.execute(STAY, ("Petrel", "2026-11-06", "2026-11-08"))
    with pytest.raises(sqlite3.IntegrityError, match="taken"):
        db.execute(STAY, ("Annie May", "2026-11-07", "2026-11-09"))
    db.execute(STAY, ("Annie May", "2026-11-08", "2026-11-09"))


def test_an_old_file_is_brought_up_to_date_once(tmp_path) -> None:
    for _ in range(2):
        db = connect(tmp_path / "harbour.sqlite")
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        db.close()
