"""Whether a change on the disk reaches clients: one of Socket.IO and one of SSE wait while a probe file is written.

`measure(...)` is for doctor: it listens as any client does, so everything between the watcher and a page is tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from ..knowledge.doctor.probe import new_nonce, probed_folder, write_probe
from .stream_clients import Listening, listen_socketio, listen_sse

TIMEOUT_S = 2.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """How one kind of client fared: the time from the write to its arrival, None with the `problem` if it did not
    come."""

    kind: str
    latency_ms: float | None
    problem: str | None = None


def measure(url: str, token: str | None, streams_folder: str, timeout_s: float | None = None) -> list[Arrival]:
    """How a probe file in the folder of the streams arrives at a client of each kind. Raises OSError if it cannot be
    written."""
    timeout_s = TIMEOUT_S if timeout_s is None else timeout_s
    clients = [
        Listening("Socket.IO", timeout_s, partial(listen_socketio, url, token)),
        Listening("SSE", timeout_s, partial(listen_sse, url, token)),
    ]
    try:
        deadline = time.monotonic() + timeout_s
        for client in clients:
            client.ready.wait(max(0.0, deadline - time.monotonic()))
        with probed_folder(streams_folder) as is_new:
            arrivals = _probe(clients, streams_folder, timeout_s)
            if is_new and all(one.problem is None for one in arrivals):
                arrivals = _probe(clients, streams_folder, timeout_s)
        return arrivals
    finally:
        for client in clients:
            client.stop()


def _probe(clients: list[Listening], streams_folder: str, timeout_s: float) -> list[Arrival]:
    nonce = new_nonce()
    for client in clients:
        client.expect(nonce)
    with write_probe(streams_folder, nonce) as probe:
        deadline = time.monotonic() + timeout_s
        for client in clients:
            if client.ready.is_set():  # nothing arrives at one that has not even got a connection
                client.arrived.wait(max(0.0, deadline - time.monotonic()))
    return [_arrival(client, probe.at, timeout_s) for client in clients]


def _arrival(client: Listening, written_at: float, timeout_s: float) -> Arrival:
    if client.arrived_at:
        return Arrival(client.kind, round((client.arrived_at - written_at) * 1000, 1))
    return Arrival(client.kind, None, client.problem or f"nothing came within {timeout_s:g} s")
