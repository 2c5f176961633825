"""Messages as rows of the table `stream_messages`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .model import Message

_COLUMNS = (
    "id, stream_type, message_text, source, severity, job, created_at, data, rests_on, is_recorded, origin, project"
)


def row_of(message: Message) -> tuple[Any, ...]:
    """The columns of a message."""
    return (
        message.id, message.topic, message.text, message.source, message.severity, message.job, message.created_at,
        json.dumps(message.data, separators=(",", ":")), message.rests_on, int(message.is_recorded), message.origin,
        message.project,
    )  # fmt: skip


def insert(connection: Any, rows: Sequence[tuple[Any, ...]], place: tuple[Any, ...] | None) -> None:
    """Insert rows, and how far the file at a path was read with them: (path, *position)."""
    marks = ", ".join("?" * 12)
    connection.executemany(f"INSERT OR IGNORE INTO stream_messages ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608
    if place is not None:
        connection.execute(
            "INSERT OR REPLACE INTO stream_positions (path, device, inode, offset, line, fingerprint)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            place,
        )


def select(connection: Any, topic: str, before: int | None, limit: int) -> list[Message]:
    """Messages of a topic, the newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM stream_messages WHERE stream_type = ? AND id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        (topic, before if before is not None else 2**62, limit),
    )
    return [
        Message(
            id=row[0], topic=row[1], text=row[2], source=row[3], severity=row[4], job=row[5], created_at=row[6],
            data=json.loads(row[7]), rests_on=row[8], is_recorded=bool(row[9]), origin=row[10], project=row[11],
        )
        for row in rows
    ]  # fmt: skip
