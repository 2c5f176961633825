"""The REST routes about the hosts of the board."""

from __future__ import annotations

from typing import Any, Protocol

from flask import Response, request

from ..json_values import schema_of
from ..web.api import Api
from ..web.json_text import json_text
from ..web.people import require_admin
from .model import Member

_TEXT = {"anyOf": [{"type": "string"}, {"type": "null"}]}
_MEMBERS = {
    "type": "object",
    "required": ["self", "board", "journal", "members", "follow"],
    "properties": {
        "self": _TEXT,
        "board": _TEXT,
        "journal": {
            "type": "object",
            "required": ["ok", "since", "waiting", "reason"],
            "properties": {
                "ok": {"type": "boolean"}, "since": _TEXT, "waiting": {"type": "integer"}, "reason": _TEXT,
            },
        },
        "members": {"type": "array", "items": schema_of(Member)},
        "follow": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["url", "observer", "reason", "since"],
                "properties": {
                    "url": {"type": "string"}, "observer": _TEXT, "reason": _TEXT, "since": {"type": "string"},
                },
            },
        },
    },
}  # fmt: skip
_HOW: dict[str, Any] = {
    "observer": _TEXT, "card": {"type": "object"}, "position": _TEXT, "ready": {"type": "boolean"},
    "report": {"type": "object"},
}  # fmt: skip
_WHAT: dict[str, Any] = {**_HOW, "resume": {"type": "string"}, "state": {"type": "object"}}
_REPORT = {"type": "object", "required": list(_HOW), "properties": _HOW}
_STATE = {"type": "object", "required": list(_WHAT), "properties": _WHAT}


class Hosts(Protocol):
    """What is known of all hosts."""

    def overview(self) -> dict[str, Any]:
        """The body of `GET /api/members`."""


class Own(Protocol):
    """This host, for those that follow it."""

    def full_state(self) -> dict[str, Any]:
        """The body of `GET /api/members/state`."""

    def full_report(self) -> dict[str, Any]:
        """The body of `GET /api/members/report`."""


def member_routes(api: Api, hosts: Hosts, own: Own) -> None:
    """Declare the routes."""

    @api.get("/api/members", answer=_MEMBERS)
    def list_members() -> dict[str, Any]:
        """The hosts of the board, this one first: how old what is known of each is, and what does not work there."""
        return hosts.overview()

    @api.get("/api/members/state", answer=_STATE)
    def shared_state() -> Response:
        """What this host shares, for a host that follows it, with the token of an admin.

        It is the state at `position`, or later; `/streams/all` after `resume` has the events since. Empty until the
        board is `ready`.
        """
        require_admin(request.environ)
        return _answer(own.full_state())

    @api.get("/api/members/report", answer=_REPORT)
    def own_report() -> Response:
        """Who this host is, what does not work here, and where its events are, for a host that follows it."""
        require_admin(request.environ)
        return _answer(own.full_report())


def _answer(body: dict[str, Any]) -> Response:
    return Response(json_text(body), mimetype="application/json", headers={"Cache-Control": "no-store"})
