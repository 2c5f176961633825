"""Reads the files of jobs: a file below the folder becomes a `JobFile`, whatever it contains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import files
from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished, Unparseable
from ..logs.model import PHASES
from .model import JobFile, JobStatus

MAX_FILE_BYTES = 262_144
_ENDINGS = (".yaml", ".yml")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_TEXTS = ("error_message", "queue_reason", "created_at", "started_at", "finished_at", "user", "profile")
_OWN = frozenset(
    (*_TEXTS, "id", "project", "specification", "status", "current_phase", "lines_written", "output_ready")
)


def is_job_file(path: str) -> bool:
    """True for a path below the folder of jobs where a file is one."""
    return "/" not in path and not path.startswith(".") and path.lower().endswith(_ENDINGS)


def id_of(path: str) -> str:
    """The id of the job whose file is at a path: its name."""
    return files.printable(path.rpartition(".")[0])


def is_id(text: str) -> bool:
    """True for the id of a job that may be run."""
    return _ID.fullmatch(text) is not None


def read_job(root: str, path: str, folder: str) -> JobFile | None:
    """The job in a file of `root`, which clients know as `folder/path`; None if it does not exist.

    Raises FileChanging if it is being written, FileUnreadable if the system does not give it now.
    """
    try:
        data = files.read_file(root, path, MAX_FILE_BYTES).data
    except FileVanished:
        return None
    except (FileChanging, FileUnreadable):
        raise
    except FileRefused as refusal:
        return unreadable_job(path, folder, refusal.message)
    return parse_job(data, id_of(path), _shown(folder, path))


def unreadable_job(path: str, folder: str, problem: str) -> JobFile:
    """The job of a file that cannot be read."""
    return JobFile(id=id_of(path), file=_shown(folder, path), status=JobStatus.UNKNOWN, problem=problem)


def _shown(folder: str, path: str) -> str:
    return f"{folder}/{files.printable(path)}"


def parse_job(data: bytes, job_id: str, file: str) -> JobFile:
    """The job that the content of a file describes; with a `problem` where it describes none."""
    try:
        value = files.parse_mapping(data).value
    except Unparseable as problem:
        where = f" (line {problem.problem.line})" if problem.problem.line else ""
        return JobFile(id=job_id, file=file, status=JobStatus.UNKNOWN, problem=f"Not valid YAML{where}: {problem}")
    found, problems = _fields(value)
    if not is_id(job_id):
        problems.append("Its name has other characters than letters, digits, dot, dash and underscore.")
    elif value.get("id") is not None and str(value["id"]) != job_id:
        problems.append(f"Its id, {files.printable(str(value['id']))[:120]}, is not the name of the file.")
    more = {key: one for key, one in value.items() if key not in _OWN}
    return JobFile(id=job_id, file=file, **found, more=more, problem=" ".join(problems) or None)


def _fields(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {name: _text(value.get(name)) for name in _TEXTS}
    problems = []
    for name in ("project", "specification"):
        found[name] = _text(value.get(name)) or ""
        if not found[name]:
            problems.append(f"It has no {name}.")
    if found["project"] and not is_project(found["project"]):
        problems.append("Its project is not the name of a folder.")
    status = str(value.get("status", "pending")).strip().lower()
    if status in list(JobStatus):
        found["status"] = JobStatus(status)
    else:
        found["status"] = JobStatus.UNKNOWN
        problems.append(f"Its status is none of {', '.join(JobStatus)}.")
    phase = str(value.get("current_phase") or "idle").strip().lower()
    found["current_phase"] = phase if phase in PHASES else "idle"
    lines = value.get("lines_written")
    found["lines_written"] = lines if type(lines) is int and lines >= 0 else None
    found["output_ready"] = value.get("output_ready") is True
    return found, problems


def is_project(name: str) -> bool:
    """True for the name of a folder that may be a project: no path, not hidden, no option of a program."""
    return (
        0 < len(name) <= 120
        and name[0].isalnum()
        and not name.endswith((" ", "."))
        and not any(char in '/\\:*?"<>|' or not char.isprintable() for char in name)
    )


def _text(value: Any) -> str | None:
    """A scalar as text, without what cannot be shown; None if it is none or empty."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value) or None
