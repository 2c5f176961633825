"""Which session a counter of Codex belongs to, where no turn id says it: forks begin with a copy of their parent.

Observed (github.com/ryoppippi/ccusage, issues 897, 1175 and 1371; github.com/chattymin/PokeTokenBar, pull request 137):
the copied lines have their old times, or all of them that of the fork; the header of the parent is copied or not; a
sub-agent has the header of its parent but no copied counters; two forks of one session may go on with equal numbers.
So a counter is a copy if the parent had the same one before the fork, and if it was written together with the lines
before it. Where the parent's log is unknown, only the second is asked.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

_MAX_SESSIONS = 4096
_MAX_COUNTERS = 2048
_BURST_MS = 1000
"""A copy is written at once. No request is answered within this time after a fork."""

_Counters = dict[int, tuple[int, str]]
"""A digest of the numbers -> (time in ms, session that they belong to)"""


class SharedCounters:
    """The counters of all sessions, also of those in another folder. Bounded in size."""

    def __init__(self) -> None:
        self._by_session: OrderedDict[str, _Counters] = OrderedDict()

    def put(self, session: str, counters: _Counters) -> None:
        """These are all counters of a session so far; the dict may grow afterwards."""
        self._by_session[session] = counters
        self._by_session.move_to_end(session)
        if len(self._by_session) > _MAX_SESSIONS:
            self._by_session.popitem(last=False)

    def remove(self, session: str) -> None:
        """The counters of a session are not known any more."""
        self._by_session.pop(session, None)

    def get(self, session: str) -> _Counters | None:
        """The counters of a session; None if unknown."""
        return self._by_session.get(session)


class CounterOwner:
    """Names the owner of each counter in one log."""

    def __init__(self, shared: SharedCounters, state: Mapping[str, Any] | None = None) -> None:
        self._shared = shared
        saved = dict(state or {})
        self._session: str | None = saved.get("session")
        self._parent: str | None = saved.get("parent")
        self._forked_ms: int = saved.get("forked", 0)
        self._last_ms: int = saved.get("last", 0)
        self._is_copying: bool = saved.get("copying", False)
        self._is_whole: bool = saved.get("whole", True)
        self._counters: _Counters = {digest: (at, owner) for digest, at, owner in saved.get("counters", ())}
        if self._session is not None and self._is_whole and self._counters:
            shared.put(self._session, self._counters)

    def state(self) -> dict[str, Any]:
        """JSON value from which another one continues."""
        counters = [[digest, at, owner] for digest, (at, owner) in self._counters.items()]
        saved = {
            "session": self._session, "parent": self._parent, "forked": self._forked_ms, "last": self._last_ms,
            "copying": self._is_copying, "counters": counters,
        }  # fmt: skip
        return {name: value for name, value in saved.items() if value} | ({} if self._is_whole else {"whole": False})

    def begin(self, session: str | None, parent: str | None, time_ms: int) -> None:
        """The log's own header; `parent` is the session that it was forked from, or that started it."""
        self._session, self._parent = session, parent
        self._is_copying = parent is not None
        self._forked_ms = self._last_ms = time_ms

    def meet(self, session: str | None, time_ms: int) -> None:
        """A further header in the log: what follows is a copy of that session, unless it is the log's own."""
        self._is_copying = session != self._session
        if self._is_copying:
            self._parent = self._parent or session
            self._forked_ms, self._last_ms = max(self._forked_ms, time_ms), max(self._last_ms, time_ms)

    def pass_line(self, time_ms: int) -> None:
        """A line at this time; the copy ends if the line was not written together with those before it."""
        if time_ms > self._last_ms + _BURST_MS:
            self._is_copying = False
        self._last_ms = max(self._last_ms, time_ms)

    def owner(self, numbers: str, header: str | None, time_ms: int) -> str | None:
        """The session that a counter with these numbers belongs to; `header`: whose header the log had last."""
        self.pass_line(time_ms)
        digest = int.from_bytes(blake2b(numbers.encode(), digest_size=6).digest(), "big")
        owner = self._session
        if self._is_copying:
            known = self._shared.get(self._parent or "")
            at, copied_from = (known or {}).get(digest, (0, None))
            if known is None:
                owner = header
            elif copied_from is not None and at <= self._forked_ms:
                owner = copied_from
            else:
                self._is_copying = False
        self._remember(digest, time_ms, owner)
        return owner

    def _remember(self, digest: int, time_ms: int, owner: str | None) -> None:
        if self._session is None or owner is None or not self._is_whole:
            return
        if len(self._counters) >= _MAX_COUNTERS:
            self._is_whole, self._counters = False, {}
            self._shared.remove(self._session)
            return
        self._counters[digest] = (time_ms, owner)
        self._shared.put(self._session, self._counters)
