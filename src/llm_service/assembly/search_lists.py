"""What the search finds in short lists: plans, pipelines, jobs, agents, calls. All as far as their routes show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import request

from ..calls.feature import Calls
from ..calls.store.queries import CallFilter
from ..jobs.feature import Jobs
from ..overview.feature import OverviewFeature
from ..pipelines.feature import Pipelines
from ..plans.feature import Plans
from ..search.desk import Found, Limits, Source
from ..search.model import Hit, Query, excerpt
from ..web.people import person_of
from .access import Access

NEWEST_CALLS = 2_000
"""Calls are not indexed by their texts: so many of the newest are searched."""
_PAGE = 500


def plan_source(plans: Plans) -> Source:
    """Plans and their tasks."""

    def find(query: Query, limits: Limits) -> Found:
        projects = person_of(request.environ).projects
        hits = list[Hit]()
        for row in plans.queries.rows(projects):
            name, project = row["name"], row["project"]
            here = f"#/plans/{quote(name, safe='')}"
            if _has(query, (name, row["title"], row["path"]), {"status": (row["status"],), "project": (project,)}):
                hits.append(Hit(kind="plans", title=row["title"] or name, text=row["path"], href=here, project=project))
            plan = plans.board.view.plans.get(name)
            for task in plan.tasks if plan is not None else ():
                facts = {"status": (task.status,), "project": (project,)}
                if _has(query, (name, task.id, task.description, task.notes, task.error), facts):
                    text = f"{name}, {task.id}, {task.status}"
                    there = f"{here}?task={quote(task.id, safe='')}"
                    title = excerpt(task.description, query.words) or task.id
                    hits.append(Hit(kind="plans", title=title, text=text, href=there, project=project))
            if len(hits) > limits.count or limits.is_over:
                return Found(hits, False)
        return Found(hits, True)

    return find


def pipeline_source(pipelines: Pipelines, access: Access) -> Source:
    """Pipelines."""

    def hits(query: Query) -> Iterator[Hit]:
        for row in pipelines.rows():
            parts = (row.pipeline_type, row.ticket_id, row.sprint_id, row.branch, row.triggered_by, row.project, row.id)
            facts = {"status": (row.status,), "project": (row.project,), "agent": (row.triggered_by,)}
            if not access.may_see(row.project) or not _has(query, (*parts, *row.step_statuses), facts):
                continue
            title = f"{row.pipeline_type or 'Pipeline'} {row.ticket_id or row.sprint_id or row.id[:8]}"
            text = ", ".join(part for part in (row.status, row.project, row.branch) if part)
            there = f"#/pipelines/{quote(row.id, safe='')}"
            yield Hit(kind="pipelines", title=title, text=text, href=there, project=row.project)

    return _first(hits)


def job_source(jobs: Jobs, access: Access) -> Source:
    """Jobs, the newest first."""

    def hits(query: Query) -> Iterator[Hit]:
        for job in jobs.store.jobs():
            parts = (job.id, job.project, job.specification, job.profile, job.user, job.error_message)
            facts = {"status": (job.status,), "project": (job.project,), "agent": (job.user,)}
            if not access.may_see(job.project) or not _has(query, parts, facts):
                continue
            about = (job.status, job.project, excerpt(job.specification, query.words))
            text, there = ", ".join(part for part in about if part), f"#/jobs/{quote(job.id, safe='')}"
            yield Hit(kind="jobs", title=job.id, text=text, href=there, project=job.project)

    return _first(hits)


def agent_source(overview: OverviewFeature, access: Access) -> Source:
    """Agents and what belongs to them, as of the last look at what they are at."""

    def hits(query: Query) -> Iterator[Hit]:
        for agent in overview.board.latest(access.caller().projects).agents:
            if not _has(query, (agent.name,), {"agent": (agent.name,), "status": (agent.state,)}):
                continue
            text = f"{agent.state.replace('_', ' ')}: {agent.reason}"
            # Only an agent with tasks has cards of its own.
            has_cards = any(agent.counts.values())
            there = f"#/board?agent={quote(agent.name, safe='')}" if has_cards else f"#/now/{quote(agent.id, safe='')}"
            yield Hit(kind="agents", title=agent.name, text=text, href=there)

    return _first(hits)


def call_source(calls: Calls, access: Access) -> Source:
    """The newest calls, one hit for those of a session, or of an agent and model."""

    def find(query: Query, limits: Limits) -> Found:
        if calls.core is None:
            return Found((), True)
        found = dict[str, Hit]()
        cursor, looked = None, 0
        while looked < NEWEST_CALLS and not limits.is_over:
            page, cursor = calls.core.queries.page(CallFilter(), _PAGE, cursor)
            looked += len(page)
            for call in page:
                if access.may_see(call["project"]) and _is_wanted(query, call):
                    hit = _call_hit(call)
                    found.setdefault(hit.href, hit)
            if cursor is None:
                break
        return Found([*found.values()], cursor is None)

    return find


def _first(hits: Callable[[Query], Iterator[Hit]]) -> Source:
    """A source of what is quickly gone through: as many as are wanted, and one more if there is one."""
    return lambda query, limits: Found([*islice(hits(query), limits.count + 1)], True)


def _is_wanted(query: Query, call: Mapping[str, Any]) -> bool:
    names = ("agent_name", "tool_name", "model_name", "task_id", "job_id", "session_id", "project", "error_message")
    facts = {
        "agent": (call["agent_name"],),
        "model": (call["model_name"],),
        "project": (call["project"],),
        "status": (call["status"],),
    }
    return _has(query, [call[name] for name in names], facts)


def _call_hit(call: Mapping[str, Any]) -> Hit:
    by = "session" if call["session_id"] else "agent" if call["agent_name"] else "model"
    value = str(call["session_id"] or call["agent_name"] or call["model_name"] or "-")
    parts = (call["agent_name"], call["model_name"], call["task_id"], call["error_message"])
    title = f"Calls of {by} {value}"
    text = ", ".join(str(part) for part in parts if part)
    there = f"#/costs?range=all&{by}={quote(value, safe='')}&show=calls"
    return Hit(kind="calls", title=title, text=excerpt(text, ()), href=there, project=call["project"])


def _has(query: Query, parts: Iterable[str | None], facts: Mapping[str, Iterable[str | None]]) -> bool:
    return query.fits(facts) and query.is_in("\n".join(part for part in parts if part).lower())
