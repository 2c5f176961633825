"""`Messenger`: sends what begins to wait for a person, and what is done, to the user's address. Off by default.

What happens within a few seconds is one message. In the quiet hours nothing is sent; what still waits at their end is
then one message. What waited already when the dashboard started is not sent again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote

from ..errors import BadRequest
from ..hub.event import Event, ServiceReady
from ..hub.woken_thread import WokenThread
from ..jobs.events import JobUpdated
from ..notify import host_of
from ..tasks.events import TaskCompleted
from .events import NeedClosed, NeedOpened
from .messages import Item, kind_of_need, message_of, seconds_of_quiet

Send = Callable[[str, str, dict[str, Any]], bool]
EVENTS: tuple[type[Event], ...] = (NeedOpened, NeedClosed, TaskCompleted, JobUpdated, ServiceReady)

_GATHER_S = 1.0
_BETWEEN_S = 10.0
"""At most one message in so long."""
_AT_START_S = 10.0
"""What comes within this time after the board is complete was there before."""
_QUIET_CHECK_S = 60.0
"""In the quiet hours the clock is checked this often: it may be set, or stand still while the machine sleeps."""
_TRY_EVERY_S = 5.0
_MOST_WAITING = 1_000
_MOST_KNOWN = 5_000


class Messenger:
    """`on_event` may be called by any thread and never blocks."""

    def __init__(
        self,
        address: str | None,
        kinds: Sequence[str],
        quiet: tuple[int, int] | None,
        zone: tzinfo,
        send: Send,
        clock: Callable[[], float] = time.time,
        gather_s: float = _GATHER_S,
        between_s: float = _BETWEEN_S,
        at_start_s: float = _AT_START_S,
        quiet_check_s: float = _QUIET_CHECK_S,
    ) -> None:
        self._address, self._kinds, self._quiet, self._zone = address, frozenset(kinds), quiet, zone
        self._send, self._clock = send, clock
        self._gather_s, self._between_s, self._at_start_s = gather_s, between_s, at_start_s
        self._quiet_check_s = quiet_check_s
        self._listens_from: float | None = None
        self._waiting: OrderedDict[str, Item] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._jobs: dict[str, str] = {}
        self._tried_at = 0.0
        self._thread = WokenThread("messenger", self._run)

    @property
    def is_on(self) -> bool:
        """True if something is sent."""
        return self._address is not None and bool(self._kinds)

    def start(self) -> None:
        """Begin to send, if that is switched on."""
        if self.is_on:
            self._thread.start()

    def stop(self) -> None:
        """End the thread; what waits for the end of the quiet hours is not sent."""
        self._thread.stop()

    def try_now(self) -> str:
        """Send a message to try how it looks; the host of the address. Raises BadRequest if that cannot be."""
        if self._address is None:
            raise BadRequest("No address is set: give `webhook` in your own configuration.")
        now = self._clock()
        if 0 <= now - self._tried_at < _TRY_EVERY_S:
            raise BadRequest("A message was sent a moment ago; wait a few seconds.")
        self._tried_at = now
        if not self._send(self._address, "This is how a message of your dashboard looks.", {"count": 0, "items": []}):
            raise BadRequest("So many messages wait to be sent that this one was dropped.")
        return host_of(self._address)

    def on_event(self, event: Event) -> None:
        """Take an event of the hub."""
        with self._thread.changed:
            if isinstance(event, ServiceReady):
                self._listens_from = self._clock() + self._at_start_s
                return
            if isinstance(event, NeedClosed):
                self._waiting.pop(event.need.id, None)
                return
            item = self._item_of(event)
            if item is None or item.kind not in self._kinds or item.id in self._known:
                return
            self._known[item.id] = None
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
            is_old = isinstance(event, NeedOpened) and (
                self._listens_from is None or self._clock() < self._listens_from
            )
            if not is_old and len(self._waiting) < _MOST_WAITING:
                self._waiting[item.id] = item
                self._thread.changed.notify_all()

    def _item_of(self, event: Event) -> Item | None:
        if isinstance(event, NeedOpened):
            need, kind = event.need, kind_of_need(event.need.kind)
            if kind is None:
                return None
            return Item(id=need.id, kind=kind, title=need.title, text=need.text, href=need.link)
        if isinstance(event, TaskCompleted):
            task = event.task
            occasion = f"task {task.key} {task.modified_at}"
            return Item(
                id=occasion, kind="done", title=task.title, text=None, href=f"#/tasks/{quote(task.id, safe='')}"
            )
        if isinstance(event, JobUpdated):
            job = event.job
            before = self._jobs.get(job.id)
            self._jobs[job.id] = job.status
            if job.status == "completed" and before not in (None, "completed"):
                occasion, there = f"job {job.id} {job.finished_at}", f"#/jobs/{quote(job.id, safe='')}"
                return Item(id=occasion, kind="done", title=f"Job {job.id}", text=None, href=there)
        return None

    def _run(self) -> None:
        is_late, is_wanted = False, True
        while is_wanted:
            with self._thread.changed:
                if not self._thread.wait_for(lambda: self._waiting):
                    return
                quiet_s = seconds_of_quiet(datetime.fromtimestamp(self._clock(), self._zone), self._quiet)
                if quiet_s:
                    is_late = True
                    is_wanted = self._thread.rest(min(self._quiet_check_s, quiet_s))
                    continue
                if not self._thread.rest(self._gather_s):
                    return
                items = list(self._waiting.values())
                self._waiting.clear()
            if items and self._address is not None:
                self._send(self._address, *message_of(items, is_late))
            is_late = False
            is_wanted = self._thread.rest(self._between_s)
