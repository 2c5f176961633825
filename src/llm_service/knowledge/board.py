"""The facts in memory: `FactBoard` folds the files that say the same into one fact with several sources."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..hub.event import Event
from .events import KnowledgeRemoved, KnowledgeUpdated
from .model import Fact, FactFile, FactSource, digest_of

_MAX_SOURCES = 50
_MAX_TAGS = 30
_MAX_FILES = 50


@dataclass(frozen=True, slots=True)
class _Decision:
    status: str
    decided_at: str


class FactBoard:
    """All facts. One thread applies files; any thread reads."""

    def __init__(self, project_of: Callable[[str | None], str | None] = lambda job: None) -> None:
        """`project_of(job)`: whose people may see what is about that job."""
        self._project_of = project_of
        self._lock = threading.Lock()
        self._files: dict[str, FactFile] = {}
        self._digests: dict[str, str] = {}
        self._paths: dict[str, set[str]] = {}
        self._facts: dict[str, Fact] = {}
        self._owner: dict[str, str] = {}
        self._decisions: dict[str, _Decision] = {}

    def load_decisions(self, decisions: Mapping[str, tuple[str, str]]) -> list[Event]:
        """What people decided before: digest -> (status, time); the events that follow."""
        with self._lock:
            found = {digest: _Decision(status, at) for digest, (status, at) in decisions.items()}
            self._decisions = found | self._decisions
            return [event for digest in found for event in self._refold(digest)]

    def decide(self, digest: str, status: str, decided_at: str) -> None:
        """A person decided about the fact with this text; it shows when its files say so too."""
        with self._lock:
            self._decisions[digest] = _Decision(status, decided_at)

    def apply(self, files: Mapping[str, FactFile | None]) -> list[Event]:
        """What files say now, None if one is gone or says nothing; the events that follow. Each fact that these files
        belong to is folded once."""
        touched: dict[str, None] = {}
        with self._lock:
            for path, file in files.items():
                before = self._digests.pop(path, None)
                if before is not None:
                    self._paths[before].discard(path)
                    del self._files[path]
                    touched[before] = None
                if file is not None:
                    digest = self._digests[path] = digest_of(file.text)
                    self._paths.setdefault(digest, set()).add(path)
                    self._files[path] = file
                    touched[digest] = None
            return [event for digest in touched for event in self._refold(digest)]

    def facts(self) -> list[Fact]:
        """All facts, the newest first."""
        with self._lock:
            facts = list(self._facts.values())
        return sorted(facts, key=lambda fact: (fact.created_at, fact.id), reverse=True)

    def get(self, fact_id: str) -> Fact | None:
        """The fact with that id."""
        with self._lock:
            digest = self._owner.get(fact_id)
            return None if digest is None else self._facts.get(digest)

    def of_digest(self, digest: str) -> Fact | None:
        """The fact with that text."""
        with self._lock:
            return self._facts.get(digest)

    def __len__(self) -> int:
        """The number of facts."""
        return len(self._facts)

    def _refold(self, digest: str) -> Iterable[Event]:
        before = self._facts.pop(digest, None)
        if before is not None:
            del self._owner[before.id]
        files = sorted((self._files[path] for path in self._paths.get(digest, ())), key=_age)
        if not files:
            self._paths.pop(digest, None)
            return [KnowledgeRemoved(id=before.id, project=before.project)] if before is not None else []
        fact = self._folded(digest, files)
        self._facts[digest] = fact
        self._owner[fact.id] = digest
        if fact == before:
            return []
        updated = KnowledgeUpdated(fact=fact)
        if before is None or before.id == fact.id:
            return [updated]
        return [KnowledgeRemoved(id=before.id, project=before.project), updated]

    def _folded(self, digest: str, files: list[FactFile]) -> Fact:
        lead = files[0]
        status_file = max((file for file in files if file.status != "proposed"), key=_decided, default=lead)
        decision = self._decisions.get(digest)
        status = status_file.status
        is_confirmed = decision is not None and decision.status == status
        sources = _sources(files)
        projects = {self._project_of(source.job) for source in sources}
        free = lead.id not in self._owner
        return Fact(
            id=lead.id if free else f"{lead.id}-{digest[:8]}",
            text=lead.text,
            status=status,
            is_confirmed=is_confirmed,
            digest=digest,
            tags=tuple(dict.fromkeys(tag for file in files for tag in file.tags))[:_MAX_TAGS],
            sources=sources,
            project=projects.pop() if status != "accepted" and len(projects) == 1 else None,
            files=tuple(file.path for file in files)[:_MAX_FILES],
            created_at=lead.created_at,
            decided_at=status_file.decided_at or (decision.decided_at if decision and is_confirmed else None),
            superseded_by=status_file.superseded_by if status == "superseded" else None,
        )


def _sources(files: Iterable[FactFile]) -> tuple[FactSource, ...]:
    return tuple(dict.fromkeys(source for file in files for source in file.sources))[:_MAX_SOURCES]


def _age(file: FactFile) -> tuple[str, str]:
    return file.created_at, file.path


def _decided(file: FactFile) -> tuple[str, str]:
    return file.decided_at or "", file.path
