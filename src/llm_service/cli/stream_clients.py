"""Clients of a running dashboard that wait for a probe, one of Socket.IO and one of SSE, each in a thread."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

_NAMESPACE = "/dashboard"
_TOPIC = "probe"
_MAX_LINE = 1 << 20
_LOOK_S = 0.1
_END_S = 0.5


class Listening:
    """A client in a separate thread: `ready` when it gets events, `arrived_at` on the monotonic clock."""

    def __init__(self, kind: str, timeout_s: float, listen: Callable[[Listening], None]) -> None:
        """`timeout_s`: how long the answers of the server may take."""
        self.kind, self.timeout_s = kind, timeout_s
        self.ready = threading.Event()
        self.arrived = threading.Event()
        self.arrived_at = 0.0
        self.nonce = ""
        self.problem: str | None = None
        self.is_stopping = False
        self.close: Callable[[], object] = lambda: None
        self._listen = listen
        self._thread = threading.Thread(target=self._run, name=f"doctor {kind}", daemon=True)
        self._thread.start()

    def expect(self, nonce: str) -> None:
        """Wait for this probe from now on."""
        self.nonce, self.arrived_at = nonce, 0.0
        if self._thread.is_alive():
            self.arrived.clear()

    def heard(self, nonce: object) -> None:
        """A probe arrived."""
        if nonce == self.nonce and not self.arrived.is_set():
            self.arrived_at = time.monotonic()
            self.arrived.set()

    def stop(self) -> None:
        """Close the connection, and wait for the thread; not long for one that the server leaves without an answer."""
        self.is_stopping = True
        with contextlib.suppress(Exception):  # whatever a library raises for a connection that is closed already
            self.close()
        self._thread.join(timeout=_END_S)

    def _run(self) -> None:
        try:
            self._listen(self)
        except Exception as problem:  # noqa: BLE001 - each library has errors of its own; it is the finding
            self.problem = self.problem or f"{type(problem).__name__}: {problem}"[:200]
        finally:
            self.ready.set()
            self.arrived.set()


def listen_sse(url: str, token: str | None, client: Listening) -> None:
    """Listen as a client of Server-Sent Events."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=4 * client.timeout_s)
    connection.connect()
    sock = connection.sock  # a response takes it over from the connection
    client.close = lambda: sock.shutdown(socket.SHUT_RDWR)
    connection.request("GET", f"/streams/{_TOPIC}", headers=_headers(token) | {"Accept": "text/event-stream"})
    response = connection.getresponse()
    if response.status != 200:
        client.problem = f"the stream was refused with status {response.status}"
        return
    with response:
        _read_events(client, response)


def _read_events(client: Listening, response: http.client.HTTPResponse) -> None:
    name = b""
    while line := response.readline(_MAX_LINE):
        if line.startswith(b"event: "):
            name = line[7:].strip()
        elif line.startswith(b"data: "):
            if name == b"snapshot":
                client.ready.set()
            elif name == b"probe.seen":
                client.heard(_nonce(line[6:]))


def listen_socketio(url: str, token: str | None, client: Listening) -> None:
    """Listen as a client of Socket.IO."""
    from simple_websocket import Client as WebSocket  # not needed without a dashboard

    place = urlsplit(url)
    address = f"ws://{place.netloc}/socket.io/?EIO=4&transport=websocket"
    connection = WebSocket(address, headers=_headers(token))
    client.close = connection.close
    # Not after the server's first packet: what comes with the handshake is only read with what follows it.
    connection.send(f"40{_NAMESPACE},{json.dumps({'topics': [_TOPIC], 'token': token})}")
    for text in _messages(client, connection, 4 * client.timeout_s):
        if text == "2":
            connection.send("3")
        elif text.startswith((f"41{_NAMESPACE}", f"44{_NAMESPACE}")):
            client.problem = f"Socket.IO refused the connection: {text[2 + len(_NAMESPACE) :][:150]}"
            return
        elif text.startswith(f"42{_NAMESPACE},"):
            name, *bodies = json.loads(text.partition(",")[2])
            if name == "snapshot":
                client.ready.set()
            elif name == "probe.seen":
                client.heard(bodies[0].get("nonce"))
            elif name == "error":
                client.problem = f"Socket.IO refused the connection: {bodies[0].get('error')}"[:200]
                return


def _messages(client: Listening, connection: Any, timeout_s: float) -> Iterator[str]:
    """What the server sends, until the client is stopped: closing does not wake who waits in `receive`."""
    deadline = time.monotonic() + timeout_s
    while not client.is_stopping and time.monotonic() < deadline:
        message = connection.receive(_LOOK_S)
        if isinstance(message, str):
            yield message


def _headers(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _nonce(data: bytes) -> object:
    try:
        body = json.loads(data)
    except ValueError:
        return None
    return body.get("nonce") if isinstance(body, dict) else None
