"""The REST routes about what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from ..errors import BadRequest, NotFound
from ..hub.event import Event
from ..json_values import as_json, schema_of
from ..web.api import Api, json_body
from ..web.params import Flag, InPath
from ..web.people import Person, person_of, require_admin
from .board import NeedBoard
from .desk import NeedDesk
from .events import NeedDecided
from .messenger import Messenger
from .model import Need, ShownNeed, SourceState, Summary, summary_of

MAX_MINUTES = 60 * 24 * 30
_DEFAULT_MINUTES = 60
_ID = InPath("need_id", "the `id` of a need")
_HIDDEN = Flag("hidden", "1: also those that were snoozed or are done")
_NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_NEED = schema_of(Need)
_SHOWN = _NEED | {
    "properties": _NEED["properties"] | {"snoozed_until": _NULLABLE, "done_at": _NULLABLE, "done_by": _NULLABLE},
    "required": [*_NEED["required"], "snoozed_until", "done_at", "done_by"],
}
_LIST = {
    "type": "object",
    "required": ["needs", "hidden", "next_change", "summary", "sources"],
    "properties": {
        "needs": {"type": "array", "items": _SHOWN},
        "hidden": {"type": "integer"},
        "next_change": _NULLABLE,
        "summary": schema_of(Summary),
        "sources": {"type": "array", "items": schema_of(SourceState)},
    },
}
_MINUTES = {
    "type": "object",
    "properties": {"minutes": {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_MINUTES}},
}


def need_routes(api: Api, board: NeedBoard, desk: NeedDesk, publish: Callable[[Event], object]) -> None:
    """Declare the routes."""

    @api.get("/api/needs-you", _HIDDEN, answer=_LIST)
    def list_needs() -> dict[str, Any]:
        """Everything that waits for a person, the oldest first, with its certainty; and whether that can be told."""
        return listing(board, desk, person_of(request.environ), _HIDDEN.value())

    @api.post("/api/needs-you/<need_id>/snooze", _ID, body=_MINUTES, answer=_SHOWN)
    def snooze_need(need_id: str) -> dict[str, Any]:
        """Hide it from yourself for some `minutes`, 60 if the body has none."""
        need, person = require(need_id), person_of(request.environ)
        desk.snooze(need.id, person.name, _minutes())
        return decided(need, "snoozed", person)

    @api.post("/api/needs-you/<need_id>/done", _ID, answer=_SHOWN)
    def finish_need(need_id: str) -> dict[str, Any]:
        """Hide it from all: it is done. If the same happens again, that is shown."""
        need, person = require(need_id), person_of(request.environ)
        desk.done(need.id, person.name)
        return decided(need, "done", person)

    @api.post("/api/needs-you/<need_id>/restore", _ID, answer=_SHOWN)
    def restore_need(need_id: str) -> dict[str, Any]:
        """Show it again that was snoozed or done."""
        need, person = require(need_id), person_of(request.environ)
        desk.restore(need.id, person.name)
        return decided(need, "restored", person)

    def require(need_id: str) -> Need:
        person = person_of(request.environ)
        found = next((need for need in board.needs() if need.id == need_id and person.may_see(need.project)), None)
        if found is None:
            raise NotFound("There is nothing of this id that waits for a person; it may be over.")
        return found

    def decided(need: Need, decision: str, person: Person) -> dict[str, Any]:
        publish(NeedDecided(id=need.id, decision=decision, by=person.name, project=need.project))
        return _row(desk.shown(need, person.name))


def notify_routes(api: Api, messenger: Messenger) -> None:
    """Declare the route of notifications."""

    @api.post("/api/notifications/try", answer={"type": "object", "required": ["host"]})
    def try_notification() -> dict[str, str]:
        """Send a message to the address of the setting `webhook`, to try it; for admins."""
        require_admin(request.environ)
        return {"host": messenger.try_now()}


def listing(board: NeedBoard, desk: NeedDesk, person: Person, with_hidden: bool) -> dict[str, Any]:
    """What this person gets."""
    shown = [desk.shown(need, person.name) for need in board.needs() if person.may_see(need.project)]
    still_open = [one for one in shown if one.is_open]
    at_work = [one for one in board.at_work() if person.may_see(one.project)]
    states = board.states()
    return {
        "needs": [_row(one) for one in (shown if with_hidden else still_open)],
        "hidden": len(shown) - len(still_open),
        "next_change": min((one.snoozed_until for one in shown if one.snoozed_until), default=None),
        "summary": summary_of(len(still_open), at_work, states),
        "sources": states,
    }


def _row(shown: ShownNeed) -> dict[str, Any]:
    row: dict[str, Any] = as_json(shown)
    need: dict[str, Any] = row.pop("need")
    return need | row


def _minutes() -> float:
    body = json_body() if request.get_data() else {}
    minutes = body.get("minutes", _DEFAULT_MINUTES) if isinstance(body, dict) else None
    if not isinstance(minutes, int | float) or isinstance(minutes, bool) or not 0 < minutes <= MAX_MINUTES:
        raise BadRequest(f"`minutes` has to be a number above 0, {MAX_MINUTES:,} at most.")
    return float(minutes)
