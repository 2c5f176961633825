"""`GitHelper`: asks the git reader, a process of ours that is started with the dashboard and by no request."""

from __future__ import annotations

import json
import logging
import os
import select
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .worktrees import Place

if TYPE_CHECKING:
    import subprocess

log = logging.getLogger(__name__)

LIMIT_S = 5.0
REQUIREMENT = "pygit2>=1.19,<2"
"""As in requirements-git.txt."""
ABSENT = f"pygit2 is not installed, so nothing is known but what worktrees there are: `pip install '{REQUIREMENT}'`."
NOT_STARTED = "The repository is not read: there was none when the dashboard started."
_START_S = 10.0
_RESTART_S = 5.0
_DELAY_S = 2.0
_MAX_ANSWER = 64 << 20
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "XDG_CONFIG_HOME")


class GitHelper:
    """Thread-safe. `ask` gives what the reader says, or why it says nothing."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._problem: str | None = NOT_STARTED
        self._thread: threading.Thread | None = None
        self._is_ready = threading.Event()
        self._asked = threading.Event()

    @property
    def is_installed(self) -> bool:
        """True if there is pygit2."""
        return find_spec("pygit2") is not None

    def start(self) -> None:
        """Start the reader, and start it again whenever it ended; returns at once."""
        if not self.is_installed:
            self._problem = ABSENT
            return
        self._problem = "The git reader is being started."
        self._thread = threading.Thread(target=self._keep, name="git", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopping.set()
        self._wanted.set()
        self._asked.set()
        process = self._process
        if process is not None:
            process.kill()  # so that a caller that waits for its answer does not wait longer
        if self._thread is not None:
            self._thread.join(timeout=5)
        with self._lock:
            self._end()

    def ask(self, places: Sequence[Place]) -> dict[str, Any] | str:
        """By path of the worktree what `GitReader.read` says; a text if it says nothing, and why."""
        if self._thread is not None:
            self._asked.set()
            self._is_ready.wait(_START_S)
        with self._lock:
            if self._process is None:
                return self._problem or ABSENT
            request = {"places": [asdict(place) for place in places], "limit_s": self._limit_s}
            try:
                answer = self._exchange(self._process, json.dumps(request).encode() + b"\n", self._limit_s + 1.0)
                found: dict[str, Any] = json.loads(answer)
            except (OSError, ValueError):
                self._end()
                self._problem = (
                    f"The repository did not answer within {self._limit_s:g} s: something in it cannot be read, "
                    "such as a FIFO in the place of a file."
                )
                self._wanted.set()
                return self._problem
            return found

    def _keep(self) -> None:
        """Start the reader, and again after each end. It waits until the dashboard has shown its first card."""
        self._asked.wait(_DELAY_S)
        while not self._stopping.is_set():
            with self._lock:
                self._begin()
            self._is_ready.set()
            self._wanted.wait()
            self._wanted.clear()
            self._stopping.wait(_RESTART_S)

    def _begin(self) -> None:
        import subprocess  # takes 5 ms of the start

        package = Path(__file__).parents[1]
        environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environ |= {"PYTHONPATH": os.pathsep.join([str(package.parent), *_imported_from()])}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", f"{package.name}.orchestrators.git_reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environ,
                start_new_session=True,
            )
            self._rest = b""
            self._read_line(self._process, time.monotonic() + _START_S)
            self._problem = None
        except (OSError, ValueError) as problem:
            log.warning("the git reader could not be started: %s", problem)
            self._end()
            self._problem = "The git reader could not be started."

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes, timeout_s: float) -> bytes:
        assert process.stdin is not None  # noqa: S101 - made with a pipe
        process.stdin.write(request)
        process.stdin.flush()
        return self._read_line(process, time.monotonic() + timeout_s)

    def _read_line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        """A line of its output. Raises ValueError at its end, and when the time is over."""
        assert process.stdout is not None  # noqa: S101 - made with a pipe
        handle = process.stdout.fileno()
        parts = [self._rest]
        length = len(self._rest)
        while b"\n" not in parts[-1]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([handle], [], [], left)[0]:
                raise ValueError("no answer in time")
            data = os.read(handle, 1 << 16)
            length += len(data)
            if not data or length > _MAX_ANSWER:
                raise ValueError("no answer")
            parts.append(data)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    log.debug("a pipe of the git reader had ended")


def _imported_from() -> list[str]:
    """Where pygit2 is, if the reader would not find it by itself."""
    spec = find_spec("pygit2")
    return [] if spec is None or spec.origin is None else [str(Path(spec.origin).parents[1])]
