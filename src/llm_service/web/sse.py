"""Events as Server-Sent Events: `GET /streams/<topic>`, and the streams that features declare, also under `/api`.

`id: <epoch>.<seq>`, `event: <type>`, `data: <envelope>`; a client resumes by `Last-Event-ID` or `?since=`, and at
another dashboard by `?cursor=` or the header `X-Cursor`. If events are missing the first event is `snapshot`. A
comment comes 15 s after the last write to the client, whatever happens on other topics. Events are pulled from the
ring, so a slow client takes no memory. A client that has left is noticed within a second: its stream looks for it twice
a second, and does not wait until there is something to write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from flask import Blueprint, Response, request

from ..errors import NotFound
from ..hub.event import is_topic
from .client_presence import ClientPresence
from .cursor import Seen, cursor_of_request, read_cursor, resume
from .held_threads import hold_thread
from .people import person_of
from .service import Service
from .snapshots import Snapshots

HEARTBEAT_S = 15.0
_LOOK_S = 0.5
_READY_POLL_S = 0.2
_HEARTBEAT = ": heartbeat\n\n"


def stream_blueprint(
    service: Service, snapshots: Snapshots, heartbeat_s: float = HEARTBEAT_S, others: Sequence[tuple[str, str]] = ()
) -> Blueprint:
    """The routes of the streams. `others`: `Api.streams`."""
    blueprint = Blueprint("stream", __name__)

    def stream(topic: str) -> Response:
        if not is_topic(topic, service.topics):
            raise NotFound(f"There is no stream “{topic}”.", known=list(service.topics))
        since, epoch = resume_point(request.headers.get("Last-Event-ID"), request.args.get("since"))
        cursor = read_cursor(cursor_of_request(request))
        hold_thread(request.environ)
        client, projects = ClientPresence(request.environ), person_of(request.environ).projects
        body = _events(service, snapshots, topic, projects, since, epoch, cursor, heartbeat_s, client)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(body, mimetype="text/event-stream", headers=headers)

    def view(template: str) -> Callable[..., Response]:
        return lambda **parts: stream(template.format_map(parts))

    for path, topic in (("/streams/<topic>", "{topic}"), *others):
        for prefix in ("", "/api"):
            blueprint.add_url_rule(f"{prefix}{path}", f"{prefix}{path}".replace(".", "_"), view(topic), methods=["GET"])
    return blueprint


def resume_point(last_event_id: str | None, since: str | None) -> tuple[int | None, str | None]:
    """(number, epoch) from `<epoch>.<seq>` or a plain number, from the first text that has one; else (None, None)."""
    for text in (last_event_id, since):
        if text:
            epoch, _, number = text.rpartition(".")
            if number.isascii() and number.isdigit() and len(number) < 19:
                return int(number), epoch or None
    return None, None


def _events(
    service: Service,
    snapshots: Snapshots,
    topic: str,
    projects: frozenset[str] | None,
    since: int | None,
    epoch: str | None,
    cursor: Mapping[str, str],
    heartbeat_s: float,
    client: ClientPresence,
) -> Iterator[str]:
    with service.hub.audience.listening(topic):
        yield from _counted_events(service, snapshots, topic, projects, since, epoch, cursor, heartbeat_s, client)


def _counted_events(
    service: Service,
    snapshots: Snapshots,
    topic: str,
    projects: frozenset[str] | None,
    since: int | None,
    epoch: str | None,
    cursor: Mapping[str, str],
    heartbeat_s: float,
    client: ClientPresence,
) -> Iterator[str]:
    hub = service.hub
    yield "retry: 1000\n\n"
    seen = Seen()
    if since is not None and hub.since(since, epoch, topics=(topic,)) is not None:
        seq = since
    elif (resumed := resume(hub, cursor)) is not None:
        seq, seen = resumed.seq, resumed.seen
        for one in resumed.missed:
            if one.concerns((topic,), projects):
                yield _message(hub.epoch, one.seq, one.type, one.text)
    else:
        while not hub.progress.ready and not hub.closed:
            yield ": loading\n\n"
            hub.wait(hub.seq, _READY_POLL_S)
        snapshot = snapshots.get((topic,), projects=projects)
        seq = snapshot.seq
        yield _message(hub.epoch, seq, "snapshot", snapshot.text())
    written_at = looked_at = time.monotonic()
    while not hub.closed:
        text = ""
        envelopes = hub.since(seq, topics=(topic,))
        if envelopes is None:  # they left the ring while a write to this client blocked
            snapshot = snapshots.get((topic,), projects=projects)
            seq = snapshot.seq
            text = _message(hub.epoch, seq, "snapshot", snapshot.text())
        elif envelopes:
            seq = envelopes[-1].seq
            found = (one for one in envelopes if one.concerns((topic,), projects) and not seen.has(one))
            text = "".join(_message(hub.epoch, one.seq, one.type, one.text) for one in found)
        now = time.monotonic()
        if not text and now - written_at >= heartbeat_s:
            text = _HEARTBEAT
        if not text and now - looked_at >= _LOOK_S:
            looked_at = now
            if client.is_broken():
                return
            # It may have closed its side only, and still read: a write shows which, by an answer to the next one.
            text = _HEARTBEAT if client.closed_its_side() else ""
        if text:
            yield text
            written_at = looked_at = time.monotonic()
        else:
            hub.wait(seq, max(0.0, min(looked_at + _LOOK_S, written_at + heartbeat_s) - now))


def _message(epoch: str, seq: int, name: str, text: str) -> str:
    return f"id: {epoch}.{seq}\nevent: {name}\ndata: {text}\n\n"
