"""The REST route of the journal: what happened, by time, also before the last start."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..errors import BadRequest, HistoryUnavailable
from ..times import iso_time, iso_time_ms
from .api import Api
from .params import CURSOR, PAGE_SIZE, Choice, OptionalText, Texts
from .service import Service

_SINCE = OptionalText("since", "from this time on: ISO 8601 with an offset or `Z`, or milliseconds since 1970")
_UNTIL = OptionalText("until", "before this time")
_TYPES = Texts("types", "only events of these types, such as `task.created` (comma-separated or repeated)")
_ORDER = Choice("order", "`oldest` or `newest` first", ("oldest", "newest"), "oldest")
_FLUSH_S = 0.5


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
        return {"events": page.events, "cursor": page.cursor, "epoch": service.hub.epoch}


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
