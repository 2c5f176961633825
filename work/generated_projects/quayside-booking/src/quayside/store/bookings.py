"""Opens the harbour's file and brings its schema up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def connect(path: str | Path) -> sqlite3.Connection:
    """A connection to a file with the newest schema."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA foreign_keys = ON")
    (known,) = db.execute("PRAGMA user_version").fetchone()
    for script in sorted(MIGRATIONS.glob("*.sql")):
        number = int(script.name[:4])
        if number > known:
            db.executescript(f"BEGIN; {script.read_text()} PRAGMA user_version = {number}; COMMIT;")
    return db
