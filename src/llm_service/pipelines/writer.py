"""The content of `pipeline.yaml`: every value is JSON, which is YAML too; a line for each field, step and job.

The last line is a comment with the hash of those before it, by which the reader knows that nobody else changed them.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Any

from ..files import yaml_key, yaml_value
from .model import Job, Pipeline, Request, Step

PIPELINE_KEYS = tuple(
    field.name for field in fields(Pipeline) if field.name not in ("more", "steps", "jobs", "requests")
)
STEP_KEYS = tuple(field.name for field in fields(Step) if field.name != "more")
JOB_KEYS = tuple(field.name for field in fields(Job) if field.name != "more")
REQUEST_KEYS = tuple(field.name for field in fields(Request))
LISTS = ("steps", "jobs", "requests")
SEAL = b"# as written by llm-service: "


def bytes_of(pipeline: Pipeline) -> bytes:
    """The content of the file."""
    lines = [f"{key}: {yaml_value(getattr(pipeline, key))}\n" for key in PIPELINE_KEYS]
    lines += [f"{yaml_key(key)}: {yaml_value(value)}\n" for key, value in pipeline.more.items()]
    lines += _list("steps", [_object(step, STEP_KEYS) | dict(step.more) for step in pipeline.steps])
    lines += _list("jobs", [_object(job, JOB_KEYS) | dict(job.more) for job in pipeline.jobs])
    lines += _list("requests", [_object(request, REQUEST_KEYS) for request in pipeline.requests])
    data = "".join(lines).encode()
    has_more = pipeline.more or any(step.more for step in pipeline.steps) or any(job.more for job in pipeline.jobs)
    return data if has_more else data + SEAL + digest_of(data) + b"\n"


def digest_of(data: bytes) -> bytes:
    """The hash in the last line."""
    return hashlib.blake2b(data, digest_size=12).hexdigest().encode()


def _list(name: str, items: list[dict[str, Any]]) -> list[str]:
    return [f"{name}:\n", *(f"  - {yaml_value(item)}\n" for item in items)] if items else [f"{name}: []\n"]


def _object(value: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: getattr(value, key) for key in keys}
