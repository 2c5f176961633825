"""What the search finds in large texts: tasks, names of files, log lines. Each as far as its own routes show it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from flask import request

from ..artifacts.feature import Artifacts
from ..artifacts.model import ArtifactQuery
from ..files.search_pattern import MAX_QUERY_CHARACTERS, pattern_of
from ..logs.feature import Logs
from ..logs.rows import RowFilter
from ..logs.search import Match
from ..logs.search_all import search_runs
from ..processes.feature import Processes
from ..processes.model import Run
from ..search.desk import Found, Limits, Source
from ..search.model import Hit, Query, excerpt
from ..tasks.feature import Tasks
from ..tasks.full_text import find_tasks
from ..tasks.model import TaskSummary, task_address
from ..web.people import person_of
from .access import Access

_MORE = 10
"""So many times the hits that are wanted are asked for where some are left out afterwards."""
_PAGE = 500


def task_source(tasks: Tasks) -> Source:
    """Tasks with all that is in their files; everybody may see them."""

    def find(query: Query, limits: Limits) -> Found:
        def fits(task: TaskSummary) -> bool:
            return query.fits(
                {
                    "status": (task.status,), "agent": (task.agent,), "lane": (task.lane,), "tag": task.tags,
                    "priority": (task.priority,), "flag": task.flags,
                }
            )  # fmt: skip

        found, is_complete = find_tasks(
            tasks.board, tasks.list, fits if query.fields else None, query.is_in, limits.count, lambda: limits.is_over
        )
        hits = [
            Hit(kind="tasks", title=hit.task.title, text=excerpt(hit.body, query.words), href=task_address(hit.task))
            for hit in found
        ]
        return Found(hits, is_complete)

    return find


def file_source(artifacts: Artifacts) -> Source:
    """Files of the projects that one may see, by their paths."""

    def find(query: Query, limits: Limits) -> Found:
        tree = artifacts.tree
        if tree is None or not query.words:
            return Found((), True)
        is_narrowed = bool(query.without or query.fields)
        count = min(_PAGE, limits.count * _MORE) if is_narrowed else limits.count
        projects = person_of(request.environ).projects
        page = tree.select(ArtifactQuery(projects=projects, q=" ".join(query.words), limit=count))
        hits = [
            Hit(
                kind="files",
                title=artifact.name,
                text=f"{artifact.project}/{artifact.path}",
                href=f"#/artifacts/{quote(artifact.project, safe='')}?path={quote(artifact.path, safe='')}",
                project=artifact.project,
            )
            for artifact in page.artifacts
            if query.fits({"project": (artifact.project,)})
            and not any(word in f"{artifact.project}/{artifact.path}".lower() for word in query.without)
        ]
        return Found(hits, page.cursor is None)

    return find


def log_source(logs: Logs, processes: Processes, access: Access) -> Source:
    """Log lines of the runs that one may see, the latest first."""

    def find(query: Query, limits: Limits) -> Found:
        if not query.words:
            return Found((), True)
        runs, projects = list[Run](), dict[str, str | None]()
        for run in processes.runs():
            project = access.project_of(run.owner)
            facts = {"project": (project,), "status": (run.status,)}
            if run.is_proven and access.may_see(project) and query.fits(facts):
                runs.append(run)
                projects[run.owner] = project
        word = max(query.words, key=len)[:MAX_QUERY_CHARACTERS]
        hits, cursor = list[Hit](), None
        while not limits.is_over:
            page = search_runs(
                logs.search, runs, pattern_of(word), RowFilter(), limits.count, cursor, seconds=_seconds(limits)
            )
            hits += _hits_of(query, page.matches, runs, projects)
            cursor = page.next_cursor
            if cursor is None or len(hits) >= limits.count:
                break
        return Found(hits, cursor is None)

    return find


def _hits_of(
    query: Query, matches: Sequence[Match], runs: Sequence[Run], projects: Mapping[str, str | None]
) -> list[Hit]:
    owners = {run.run_id: run.owner for run in runs}
    found = []
    for match in matches:
        line = match.line
        if query.is_in(line.message.lower()):
            owner = owners.get(line.run, "")
            found.append(
                Hit(
                    kind="logs",
                    title=excerpt(line.message, query.words),
                    text=f"{line.job}, line {line.seq:,}, {line.level}",
                    href=_log_address(owner, line.run, line.seq),
                    project=projects.get(owner),
                )
            )
    return found


def _seconds(limits: Limits) -> float:
    return max(0.0, limits.until - time.monotonic())


def _log_address(owner: str, run_id: str, seq: int) -> str:
    kind, _, name = owner.partition(":")
    if kind != "job":
        return f"#/plans/{quote(name, safe='')}"
    return f"#/jobs/{quote(name, safe='')}?run={quote(run_id, safe='')}&line={seq}"
