"""REST routes about the service itself: health, sync, events by number, snapshot, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from ..hub.ring import Envelope, encode
from .api import Api, reply
from .compression import accepts_gzip
from .cursor import CURSOR_HEADER, advanced, cursor_of_request, cursor_text, read_cursor, resume
from .params import Choice, Flag, Integer, OptionalText, Text, Texts
from .people import person_of
from .service import Service
from .snapshots import JSON, OPENING, PARTS, Snapshot, Snapshots

_TOPICS = Texts("topics", "only these topics (comma-separated)", default="all")
_TIMEOUT = Integer("timeout_ms", "how long to wait, 1 to 60000", 5000, 1, 60_000)
_SINCE = Integer("since", "number of the last event you have", 0, 0, 2**53)
_EPOCH = OptionalText("epoch", "the epoch of that number")
_CURSOR = OptionalText(
    "cursor",
    "instead: the `cursor` of a client, by which it moves between dashboards of a board; a long one in short or "
    f"in the header `{CURSOR_HEADER}`",
)
_NONCE = Text("nonce", "a random number, as text", max_length=128)
_TYPES = Texts("types", "only events of these types, such as `task.created` (comma-separated or repeated)")
_NEWEST = Flag("newest", "the newest ones instead, whatever their numbers")
_LIMIT = Integer("limit", "how many at most, 1 to 10000", 1000, 1, 10_000)
_FORM = Choice("form", "`json`, or `lines`: in parts, a line each", ("json", "lines"), "json")


PROOF_PATH = "/api/proof"
"""Answered without a token: it comes before the token."""


def system_routes(api: Api, service: Service, snapshots: Snapshots) -> None:
    """Declare the routes."""
    hub = service.hub

    @api.get("/health")
    def health() -> Response:
        """Whether the service works: watchers, history, loading; 503 when nothing works."""
        body = service.health()
        return reply(body, 503 if body["status"] == "unhealthy" else 200)

    @api.get(PROOF_PATH, _NONCE)
    def proof() -> dict[str, str]:
        """Proves to the command line, before it sends a token, that this is the dashboard of its workspace."""
        return {"proof": service.prove(_NONCE.value())}

    @api.get("/api/sync", _TIMEOUT)
    def sync() -> dict[str, Any]:
        """Answers once everything written to the watched roots before the call has been applied."""
        return {"seq": service.sync(_TIMEOUT.value() / 1000)}

    @api.get("/api/events", _SINCE, _EPOCH, _CURSOR, _TOPICS, _TYPES, _NEWEST, _LIMIT)
    def list_events() -> Response:
        """The events after a number; `gap` is true if some of them are no longer retained. Or the newest ones.

        After a cursor: with the `cursor` for the next time, also if there were more than `limit`.
        """
        limit, topics, types = _LIMIT.value(), _TOPICS.value(), _TYPES.value()
        projects = person_of(request.environ).projects

        def is_wanted(envelope: Envelope) -> bool:
            return (not types or envelope.type in types) and envelope.concerns(topics, projects)

        gap, text, positions = False, cursor_of_request(request), None
        if _NEWEST.value():
            found = hub.newest(limit, is_wanted)
        else:
            if text is None:
                after = hub.since(_SINCE.value(), _EPOCH.value(), topics=topics)
            else:
                cursor, positions = read_cursor(text), hub.positions()
                resumed = resume(hub, cursor)
                after = None if resumed is None else resumed.missed
            gap = after is None
            if after is None:
                found = hub.newest(limit, is_wanted)
            else:
                found = list(filter(is_wanted, after))
                if len(found) > limit:
                    found = found[:limit]
                    after = [one for one in after if one.seq <= found[-1].seq]
                if text is not None:
                    positions = advanced(cursor, after)
        texts = [envelope.text for envelope in found]
        head = f'"seq":{hub.seq},"epoch":"{hub.epoch}","gap":{str(gap).lower()}'
        if positions is not None:
            head += f',"cursor":{encode(cursor_text(positions))}'
        body = f'{{{head},"events":[{",".join(texts)}]}}'
        return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})

    @api.get("/api/snapshot", _TOPICS, _FORM)
    def snapshot() -> Response:
        """The whole state of the topics, with the number of the last event it contains."""
        is_json = _FORM.value() == "json"
        if not is_json and not hub.progress.ready:
            return _nothing_yet()
        found = snapshots.get(_TOPICS.value(), JSON if is_json else PARTS, person_of(request.environ).projects)
        return _packed(found, "application/json" if is_json else "application/x-ndjson")

    @api.get("/api/opening")
    def opening() -> Response:
        """What a page shows before it has the snapshot: the newest tasks of each lane, and how many there are."""
        if not hub.progress.ready:
            return _nothing_yet()
        return _packed(snapshots.get(("all",), OPENING, person_of(request.environ).projects), "application/json")

    @api.get("/api/stats")
    def stats() -> Mapping[str, Any]:
        """Statistics: tasks, costs, artifacts."""
        return service.stats()


def _nothing_yet() -> Response:
    """The files are still being read: the snapshot comes over Socket.IO when they are. No error, since it is none."""
    return Response(status=204, headers={"Cache-Control": "no-store"})


def _packed(snapshot: Snapshot, kind: str) -> Response:
    """A snapshot as it is kept, for those who can read that."""
    answer = Response(mimetype=kind, headers={"Cache-Control": "no-store", "Vary": "Accept-Encoding"})
    if accepts_gzip(request):
        answer.set_data(snapshot.gzip)
        answer.content_encoding = "gzip"
    else:
        answer.set_data(snapshot.text())
    return answer
