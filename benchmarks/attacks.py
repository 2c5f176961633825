"""What the service survives: each attack runs while an established client and new ones with the token are served.

For each: the longest time until an established Socket.IO client had a change, the longest until a new client with the
token had its snapshot, and by how much memory and threads of the worker grew.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import websocket
from kit.frames import frame, upgrade
from kit.processes import free_port
from kit.tables import table
from kit.workspaces import full_task_text, workspace

TOKEN = secrets.token_urlsafe(32)
TASKS = 400


class Target:
    """The dashboard with a token, in its own processes."""

    def __init__(self, root: Path, threads: int = 512) -> None:
        self.port = free_port()
        self.root = root / "work/collaboration"
        environment = os.environ | {
            "LLM_SERVICE_TOKEN": TOKEN,
            "LLM_SERVICE_THREADS": str(threads),
            "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
        }
        command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open"]
        self._process = subprocess.Popen(
            [*command, "--workspace", str(root), "--port", str(self.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, websocket.WebSocketException):
                Client(self).close()
                break
            time.sleep(0.1)
        self.worker = psutil.Process(self._process.pid).children()[0]

    def connect(self) -> socket.socket:
        """A plain connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def stream(self, topic: str) -> bytes:
        """The request for a stream."""
        lines = [f"GET /streams/{topic} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Authorization: Bearer {TOKEN}"]
        return "\r\n".join([*lines, "", ""]).encode()

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)


class Client:
    """A Socket.IO client with the token."""

    def __init__(self, target: Target) -> None:
        address = f"ws://127.0.0.1:{target.port}/socket.io/?EIO=4&transport=websocket"
        self.connection = websocket.create_connection(address, timeout=10)
        self.connection.recv()
        self.connection.send("40/dashboard," + json.dumps({"token": TOKEN}))
        self.until('"snapshot"')

    def until(self, text: str, timeout_s: float = 30.0) -> None:
        """Read until a message contains the text."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            message = str(self.connection.recv())
            if message == "2":
                self.connection.send("3")
            elif text in message:
                return
        raise TimeoutError(text)

    def close(self) -> None:
        """Hang up."""
        self.connection.close(timeout=0)


class Watch:
    """Served or not: a change every 0.2 s for an established client, a new client every 0.5 s."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._established = Client(target)
        self._over = threading.Event()
        self.change_s = self.new_s = 0.0
        self.failures: list[str] = []
        self.rss = self._rss_before = target.worker.memory_info().rss
        self.threads = 0
        self._threads = [threading.Thread(target=one) for one in (self._changes, self._newcomers, self._sizes)]
        for thread in self._threads:
            thread.start()

    def _changes(self) -> None:
        for number in range(1_000_000):
            if self._over.wait(0.2):
                return
            name = f"attack-{os.getpid()}-{number}"
            began = time.monotonic()
            path = self._target.root / f"inbox/{name}.yaml"
            path.write_text(full_task_text(name))
            try:
                self._established.until(name)
            except (OSError, TimeoutError, websocket.WebSocketException) as problem:
                self.failures.append(f"established: {problem!r}")
                return
            self.change_s = max(self.change_s, time.monotonic() - began)
            path.unlink()

    def _newcomers(self) -> None:
        while not self._over.wait(0.5):
            began = time.monotonic()
            try:
                Client(self._target).close()
            except (OSError, TimeoutError, websocket.WebSocketException) as problem:
                self.failures.append(f"new: {problem!r}")
            self.new_s = max(self.new_s, time.monotonic() - began)

    def _sizes(self) -> None:
        while not self._over.wait(0.1):
            self.rss = max(self.rss, self._target.worker.memory_info().rss)
            self.threads = max(self.threads, self._target.worker.num_threads())

    def end(self) -> list[object]:
        """The row of the table."""
        self._over.set()
        for thread in self._threads:
            thread.join(40)
        self._established.close()
        growth = (self.rss - self._rss_before) / 1e6
        return [
            f"{self.change_s:.2f}",
            f"{self.new_s:.2f}",
            f"{growth:.0f}",
            self.threads,
            "; ".join(self.failures)[:80],
        ]


def nothing(_target: Target) -> None:
    """The floor."""
    time.sleep(5)


def unfinished_requests(target: Target) -> None:
    """2,000 heads without an end, as many bodies that do not come."""
    heads = [
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n\r\nx",
        b"P",
        b"POST /api/telemetry/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
    ]
    opened = []
    for number in range(2_000):
        connection = target.connect()
        connection.sendall(heads[number % len(heads)].replace(b"127.0.0.1", b"127.0.0.1:%d" % target.port))
        opened.append(connection)
    time.sleep(12)
    for connection in opened:
        connection.close()


def abandoned_streams(target: Target) -> str:
    """200 streams, four times as many as there are threads, whose clients leave after a second, in five waves."""
    for _ in range(5):
        opened = []
        for number in range(40):
            if number % 2:
                opened.append(upgraded(target, "/ws/costs"))
                continue
            connection = target.connect()
            connection.sendall(target.stream("costs"))
            connection.recv(100)
            opened.append(connection)
        time.sleep(1)
        for connection in opened:
            connection.close()
    left = time.monotonic()
    while any(one.status == psutil.CONN_CLOSE_WAIT for one in target.worker.net_connections()):
        time.sleep(0.1)
    return f"all noticed after {time.monotonic() - left:.1f} s"


def handshakes(target: Target) -> None:
    """6,000 polling handshakes on one connection, none of which goes on."""
    connection = target.connect()
    reader = connection.makefile("rb")
    request = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % target.port
    for _ in range(6_000):
        connection.sendall(request)
        for _ in ("head", "body in chunks"):  # each ends with an empty line
            while reader.readline() not in (b"\r\n", b""):
                pass
    time.sleep(3)
    connection.close()


def upgraded(target: Target, path: str, token: str = TOKEN) -> socket.socket:
    """A WebSocket whose client end is plain bytes."""
    connection = target.connect()
    upgrade(connection, path, f"Authorization: Bearer {token}")
    return connection


def websocket_input(target: Target) -> None:
    """400 MB: whole messages, endless fragments, pings; over both kinds of WebSockets, from clients with the token."""
    megabyte = b"x" * 1_000_000
    floods: list[Callable[[], bytes]] = [
        lambda: frame(megabyte[:60_000]),
        lambda: frame(megabyte, 0, False),
        lambda: frame(b"p" * 125, 9) * 8_000,
        lambda: frame(b'42/dashboard,["ping"]') * 40_000,
    ]
    sent = 0
    number = 0
    while sent < int(os.environ.get("ATTACK_MB", "400")) * 1_000_000:
        path = ("/ws/tasks", "/socket.io/?EIO=4&transport=websocket")[number % 2]
        data = floods[(number // 2) % len(floods)]()
        number += 1
        connection = upgraded(target, path)
        before = sent
        with contextlib.suppress(OSError):
            if path.startswith("/socket.io"):
                connection.sendall(frame(b"40/dashboard," + json.dumps({"token": TOKEN}).encode()))
            if (number - 1) // 2 % len(floods) == 1:
                connection.sendall(frame(b"x", 1, False))
            while sent - before < 20_000_000:
                connection.sendall(data)
                sent += len(data)
        sent = max(sent, before + 1_000_000)
        connection.close()


def connects(target: Target) -> None:
    """400 times `connect` on one session, as an event, as a packet, and with `disconnect` between."""
    for body in (b'42/dashboard,["connect"]', b"40/dashboard,{}", b"41/dashboard,", b'42/dashboard,["disconnect","x"]'):
        connection = upgraded(target, "/socket.io/?EIO=4&transport=websocket")
        with contextlib.suppress(OSError):
            connection.sendall(frame(b"40/dashboard," + json.dumps({"token": TOKEN}).encode()))
            for _ in range(400):
                connection.sendall(frame(body))
                if body.startswith(b"41"):
                    connection.sendall(frame(b"40/dashboard," + json.dumps({"token": TOKEN}).encode()))
            time.sleep(1)
        connection.close()


def wrong_tokens(target: Target) -> None:
    """400 WebSockets that answer no ping, with a wrong token or none, for a minute."""
    opened = []
    for number in range(400):
        with contextlib.suppress(OSError):
            connection = upgraded(target, "/socket.io/?EIO=4&transport=websocket", "wrong")
            if number % 2:
                connection.sendall(frame(b'40/dashboard,{"token":"wrong"}'))
            opened.append(connection)
    time.sleep(20)
    for connection in opened:
        connection.close()


def no_threads(target: Target) -> None:
    """The system gives the worker no further thread, while 20 streams are opened."""
    group = Path("/sys/fs/cgroup/pids" if Path("/sys/fs/cgroup/pids").is_dir() else "/sys/fs/cgroup")
    group /= f"attack-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cgroup.procs").write_text(str(target.worker.pid))
        (group / "pids.max").write_text(str(target.worker.num_threads() + 1))
        _streams(target)
    finally:
        (group / "pids.max").write_text("max")
        (group.parent / "cgroup.procs").write_text(str(target.worker.pid))
        group.rmdir()


def _streams(target: Target) -> None:
    opened = []
    for _ in range(20):
        connection = target.connect()
        connection.sendall(target.stream("tasks"))
        opened.append(connection)
    time.sleep(5)
    for connection in opened:
        connection.close()


ATTACKS = (
    nothing,
    abandoned_streams,
    unfinished_requests,
    handshakes,
    websocket_input,
    connects,
    wrong_tokens,
    no_threads,
)


def main() -> None:
    """Print the table."""
    chosen = os.environ.get("ATTACKS", "").split(",")
    rows: list[list[object]] = []
    for attack in ATTACKS:
        if chosen != [""] and attack.__name__ not in chosen:
            continue
        with workspace(TASKS) as root:
            target = Target(root, threads=64 if attack is abandoned_streams else 512)
            try:
                watch = Watch(target)
                time.sleep(1)
                noticed = attack(target)
                *sizes, failures = watch.end()
                rows.append([attack.__name__.replace("_", " "), *sizes, failures or noticed or ""])
            finally:
                target.stop()
    table("Attacks", ["attack", "change s", "new client s", "RSS +MB", "threads", "what else"], rows)


if __name__ == "__main__":
    main()
