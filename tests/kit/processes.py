"""The dashboard in its own process, as a user starts it, and the bare servers that it is compared with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import requests

from .paths import ROOT


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server process and all its children."""

    def __init__(self, command: list[str], port: int, root: Path, checkout: Path = ROOT) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.root = root / "work/collaboration"
        self.started_at = time.perf_counter()
        environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
        self._process = subprocess.Popen(
            command, env=environment, cwd=checkout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.answered_s = self._until(lambda: bool(self.get("/health")), 30)

    def until_ready(self) -> float:
        """Seconds from the start of the process until the board was complete."""
        return self._until(lambda: self.get("/health")["loading"] is None, 120)

    def _until(self, check: Callable[[], bool], limit_s: float) -> float:
        while time.perf_counter() - self.started_at < limit_s:
            try:
                if check():
                    return time.perf_counter() - self.started_at
            except OSError:
                pass
            time.sleep(0.02)
        raise TimeoutError("the server did not get there")

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def processes(self) -> list[psutil.Process]:
        """The process and its children."""
        top = psutil.Process(self._process.pid)
        return [top, *top.children(recursive=True)]

    def worker_rss_mb(self) -> float:
        """Resident memory of the biggest process, the worker."""
        return max(process.memory_info().rss for process in self.processes()) / 1e6

    def pss_mb(self) -> float:
        """Proportional memory of all processes together."""
        return float(sum(process.memory_full_info().pss for process in self.processes())) / 1e6

    def cpu_s(self) -> float:
        """CPU seconds that all processes used so far."""
        return float(sum(sum(process.cpu_times()[:2]) for process in self.processes()))

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


@contextmanager
def dashboard(root: Path, checkout: Path = ROOT) -> Iterator[Server]:
    """Our dashboard on a workspace, complete; that of another checkout of the repository, if one is given."""
    port = free_port()
    command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open"]
    server = Server([*command, "--workspace", str(root), "--port", str(port)], port, root, checkout)
    try:
        server.ready_s = server.until_ready()  # type: ignore[attr-defined]
        yield server
    finally:
        server.stop()


@contextmanager
def floor(root: Path) -> Iterator[Server]:
    """The bare minimum on the same folder: watchdog -> emit, nothing read, nothing decided."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.floor", str(root / "work/collaboration"), str(port)]
    server = Server(command, port, root)
    try:
        yield server
    finally:
        server.stop()


class Service:
    """The dashboard as a user starts it, in a process group that can be killed as a whole."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    @property
    def pid(self) -> int:
        """The process id of the server, whose child is the worker."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait_for_history: bool = True) -> None:
        """Start it and wait until it answers, and until its database is open unless told otherwise."""
        command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--workspace", str(self._workspace)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        record = self._workspace / ".llm-service/dashboard.json"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                facts = json.loads(record.read_text())
                self.url = facts["url"]
                answer = requests.get(self.url + "/health", timeout=60).json()
                if answer["workspace"] == str(self._workspace) and (answer["history"]["ok"] or not wait_for_history):
                    return
            except (OSError, ValueError, KeyError, requests.RequestException):
                pass
            time.sleep(0.02)
        raise TimeoutError("the service did not start")

    def kill(self) -> None:
        """Kill the server and its worker with SIGKILL."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(60)
        self._process = None

    def stop(self) -> None:
        """Kill the processes that still run."""
        if self._process is not None:
            self.kill()


def run_command(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `llm-service` to its end, without a terminal and without settings from the environment."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("LLM_SERVICE_")}
    return subprocess.run(
        [sys.executable, "-m", "llm_service", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env=own | {"PYTHONPATH": str(ROOT / "src")} | environment,
        timeout=60,
    )
