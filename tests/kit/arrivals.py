"""When events arrive at a client."""

from __future__ import annotations

import threading
import time
from typing import Any

import socketio

from .processes import Server


class ArrivalTimes:
    """A plain Socket.IO client that notes when each event about each file arrived."""

    def __init__(self, server: Server) -> None:
        self.arrived: list[tuple[float, str, str, Any]] = []
        self._news = threading.Condition()
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", self._take, namespace="/dashboard")
        self.client.connect(server.url, namespaces=["/dashboard"], transports=["websocket"])

    def _take(self, name: str, body: Any = None) -> None:
        at = time.perf_counter()
        task = (body or {}).get("task") if isinstance(body, dict) else None
        if task:
            with self._news:
                self.arrived.append((at, name, task["id"], body))
                self._news.notify_all()

    def wait(self, name: str, task_id: str, since: float, limit_s: float = 60) -> float | None:
        """When the event came, None if it did not."""

        def find() -> float | None:
            return next(
                (at for at, kind, key, _ in self.arrived if (kind, key) == (name, task_id) and at >= since), None
            )

        with self._news:
            self._news.wait_for(lambda: find() is not None, limit_s)
            return find()

    def wait_count(self, name: str, count: int, limit_s: float) -> float:
        """When the `count`th different task of that event came."""

        def found() -> dict[str, float]:
            times: dict[str, float] = {}
            for at, kind, key, _ in list(self.arrived):
                if kind == name:
                    times.setdefault(key, at)
            return times

        end = time.perf_counter() + limit_s
        while time.perf_counter() < end:
            times = found()
            if len(times) >= count:
                return max(times.values())
            time.sleep(0.02)
        raise TimeoutError(f"{len(found())} of {count} {name}")

    def close(self) -> None:
        """Disconnect."""
        self.client.disconnect()
