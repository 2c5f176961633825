"""`SessionBoard`: which logs there are, by the id of their session, and a glance at each, made once per change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b

from ..errors import FileRefused
from ..files import Signature
from ..times import unix_time
from .model import Glance
from .reader import Log, description, glance_at

MOST_LOGS = 50_000
"""More logs are not listed: those of a folder that someone filled."""


@dataclass(slots=True)
class Known:
    """A log: the id under which it is shown, size and time of its last change, the glance (None: not made yet)."""

    id: str
    log: Log
    signature: Signature
    glance: Glance | None = None
    seen: Signature | None = None
    problem: str | None = None

    @property
    def active_s(self) -> float:
        """When (Unix time) it was active last: what its last line says, unless that is later than its last change."""
        changed = self.signature.mtime_ns / 1e9
        said = unix_time(self.glance.last_at) if self.glance is not None else None
        return changed if said is None else min(said, changed)

    @property
    def is_fresh(self) -> bool:
        """True if the glance is at the log as it is."""
        return self.glance is not None and self.seen == self.signature


class SessionBoard:
    """Logs are put and removed by followers' threads, the rest is called from any."""

    def __init__(self, in_scope: Callable[[str | None], bool] = lambda cwd: True) -> None:
        """`in_scope(cwd)`: whether sessions of that working folder are shown."""
        self._in_scope = in_scope
        self._lock = threading.Lock()
        self._by_log: dict[Log, Known] = {}
        self._by_id: dict[str, Known] = {}
        self._by_name: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._by_log)

    def put(self, log: Log, signature: Signature) -> Known | None:
        """A log appeared or has changed; None if there are too many."""
        with self._lock:
            known = self._by_log.get(log)
            if known is None:
                if len(self._by_log) >= MOST_LOGS:
                    return None
                known = Known(self._free_id(log), log, signature)
                self._by_log[log] = self._by_id[known.id] = known
            known.signature = signature
            return known

    def remove(self, log: Log) -> Known | None:
        """A log is gone; what was known of it."""
        with self._lock:
            known = self._by_log.pop(log, None)
            if known is not None:
                self._by_id.pop(known.id, None)
                self._forget_name(known)
            return known

    def get(self, session: str) -> Known | None:
        """The log of a session as it is now; None if it is not known, or not to be shown."""
        known = self._by_id.get(session)
        if known is None:
            return None
        self.look(known)
        return known if self.is_shown(known) else None

    def of_session(self, name: str) -> Known | None:
        """The log of the session to which programs give this id, as it was when it was read last; None if it is
        not known, or not to be shown."""
        known = self._by_name.get(name) or self._by_id.get(name)
        if known is None or known.log.is_sub_agent:
            return None
        if known.glance is None:
            self.look(known)
        return known if self.is_shown(known) else None

    def newest(self) -> list[Known]:
        """All logs, the last active first; their glances may be old or missing."""
        with self._lock:
            found = list(self._by_log.values())
        return sorted(found, key=lambda known: (known.active_s, known.id), reverse=True)

    def is_shown(self, known: Known) -> bool:
        """True if its glance is made and it is to be shown."""
        return known.glance is not None and known.problem is None and self._in_scope(known.glance.cwd)

    def problems(self) -> list[Known]:
        """The logs that cannot be read."""
        with self._lock:
            return [known for known in self._by_log.values() if known.problem is not None]

    def look(self, known: Known) -> None:
        """Make the glance, if it is not as new as the log."""
        if known.is_fresh:
            return
        signature = known.signature
        try:
            glance = glance_at(known.log)
        except (FileRefused, OSError) as problem:
            known.problem = problem.message if isinstance(problem, FileRefused) else str(problem.strerror)
            known.glance, known.seen = known.glance or Glance(), signature
            return
        known.problem = None
        before, known.glance, known.seen = known.glance, self._with_parent(known, glance), signature
        if not known.log.is_sub_agent and glance.session != (before.session if before else None):
            self._note_name(known, before)

    def children(self, session: str) -> list[Known]:
        """The sub-agents of a session whose glances are made, the first first."""
        with self._lock:
            found = [
                known for known in self._by_log.values() if known.glance is not None and known.glance.parent == session
            ]
        return sorted(found, key=lambda known: (known.glance.started_at or "" if known.glance else "", known.id))

    def child_counts(self) -> dict[str, int]:
        """session -> the number of its sub-agents."""
        counts: dict[str, int] = {}
        with self._lock:
            for known in self._by_log.values():
                if known.glance is not None and known.glance.parent:
                    counts[known.glance.parent] = counts.get(known.glance.parent, 0) + 1
        return counts

    def _note_name(self, known: Known, before: Glance | None) -> None:
        with self._lock:
            if before is not None:
                self._forget_name(known, before)
            name = known.glance.session if known.glance is not None else None
            if name is not None and self._by_log.get(known.log) is known:
                self._by_name[name] = known

    def _forget_name(self, known: Known, glance: Glance | None = None) -> None:
        glance = glance or known.glance
        name = glance.session if glance is not None else None
        if name is not None and self._by_name.get(name) is known:
            del self._by_name[name]

    def _with_parent(self, known: Known, glance: Glance) -> Glance:
        """Of a sub-agent of Claude Code: whose it is, its type, and what it was asked for."""
        if not known.log.is_sub_agent:
            return glance
        said = description(known.log)
        agent, title = said.get("agentType"), said.get("description")
        folders = known.log.path.split("/")
        above = folders[-3] if len(folders) >= 3 and folders[-2] == "subagents" else None
        return replace(
            glance,
            parent=above or glance.session,
            agent=agent if isinstance(agent, str) and agent else glance.agent,
            title=title if isinstance(title, str) and title else glance.title,
        )

    def _free_id(self, log: Log) -> str:
        wanted = log.session
        if wanted not in self._by_id and wanted.isprintable():
            return wanted
        digest = blake2b(f"{log.root}/{log.path}".encode("utf-8", "replace"), digest_size=4).hexdigest()
        return f"{''.join(each for each in wanted if each.isprintable())}.{digest}"
