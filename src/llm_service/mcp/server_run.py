"""A server that was started here, `ServerRun`, and the row in which it is shown: `row_of`."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace

from ..files import printable
from .model import DeclaredServer, ServerRow, ServerStatus
from .server_session import Answer, ServerSession

ACTIVE = (ServerStatus.STARTING, ServerStatus.RUNNING, ServerStatus.UNHEALTHY)
"""It runs, or is being started."""


@dataclass(slots=True)
class ServerRun:
    """A server that was started here: `server` is what was started, whatever is declared now."""

    server: DeclaredServer
    status: ServerStatus = ServerStatus.STARTING
    answer: Answer | None = None
    started_at: str | None = None
    checked_at: str | None = None
    restarts: int = 0
    last_error: str | None = None
    session: ServerSession | None = None
    future: Future[None] | None = None


def row_of(server: DeclaredServer, approved: bool, run: ServerRun | None) -> ServerRow:
    """The row of a server as it is declared now, with how it runs here."""
    row = ServerRow(
        name=server.name,
        origin=server.origin,
        kind="address" if server.url else "program",
        argv=tuple(printable(text) for text in server.argv),
        env_names=tuple(sorted(server.env)),
        url=None if server.url is None else printable(server.url),
        digest=server.digest(),
        approved=approved,
        status=ServerStatus.STOPPED if approved else ServerStatus.NOT_APPROVED,
    )
    if run is None:
        return row
    answer = run.answer
    row = replace(
        row,
        status=run.status if approved or run.status in ACTIVE else row.status,
        version=answer.version if answer else None,
        tools=answer.tools if answer else (),
        started_at=run.started_at if run.status in ACTIVE else None,
        checked_at=run.checked_at,
        answer_ms=round(answer.answer_ms, 1) if answer else None,
        restarts=run.restarts,
        last_error=run.last_error,
    )
    if run.status in ACTIVE and run.server != server:
        row = replace(row, last_error="What runs was declared differently: a restart starts what is shown.")
    usage = run.session.usage() if run.session is not None and run.status in ACTIVE else None
    if usage is not None:
        row = replace(row, pid=usage.pid, cpu_percent=usage.cpu_percent, memory_bytes=usage.memory_bytes)
    return row
