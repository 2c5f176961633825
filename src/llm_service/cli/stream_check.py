"""Whether a change on the disk reaches clients: one of Socket.IO and one of SSE wait while a probe file is written.

`measure(...)` is for doctor: it listens as any client does, so everything between the watcher and a page is tried.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..knowledge.doctor.probe import new_nonce, write_probe

TIMEOUT_S = 2.5
_NAMESPACE = "/dashboard"
_TOPIC = "probe"
_MAX_LINE = 1 << 20
KINDS = ("Socket.IO", "SSE")


@dataclass(frozen=True, slots=True)
class Arrival:
    """How one kind of client fared: the time from the write to its arrival, None with the `problem` if it did not
    come."""

    kind: str
    latency_ms: float | None
    problem: str | None = None


class _Listening:
    """A client in a thread of its own: `ready` when it gets events, `arrived_at` on the monotonic clock."""

    def __init__(self, kind: str, listen: Callable[[_Listening], None]) -> None:
        self.kind = kind
        self.ready = threading.Event()
        self.arrived = threading.Event()
        self.arrived_at = 0.0
        self.nonce = new_nonce()
        self.problem: str | None = None
        self.close: Callable[[], object] = lambda: None
        self._listen = listen
        self._thread = threading.Thread(target=self._run, name=f"doctor {kind}", daemon=True)
        self._thread.start()

    def heard(self, nonce: object) -> bool:
        """An event came; True if it is the one that is waited for."""
        if nonce == self.nonce:
            self.arrived_at = time.monotonic()
            self.arrived.set()
        return self.arrived.is_set()

    def stop(self) -> None:
        """Close the connection, and wait for the thread."""
        with contextlib.suppress(Exception):  # whatever a library raises for a connection that is closed already
            self.close()
        self._thread.join(timeout=TIMEOUT_S)

    def _run(self) -> None:
        try:
            self._listen(self)
        except Exception as problem:  # noqa: BLE001 - each library has errors of its own; it is the finding
            self.problem = self.problem or f"{type(problem).__name__}: {problem}"[:200]
        finally:
            self.ready.set()
            self.arrived.set()


def measure(url: str, token: str | None, streams_folder: str, timeout_s: float = TIMEOUT_S) -> list[Arrival]:
    """How a probe file in the folder of the streams arrives at a client of each kind. Raises OSError if it cannot be
    written."""
    clients = [
        _Listening("Socket.IO", lambda client: _listen_socketio(client, url, token, timeout_s)),
        _Listening("SSE", lambda client: _listen_sse(client, url, token, timeout_s)),
    ]
    nonce = new_nonce()
    for client in clients:
        client.nonce = nonce
    try:
        deadline = time.monotonic() + timeout_s
        for client in clients:
            client.ready.wait(max(0.0, deadline - time.monotonic()))
        with write_probe(streams_folder, nonce) as probe:
            deadline = time.monotonic() + timeout_s
            for client in clients:
                client.arrived.wait(max(0.0, deadline - time.monotonic()))
        return [_arrival(client, probe.at, timeout_s) for client in clients]
    finally:
        for client in clients:
            client.stop()


def _arrival(client: _Listening, written_at: float, timeout_s: float) -> Arrival:
    if client.arrived_at:
        return Arrival(client.kind, round((client.arrived_at - written_at) * 1000, 1))
    return Arrival(client.kind, None, client.problem or f"nothing came within {timeout_s:g} s")


def _listen_sse(client: _Listening, url: str, token: str | None, timeout_s: float) -> None:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=4 * timeout_s)
    client.close = lambda: _hang_up(connection)
    connection.request("GET", f"/streams/{_TOPIC}", headers=_headers(token) | {"Accept": "text/event-stream"})
    response = connection.getresponse()
    if response.status != 200:
        client.problem = f"the stream was refused with status {response.status}"
        return
    name = b""
    while line := response.readline(_MAX_LINE):
        if line.startswith(b"event: "):
            name = line[7:].strip()
        elif line.startswith(b"data: "):
            if name == b"snapshot":
                client.ready.set()
            elif name == b"probe.seen" and client.heard(_nonce(line[6:])):
                return


def _listen_socketio(client: _Listening, url: str, token: str | None, timeout_s: float) -> None:
    from simple_websocket import Client  # not needed without a dashboard

    place = urlsplit(url)
    address = f"ws://{place.netloc}/socket.io/?EIO=4&transport=websocket"
    socket = Client(address, headers=_headers(token))
    client.close = socket.close
    for text in _messages(socket, 4 * timeout_s):
        if text.startswith("0"):
            socket.send(f"40{_NAMESPACE},{json.dumps({'topics': [_TOPIC], 'token': token})}")
        elif text == "2":
            socket.send("3")
        elif text.startswith(f"44{_NAMESPACE}"):
            client.problem = f"Socket.IO refused the connection: {text[4 + len(_NAMESPACE) :][:150]}"
            return
        elif text.startswith(f"42{_NAMESPACE},"):
            name, *bodies = json.loads(text.partition(",")[2])
            if name == "snapshot":
                client.ready.set()
            elif name == "probe.seen" and client.heard(bodies[0].get("nonce")):
                return


def _messages(socket: Any, timeout_s: float) -> Iterator[str]:
    deadline = time.monotonic() + timeout_s
    while (left_s := deadline - time.monotonic()) > 0:
        message = socket.receive(left_s)
        if message is None:
            return
        if isinstance(message, str):
            yield message


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End a connection on which another thread reads."""
    import socket

    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def _headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _nonce(data: bytes) -> object:
    try:
        body = json.loads(data)
    except ValueError:
        return None
    return body.get("nonce") if isinstance(body, dict) else None
