"""A log as Server-Sent Events: `{type: "log", content}` for each line, `{type: "heartbeat"}` every 30 s."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from ..errors import FileRefused
from ..hub.ring import encode
from ..web.client_presence import ClientPresence
from .log_file import PlanLogs
from .log_follow import LogFollow
from .log_watch import LogBell

HEARTBEAT_S = 30.0
_LOOK_S = 0.5


def log_events(
    logs: PlanLogs,
    bell: LogBell,
    plan: str,
    count: int,
    client: ClientPresence,
    since: float | None = None,
    heartbeat_s: float = HEARTBEAT_S,
) -> Iterator[str]:
    """The events: the last `count` lines, of those from `since` on, then each new one, until the client or the service
    ends."""
    with LogFollow(logs.workspace) as follow:
        path = logs.find(plan)
        if path is not None:
            with suppress(FileRefused):
                follow.start(path, count, since)
        yield "retry: 1000\n\n"
        written_at = looked_at = time.monotonic()
        while not bell.is_closed:
            mark = bell.now()
            if path is None or not logs.still_counts(plan, path):
                path = logs.find(plan)
            lines: list[str] = []
            with suppress(FileRefused):
                lines = follow.read(path)
            now = time.monotonic()
            text = "".join(_event({"type": "log", "content": line}) for line in lines)
            if not text and now - written_at >= heartbeat_s:
                text = _event({"type": "heartbeat"})
            if not text and now - looked_at >= _LOOK_S:
                looked_at = now
                if client.is_broken():
                    return
                text = ": here\n\n" if client.closed_its_side() else ""
            if text:
                yield text
                looked_at = time.monotonic()
                written_at = looked_at if lines or now - written_at >= heartbeat_s else written_at
            else:
                bell.wait(logs.candidates(plan), mark, _LOOK_S)


def _event(body: dict[str, str]) -> str:
    return f"data: {encode(body)}\n\n"
