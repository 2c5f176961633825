"""`LogCleaner`: deletes the log pages of a sprint's pipelines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..times import iso_time
from .board import Known, OfSprint
from .idempotency import Call
from .sprints import TicketSprints
from .store import LockedPipeline, PipelineStore


class LogCleaner:
    """Which pipelines are of a sprint: those that say so (`sprint_id`, `meta.sprint_id`), and those of its tickets."""

    def __init__(self, store: PipelineStore, tickets: TicketSprints, clock: Callable[[], float]) -> None:
        self._store = store
        self._tickets = tickets
        self._clock = clock

    def clean(self, sprint: str, of_sprint: OfSprint, call: Call | None) -> tuple[dict[str, Any], list[str]]:
        """`{deleted, not_found}`, and the pipelines that were changed. Raises ToolError.

        What an earlier call with the same key deleted counts as deleted by this one.
        """
        deleted: list[str] = []
        not_found: list[dict[str, str]] = []
        changed: list[str] = []
        chosen, without_file = self._of_sprint(sprint, of_sprint)
        if not chosen:
            not_found.append({"kind": "pipelines", "id": sprint})
        not_found += [{"kind": "ticket", "id": ticket} for ticket in without_file]
        for one in chosen:
            if not one.logged and call is None:
                continue
            with self._store.lock(one.row.id) as folder:
                paths, missing = self._clean_one(folder, call)
            deleted += paths
            not_found += [{"kind": "log", "id": path} for path in missing]
            changed.append(one.row.id)
        return {"deleted": deleted, "not_found": not_found}, changed

    def _of_sprint(self, sprint: str, of_sprint: OfSprint) -> tuple[list[Known], list[str]]:
        """The pipelines of the sprint, and the tickets with logs of which no task file says the sprint."""
        others = [one for one in of_sprint(None) if one.ticket_id]
        tickets = {one.ticket_id for one in others if one.logged and one.ticket_id}
        sprints = self._tickets.of(tickets)
        chosen = of_sprint(sprint) + [one for one in others if sprints.get(one.ticket_id or "") == sprint]
        return sorted(chosen, key=lambda one: one.sort_key, reverse=True), sorted(tickets - sprints.keys())

    def _clean_one(self, folder: LockedPipeline, call: Call | None) -> tuple[list[str], list[str]]:
        """The paths of the pages that were deleted, and of those that were not there."""
        pipeline, now = folder.read(), self._clock()
        if pipeline is None:
            return [], []
        earlier = call.answered(pipeline, now) if call else None
        deleted: list[str] = list(earlier["deleted"]) if earlier else []
        missing: list[str] = list(earlier["missing"]) if earlier else []
        logged = [job for job in pipeline.jobs if job.log_path is not None]
        for job in logged:
            path = self._store.log_path(pipeline.id, job.id)
            (deleted if folder.remove_log(job.id) else missing).append(path)
        if not logged:
            return deleted, missing
        folder.tidy()
        jobs = tuple(replace(job, log_path=None) for job in pipeline.jobs)
        pipeline = replace(pipeline, jobs=jobs, updated_at=iso_time(now))
        folder.save(call.remember(pipeline, {"deleted": deleted, "missing": missing}, now) if call else pipeline)
        return deleted, missing
