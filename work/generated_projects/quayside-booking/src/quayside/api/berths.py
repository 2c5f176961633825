"""`GET /api/berths`: what is free, as JSON."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from urllib.parse import parse_qs

from ..availability import Boat, free_berths, why_none

MEASURES = ("length", "beam", "draught")


def answer(db: sqlite3.Connection, query: str) -> tuple[int, str]:
    """Status and body for a query string; measures come in metres."""
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    missing = [name for name in ("arrival", "departure", *MEASURES) if name not in given]
    if missing:
        return 400, json.dumps({"error": f"{missing[0]} is missing"})
    try:
        boat = Boat("", *(round(float(given[name]) * 100) for name in MEASURES))
        stay = date.fromisoformat(given["arrival"]), date.fromisoformat(given["departure"])
        found = free_berths(db, boat, *stay)
    except ValueError as problem:
        return 400, json.dumps({"error": str(problem)})
    if not found:
        return 200, json.dumps({"berths": [], "reason": why_none(db, boat)})
    return 200, json.dumps({"berths": [berth.__dict__ for berth in found]})
