"""The plain WebSockets of plans: `/ws/plans/<name>` sends the status of one, `/ws/all` the rows of all.

A client gets what there is when it connects, and then a message for each change: of one plan its status, of all plans
the row that changed, with the counts of all. A plan that is not there is an error, and its status comes when it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from ..errors import BadRequest
from ..files import printable
from ..hub.ring import Envelope, Hub
from ..times import iso_time
from ..web.json_text import json_text
from ..web.people import person_of
from ..web.websocket import Line, serve_websocket
from .events import PlanRemoved, PlanUpdated
from .queries import PlanNotFound, PlanQueries, Projects

TOPIC = "plans"


def plan_sockets(hub: Hub, queries: PlanQueries) -> Blueprint:
    """The routes of the WebSockets."""
    blueprint = Blueprint("plan_sockets", __name__)

    @blueprint.get("/ws/plans/<name>")
    def explain_plan(name: str) -> Response:  # noqa: ARG001 - a part of the path
        raise BadRequest("This address expects a WebSocket: send `Upgrade: websocket`.")

    @blueprint.get("/ws/all")
    def explain_all() -> Response:
        raise BadRequest("This address expects a WebSocket: send `Upgrade: websocket`.")

    @blueprint.get("/ws/plans/<name>", websocket=True)
    def follow_plan(name: str) -> Response:
        sender = PlanSender(hub, queries, name, person_of(request.environ).projects)
        return serve_websocket(hub, f"{TOPIC}:{name}"[:256], sender.run)

    @blueprint.get("/ws/all", websocket=True)
    def follow_all() -> Response:
        sender = AllSender(hub, queries, person_of(request.environ).projects)
        return serve_websocket(hub, TOPIC, sender.run)

    return blueprint


class _Sender:
    """Sends to one client what there is, and then what changes."""

    def __init__(self, hub: Hub, queries: PlanQueries, topic: str, projects: Projects) -> None:
        self._hub, self._queries, self._topic, self._projects = hub, queries, topic, projects

    def whole(self) -> str:
        """The message about all that there is now."""
        raise NotImplementedError

    def change(self, event: Mapping[str, Any]) -> str | None:
        """The message about an event of plans; None if there is none."""
        raise NotImplementedError

    def run(self, line: Line) -> None:
        """Send until the service stops. Raises WebSocketEnded if the client ends first."""
        hub = self._hub
        seq: int | None = None
        while not hub.closed:
            envelopes = hub.since(seq) if seq is not None else None
            if envelopes is None or seq is None:
                seq = hub.seq
                line.send(self.whole())
                continue
            for message in self._messages(envelopes):
                line.send(message)
            seq = envelopes[-1].seq if envelopes else seq
            line.wait(seq)

    def _messages(self, envelopes: Sequence[Envelope]) -> Iterator[str]:
        for envelope in envelopes:
            if envelope.type in _TYPES and envelope.concerns((self._topic,), self._projects):
                message = self.change(msgspec.json.decode(envelope.text))
                if message is not None:
                    yield message


_TYPES = frozenset({PlanUpdated.type, PlanRemoved.type})


class PlanSender(_Sender):
    """The status of one plan."""

    def __init__(self, hub: Hub, queries: PlanQueries, name: str, projects: Projects) -> None:
        super().__init__(hub, queries, f"{TOPIC}:{name}", projects)
        self._name = name

    def whole(self) -> str:
        """Its status, or that there is no such plan."""
        try:
            _, row = self._queries.plan(self._name, self._projects)
        except PlanNotFound as problem:
            return self._error(problem)
        return _status_message(row)

    def change(self, event: Mapping[str, Any]) -> str | None:
        """Its new status, or that it is gone."""
        if event["type"] == PlanRemoved.type:
            return self._error(PlanNotFound(f"The plan “{printable(self._name)[:200]}” is gone."))
        return _status_message(event["data"])

    def _error(self, problem: PlanNotFound) -> str:
        return json_text(
            {"type": "error", "code": problem.code, "error": problem.message, "plan": printable(self._name)[:200]}
        )


class AllSender(_Sender):
    """The rows of all plans. `delta` is false for the first message, which has all of them; then each has the row that
    changed, or the name of the plan that is gone."""

    def __init__(self, hub: Hub, queries: PlanQueries, projects: Projects) -> None:
        super().__init__(hub, queries, TOPIC, projects)

    def whole(self) -> str:
        """All rows."""
        return self._message(self._queries.rows(self._projects), [], is_delta=False)

    def change(self, event: Mapping[str, Any]) -> str | None:
        """The row that changed."""
        if event["type"] == PlanRemoved.type:
            return self._message([], [event["plan"]], is_delta=True)
        return self._message([event["data"]], [], is_delta=True)

    def _message(self, rows: Sequence[Mapping[str, Any]], removed: Sequence[str], is_delta: bool) -> str:
        return json_text(
            {
                "type": "all-plans",
                "delta": is_delta,
                "plans": rows,
                "removed": removed,
                "aggregate": self._queries.aggregate(self._projects),
                "timestamp": iso_time(time.time()),
            }
        )


def _status_message(row: Mapping[str, Any]) -> str:
    body = {"type": "status", "plan": row["name"]}
    body |= {key: row[key] for key in ("status", "progress", "currentTask", "lastUpdatedAt")}
    return json_text(body | {"timestamp": iso_time(time.time())})
