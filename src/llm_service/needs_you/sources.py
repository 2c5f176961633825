"""Where needs come from: pure functions from what other features know to `Need`s."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ..hooks.model import WAITING, Certainty, Session, State
from ..jobs.model import Job, JobStatus
from ..pipelines.model import PipelineRow
from ..tasks.model import TaskError, TaskSummary, task_address
from ..tasks.status_words import asks_person, says_failed
from ..times import iso_time
from .model import CANNOT_TELL, CONFIRMED, DERIVED, AtWork, Need, need_id

_CLIENTS = {"claude-code": "Claude Code", "codex": "Codex", "unknown": "An agent"}
_UNKNOWN_SINCE = "1970-01-01T00:00:00.000Z"


def session_needs(sessions: Iterable[Session], transcript_of: Callable[[Session], str | None]) -> Iterator[Need]:
    """Sessions that wait for a person. `transcript_of(session)`: under which id its log is shown, None if it is not."""
    for one in sessions:
        if one.state not in WAITING:
            continue
        transcript = transcript_of(one)
        more = f" (and for {one.waits - 1} more)" if one.waits > 1 else ""
        yield Need(
            id=need_id("session", one.id, one.state, one.since),
            kind=one.state,
            source="hooks",
            title=_session_title(one) + more,
            text=one.text,
            since=one.since,
            certainty=one.certainty,
            rests_on=one.rests_on,
            link=_calls_of(one.id) if transcript is None else f"#/sessions/{quote(transcript, safe='')}",
            link_label="Calls of this session" if transcript is None else "The transcript",
            project=one.project,
            agent=one.agent,
        )


def _calls_of(session: str) -> str:
    return f"#/costs?range=all&session={quote(session, safe='')}&show=calls"


def sessions_at_work(sessions: Iterable[Session]) -> Iterator[AtWork]:
    """Sessions that work."""
    for one in sessions:
        if one.state == State.WORKING:
            yield AtWork(project=one.project, is_certain=one.certainty != Certainty.UNKNOWN)


def _session_title(one: Session) -> str:
    who = one.agent or _CLIENTS.get(one.client, one.client)
    place = one.project or (one.folder or "").rpartition("/")[2]
    where = f" in {place}" if place else ""
    if one.state == State.PERMISSION:
        return f"{who}{where} asks to use {one.tool or 'a tool'}"
    if one.state == State.QUESTION:
        return f"{who}{where} asks you something"
    return f"{who}{where} stopped with an error"


def job_needs(jobs: Iterable[Job], was_ours: Callable[[Job], bool]) -> Iterator[Need]:
    """Jobs that ask, that failed, or whose file cannot be read. `was_ours(job)`: this dashboard started its last run
    and saw it end; else only files say so, which others may have written."""
    for job in jobs:
        if job.problem is not None:
            title, rests_on = f"The file of job {job.id} is broken", f"{job.file or job.id} was read"
            yield _job_need(job, "broken", (job.problem,), title, job.problem, job.created_at, CONFIRMED, rests_on)
        elif job.status is JobStatus.IN_PROGRESS and job.waiting_for_input is not None:
            title, rests_on = f"Job {job.id} waits for an answer", "its log asks, and it printed nothing since"
            parts, asked = (*job.runs[-1:], job.waiting_for_input), job.waiting_for_input
            yield _job_need(job, "question", parts, title, asked, job.last_output_at, DERIVED, rests_on)
        elif job.status in (JobStatus.FAILED, JobStatus.UNKNOWN):
            yield _failed_job(job, was_ours(job))


def _failed_job(job: Job, is_seen: bool) -> Need:
    if job.status is JobStatus.UNKNOWN:
        certainty, rests_on = CANNOT_TELL, "what waited for its program was killed, so nobody knows how it ended"
    else:
        certainty, rests_on = (CONFIRMED, "its program was seen to end") if is_seen else (DERIVED, "its files say so")
    title = f"Job {job.id} {'failed' if job.status is JobStatus.FAILED else 'ended, and how is not known'}"
    parts = (*job.runs[-1:], job.finished_at or "")
    return _job_need(job, "failed", parts, title, job.error_message, job.finished_at, certainty, rests_on)


def _job_need(
    job: Job,
    kind: str,
    parts: tuple[str, ...],
    title: str,
    text: str | None,
    since: str | None,
    certainty: str,
    rests_on: str,
) -> Need:
    return Need(
        id=need_id("job", job.id, kind, *parts),
        kind=kind,
        source="jobs",
        title=title,
        text=text,
        since=_moment(since or job.started_at or job.created_at),
        certainty=certainty,
        rests_on=rests_on,
        link=f"#/jobs/{quote(job.id, safe='')}",
        link_label="The job",
        project=job.project,
    )


def _moment(said: str | None) -> str:
    """A time that a file says, as all others are written; the earliest where it is none."""
    try:
        return iso_time(datetime.fromisoformat(said or "").timestamp())
    except (ValueError, OverflowError, OSError):
        return _UNKNOWN_SINCE


def jobs_at_work(jobs: Iterable[Job]) -> Iterator[AtWork]:
    """Jobs that run and do not wait."""
    for job in jobs:
        if job.status is JobStatus.IN_PROGRESS and job.waiting_for_input is None and job.problem is None:
            yield AtWork(project=job.project, is_certain=True)


def task_needs(
    tasks: Iterable[TaskSummary],
    now_s: float,
    stale_after_s: float,
    last_calls: Callable[[list[str]], Mapping[str, str]],
) -> Iterator[Need]:
    """Files of tasks that are broken, tasks that say they failed or wait for somebody, and those to which nothing
    happened for too long (0: never). `last_calls(ids)` is when the last calls of tasks were, where there are any."""
    silent = []
    limit = iso_time(now_s - stale_after_s)
    for task in tasks:
        if task.error is not None:
            yield _broken_task(task, task.error)
        elif task.lane != "assigned":
            continue
        elif (said := _said_by(task)) is not None:
            kind, says = said
            text, rests_on = f"status: {task.status}", f"{task.path} says so"
            yield _task_need(task, kind, f"{task.title} {says}", text, task.modified_at, DERIVED, rests_on)
        elif is_silent(task, now_s, stale_after_s):
            silent.append(task)
    called = last_calls([task.id for task in silent]) if silent else {}
    for task in silent:
        since = max(_quiet_since(task), called.get(task.id, "") if task.key == task.id else "")
        if since <= limit:
            title = f"{task.title}: nothing happened for {stale_after_s / 3_600:g} hours"
            rests_on = "neither its file nor its lane changed since, and no call names it"
            yield _task_need(task, "stale", title, None, since, DERIVED, rests_on)


def _broken_task(task: TaskSummary, error: TaskError) -> Need:
    where = f" (line {error.line})" if error.line else ""
    title, rests_on = f"{task.path} cannot be read as a task", "the file was read"
    return _task_need(task, "broken", title, error.message + where, task.modified_at, CONFIRMED, rests_on)


def _said_by(task: TaskSummary) -> tuple[str, str] | None:
    """(kind, what it says) of a task that is assigned, if its status says that a person has to do something."""
    status = task.status or ""
    if says_failed(status):
        return "failed", "says that it failed"
    return ("question", "waits for somebody") if asks_person(status) else None


def next_stale(tasks: Iterable[TaskSummary], now_s: float, stale_after_s: float) -> float | None:
    """When (Unix time) the next task becomes stale; None if none does."""
    if not stale_after_s:
        return None
    changes = [datetime.fromisoformat(_quiet_since(task)).timestamp() + stale_after_s
               for task in tasks if task.lane == "assigned" and task.error is None]  # fmt: skip
    return min((at for at in changes if at > now_s), default=None)


def is_silent(task: TaskSummary, now_s: float, stale_after_s: float) -> bool:
    """True if nothing happened to a task for too long, unless a call names it, and its file says nothing else."""
    is_at_hand = task.error is None and task.lane == "assigned" and _said_by(task) is None
    return is_at_hand and stale_after_s > 0 and _quiet_since(task) <= iso_time(now_s - stale_after_s)


def _quiet_since(task: TaskSummary) -> str:
    return max(task.modified_at, task.lane_since or "")


def _task_need(
    task: TaskSummary, kind: str, title: str, text: str | None, since: str, certainty: str, rests_on: str
) -> Need:
    is_file = task.key != task.id or kind == "broken"
    return Need(
        id=need_id("task", task.path if is_file else task.key, kind, since),
        kind=kind,
        source="tasks",
        title=title,
        text=text,
        since=since,
        certainty=certainty,
        rests_on=rests_on,
        link=task_address(task, is_file),
        link_label="The task",
        project=None,
        agent=task.agent,
    )


def pipeline_needs(rows: Iterable[PipelineRow], stale_after_s: float) -> Iterator[Need]:
    """Pipelines that failed, that run without a sign of life, or whose file cannot be read."""
    for row in rows:
        what = f"{row.pipeline_type or 'Pipeline'} {row.ticket_id or row.sprint_id or row.id[:8]}"
        if row.problem is not None:
            title, rests_on = f"{row.path} cannot be read as a pipeline", "the file was read"
            yield _pipeline_need(row, "broken", title, str(row.problem), row.updated_at, CONFIRMED, rests_on)
        elif row.status == "failed":
            failed = [name for name, status in row.step_statuses.items() if status == "failed"]
            text = f"failed: {', '.join(failed)}" if failed else None
            since = row.finished_at or row.updated_at
            yield _pipeline_need(row, "failed", f"{what} failed", text, since, CONFIRMED, "an agent reported so")
        elif row.is_stale:
            title = f"{what} runs, and nothing was reported for {stale_after_s / 3_600:g} hours"
            rests_on = "neither its file nor one of its logs changed since"
            yield _pipeline_need(row, "stale", title, None, row.active_at, DERIVED, rests_on)


def _pipeline_need(
    row: PipelineRow, kind: str, title: str, text: str | None, since: str, certainty: str, rests_on: str
) -> Need:
    return Need(
        id=need_id("pipeline", row.id, kind, since),
        kind=kind,
        source="pipelines",
        title=title,
        text=text,
        since=_moment(since),
        certainty=certainty,
        rests_on=rests_on,
        link=f"#/pipelines/{quote(row.id, safe='')}",
        link_label="The pipeline",
        project=row.project,
    )


def budget_needs(budgets: Iterable[Mapping[str, Any]]) -> Iterator[Need]:
    """Budgets that are spent."""
    for budget in budgets:
        if budget["level"] != "alert":
            continue
        spent, limit, start = budget["spent_usd"], budget["limit_usd"], budget["period_start"]
        unpriced = budget["unpriced_calls"]
        at = f"{unpriced:,} calls without a known price are not in it" if unpriced else "every call has a price"
        moment = datetime.fromisoformat(start).timestamp()
        yield Need(
            id=need_id("budget", budget["name"], start, limit),
            kind="budget",
            source="costs",
            title=f"Budget “{budget['name']}” is spent: ${spent:,.2f} of ${limit:,.2f} this {budget['period']}",
            text=None,
            since=iso_time(moment),
            certainty=CONFIRMED,
            rests_on=f"the calls since {start}; {at}",
            link="#/costs",
            link_label="Costs",
            project=budget["subject"] if budget["scope"] == "project" else None,
            agent=budget["subject"] if budget["scope"] == "agent" else None,
        )
