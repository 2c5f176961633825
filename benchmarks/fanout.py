"""One event to 100 clients: when does the last one have it? Clients speak Engine.IO over raw WebSockets."""

from __future__ import annotations

import selectors
import time

import websocket
from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import full_task_text, workspace


def connect(server: Server) -> websocket.WebSocket:
    """A client of `/dashboard` that has its snapshot."""
    connection = websocket.create_connection(server.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket")
    connection.recv()
    connection.send("40/dashboard,")
    while '"snapshot"' not in str(connection.recv()):
        pass
    return connection


def measure(server: Server, clients: int, events: int) -> tuple[list[float], int]:
    """(ms until the last client had each event, messages lost)."""
    connections = [connect(server) for _ in range(clients)]
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.sock, selectors.EVENT_READ, connection)
    taken, lost = [], 0
    for number in range(events):
        name = f"fan-{clients}-{number:04d}"
        path = server.root / f"inbox/{name}.yaml"
        began = time.perf_counter()
        path.write_text(full_task_text(name))
        waiting = set(connections)
        while waiting and time.perf_counter() - began < 5:
            for key, _ in selector.select(0.5):
                # Raw bytes: taking frames apart in Python would cost more than what is measured. Pings come every
                # 25 s and may stay unanswered for 20 s, longer than a run takes.
                message = key.data.sock.recv(65_536)
                if name.encode() in message and b"task.created" in message:
                    waiting.discard(key.data)
        taken.append((time.perf_counter() - began) * 1000)
        lost += len(waiting)
        time.sleep(0.05)
    for connection in connections:
        connection.close(timeout=0)
    return taken, lost


def main() -> None:
    """Print the table."""
    rows = []
    with workspace(117) as root, dashboard(root) as server:
        for clients in (1, 20, 100):
            taken, lost = measure(server, clients, 100)
            rows.append([clients, *spread(taken), lost])
    table("Plain write → last of n clients has it (ms)", ["clients", "median", "p95", "p99", "lost"], rows)
