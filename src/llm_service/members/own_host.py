"""`OwnHost`: this host as the others of a board are told of it: who it is, how it is, and what it shares."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from .. import __version__
from ..errors import FileRefused
from ..feature import Feature, Kernel
from ..files import read_file
from ..hub.board import encode_entry
from ..hub.board_settings import BoardSettings
from ..hub.outbox import position_text
from ..times import iso_time
from .model import Member

_MAX_RECORD = 65_536


class OwnHost:
    """`features` are those whose entries are shared; `degraded()` is what does not work here, for the others."""

    def __init__(
        self, kernel: Kernel, features: Sequence[Feature], degraded: Callable[[], Sequence[Mapping[str, Any]]]
    ) -> None:
        self._settings, self._hub, self._started_at = kernel.settings, kernel.hub, kernel.started_at
        self._own = kernel.settings.of(BoardSettings)
        self._features, self._degraded = features, degraded

    @property
    def observer(self) -> str | None:
        """The id of this host on the board; None if it is on none."""
        return None if self._hub.outbox is None else self._hub.outbox.observer

    def card(self) -> dict[str, Any]:
        """Who this host is."""
        host = socket.gethostname()
        return {
            "host": host,
            "label": self._own.host_label or host,
            "url": self._own.public_url or self._own_url(),
            "version": __version__,
            "workspace": os.path.basename(os.path.abspath(self._settings.workspace)),
        }

    def report(self) -> dict[str, Any]:
        """How this host is."""
        return {"degraded": list(self._degraded())[:50]}

    def shared(self, without: Collection[str] = ()) -> dict[str, Mapping[str, Any]]:
        """What this host shares: collection -> key -> value."""
        return {
            name: entries
            for feature in self._features
            if not frozenset(without).issuperset(feature.collections)
            for name, entries in feature.shared().items()
            if name not in without
        }

    def shared_by_topic(self, topic_of: Callable[[str], str | None]) -> dict[str, dict[str, bytes]]:
        """The same as a board has it: topic -> `<collection>:<key>` -> JSON."""
        found = dict[str, dict[str, bytes]]()
        for collection, entries in self.shared().items():
            topic = topic_of(collection)
            if topic is not None:
                fields = found.setdefault(topic, {})
                fields.update((f"{collection}:{key}", encode_entry(value)) for key, value in entries.items())
        return found

    def full_state(self) -> dict[str, Any]:
        """The body of `GET /api/members/state`: what this host shares, for another that follows this one."""
        # The place in the stream first, then the position, then the state: what comes in between may repeat, and
        # nothing is missed.
        resume = f"{self._hub.epoch}.{self._hub.seq}"
        head = self.full_report()
        return head | {"resume": resume, "state": self.shared() if head["ready"] else {}}

    def full_report(self) -> dict[str, Any]:
        """The body of `GET /api/members/report`."""
        outbox = self._hub.outbox
        return {
            "observer": self.observer,
            "card": self.card(),
            "position": None if outbox is None else position_text(outbox.position),
            "ready": outbox is not None and self._hub.progress.ready,
            "report": self.report(),
        }

    def member(self, behind: int, error: str | None) -> Member:
        """This host among the members: `behind` events are not written to the board, because of `error`."""
        return Member(
            observer=self.observer or "",
            **self.card(),
            state="live",
            as_of=iso_time(time.time()),
            since=self._started_at,
            behind=behind,
            degraded=(),
            refused=0,
            error=error,
            is_self=True,
        )

    def _own_url(self) -> str | None:
        """Where this dashboard listens, as its own record says."""
        with suppress(FileRefused, ValueError, TypeError, KeyError, RecursionError):
            record = json.loads(read_file(self._settings.state_path, "dashboard.json", max_bytes=_MAX_RECORD).data)
            url = record["url"]
            return url if isinstance(url, str) else None
        return None
