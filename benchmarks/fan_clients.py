"""Many clients in one process: `python -m benchmarks.fan_clients URL KIND COUNT`.

KIND is socketio, ws, sse, or bare: a connection that asks for nothing.

Prints "ready" when all have their snapshot. Then, for each line that it reads, waits until every client has received
that text, and prints when the last one had it (`time.perf_counter`, one clock for all processes) and how many had not.
"""

from __future__ import annotations

import base64
import os
import selectors
import socket
import sys
import time
from urllib.parse import urlsplit

PATHS = {"socketio": "/socket.io/?EIO=4&transport=websocket", "ws": "/ws/tasks", "sse": "/streams/tasks"}
# "40/dashboard,", masked with zeros as a client has to mask (RFC 6455, section 5.3).
CONNECT = b"\x81\x8d\x00\x00\x00\x0040/dashboard,"
PING = b"\x81\x012"
"""Of engineio. No event's frame has these bytes: JSON writes control characters otherwise."""
PONG = b"\x81\x81\x00\x00\x00\x003"
WAIT_S = 10.0


def connect(host: str, port: int, kind: str) -> socket.socket:
    """A client that has its snapshot."""
    client = socket.create_connection((host, port), timeout=30)
    if kind == "bare":
        client.setblocking(False)
        return client
    head = f"GET {PATHS[kind]} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    if kind != "sse":
        key = base64.b64encode(os.urandom(16)).decode()
        head += (
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        )
    client.sendall(f"{head}\r\n".encode())
    received = client.recv(65_536)
    if kind == "socketio":
        client.sendall(CONNECT)
    while b"snapshot" not in received:
        more = client.recv(65_536)
        if not more:
            raise ConnectionError(received[:200])
        received = received[-20:] + more
    client.setblocking(False)
    return client


def wait(selector: selectors.BaseSelector, clients: set[socket.socket], text: bytes) -> tuple[float, int]:
    """(when the last one had received the text, how many had not)."""
    waiting, last, deadline = set(clients), 0.0, time.perf_counter() + WAIT_S
    while waiting and time.perf_counter() < deadline:
        for key, _ in selector.select(0.5):
            client: socket.socket = key.fileobj  # type: ignore[assignment]
            data = client.recv(65_536)
            # Raw bytes: to take frames apart would cost more than what is measured. No text is cut by a packet's end
            # on one machine.
            if text in data:
                waiting.discard(client)
                last = time.perf_counter()
            if PING in data:  # it may come in one piece with events; who does not answer is cut off
                client.send(PONG)
            elif not data:
                selector.unregister(client)
    return last, len(waiting)


def main() -> None:
    """Until the end of the input."""
    address, kind, count = urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    selector = selectors.DefaultSelector()
    clients = {connect(address.hostname or "", address.port or 80, kind) for _ in range(count)}
    for client in clients:
        selector.register(client, selectors.EVENT_READ)
    print("ready", flush=True)
    for line in sys.stdin:
        print(*wait(selector, clients, line.strip().encode()), flush=True)


if __name__ == "__main__":
    main()
