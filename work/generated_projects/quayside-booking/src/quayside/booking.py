"""Book a berth: the stay and its confirmation are one transaction."""

from __future__ import annotations

import sqlite3
from datetime import date

from . import outbox
from .availability import Boat, free_berths


class Taken(Exception):
    """Somebody was quicker; `others` are berths that are still free."""

    def __init__(self, others: list[int]) -> None:
        super().__init__("this berth has just been taken")
        self.others = others


def book(db: sqlite3.Connection, berth_id: int, boat: Boat, arrival: date, departure: date) -> int:
    """The number of the booking. Raises Taken if the berth is no longer free."""
    try:
        with db:
            stay = db.execute(
                "INSERT INTO stay (berth_id, boat, arrival, departure) VALUES (?, ?, ?, ?)",
                (berth_id, boat.name, arrival.isoformat(), departure.isoformat()),
            )
            number = int(stay.lastrowid or 0)
            outbox.put(db, number, f"{boat.name}: berth {berth_id}, {arrival} to {departure}")
    except sqlite3.IntegrityError as overlap:
        raise Taken([berth.id for berth in free_berths(db, boat, arrival, departure)]) from overlap
    return number
