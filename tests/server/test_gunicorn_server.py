"""The coupling to gunicorn: the hooks that are needed, and the fallback if a release lacks them."""

from __future__ import annotations

import importlib.metadata
import json
import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from gunicorn import glogging
from gunicorn.arbiter import Arbiter
from gunicorn.http.unreader import Unreader
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker
from kit.live import Listener, eventually, task_text

from llm_service.server import gunicorn_hooks, gunicorn_server, serve
from llm_service.server.gunicorn_server import GunicornServer


def test_the_installed_gunicorn_has_all_hooks() -> None:
    assert GunicornServer.missing_hooks() == [], (
        f"gunicorn {importlib.metadata.version('gunicorn')} has other hooks than server/gunicorn_worker.py uses. The"
        " dashboard falls back to werkzeug's server. Adapt GunicornServer, or lower the bound in requirements.txt."
    )
    assert serve._can_use_gunicorn()


class Heartbeat:
    """The heartbeat of a worker, last seen long ago."""

    def __init__(self) -> None:
        self.seen_at = time.monotonic() - 1000

    def last_update(self) -> float:
        return self.seen_at

    def notify(self) -> None:
        self.seen_at = time.monotonic()


@pytest.fixture
def arbiter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An arbiter with a worker that has not responded for long, and the signals that it sent."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    made: Any = object.__new__(gunicorn_server._Arbiter)
    made.timeout, made.log = 120, logging.getLogger("test")
    made.WORKERS = {child.pid: types.SimpleNamespace(tmp=Heartbeat(), aborted=False)}
    made.sent = []
    made.kill_worker = lambda pid, number: made.sent.append((pid, number))
    made.child = child
    yield made
    child.kill()
    child.wait()


def test_a_worker_that_hangs_is_ended(arbiter: Any) -> None:
    arbiter.murder_workers()
    assert arbiter.sent == [(arbiter.child.pid, signal.SIGABRT)]


def test_a_worker_that_was_stopped_by_a_signal_is_not_ended(arbiter: Any) -> None:
    arbiter.child.send_signal(signal.SIGSTOP)
    eventually(lambda: psutil.Process(arbiter.child.pid).status() == psutil.STATUS_STOPPED)
    arbiter.murder_workers()
    arbiter.child.send_signal(signal.SIGCONT)
    arbiter.murder_workers()
    assert arbiter.sent == []


def test_after_a_pause_of_both_the_worker_gets_its_time_again(arbiter: Any) -> None:
    arbiter._checked_at = time.monotonic() - 500
    arbiter.murder_workers()
    assert arbiter.sent == []


@pytest.mark.parametrize(
    ("owner", "name", "value", "missing"),
    [
        (ThreadWorker, "handle", None, "no ThreadWorker.handle(conn)"),
        (ThreadWorker, "handle_request", lambda self, conn: None, "no ThreadWorker.handle_request(req, conn)"),
        (TConn, "__init__", lambda self, cfg, sock, client, server: None, "no TConn.data_ready"),
        (Worker, "__init__", lambda self: None, "no Worker.booted"),
        (Unreader, "unread", None, "no Unreader.unread(data)"),
        (Arbiter, "handle_hup", None, "no Arbiter.handle_hup()"),
        (Arbiter, "murder_workers", None, "no Arbiter.murder_workers()"),
        (Arbiter, "WORKER_BOOT_ERROR", None, "no Arbiter.WORKER_BOOT_ERROR"),
        (glogging.Logger, "setup", None, "no Logger.setup(cfg)"),
        (gunicorn_hooks, "KNOWN_SETTINGS", [], "no setting forwarded_allow_ips"),
    ],
)
def test_a_missing_or_changed_hook_is_named_in_one_log_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, owner: Any, name: str, value: Any, missing: str
) -> None:
    monkeypatch.setattr(owner, name, value)
    assert missing in GunicornServer.missing_hooks()
    assert not serve._can_use_gunicorn()
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.WARNING, serve.__name__)
    assert missing in record.getMessage()


OTHER_RELEASES = textwrap.dedent(
    """
    import engineio.async_drivers.threading
    from engineio.async_drivers import _websocket_wsgi
    from gunicorn.workers import gthread

    del _websocket_wsgi.SimpleWebSocketWSGI
    del gthread.ThreadWorker.handle
    """
)
"""Removes a class of engineio and a method of gunicorn before our first import."""


class Started:
    """`llm-service dashboard start` with the other releases."""

    def __init__(self, workspace: Path, site: Path) -> None:
        self.log = site / "log"
        site.joinpath("sitecustomize.py").write_text(OTHER_RELEASES)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"],
                stdout=log,
                stderr=log,
                cwd=workspace,
                env=os.environ | {"PYTHONPATH": str(site)},
            )
        record = workspace / ".llm-service/dashboard.json"
        eventually(lambda: record.exists() and "open" in self.log.read_text(), 60)
        self.url = json.loads(record.read_text())["url"]

    def stop(self, number: int) -> int:
        """The exit code of the stop."""
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def begin(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Started]]:
    """Start it; killed at the end of the test if it still runs."""
    started: list[Started] = []

    def start() -> Started:
        started.append(Started(workspace, tmp_path_factory.mktemp("site")))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_with_other_releases_of_gunicorn_and_engineio_the_dashboard_is_live_and_stops_cleanly(
    begin: Callable[[], Started], workspace: Path, number: int
) -> None:
    started = begin()
    assert psutil.Process(started.process.pid).children() == []
    listener = Listener(started.url)
    listener.first("snapshot")
    stream = requests.get(f"{started.url}/streams/tasks", stream=True, timeout=60)
    (workspace / "work/collaboration/inbox/t1.yaml").write_text(task_text("t1"))
    listener.first("task.created", id="t1")
    assert requests.get(f"{started.url}/health", timeout=60).json()["clients"]["socketio"] == 1
    assert started.stop(number) == 0
    stream.close()
    listener.close()
    log = started.log.read_text()
    assert log.count("WARNING") == 2
    assert "This release of gunicorn is not supported (no ThreadWorker.handle(conn))" in log
    assert "This release of python-engineio is not supported" in log
    assert "Traceback" not in log
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{started.url}/health", timeout=60)
