"""The limits under gunicorn, with few threads; `python -m benchmarks attacks` has the real sizes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
import socketio
import websocket
from kit.frames import upgrade
from kit.live import Listener, eventually
from kit.paths import SRC

from llm_service.server.client_socket import STALL_S

THREADS = 16
CHUNKED = (
    "POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass
class Served:
    """`llm-service dashboard start` with few threads."""

    port: int
    process: subprocess.Popen[str]
    workspace: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, text: str) -> socket.socket:
        """A connection over which this was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sendall(text.replace("{host}", f"127.0.0.1:{self.port}").encode())
        return connection

    def worker(self) -> psutil.Process:
        return psutil.Process(self.process.pid).children()[0]

    def is_served(self) -> None:
        """A short request, a stream, a WebSocket and a Socket.IO client are served."""
        assert requests.get(f"{self.url}/health", timeout=60).status_code == 200
        with requests.get(f"{self.url}/streams/tasks", stream=True, timeout=60) as answer:
            assert answer.status_code == 200
        websocket.create_connection(f"ws://127.0.0.1:{self.port}/ws/tasks", timeout=60).close(timeout=0)
        listener = Listener(self.url)
        listener.first("snapshot")
        listener.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for all tests here; what it logs must have no traceback."""
    workspace: Path = tmp_path_factory.mktemp("served")
    (workspace / "work/collaboration/inbox").mkdir(parents=True)
    environ = {key: value for key, value in os.environ.items() if not key.startswith("LLM_SERVICE_")}
    log = workspace / "log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"],
            cwd=workspace,
            env=environ | {"PYTHONPATH": str(SRC), "LLM_SERVICE_THREADS": str(THREADS)},
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        )
    assert process.stdout is not None
    port = next(int(found[1]) for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
    yield Served(port, process, workspace)
    process.terminate()
    process.communicate(timeout=60)
    assert "Traceback" not in log.read_text()


def test_abandoned_streams_are_noticed_and_new_clients_served(served: Served) -> None:
    for _ in range(2):
        for number in range(THREADS - 4):
            if number % 3:
                served.send("GET /streams/costs HTTP/1.1\r\nHost: {host}\r\n\r\n").close()
            else:
                connection = served.send("")
                upgrade(connection, "/ws/costs")
                connection.close()
        served.is_served()
    eventually(lambda: not [one for one in served.worker().net_connections() if one.status == psutil.CONN_CLOSE_WAIT])


def connect(served: Served) -> websocket.WebSocket:
    """A client of Socket.IO that has its snapshot."""
    address = f"ws://127.0.0.1:{served.port}/socket.io/?EIO=4&transport=websocket"
    client = websocket.create_connection(address, timeout=60)
    client.send("40/dashboard,")
    while '"snapshot"' not in client.recv():
        pass
    return client


def test_clients_of_socketio_take_no_threads(served: Served) -> None:
    served.is_served()
    worker = served.worker()
    files, threads = worker.num_fds(), worker.num_threads()
    clients = [connect(served) for _ in range(THREADS + THREADS // 2)]
    assert worker.num_threads() <= threads + 17  # the few that handle what clients say, and the one that waits for it
    served.is_served()
    (served.workspace / "work/collaboration/inbox/for-all.yaml").write_text("id: for-all\n")
    for client in clients:
        while "for-all" not in client.recv():
            pass
        client.send('42/dashboard,7["ping"]')
    for client in clients:
        while not client.recv().startswith("43/dashboard,7["):
            pass
    for number, client in enumerate(clients):
        if number % 3 == 0:
            client.close(timeout=0)
        elif number % 3 == 1:
            client.shutdown()  # without a word
        else:
            client.send("x")  # no packet of Engine.IO
    eventually(lambda: worker.num_fds() <= files)
    for client in clients:
        client.shutdown()
    connect(served).close(timeout=0)


def test_a_client_that_begins_by_polling_and_upgrades_gets_its_events(served: Served) -> None:
    client, got = socketio.Client(reconnection=False), threading.Event()
    began = threading.Event()
    client.on("snapshot", lambda snapshot: began.set(), namespace="/dashboard")
    client.on("task.created", lambda event: event["task"]["id"] == "upgraded" and got.set(), namespace="/dashboard")
    client.connect(served.url, namespaces=["/dashboard"], wait_timeout=60)
    try:
        eventually(lambda: client.transport() == "websocket")
        assert began.wait(60)  # or the task is in the snapshot
        (served.workspace / "work/collaboration/inbox/upgraded.yaml").write_text("id: upgraded\n")
        assert got.wait(60)
    finally:
        client.disconnect()
        client.wait()


def test_what_comes_in_one_piece_with_the_end_of_an_upgrade_is_received(served: Served) -> None:
    opened = requests.get(f"{served.url}/socket.io/?EIO=4&transport=polling", timeout=60).text
    session = json.loads(opened[1:])["sid"]
    address = f"{served.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&sid={session}"
    client = websocket.create_connection(address, timeout=60, suppress_origin=True)
    try:
        client.send("2probe")
        assert client.recv() == "3probe"
        frames = [websocket.ABNF.create_frame(text, websocket.ABNF.OPCODE_TEXT) for text in ("5", "40/dashboard,")]
        client.sock.sendall(b"".join(frame.format() for frame in frames))
        # Before it may come the packet that ends the poll which waits.
        assert next(text for text in iter(client.recv, "") if text != "6").startswith("40/dashboard,{")
    finally:
        client.close()


def test_unfinished_requests_do_not_keep_others_from_being_served(served: Served) -> None:
    texts = [
        "GET /health HTTP/1.1\r\n",
        "G",
        "",
        "POST /api/telemetry/calls HTTP/1.1\r\nHost: {host}\r\nContent-Length: 60000\r\n\r\nx",
        "POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000\r\n\r\n",
        CHUNKED + "5\r\n",
        "POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000\r\nExpect: 100-continue\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",  # and never closes
        "GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n" * 50,
    ]
    idle = served.worker().num_threads()

    def is_served_before_they_are_given_up() -> bool:
        with contextlib.ExitStack() as opened:
            for number in range(12 * len(texts)):
                opened.enter_context(served.send(texts[number % len(texts)]))
            began = time.monotonic()
            served.is_served()
            took_s = time.monotonic() - began
            assert served.worker().num_threads() <= idle + THREADS + 8
        return took_s < STALL_S * 0.75

    # Alone it takes 0.1 s; a thread that waits would take `STALL_S`, each time. A busy machine may be late once.
    eventually(is_served_before_they_are_given_up)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("zz\r\n\r\n", 400),
        ("5\r\nabcdefgh\r\n0\r\n\r\n", 400),
        ("-1\r\n\r\n", 400),
        ("2\r\n{}\r\n0\r\nX", 400),
    ],
)
def test_broken_chunks_are_a_bad_request(served: Served, body: str, status: int) -> None:
    with served.send(CHUNKED + body) as connection:
        connection.shutdown(socket.SHUT_WR)
        assert int(connection.recv(4_096).split()[1]) == status


def test_a_body_in_chunks_that_is_too_long_is_answered_with_413_which_the_client_can_read(served: Served) -> None:
    with served.send(CHUNKED) as connection:
        piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        for _ in range(12 * 16):  # 12 MiB; 8 MiB are allowed
            with contextlib.suppress(OSError):
                connection.sendall(piece)
        assert int(connection.recv(4_096).split()[1]) == 413


@pytest.mark.parametrize("path", ["/ws/tasks", "/socket.io/?EIO=4&transport=websocket"])
def test_a_handshake_without_a_key_is_a_bad_request(served: Served, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    with served.send(head + "Sec-WebSocket-Version: 13\r\n\r\n") as connection:
        assert int(connection.recv(4_096).split()[1]) == 400
