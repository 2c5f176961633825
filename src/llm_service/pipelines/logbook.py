"""`Logbook`: adds entries to the log pages of jobs, each once for an idempotency key, whenever its writer is killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ..times import iso_time
from .idempotency import Call
from .log_page import LogWriter, stamp_of
from .model import Pipeline
from .store import LockedPipeline, PipelineStore


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry is, or will be: its first byte in the page, and the time that it says."""

    offset: int
    stamp: str


class Logbook:
    """Called by the holder of the pipeline's lock."""

    def __init__(self, store: PipelineStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def append(
        self, folder: LockedPipeline, pipeline: Pipeline, job_id: str, content: bytes, call: Call | None
    ) -> dict[str, Any]:
        """Add an entry: `{log_path, message}`. Raises ToolError, OSError.

        With a key, it is first written down where the entry will be. When the call is repeated, what is there tells
        whether it is whole, was begun, or is missing.
        """
        now = self._clock()
        earlier = call.answered(pipeline, now) if call else None
        with folder.log(job_id) as page:
            place, entry = _earlier_place(page, content, earlier) if earlier is not None else (None, None)
            if place is None or entry is None:  # new, or the page was removed meanwhile
                place, entry = _next_place(page, content, now)
            page.require_room(entry)
            answer = {"log_path": self._store.log_path(pipeline.id, job_id), "message": _message(place)}
            self._note(folder, pipeline, job_id, answer, (call, place) if call else None, now)
            if entry:
                page.append(entry, now)
        if place.offset == 0:
            with suppress(OSError):
                self._store.make_parent_page()
        return answer

    def _note(
        self,
        folder: LockedPipeline,
        pipeline: Pipeline,
        job_id: str,
        answer: Mapping[str, Any],
        promise: tuple[Call, _Place] | None,
        now: float,
    ) -> None:
        """Write down what the pipeline has to say of the entry, if it does not yet."""
        job = pipeline.job(job_id)
        changed = pipeline
        if job is not None and job.log_path != answer["log_path"]:
            with_log = replace(job, log_path=answer["log_path"])
            jobs = tuple(with_log if one.id == job_id else one for one in pipeline.jobs)
            changed = replace(pipeline, jobs=jobs, updated_at=iso_time(now))
        if promise is not None:
            call, place = promise
            changed = call.remember(changed, {**answer, "offset": place.offset, "stamp": place.stamp}, now)
        if changed is not pipeline:
            folder.save(changed)


def _next_place(page: LogWriter, content: bytes, now: float) -> tuple[_Place, bytes]:
    place = _Place(page.size, stamp_of(now))
    return place, page.entry(content, place.stamp, place.offset)


def _earlier_place(page: LogWriter, content: bytes, earlier: Mapping[str, Any]) -> tuple[_Place, bytes | None]:
    """The place that was written down, and what is missing there; None if something else is there."""
    place = _Place(int(earlier["offset"]), str(earlier["stamp"]))
    return place, page.missing(page.entry(content, place.stamp, place.offset), place.offset)


def _message(place: _Place) -> str:
    return "The log page was created." if place.offset == 0 else "The entry was added to the log page."
