"""Reads `pipeline.yaml`: a `Pipeline`, or a `FileProblem` with line and column, whatever the file contains.

A file as this service wrote it is read by `sealed_reader`, in a twentieth of the time that YAML takes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ..errors import FileChanging, FileRefused, FileVanished, Unparseable
from ..files import SafeRoot, parse_mapping, place_of, printable, read_file
from ..files.yaml_limits import Limits
from ..times import iso_time
from .ids import MAX_JOBS, is_id
from .limits import MAX_FILE_BYTES, MAX_ID, MAX_NAME, MAX_REQUESTS, MAX_STEPS, MAX_TEXT
from .model import (
    JOB_STATUSES,
    PIPELINE_STATUSES,
    STEP_STATUSES,
    FileProblem,
    Job,
    Pipeline,
    PipelineFile,
    Request,
    Step,
)
from .sealed_reader import read_sealed
from .values import BadValue, Path, entries_of, number_of, others, plain, required, status_of, text_of, time_of
from .writer import JOB_KEYS, LISTS, PIPELINE_KEYS, REQUEST_KEYS, STEP_KEYS

FILE_NAME = "pipeline.yaml"
_LIMITS = Limits(nodes=60_000)
_TRIES = 5
_PROJECT = re.compile(rb"^project[ \t]*:[ \t]*[\"']?([^\"'\r\n#]+)", re.MULTILINE)


def read_pipeline(root: str | SafeRoot, pipeline_id: str, shown: str) -> PipelineFile | None:
    """What is in the folder of a pipeline below `root`, which clients know as `shown`; None if there is no file."""
    path = f"{pipeline_id}/{FILE_NAME}"
    place = f"{shown}/{printable(path)}"
    for tries_left in reversed(range(_TRIES)):
        try:
            content = read_file(root, path, MAX_FILE_BYTES)
            break
        except FileVanished:
            return None
        except FileRefused as refusal:
            if not isinstance(refusal, FileChanging) or not tries_left:
                problem = FileProblem(refusal.message, None, None, refusal.code)
                return PipelineFile(printable(pipeline_id), place, None, problem, iso_time(0))
    modified_at = iso_time(content.signature.mtime_ns / 1e9)
    found = parse_pipeline(content.data, pipeline_id, modified_at)
    digest = hashlib.blake2b(content.data, digest_size=16).digest()
    if isinstance(found, FileProblem):
        return PipelineFile(
            printable(pipeline_id), place, None, found, modified_at, digest, _said_project(content.data)
        )
    return PipelineFile(pipeline_id, place, found, None, modified_at, digest)


def _said_project(data: bytes) -> str | None:
    found = _PROJECT.search(data)
    said = "" if found is None else found[1].decode("utf-8", "replace").strip()[:MAX_ID]
    return None if said in ("", "null", "~") else said


def parse_pipeline(data: bytes, pipeline_id: str, modified_at: str) -> Pipeline | FileProblem:
    """The pipeline that the content of a file describes, or why it describes none."""
    sealed = read_sealed(data, pipeline_id)
    if sealed is not None:
        return sealed
    try:
        document = parse_mapping(data, _LIMITS, as_written=True)
    except Unparseable as problem:
        where = problem.problem
        return FileProblem(where.message, where.line, where.column, where.code)
    if document.extra or document.extra_error:
        where = document.extra_error
        message = "there is something after the pipeline, which is one YAML document"
        return FileProblem(message, where.line if where else None, where.column if where else None, "NOT_A_PIPELINE")
    try:
        if document.duplicate_keys:
            raise BadValue((document.duplicate_keys[0],), f"the key {document.duplicate_keys[0]} is there twice")
        return _pipeline(document.value, pipeline_id, modified_at)
    except BadValue as bad:
        line, column = place_of(document.text, bad.path) or (None, None)
        return FileProblem(str(bad), line, column, "NOT_A_PIPELINE")


def _pipeline(value: Mapping[str, Any], pipeline_id: str, modified_at: str) -> Pipeline:
    """The pipeline of a document. Raises BadValue."""
    if not is_id(pipeline_id):
        raise BadValue((), "its folder is not named by a UUID in lower case")
    if text_of(value, (), "id", MAX_ID) not in (None, pipeline_id):
        raise BadValue(("id",), "the id is not the name of the folder")
    created_at = time_of(value, (), "created_at") or modified_at
    updated_at = time_of(value, (), "updated_at") or created_at
    meta = value.get("meta")
    if meta is not None and not isinstance(meta, dict):
        raise BadValue(("meta",), "meta has to be a mapping")
    steps = _steps(value)
    return Pipeline(
        id=pipeline_id,
        project=text_of(value, (), "project", MAX_ID),
        pipeline_type=required(value, (), "pipeline_type", MAX_ID),
        ticket_id=text_of(value, (), "ticket_id", MAX_ID),
        sprint_id=text_of(value, (), "sprint_id", MAX_ID),
        branch=text_of(value, (), "branch", MAX_ID),
        triggered_by=text_of(value, (), "triggered_by", MAX_ID),
        meta=plain(meta or {}),
        status=status_of(value, (), PIPELINE_STATUSES, "created"),
        created_at=created_at,
        started_at=time_of(value, (), "started_at"),
        finished_at=time_of(value, (), "finished_at"),
        updated_at=updated_at,
        steps=steps,
        jobs=_jobs(value, {step.name for step in steps}),
        requests=_requests(value),
        more=others(value, frozenset((*PIPELINE_KEYS, *LISTS))),
    )


def _steps(value: Mapping[str, Any]) -> tuple[Step, ...]:
    found: dict[str, Step] = {}
    for number, entry in enumerate(entries_of(value, "steps", MAX_STEPS)):
        path: Path = ("steps", number)
        name = required(entry, path, "name", MAX_NAME)
        if name in found:
            raise BadValue((*path, "name"), f"there are two steps with the name {name}")
        found[name] = Step(
            name=name,
            position=number_of(entry, path, "position", 1, MAX_STEPS) or number + 1,
            status=status_of(entry, path, STEP_STATUSES, "pending"),
            started_at=time_of(entry, path, "started_at"),
            finished_at=time_of(entry, path, "finished_at"),
            more=others(entry, frozenset(STEP_KEYS)),
        )
    if not found:
        raise BadValue(("steps",), "a pipeline needs at least one step")
    return tuple(found.values())


def _jobs(value: Mapping[str, Any], steps: set[str]) -> tuple[Job, ...]:
    found: dict[str, Job] = {}
    for number, entry in enumerate(entries_of(value, "jobs", MAX_JOBS)):
        path: Path = ("jobs", number)
        job_id = required(entry, path, "id", MAX_ID)
        step = required(entry, path, "step", MAX_NAME)
        if not is_id(job_id):
            raise BadValue((*path, "id"), "the id of a job has to be a UUID in lower case")
        if job_id in found:
            raise BadValue((*path, "id"), "there are two jobs with this id")
        if step not in steps:
            raise BadValue((*path, "step"), f"there is no step {step}")
        found[job_id] = Job(
            id=job_id,
            step=step,
            name=required(entry, path, "name", MAX_NAME),
            agent_type=text_of(entry, path, "agent_type", MAX_NAME) or "",
            description=text_of(entry, path, "description", MAX_TEXT) or "",
            status=status_of(entry, path, JOB_STATUSES, "created"),
            attempt=number_of(entry, path, "attempt", 1, 10_000) or 1,
            score=number_of(entry, path, "score", 0, 100),
            summary=text_of(entry, path, "summary", MAX_TEXT),
            log_path=text_of(entry, path, "log_path", 4_096),
            session_id=text_of(entry, path, "session_id", MAX_ID),
            created_at=time_of(entry, path, "created_at"),
            started_at=time_of(entry, path, "started_at"),
            finished_at=time_of(entry, path, "finished_at"),
            more=others(entry, frozenset(JOB_KEYS)),
        )
    return tuple(found.values())


def _requests(value: Mapping[str, Any]) -> tuple[Request, ...]:
    found = []
    for number, entry in enumerate(entries_of(value, "requests", MAX_REQUESTS)):
        path: Path = ("requests", number)
        answer = entry.get("answer")
        if not isinstance(answer, dict) or set(entry) != set(REQUEST_KEYS):
            raise BadValue(path, f"a request has {', '.join(REQUEST_KEYS)}")
        key, call = (required(entry, path, name, MAX_ID) for name in ("key", "call"))
        found.append(Request(key, call, time_of(entry, path, "at") or "", plain(answer)))
    return tuple(found)
