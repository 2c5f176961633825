"""Hosts of a board without their dashboards: `Peer`, a hub whose tasks are written to a Redis and reads the others.

All between the hub and Redis is the real thing. A peer's tasks are in memory, so that thousands of events cost little.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from kit.task_files import task

from llm_service.hub.board import Source
from llm_service.hub.outbox import CAPACITY, Outbox
from llm_service.hub.redis_journal import MAX_STREAM, RedisJournal
from llm_service.hub.redis_link import BoardKeys, RedisLink
from llm_service.hub.redis_reader import RedisReader
from llm_service.hub.ring import Envelope, Hub
from llm_service.hub.run_token import Run
from llm_service.members.board import MemberBoard
from llm_service.members.events import EVENTS as MEMBER_EVENTS
from llm_service.members.merge import Merge
from llm_service.members.store import HostStates
from llm_service.members.vocabulary import Vocabulary
from llm_service.tasks.events import EVENTS as TASK_EVENTS
from llm_service.tasks.events import TaskRemoved, TaskUpdated
from llm_service.tasks.model import TaskSummary

BOARD = "team"
VOCABULARY = Vocabulary((*TASK_EVENTS, *MEMBER_EVENTS), {"tasks": ("tasks", TaskSummary)})
_SUMMARY = task("assigned/ada/a.yaml", "a").summary
Known = dict[str, dict[str, Any]]
"""Observer -> key -> task."""


class HubClient:
    """What a client of a hub knows of all hosts: it applies events in order, and takes a snapshot when told to."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.known: Known = {}
        self.gaps = self.snapshots = 0
        self._seq = 0
        self._lock = threading.Lock()
        peer.hub.subscribe(self._on_envelope)

    def _on_envelope(self, envelope: Envelope) -> None:
        with self._lock:
            self.gaps += envelope.seq != self._seq + 1 and self._seq != 0
            self._seq = envelope.seq
            body = json.loads(envelope.text)
            if body["type"] == "host.reset":
                self.snapshots += 1
                self.known[body["observer"]] = self._peer.knows().get(body["observer"], {})
            elif "origin" in body:
                fold(self.known.setdefault(body["origin"]["observer"], {}), body)


def fold(tasks: dict[str, Any], body: dict[str, Any]) -> None:
    """Apply an event of one host to its tasks, as a client does."""
    if body["type"] == "host.changed" and body["collection"] == "tasks":
        tasks.update(body["set"])
        for key in body["removed"]:
            tasks.pop(key, None)
    elif body["type"] == "task.removed":
        tasks.pop(body["task"]["key"], None)
    elif body["type"].startswith("task."):
        tasks[body["task"]["key"]] = body["task"]


class Peer:
    """One host. `start` begins to write and to read, `stop` ends it, `vanish` as a kill -9 would."""

    def __init__(
        self,
        url: str,
        *,
        observer: str | None = None,
        capacity: int = CAPACITY,
        max_stream: int = MAX_STREAM,
        republishes: bool = True,
        checks_numbers: bool = True,
        epoch: int | None = None,
        run: Run | None = None,
        clock: Callable[[], float] = time.time,
        label: str = "",
    ) -> None:
        self.observer = observer or secrets.token_hex(8)
        epoch = epoch if epoch is not None else int(clock() * 1000)
        self.outbox = Outbox(self.observer, epoch, capacity)
        self.hub = Hub(epoch=str(epoch), outbox=self.outbox)
        self.tasks: dict[str, TaskSummary] = {}
        self.states = HostStates()
        self.troubles: list[str | None] = []
        self.board = MemberBoard(self.hub.publish)
        self.merge = Merge(self.hub, VOCABULARY, self.states, self.board, checks_numbers=checks_numbers)
        self.client = HubClient(self)
        card = json.dumps({"host": "test", "label": label or self.observer[:4], "version": "0"}).encode()
        source = Source(self._state, lambda: b"{}", lambda: card, VOCABULARY.topic_of)
        self.journal = RedisJournal(
            RedisLink(url), BoardKeys(BOARD), self.outbox, source, self.troubles.append,
            run=run, max_stream=max_stream, republishes=republishes, clock=clock,
        )  # fmt: skip
        self.reader = RedisReader(RedisLink(url), BoardKeys(BOARD), self.observer, VOCABULARY.topics, self.merge)

    def start(self) -> Peer:
        """Begin."""
        self.journal.start()
        self.reader.start()
        return self

    def stop(self) -> None:
        """End both threads, and say so to the others."""
        self.reader.stop()
        self.journal.stop()

    def vanish(self) -> None:
        """Neither write nor read any more, without a word to the others: as if it was killed."""
        self.journal._leave = lambda client: None  # type: ignore[method-assign]
        self.stop()

    def write(self, key: str, title: str) -> None:
        """A task is new or different."""
        summary = replace(_SUMMARY, id=key, key=key, title=title)
        self.tasks[key] = summary
        self.hub.publish(TaskUpdated(task=summary, lane="assigned", agent="ada", path=f"assigned/ada/{key}.yaml"))

    def remove(self, key: str) -> None:
        """A task is gone."""
        summary = self.tasks.pop(key)
        self.hub.publish(TaskRemoved(task=summary, lane="assigned", agent="ada", path=f"assigned/ada/{key}.yaml"))

    def own(self) -> dict[str, Any]:
        """Its tasks, as others have to know them."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self.tasks))
        return found

    def knows(self) -> Known:
        """What it knows of the others: observer -> key -> task."""
        return {
            observer: {
                key: msgspec.json.decode(data) for key, data in self.states.of(observer).get("tasks", {}).items()
            }
            for observer in self.states.observers()
        }

    def state_of(self, other: Peer) -> str | None:
        """The state in which it shows another host; None if it does not know it."""
        return next((one.state for one in self.board.members() if one.observer == other.observer), None)

    def _state(self) -> dict[str, dict[str, bytes]]:
        return {"tasks": {f"tasks:{key}": msgspec.json.encode(value) for key, value in self.tasks.copy().items()}}


def is_settled(*peers: Peer) -> bool:
    """True if each knows of the others what they have, and so do their clients."""
    for peer in peers:
        for other in peers:
            if other is not peer:
                own = other.own()
                if peer.knows().get(other.observer, {}) != own or peer.client.known.get(other.observer, {}) != own:
                    return False
    return True


def wrong(peer: Peer, other: Peer) -> int:
    """How many tasks of another host it has wrong."""
    known, own = peer.knows().get(other.observer, {}), other.own()
    return sum(known.get(key) != own.get(key) for key in known.keys() | own.keys())
