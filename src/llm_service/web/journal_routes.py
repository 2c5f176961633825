"""The REST route of the journal: what happened, by time, also before the last start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import request

from ..errors import BadRequest, HistoryUnavailable
from ..times import iso_time, iso_time_ms
from .api import Api
from .params import CURSOR, PAGE_SIZE, Choice, OptionalText, Texts
from .people import person_of, projects_in
from .service import Service

_SINCE = OptionalText("since", "from this time on: ISO 8601 with an offset or `Z`, or milliseconds since 1970")
_UNTIL = OptionalText("until", "before this time")
_TYPES = Texts("types", "only events of these types, such as `task.created` (comma-separated or repeated)")
_ORDER = Choice("order", "`oldest` or `newest` first", ("oldest", "newest"), "oldest")
_FLUSH_S = 0.5
OF_PROJECTS = frozenset({"artifacts", "jobs", "logs"})
"""The topics whose events are of projects."""


def journal_routes(api: Api, service: Service) -> None:
    """Declare the route."""

    @api.get("/api/journal", _SINCE, _UNTIL, _TYPES, _ORDER, PAGE_SIZE, CURSOR)
    def list_journal() -> dict[str, Any]:
        """Events of the past as they were sent. A page may have fewer than `limit`; the last has no `cursor`."""
        journal = service.journal
        if journal is None:
            raise HistoryUnavailable("The journal is switched off, by the setting `journal`.")
        journal.flush(_FLUSH_S)
        page = journal.read(
            _time(_SINCE),
            _time(_UNTIL),
            _TYPES.value() or None,
            PAGE_SIZE.value(),
            is_backwards=_ORDER.value() == "newest",
            cursor=CURSOR.value(),
        )
        projects = person_of(request.environ).projects
        topics = {event.type: event.topic for event in service.events}
        events = [event for event in page.events if _is_for(event, projects, topics)]
        return {"events": events, "cursor": page.cursor, "epoch": service.hub.epoch}


def _is_for(event: Mapping[str, Any], projects: frozenset[str] | None, topics: Mapping[str, str]) -> bool:
    """True if who may see these projects gets the event. What is of a project and does not say which, or of a class
    that this release does not know, is only for those who see all."""
    if projects is None:
        return True
    found = projects_in(event)
    topic = topics.get(str(event.get("type")))
    return projects.issuperset(found) if found else topic is not None and topic not in OF_PROJECTS


def _time(param: OptionalText) -> str | None:
    """The time of a parameter as events have theirs. Raises BadRequest."""
    text = param.value()
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 15:
        return iso_time_ms(int(text))
    try:
        moment = datetime.fromisoformat(text)
        return iso_time((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        reason = f"`{param.name}` has to be a time such as 2026-11-30T12:00:00Z, not “{text[:50]}”."
        raise BadRequest(reason) from None
