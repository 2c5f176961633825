"""Task files as the reader makes them, without a disk."""

from __future__ import annotations

import hashlib
from typing import Any

from llm_service.files import parse_mapping
from llm_service.tasks.claims import claims_of
from llm_service.tasks.model import LANES, FileFacts, TaskError, TaskFile, location_of
from llm_service.tasks.reader import pack
from llm_service.tasks.summary import summarize

BROKEN = TaskError("did not find expected ',' or ']'", 2, 8, "NOT_YAML")


def file_of(path: str, text: str, mtime_s: int = 0, lanes: tuple[str, ...] = LANES) -> TaskFile:
    """The file at a path with a valid text."""
    location = location_of(path, lanes)
    assert location is not None
    data = text.encode()
    document = parse_mapping(data).value
    claims = claims_of(document)
    summary = summarize(location, document, FileFacts(len(data), mtime_s * 10**9), claims)
    packed = pack(data)
    return TaskFile(summary, hashlib.blake2b(data).digest(), packed, packed, 0.0, claims)


def task(path: str, task_id: str | None = None, mtime_s: int = 0, **fields: Any) -> TaskFile:
    """A file at a path with an id (its stem if None) and fields."""
    task_id = path.rsplit("/", 1)[-1].removesuffix(".yaml") if task_id is None else task_id
    lines = [f"id: {task_id}", *(f"{name}: {value}" for name, value in fields.items())]
    return file_of(path, "\n".join(lines), mtime_s)


def broken(path: str, task_id: str, error: TaskError = BROKEN, before: TaskFile | None = None) -> TaskFile:
    """A file that does not parse, after `before`."""
    location = location_of(path)
    assert location is not None
    summary = summarize(location, {"id": task_id}, FileFacts(9, 0, error=error))
    return TaskFile(summary, repr(error).encode(), pack(b"["), before.last_good if before else None, None)
