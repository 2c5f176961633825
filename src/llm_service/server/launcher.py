"""Start a dashboard in this process or in the background, stop one, and request its health.

A workspace has one dashboard: a lock decides between two starts, and the second reads the record of the first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import click

from .. import __version__
from ..errors import ServiceError, StartFailed
from ..files import printable
from ..settings.load import Settings
from ..settings.state_folder import make_state_folder
from ..watch.gc_pause import collector_paused
from . import instance, listener, proof, serve
from .instance import Instance
from .keeper import Keeper
from .listener import Servable
from .lock import Lock, try_lock
from .log_file import LOG_NAME, open_log
from .sighting import cannot_start

STOP_HINT = "Stop it with: llm-service dashboard stop"
READY_WITHIN_S = 1.0
LOCK_WITHIN_S = 3.0
BACKGROUND_WITHIN_S = 60.0
STOP_WITHIN_S = 8.0
POLL_S = 0.03


def banner(url: str, rows: Iterable[tuple[str, str]], token: bool, last_line: str) -> str:
    """The start-up message: address, then `rows` of (label, text); plain ASCII layout, no colours."""
    address = ("open", url + ("/?token=<your token>" if token else ""))
    lines = [f"  {label:<9} {printable(text)}" for label, text in (address, *rows)]
    return "\n".join([f"llm-service dashboard {__version__}", *lines, last_line])


def start_in_foreground(settings: Settings, open_browser: bool, detached: bool = False) -> None:
    """Serve until stopped; if the workspace has a running dashboard, print its address instead. Raises StartFailed."""
    folder = settings.state_path
    make_state_folder(folder)
    lock = _acquire_lock(folder)
    if isinstance(lock, Instance):
        print_running(lock, open_browser)
        return
    listening = listener.listen(settings)
    record = instance.new_record(
        url=listening.url, host=listening.host, port=listening.port, workspace=settings.workspace
    )
    keeper = Keeper(folder, lock, record, has_log=detached)
    start = _Start(settings, keeper, open_browser, STOP_HINT if detached else "Ctrl-C stops")
    try:
        try:
            keeper.write()
        except OSError as problem:
            raise StartFailed(f"Cannot write to {folder}: {problem.strerror}.") from problem
        if listening.is_other_port:
            print_line(f"Port {listening.requested_port} is in use; using {listening.port}.")
        serve.serve(start.make_dashboard, settings, start.on_listening, listening)
    finally:
        keeper.close()
    print_line("Stopped.")
    listener.exit_now(0)


def start_in_background(settings: Settings, arguments: Sequence[str], open_browser: bool) -> None:
    """Start a process that outlives this one, and wait until it answers.

    Raises StartFailed, after printing the end of its log.
    """
    folder = settings.state_path
    make_state_folder(folder)
    log_path = os.path.join(folder, LOG_NAME)
    environ = os.environ | ({"LLM_SERVICE_TOKEN": settings.token} if settings.token else {})
    with open_log(log_path) as log:
        child = subprocess.Popen(  # noqa: S603 - this interpreter and module
            # -P: no library is taken from the current folder, which is the workspace.
            [sys.executable, "-P", "-m", "llm_service", "dashboard", "start", "--detached", "--no-open", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environ,
            start_new_session=True,
        )
    running = _await_child(child, folder, settings)
    if running is None:
        for line in _log_text(log_path).splitlines()[-20:]:
            click.echo(printable(line), err=True)
        raise StartFailed(f"The dashboard did not start; its log is {printable(log_path)}.")
    if running.pid != child.pid:
        print_running(running, open_browser)
        return
    _wait_until(lambda: STOP_HINT in _log_text(log_path), READY_WITHIN_S + 1)
    print_line(_log_text(log_path).strip())
    print_line(f"Runs in the background as process {child.pid}; its log is {printable(log_path)}.")
    if open_browser:
        webbrowser.open(running.url)


def stop(running: Instance) -> bool:
    """Stop the dashboard with SIGTERM; False if it did not end in time and was killed. Raises ServiceError."""
    try:
        os.kill(running.pid, signal.SIGTERM)
        if _wait_until(lambda: not running.is_alive, STOP_WITHIN_S):
            return True
        os.kill(running.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    except ProcessLookupError:
        return True
    except PermissionError as problem:
        raise ServiceError(f"Process {running.pid} belongs to another user and cannot be stopped.") from problem
    _wait_until(lambda: not running.is_alive, STOP_WITHIN_S)
    return False


def health(running: Instance, settings: Settings, timeout_s: float = 2.0) -> dict[str, Any] | None:
    """The body of `/health` of the dashboard; None if it does not answer, or does not prove that it is ours."""
    if not proof.is_proven(running, settings.state_path, timeout_s):
        return None
    headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
    return proof.get_json(running, "/health", headers, timeout_s)


def print_line(text: str) -> None:
    """Print a line; errors of a closed pipe are ignored."""
    with suppress(OSError):
        click.echo(text)
        sys.stdout.flush()


def print_running(running: Instance, open_browser: bool) -> None:
    """Print the address of the running dashboard."""
    print_line(f"The dashboard of this workspace is already running: {running.url} (process {running.pid})")
    if open_browser:
        webbrowser.open(running.url)


class _Start:
    """Builds the dashboard in the serving process, then prints the banner."""

    def __init__(self, settings: Settings, keeper: Keeper, open_browser: bool, last_line: str) -> None:
        self._settings = settings
        self._keeper = keeper
        self._open_browser = open_browser
        self._last_line = last_line
        self._dashboard: Any = None

    def make_dashboard(self) -> Servable:
        # Imported in the serving process: the one that only waits for signals stays small.
        with collector_paused():
            from ..app import Dashboard

        self._dashboard = Dashboard(self._settings, keeper=self._keeper)
        return self._dashboard  # type: ignore[no-any-return]

    def on_listening(self, url: str) -> None:
        self._dashboard.wait_ready(READY_WITHIN_S)
        print_line(banner(url, self._dashboard.banner(), self._dashboard.needs_token, self._last_line))
        if self._open_browser:
            webbrowser.open(url)


def _acquire_lock(folder: str) -> Lock | Instance:
    """The lock, or the dashboard that holds it. Raises StartFailed after LOCK_WITHIN_S without either."""
    deadline = time.monotonic() + LOCK_WITHIN_S
    while True:
        lock = try_lock(folder)
        if lock is not None and lock.is_sure:
            return lock
        found = instance.look(folder)
        if found.record is not None and found.state == "running":
            if lock is not None:
                lock.release()
            return found.record
        if lock is not None:
            return lock  # a file system without locks
        # A dashboard acquires the lock before it writes its record, and removes the record before it releases the lock.
        if found.state == "elsewhere" or time.monotonic() > deadline:
            return cannot_start(found, folder)
        time.sleep(POLL_S)


def _await_child(child: subprocess.Popen[bytes], folder: str, settings: Settings) -> Instance | None:
    """The running dashboard, of the child or of a concurrent start; None if there is none in time."""

    def is_finished() -> bool:
        if child.poll() is not None:
            return True
        running = instance.find_running(folder)
        return running is not None and running.pid == child.pid and health(running, settings) is not None

    if not _wait_until(is_finished, BACKGROUND_WITHIN_S):
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(STOP_WITHIN_S)
        child.kill()
        return None
    return instance.find_running(folder) if child.poll() in (None, 0) else None


def _log_text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as log:
        return log.read()


def _wait_until(condition: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
