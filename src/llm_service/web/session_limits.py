"""What a Socket.IO session may cost: `SessionLimits` watches the sessions of engineio and ends those that ask too much.

A session is *pending* until the namespace has accepted it. Pending ones are few and short-lived; where there are too
many, the oldest of the address that has the most gives way, so that a newcomer with a token always has a moment.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .websocket_connection import InputLimit, WebSocketEnded

PENDING_S = 10.0
"""From the handshake until the namespace must have accepted the session."""
INPUT_BYTES = 2_000_000
"""What a session may send at once; and a hundredth of it each second after that."""
MESSAGES = 500
"""The same as a number of messages."""
CONNECTS = 10
"""How often a session may connect to a namespace: each time costs a snapshot."""


@dataclass(slots=True, eq=False)
class Session:
    """One session of engineio."""

    address: str
    began: float
    pending: bool = True
    bytes: InputLimit = field(default_factory=lambda: InputLimit(INPUT_BYTES, INPUT_BYTES / 100))
    messages: InputLimit = field(default_factory=lambda: InputLimit(MESSAGES, MESSAGES / 50))
    connects: InputLimit = field(default_factory=lambda: InputLimit(CONNECTS, CONNECTS / 600))


class SessionLimits:
    """Counts sessions by address and state; `end(sid, reason)` is called for those that have to go."""

    def __init__(
        self,
        pending: int,
        accepted: int,
        end: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
        per_address: int | None = None,
    ) -> None:
        self._per_address = per_address or accepted
        self._by_address: Counter[str] = Counter()
        self._most_pending = pending
        self._most_accepted = accepted
        self._end = end
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._pending: dict[str, Session] = {}
        """Those of `_sessions` that are pending, oldest first."""

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, sid: str, environ: Mapping[str, Any]) -> bool:
        """A session begins; False if there may be no more, or no more of one address other than this machine's."""
        address = str(environ.get("REMOTE_ADDR", ""))
        is_local = address.startswith("127.") or address == "::1"
        victim = None
        with self._lock:
            if len(self._sessions) - len(self._pending) >= self._most_accepted:
                return False
            if not is_local and self._by_address[address] >= self._per_address:
                return False
            if len(self._pending) >= self._most_pending:
                victim = self._oldest_of_most()
            self._sessions[sid] = self._pending[sid] = Session(address, self._clock())
            self._by_address[address] += 1
        if victim is not None:
            self._end(victim, "too many pending sessions")
        return True

    def accept(self, sid: str) -> None:
        """The namespace has accepted the session."""
        with self._lock:
            session = self._pending.pop(sid, None)
            if session is not None:
                session.pending = False

    def forget(self, sid: str) -> None:
        """The session has ended."""
        with self._lock:
            session = self._sessions.pop(sid, None)
            self._pending.pop(sid, None)
            if session is not None:
                self._by_address[session.address] -= 1
                if not self._by_address[session.address]:
                    del self._by_address[session.address]

    def connect(self, sid: str) -> bool:
        """May the session connect to a namespace once more?"""
        session = self._sessions.get(sid)
        try:
            if session is not None:
                session.connects.take(1)
        except WebSocketEnded:
            return False
        return True

    def message(self, sid: str, data: Any) -> bool:
        """May this message of the session be handled? Ends the session if it has sent too much."""
        session = self._sessions.get(sid)
        if session is None:
            return False
        text = data if isinstance(data, str | bytes) else json.dumps(data)  # engineio takes `[1]` for JSON
        try:
            session.messages.take(1)
            session.bytes.take(len(text))
        except WebSocketEnded as problem:
            self._end(sid, problem.reason)
            return False
        return True

    def check(self) -> None:
        """End the sessions that are pending for too long."""
        limit = self._clock() - PENDING_S
        with self._lock:
            late = [sid for sid, session in self._pending.items() if session.began < limit]
        for sid in late:
            self._end(sid, "did not connect in time")

    def _oldest_of_most(self) -> str:
        counts = Counter(session.address for session in self._pending.values())
        address = counts.most_common(1)[0][0]
        return next(sid for sid, session in self._pending.items() if session.address == address)
