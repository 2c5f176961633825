"""Writes the files of jobs, atomically: every value is JSON, which is YAML too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..files import write_atomic, yaml_key, yaml_value
from .model import Job, JobFile

_KEYS = (
    "id", "project", "user", "specification", "profile", "status", "current_phase", "lines_written", "error_message",
    "output_ready", "queue_reason", "created_at", "started_at", "finished_at",
)  # fmt: skip


def write_job(folder: str, job: Job, more: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Replace the file of the job; `more` are its keys that are not ours. Raises OSError."""
    path = Path(folder) / Path(job.file).name
    Path(folder).mkdir(parents=True, exist_ok=True)
    write_atomic(path, text_of(job, more).encode(), durable=False)


def text_of(job: Job, more: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The content of the file of a job: a key a line, then the keys that are not ours."""
    rows = {key: getattr(job, key) for key in _KEYS} | dict(more)
    return "".join(f"{yaml_key(key)}: {yaml_value(value)}\n" for key, value in rows.items())


def is_written(job: Job, file: JobFile) -> bool:
    """True if the file says what is known of the job. How many lines it wrote counts once it has ended."""
    names = ("status", "current_phase", "error_message", "output_ready", "queue_reason", "started_at", "finished_at")
    same = all(getattr(job, name) == getattr(file, name) for name in names)
    return same and (job.finished_at is None or job.lines_written == file.lines_written)
