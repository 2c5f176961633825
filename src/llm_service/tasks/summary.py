"""`summarize` makes the summary of a task file from its document and its location. Pure functions.

Rules and field names are those of the tasks contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from sys import intern
from typing import Any

from ..times import iso_time
from .checklist import checklist_of
from .claims import Claims, claims_of
from .copies import copied_by
from .model import FileFacts, Location, TaskCounts, TaskSummary
from .status_words import contradicts
from .values import flow_text, one_line, says_nothing

_TEXT_LIMIT = 200
_ID_LIMIT = 500
_LIST_LIMIT = 50


def stem(path: str) -> str:
    """The file name without folder and extension."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def task_id(document: Mapping[str, Any], path: str) -> str:
    """The id of a task: `id`, else `task_id`, else the stem of the file name."""
    for key in ("id", "task_id"):
        text = one_line(document.get(key), _ID_LIMIT)
        if text:
            return text
    return stem(path)


def summarize(
    location: Location, document: Mapping[str, Any], facts: FileFacts, claims: Claims | None = None
) -> TaskSummary:
    """The summary of a task file.

    `document` is the first mapping in the file as plain JSON; if it does not parse, the values that could be salvaged
    from its text (then `facts.error` is set). `claims` are those of the document, computed if None.
    """
    get = document.get
    identity = task_id(document, location.path)
    field_agent = _field_agent(document)
    status = _text(get("status"))
    status = status.lower() if status else None
    dependencies = _identifiers(get("dependencies"), get("depends_on"), get("blocked_by"))
    claims = claims_of(document) if claims is None else claims
    return TaskSummary(
        id=identity,
        key=identity,
        title=_text(get("title")) or identity[:_TEXT_LIMIT],
        agent=location.agent or field_agent,
        status=status,
        priority=(_text(get("priority")) or "normal").lower(),
        lane=location.lane,
        path=location.path,
        tags=tuple(intern(text) for text in _texts(get("tags"), get("labels"))),
        dependencies=dependencies,
        created_at=_time(_first(document, "created_at", "created", "created_date")),
        assigned_at=_time(_text(get("assigned_at"))),
        started_at=_time(_text(get("started_at"))),
        completed_at=_time(_completed_at(document)),
        lane_since=None,
        modified_at=iso_time(facts.mtime_ns / 1e9),
        size_bytes=facts.size_bytes,
        batch=_text(get("batch")),
        milestone=_text(get("milestone")),
        initiative=_text(get("initiative")),
        specification=_text(get("specification")),
        mode=_text(get("mode")),
        estimated_hours=_first(document, "estimated_hours", "estimated_effort_hours", "effort_hours"),
        counts=TaskCounts(
            artefacts=len(claims.texts),
            acceptance_criteria=_size(get("acceptance_criteria")),
            dependencies=len(dependencies),
            documents=facts.documents,
        ),
        flags=_all_flags(location, identity, field_agent, status, document, facts),
        duplicates=(),
        duplicate_count=0,
        copied_by=copied_by(stem(location.path), identity),
        error=facts.error,
        checklist=None if facts.error else checklist_of(document),
    )


def summarize_elsewhere(
    known: TaskSummary, location: Location, document: Mapping[str, Any], facts: FileFacts
) -> TaskSummary:
    """What `summarize` gives for a content of which `known` is the summary at another place or time; far cheaper."""
    if stem(known.path) != stem(location.path):
        return summarize(location, document, facts)
    modified_at = iso_time(facts.mtime_ns / 1e9)
    if (known.path, known.modified_at) == (location.path, modified_at):
        return known
    field_agent = _field_agent(document)
    return replace(
        known,
        agent=location.agent or field_agent,
        lane=location.lane,
        path=location.path,
        modified_at=modified_at,
        flags=_all_flags(location, known.id, field_agent, known.status, document, facts),
    )


def _field_agent(document: Mapping[str, Any]) -> str | None:
    return _first(document, "agent", "assignee", "assigned_to", "to_agent")


def _all_flags(
    location: Location,
    identity: str,
    field_agent: str | None,
    status: str | None,
    document: Mapping[str, Any],
    facts: FileFacts,
) -> tuple[str, ...]:
    flags = tuple(_flags(location, identity, field_agent, status, document, facts))
    return (*flags, "conflict_copy") if copied_by(stem(location.path), identity) else flags


def _flags(
    location: Location,
    identity: str,
    field_agent: str | None,
    status: str | None,
    document: Mapping[str, Any],
    facts: FileFacts,
) -> Iterable[str]:
    if facts.error:
        yield "invalid"
    if status and contradicts(status, location.lane):
        yield "status_contradicts_lane"
    if location.agent and field_agent and location.agent.lower() not in _names(field_agent):
        yield "agent_differs_from_folder"
    if identity != stem(location.path):
        yield "id_differs_from_file"
    if facts.documents > 1:
        yield "several_documents"
    if facts.duplicate_keys:
        yield "duplicate_keys"
    if not facts.utf8:
        yield "not_utf8"
    if not facts.error and not says_nothing(document.get("error")):
        yield "has_error"


def _names(agent: str) -> set[str]:
    """The agents that a text names: itself, and each of `[ada, bob]`."""
    return {agent.lower(), *(name.strip().lower() for name in agent.strip("[]").split(","))}


def _time(text: str | None) -> str | None:
    """A time in a file as ISO-8601 UTC; one that is written so, a date without a time and text that is not a time are
    returned as they are."""
    if not text or len(text) < 11 or (text[10] == "T" and text[-1] == "Z"):
        return text
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return text
    return moment.isoformat(timespec="auto").replace("+00:00", "Z")


def _completed_at(document: Mapping[str, Any]) -> str | None:
    result = document.get("result")
    nested = result.get("completed_at") if isinstance(result, Mapping) else None
    return _first(document, "completed_at", "completed") or _text(nested)


def _text(value: Any, limit: int = _TEXT_LIMIT) -> str | None:
    return flow_text(value, limit)


def _first(document: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        if key in document and (text := _text(document[key])):
            return text
    return None


def _texts(*values: Any) -> list[str]:
    found: dict[str, None] = {}
    for value in values:
        items = value if isinstance(value, list) else str(value).split(",") if isinstance(value, str) else []
        for item in items[:_LIST_LIMIT]:
            text = one_line(item, _TEXT_LIMIT)
            if text:
                found[text] = None
    return list(found)


def _identifiers(*values: Any) -> tuple[str, ...]:
    """Task ids from the forms in which dependencies are written: text, list of texts, list of mappings."""
    found: dict[str, None] = {}
    for value in values:
        if value is None or (isinstance(value, str) and says_nothing(value) and not any(map(str.isdigit, value))):
            continue
        items = value if isinstance(value, list) else [value]
        for item in items[:_LIST_LIMIT]:
            if isinstance(item, Mapping):
                item = item.get("id") or item.get("task_id") or item.get("task")
            text = one_line(item, _ID_LIMIT)
            if text and text.lower() not in ("none", "null", "n/a", "-"):
                found[text] = None
    return tuple(found)[:_LIST_LIMIT]


def _size(value: Any) -> int:
    if isinstance(value, list | Mapping):
        return len(value)
    return 0 if says_nothing(value) else 1
