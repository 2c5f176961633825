"""The examples, run as a user runs them, and the sample workspace that `make run` shows."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from kit.live import Live, eventually, fresh
from kit.paths import ROOT

EXAMPLES = ROOT / "examples"


def _node() -> list[str]:
    """The command for the Node example; skips without a suitable Node."""
    if not shutil.which("node"):
        pytest.skip("Node is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", version)
    if not found or (int(found[1]), int(found[2])) < (20, 19):
        pytest.skip("Node is older than 20.19")
    return ["node", str(EXAMPLES / "node_client.mjs")]


def _curl() -> list[str]:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    return ["sh", str(EXAMPLES / "sse.sh")]


def _python() -> list[str]:
    return [sys.executable, str(EXAMPLES / "python_client.py")]


class Running:
    """A running example, and the lines that it has printed."""

    def __init__(self, command: list[str], **environ: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("LLM_SERVICE_")}
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean | environ
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def shows(self, *words: str) -> bool:
        """Wait for a line that contains all these words."""
        return bool(eventually(lambda: any(all(word in line for word in words) for line in list(self.lines)), 20))

    def stop(self) -> None:
        self._process.kill()
        self._reader.join(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait(timeout=60)


@pytest.fixture
def example() -> Iterator[Callable[..., Running]]:
    """Starts examples; they are stopped after the test."""
    running: list[Running] = []

    def begin(command: list[str], **environ: str) -> Running:
        running.append(Running(command, **environ))
        return running[-1]

    yield begin
    for one in running:
        one.stop()


class Relay:
    """A TCP relay to the dashboard that can be cut and restored; clients connect to `url`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._pairs: list[socket.socket] = []
        self._whole = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                self._pairs += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=(source, target), daemon=True).start()

    def cut(self) -> None:
        """Close all connections and refuse new ones."""
        with self._lock:
            self._whole = False
            for one in self._pairs:
                _hang_up(one)
            self._pairs.clear()

    def mend(self) -> None:
        """Accept new connections."""
        self._whole = True

    def close(self) -> None:
        """Stop the relay."""
        self.cut()
        _hang_up(self._listening)
        self._listening.close()
        self._accepting.join(timeout=60)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _hang_up(target)
    source.close()


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(live: Live) -> Iterator[Relay]:
    """A relay in front of the dashboard."""
    relay = Relay(live.port)
    yield relay
    relay.close()


def _connected(live: Live) -> Any:
    return eventually(lambda: live.json("/health")["clients"]["socketio"] > 0, 60)


@pytest.mark.parametrize("command", [_python, _node])
def test_a_client_prints_all_events_and_misses_none_while_the_connection_is_cut(
    live: Live, relay: Relay, example: Callable[..., Running], command: Callable[[], list[str]]
) -> None:
    running = example([*command(), relay.url])
    _connected(live)
    live.write("inbox/first.yaml")
    assert running.shows("task.created", "first", "inbox")
    relay.cut()
    live.write("inbox/missed.yaml")
    live.write("inbox/also-missed.yaml")
    live.sync()
    relay.mend()
    assert running.shows("task.created", " missed ")
    assert running.shows("task.created", " also-missed ")
    (live.root / "inbox/first.yaml").rename(live.root / "assigned/ada/first.yaml")
    assert running.shows("task.assigned", "first", "assigned")
    names = [line.split()[2] for line in running.lines]
    assert sorted(names) == ["also-missed", "first", "first", "missed"]
    # Python's client handles messages in threads, so the lines may be in another order than the numbers.
    numbers = [int(line.split()[0]) for line in running.lines]
    assert len(set(numbers)) == len(numbers)


def test_the_curl_example_prints_a_snapshot_and_then_events(live: Live, example: Callable[..., Running]) -> None:
    running = example([*_curl(), live.url])
    assert running.shows("event: snapshot")
    live.write("inbox/first.yaml")
    assert running.shows("event: task.created")
    assert running.shows("data: ", '"id":"first"')


@pytest.mark.parametrize("command", [_python, _node, _curl])
def test_address_and_token_can_be_set_in_the_environment(
    start: Callable[..., Live], example: Callable[..., Running], command: Callable[[], list[str]]
) -> None:
    live = start(token="correct-horse")
    running = example(command(), DASHBOARD_URL=live.url, LLM_SERVICE_TOKEN="correct-horse")
    if command is _curl:
        assert running.shows("event: snapshot")
    else:
        eventually(lambda: len(live.dashboard.site.clients), 60)
    live.write("inbox/first.yaml")
    assert running.shows("task.created")


@pytest.mark.parametrize("name", ["python_client.py", "node_client.mjs"])
def test_the_clients_are_short(name: str) -> None:
    lines = [line.strip() for line in (EXAMPLES / name).read_text().splitlines()]
    assert len([line for line in lines if line and not line.startswith(("#", "//", '"""'))]) <= 15


def test_the_sample_workspace_shows_a_team_with_one_broken_file() -> None:
    board = fresh(ROOT / "work/collaboration")
    lanes = [task["lane"] for task in board.values()]
    assert {lane: lanes.count(lane) for lane in set(lanes)} == {"inbox": 7, "assigned": 9, "done": 14}
    (broken,) = [task for task in board.values() if task["error"]]
    assert "alias" in broken["error"]["message"]
    flags = {flag for task in board.values() for flag in task["flags"]}
    assert flags >= {"status_contradicts_lane", "agent_differs_from_folder", "several_documents", "has_error"}


def test_some_dependencies_of_the_sample_workspace_are_done_and_some_block() -> None:
    board = fresh(ROOT / "work/collaboration")
    needed = [name for task in board.values() for name in task["dependencies"] if task["lane"] != "done"]
    assert set(needed) <= set(board)
    assert {board[name]["lane"] for name in needed} == {"inbox", "assigned", "done"}
    for task in board.values():
        if task["lane"] == "done":
            assert {board[name]["lane"] for name in task["dependencies"]} <= {"done"}
