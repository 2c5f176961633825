"""Trees of generated files, and a client that adds up what is announced of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio
from kit.paths import ROOT
from kit.processes import Server

PACKAGES, PARTS, FILES_EACH = 50, 20, 10
FILES_OF_A_PROJECT = PACKAGES * PARTS * FILES_EACH
FOLDERS_OF_A_PROJECT = 1 + PACKAGES + PACKAGES * PARTS
RAM = "/dev/shm"
_QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
_EVENTS_OF_A_FLOOD = 1_000_000


@contextmanager
def tree(projects: int, where: str | None = None) -> Iterator[Path]:
    """A temporary workspace with so many projects of 10,000 files in 1,051 folders; its projects' folder is `.../work/
    generated_projects`."""
    root = Path(tempfile.mkdtemp(prefix="llm-service-bench-", dir=where))
    for folder in ("inbox", "assigned", "done"):
        (root / "work/collaboration" / folder).mkdir(parents=True)
    (root / "work/generated_projects").mkdir()
    try:
        for number in range(projects):
            project(root / f"work/generated_projects/project_{number:03d}")
        os.sync()  # writing them back is not to be measured
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def project(folder: Path) -> None:
    """Write one project."""
    for package in range(PACKAGES):
        for part in range(PARTS):
            inside = f"{folder}/package_{package:02d}/part_{part:02d}"
            os.makedirs(inside)
            for number in range(FILES_EACH):
                ending = "md" if number == 0 else "py"
                handle = os.open(f"{inside}/module_{number:02d}.{ending}", os.O_CREAT | os.O_WRONLY)
                os.write(handle, b"value = 1\n")
                os.close(handle)


def on_disk(root: Path) -> int:
    """How many files lie in the projects."""
    return sum(len(files) for _, _, files in os.walk(root / "work/generated_projects"))


def run_floor(what: str, *arguments: object) -> dict[str, Any]:
    """What a process of `artifact_floor` says."""
    command = [sys.executable, "-m", "benchmarks.artifact_floor", what, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


@contextmanager
def long_queue(events: int) -> Iterator[None]:
    """Whoever begins to watch within gets a queue for so many events, where we may say so (root); nobody else does."""
    try:
        usual = _QUEUE.read_text()
        _QUEUE.write_text(f"{events}\n")
    except OSError:
        yield
        return
    try:
        yield
    finally:
        _QUEUE.write_text(usual)


class Counting:
    """watchdog in a process of its own that only counts: all that happens, if its queue may be long enough for it."""

    def __init__(self, root: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.artifact_floor", "count", str(root)]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL  # its warnings name every watch
        with long_queue(_EVENTS_OF_A_FLOOD):
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=nowhere, text=True)
            self.start_s: float = self._said()["start_s"]

    def stop(self) -> dict[str, Any]:
        """`{events, cpu_s}` since it was ready."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = self._said()
        self._process.communicate()
        return said

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        facts: dict[str, Any] = json.loads(self._process.stdout.readline())
        return facts


@dataclass(slots=True)
class Sum:
    """What was announced: how many files there are by it, how many events that took, when the last one came."""

    net: int = 0
    events: int = 0
    batches: int = 0
    at: float = 0.0
    paths: dict[str, float] = field(default_factory=dict)


class Watcher:
    """A plain Socket.IO client that adds up the events about artifacts."""

    def __init__(self, server: Server) -> None:
        self.sum = Sum()
        self._news = threading.Condition()
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", self._take, namespace="/dashboard")
        self.client.connect(server.url, namespaces=["/dashboard"], transports=["websocket"])

    def _take(self, name: str, body: Any = None) -> None:
        at = time.perf_counter()
        if not name.startswith("artifact.") or not isinstance(body, dict):
            return
        with self._news:
            seen = self.sum
            if name in ("artifact.created", "artifact.removed"):
                seen.net += 1 if name == "artifact.created" else -1
                if name == "artifact.created":
                    seen.paths.setdefault(body["artifact"]["path"], at)
            elif name == "artifact.batch":
                change = body["created"] + body["listed"] - body["removed"]
                seen.net += change
                seen.batches += 1
                if not change:
                    return
            seen.events += 1
            seen.at = at
            self._news.notify_all()

    def until(self, net: int, limit_s: float) -> bool:
        """Wait until by what was announced there are so many files more; False if there never are."""
        with self._news:
            return self._news.wait_for(lambda: self.sum.net == net, limit_s)

    def until_told(self, path: str, limit_s: float) -> bool:
        """Wait until a file was told by itself; False if it never is."""
        with self._news:
            return self._news.wait_for(lambda: path in self.sum.paths, limit_s)

    def close(self) -> None:
        """Disconnect."""
        self.client.disconnect()


class Pulse:
    """Asks for /health again and again; `longest_ms` is the slowest answer."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stopping = False
        self.longest_ms = 0.0
        self.asked = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping:
            began = time.perf_counter()
            self._server.get("/health")
            self.longest_ms = max(self.longest_ms, (time.perf_counter() - began) * 1000)
            self.asked += 1
            time.sleep(0.1)  # asking more often would be measured too

    def stop(self) -> None:
        """Ask no more."""
        self._stopping = True
        self._thread.join()
