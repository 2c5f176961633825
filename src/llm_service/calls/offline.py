"""The calls of a workspace without a dashboard: for the commands. One that runs is not disturbed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from ..database.database import History
from ..errors import StartFailed
from ..settings.load import Settings
from .core import CallCore, calls_off
from .sessions.import_logs import read_logs, told
from .sessions.kinds import Kind
from .settings import CallSettings
from .store.store import Outcome

_MAX_PROBLEMS = 100


@dataclass(slots=True)
class Imported:
    """What an import found; `problems` are `file:line: reason`, the first hundred."""

    files: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OfflineCalls:
    """The open database of a workspace, its settings and its lanes."""

    settings: Settings
    core: CallCore
    lanes: Sequence[str]

    def import_files(self, paths: Iterable[str], kind: Kind | None) -> Imported:
        """Store the calls in logs; `kind` None: as each looks. Raises HistoryUnavailable; StartFailed: no file."""
        found = Imported()
        for path in paths:
            if not os.path.exists(path):
                raise StartFailed(f"There is no {path}.")
            for portion in read_logs(path, kind, self.lanes):
                outcome = self.core.store.ingest(portion.calls) if portion.calls else Outcome(0, 0, 0)
                found.accepted += outcome.accepted
                found.duplicates += outcome.duplicates + outcome.updated
                found.refused += len(portion.refused)
                found.files += portion.last
                room = _MAX_PROBLEMS - len(found.problems)
                found.problems += [told(portion.path, *refusal) for refusal in portion.refused[:room]]
        return found


OpenCalls = Callable[[str | None, str | None], AbstractContextManager[OfflineCalls]]
"""What commands open calls with: (workspace, settings file). It is the `obj` of click's context."""


@contextmanager
def open_calls(settings: Settings, lanes: Sequence[str]) -> Iterator[OfflineCalls]:
    """The calls of a workspace while the block runs. Raises HistoryUnavailable."""
    if not (settings.of(CallSettings).telemetry and settings.history):
        raise calls_off()
    database = History(os.path.join(settings.state_path, "history.db"))
    calls = OfflineCalls(settings, CallCore(settings, database), lanes)
    try:
        database.start()
        calls.core.adjust_zone()
        yield calls
    finally:
        database.stop()
