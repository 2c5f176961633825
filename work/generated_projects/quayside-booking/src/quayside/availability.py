"""Which berths fit a boat and are free for its stay."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

SPARE_LENGTH_CM = 30
SPARE_BEAM_CM = 20

FREE = """
SELECT berth.id, berth.length_cm, berth.beam_cm, berth.dries
  FROM berth
 WHERE berth.length_cm >= :length_cm AND berth.beam_cm >= :beam_cm
   AND NOT EXISTS (SELECT 1 FROM stay
                    WHERE stay.berth_id = berth.id
                      AND stay.arrival < :departure AND stay.departure > :arrival)
 ORDER BY berth.length_cm, berth.id
"""


@dataclass(frozen=True)
class Boat:
    """Measures in centimetres."""

    name: str
    length_cm: int
    beam_cm: int
    draught_cm: int


@dataclass(frozen=True)
class Berth:
    """A place on a pontoon; `dries` if it falls dry at low water."""

    id: int
    length_cm: int
    beam_cm: int
    dries: bool


def free_berths(db: sqlite3.Connection, boat: Boat, arrival: date, departure: date) -> list[Berth]:
    """The berths that fit and are free, the smallest first."""
    if departure <= arrival:
        raise ValueError("a stay has at least one night")
    rows = db.execute(
        FREE,
        {
            "length_cm": boat.length_cm + SPARE_LENGTH_CM,
            "beam_cm": boat.beam_cm + SPARE_BEAM_CM,
            "arrival": arrival.isoformat(),
            "departure": departure.isoformat(),
        },
    )
    return [Berth(number, length, beam, bool(dries)) for number, length, beam, dries in rows]


def why_none(db: sqlite3.Connection, boat: Boat) -> str:
    """What to say to a skipper whose boat fits nowhere."""
    longest, widest = db.execute("SELECT max(length_cm), max(beam_cm) FROM berth").fetchone()
    if boat.length_cm + SPARE_LENGTH_CM > longest:
        return f"Our longest berth takes boats up to {(longest - SPARE_LENGTH_CM) / 100:.1f} m."
    if boat.beam_cm + SPARE_BEAM_CM > widest:
        return f"Our widest berth takes boats up to {(widest - SPARE_BEAM_CM) / 100:.1f} m beam."
    return "Every berth that fits is taken on one of these nights."
