"""`Intake`: makes messages of what is said, stores them, and publishes each stream's at a bounded rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..hub.event import Event
from ..times import iso_time
from ..watch.tail import Position
from .clean import Cleaner
from .events import event_of
from .model import Message
from .reader import BadLine, Said, read_line, severity_of
from .store import MessageStore

_BURST = 200
_PER_SECOND = 50.0
"""More messages of one stream are stored and counted as skipped: one agent must not push all other events out of the
ring."""


@dataclass(slots=True)
class _Allowance:
    """How many messages of a stream may be published now."""

    left: float = _BURST
    at: float = 0.0

    def take(self, wanted: int, now: float) -> int:
        """How many of `wanted` may be published: at least one, which declares what was skipped."""
        self.left = min(_BURST, self.left + (now - self.at) * _PER_SECOND)
        self.at = now
        granted = max(1, min(wanted, int(self.left)))
        self.left = max(0.0, self.left - granted)
        return granted


class Intake:
    """Takes messages in from anywhere. Thread-safe; never blocks on the disk."""

    def __init__(
        self,
        store: MessageStore,
        cleaner: Cleaner,
        publish: Callable[[Event], object],
        project_of: Callable[[str | None], str | None] = lambda job: None,
        on_message: Callable[[Message], object] = lambda message: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`project_of(job)`: whose people may see a message about that job. `on_message(message)` is called after each
        message was stored and published."""
        self._store, self._cleaner, self._publish = store, cleaner, publish
        self._project_of, self._on_message = project_of, on_message
        self._clock = clock
        self._lock = threading.Lock()
        self._allowances: dict[str, _Allowance] = {}
        self._refused: dict[str, tuple[int, str]] = {}

    def add(
        self,
        topic: str,
        text: str,
        source: str,
        severity: str | None = None,
        job: str | None = None,
        data: Mapping[str, Any] | None = None,
        *,
        rests_on: str | None = None,
        is_recorded: bool = False,
        origin: str = "service",
    ) -> Message:
        """Store and publish one message; as it was stored. Raises KeyError for an unknown topic."""
        said = Said(text, source, severity_of(severity), job, dict(data or {}))
        message = self._message(topic, said, origin, rests_on, is_recorded)
        self._store.add([message])
        self._announce(topic, [message])
        return message

    def cleaned(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What somebody said, as it may be written to a file: redacted, and within limits."""
        found = self._cleaner.data({name: value for name, value in body.items() if name != "data"})
        return found | {name: self._cleaner.data(value) for name, value in body.items() if name == "data"}

    def take_lines(self, topic: str, path: str, lines: Sequence[tuple[int, bytes]], position: Position) -> None:
        """Store and publish the new lines, as (number, line), of the file of a stream."""
        messages = []
        for number, line in lines:
            try:
                said = read_line(line)
            except BadLine as problem:
                self.refuse(topic, number, str(problem))
                continue
            author = self._cleaner.name(said.source) or "unknown"
            rests_on = f"what {author} wrote in line {number:,} of {topic}.jsonl"
            messages.append(self._message(topic, said, "file", rests_on, False))
        self._store.add(messages, path, position)
        if messages:
            self._announce(topic, messages)

    def refuse(self, topic: str, number: int, reason: str) -> None:
        """A line of a stream's file that is no message."""
        with self._lock:
            count, _ = self._refused.get(topic, (0, ""))
            self._refused[topic] = (count + 1, f"line {number:,}: {reason}")

    def refused(self) -> dict[str, tuple[int, str]]:
        """Topic -> how many lines were refused, and where and why the last one was."""
        with self._lock:
            return dict(self._refused)

    def _message(self, topic: str, said: Said, origin: str, rests_on: str | None, is_recorded: bool) -> Message:
        clean = self._cleaner
        job = clean.name(said.job)
        return Message(
            id=self._store.next_id(),
            topic=topic,
            text=clean.text(said.text),
            source=clean.name(said.source) or "unknown",
            severity=said.severity,
            job=job,
            project=self._project_of(job),
            data=clean.data(said.data),
            rests_on=None if rests_on is None else clean.text(rests_on),
            is_recorded=is_recorded,
            origin=origin,
            created_at=said.time or iso_time(self._clock()),
        )

    def _announce(self, topic: str, messages: Sequence[Message]) -> None:
        """Publish the last of these messages, as many as allowed, the first of them with how many were skipped."""
        with self._lock:
            allowance = self._allowances.setdefault(topic, _Allowance())
            granted = allowance.take(len(messages), self._clock())
            skipped = len(messages) - granted
        for message in messages[skipped:]:
            self._publish(event_of(message, skipped))
            skipped = 0
        for message in messages:
            self._on_message(message)
