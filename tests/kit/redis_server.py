"""A real redis-server for tests: on loopback, at a port of its own, with its data in a folder of the test.

`RedisServer` can be killed, stopped for a while, started again with what it wrote, or with nothing. There is no other
way to test what is lost: no test is skipped where the program is missing (`make test` installs it).
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import redis

from .ports import held_port, number_of

PROGRAM = "redis-server"
_START_S = 60.0


class RedisServer:
    """A server with a port that stays the same over restarts. `options`: as in redis.conf, without their dashes."""

    def __init__(self, folder: Path, **options: str) -> None:
        if shutil.which(PROGRAM) is None:
            raise RuntimeError(f"{PROGRAM} is missing: make tools installs it (Debian: apt-get install redis-server)")
        self.folder = folder
        self.options = options
        self._held = held_port()
        self.port = number_of(self._held)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._held.close()

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it with the data in its folder; returns when it answers."""
        arguments = [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        arguments += ["--logfile", str(self.folder / "redis.log"), "--daemonize", "no"]
        for name, value in self.options.items():
            arguments += [f"--{name.replace('_', '-')}", value]
        self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + _START_S
        while time.monotonic() < end:
            try:
                with self.client() as client:
                    client.ping()
                return
            except redis.AuthenticationError:
                return
            except redis.RedisError:
                assert self._process.poll() is None, (self.folder / "redis.log").read_text()
                time.sleep(0.01)
        raise AssertionError("redis-server did not start")

    def client(self, **options: Any) -> redis.Redis:
        """A client of the test itself."""
        return redis.Redis(port=self.port, socket_timeout=60, **options)

    def kill(self) -> None:
        """kill -9; may be called twice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """kill -9, and start it with what it wrote."""
        self.kill()
        self.start()

    def empty(self) -> None:
        """kill -9, remove its data, and start it."""
        self.kill()
        for path in self.folder.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.suffix != ".acl":
                path.unlink()
        self.start()

    def cut_aof(self, count: int) -> None:
        """kill -9, cut so many bytes off the end of its AOF, and start it."""
        self.kill()
        for path in self.folder.glob("appendonlydir/*.incr.aof"):
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.truncate(max(0, size - count))
        self.start()

    def pause(self, seconds: float) -> None:
        """SIGSTOP for so long: connections stay, and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def disturb(self, chance: random.Random) -> None:
        """One of the things that happen to a server, and a moment of peace after it."""
        what = chance.choice(("kill", "kill", "pause", "empty", "flush", "cut"))
        if what == "kill":
            self.kill()
            time.sleep(chance.uniform(0, 0.3))
            self.start()
        elif what == "pause":
            self.pause(chance.uniform(0.1, 1.0))
        elif what == "empty":
            self.empty()
        elif what == "flush":
            with self.client() as client:
                client.flushall()
        else:
            self.cut_aof(chance.randrange(1, 5_000))
        time.sleep(chance.uniform(0.1, 0.5))
