"""Messages that are sent only once their booking is on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable


def put(db: sqlite3.Connection, stay_id: int, text: str) -> None:
    """Write a message into the transaction that is open."""
    db.execute("INSERT INTO outbox (stay_id, text) VALUES (?, ?)", (stay_id, text))


def send_all(db: sqlite3.Connection, send: Callable[[int, str], None]) -> int:
    """Send what waits, each once; returns how many. `send` has to be harmless when it is called twice."""
    waiting = db.execute("SELECT id, text FROM outbox WHERE sent_at IS NULL ORDER BY id").fetchall()
    for number, text in waiting:
        send(number, text)
        with db:
            db.execute("UPDATE outbox SET sent_at = datetime('now') WHERE id = ?", (number,))
    return len(waiting)
