"""REST routes about the service itself: health, sync, events by number, snapshot, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from .api import Api, Param, reply, text_set, whole_number
from .service import Service

_TOPICS = Param("topics", "only these topics (comma-separated)", default="all")


def system_routes(api: Api, service: Service) -> None:
    """Declare the routes."""
    hub = service.hub

    @api.get("/health")
    def health() -> Response:
        """Whether the service works: watchers, history, loading; 503 when nothing works."""
        body = service.health()
        return reply(body, 503 if body["status"] == "unhealthy" else 200)

    @api.get("/api/sync", Param("timeout_ms", "how long to wait, 1 to 60000", kind="integer", default=5000))
    def sync() -> dict[str, Any]:
        """Answers once everything written to the watched roots before the call has been applied."""
        return {"seq": service.sync(whole_number("timeout_ms", 5000, 1, 60_000) / 1000)}

    @api.get(
        "/api/events",
        Param("since", "number of the last event you have", kind="integer", default=0),
        Param("epoch", "the epoch that number belongs to"),
        _TOPICS,
        Param("limit", "at most so many, 1 to 10000", kind="integer", default=1000),
    )
    def list_events() -> Response:
        """The events after a number; `gap` is true where some of them are no longer kept."""
        since = whole_number("since", 0, 0, 2**53)
        limit = whole_number("limit", 1000, 1, 10_000)
        topics = text_set("topics") or frozenset({"all"})
        found = hub.since(since, request.args.get("epoch"))
        gap = found is None
        if found is None:
            found = hub.since(max(0, hub.seq - limit)) or []
        texts = [envelope.text for envelope in found if envelope.concerns(topics)][:limit]
        head = f'"seq":{hub.seq},"epoch":"{hub.epoch}","gap":{str(gap).lower()}'
        body = f'{{{head},"events":[{",".join(texts)}]}}'
        return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})

    @api.get("/api/snapshot", _TOPICS)
    def snapshot() -> dict[str, Any]:
        """The whole state of the topics, with the number of the last event it contains."""
        seq = hub.seq
        topics = text_set("topics") or frozenset({"all"})
        return {"epoch": hub.epoch, "seq": seq, **service.snapshot(topics)}

    @api.get("/api/stats")
    def stats() -> Mapping[str, Any]:
        """Numbers about everything: tasks, costs, artifacts."""
        return service.stats()
