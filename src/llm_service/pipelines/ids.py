"""Ids: UUIDs of version 8 (RFC 9562), made so that the pipeline of a job follows from the job's id.

The last 16 bits of the id of a pipeline are 0, those of its jobs count from 1: a job is found without an index, and
without reading any other pipeline. The other 106 bits are random, or the hash of an idempotency key.
"""

from __future__ import annotations

import hashlib
import os
import re

MAX_JOBS = 500
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_id(text: object) -> bool:
    """True for a UUID in lower case."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def has_our_form(text: str) -> bool:
    """True for an id that only this service makes."""
    return text[14] == "8"


def new_pipeline_id(seed: str | None = None) -> str:
    """The id of a new pipeline; with a seed, always the same."""
    drawn = os.urandom(14) if seed is None else hashlib.sha256(seed.encode()).digest()[:14]
    number = bytearray(drawn + b"\0\0")
    number[6] = number[6] & 0x0F | 0x80
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def job_id(pipeline_id: str, number: int) -> str:
    """The id of the `number`th job of a pipeline, from 1."""
    return f"{pipeline_id[:-4]}{number:04x}"


def pipeline_of(job: str) -> str:
    """The id of the pipeline of a job, if this service gave the job its id."""
    return f"{job[:-4]}0000"


def next_job_id(pipeline_id: str, taken: frozenset[str]) -> str:
    """An id for the next job. A pipeline that was written by hand, whose id does not end in zeros, has room too."""
    base = pipeline_of(pipeline_id)
    numbers = range(1, 0x10000)
    return next(job_id(base, number) for number in numbers if job_id(base, number) not in taken)
