"""`open_calls(workspace)`: the calls of a workspace for the commands. A running dashboard is not disturbed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from ..database.database import Database
from ..errors import StartFailed
from ..settings.load import Settings
from .core import CallCore, calls_disabled
from .sessions.import_logs import read_logs, refusal_text
from .sessions.log_kind import Kind
from .settings import CallSettings
from .store.store import IngestResult

_MAX_PROBLEMS = 100


@dataclass(slots=True)
class ImportResult:
    """Counts of an import; `problems` are `file:line: reason`, `left_out` files and folders, the first hundred each."""

    number: int | None = None
    """That of the import; None if no call is new."""
    files: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)
    left_out_count: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OfflineCalls:
    """The open database of a workspace, its settings and its lanes."""

    settings: Settings
    core: CallCore
    lanes: Sequence[str]

    def import_files(self, paths: Iterable[str], kind: Kind | None) -> ImportResult:
        """Store the calls in logs; `kind` None: detected for each file. What cannot be read is left out.

        Raises HistoryUnavailable, and StartFailed, before anything is stored, if a path does not exist.
        """
        paths = list(paths)
        for path in paths:
            if not os.path.lexists(path):
                raise StartFailed(f"{path} does not exist.")
        number = self.core.imports.begin(paths)
        result = ImportResult()
        for path in paths:
            for portion in read_logs(path, kind, self.lanes):
                outcome = IngestResult(0, 0, 0)
                if portion.calls:
                    outcome = self.core.store.ingest(portion.calls, import_id=number)
                result.accepted += outcome.accepted
                result.duplicates += outcome.duplicates + outcome.updated
                result.refused += len(portion.refused)
                result.files += portion.last
                room = _MAX_PROBLEMS - len(result.problems)
                result.problems += [refusal_text(portion.path, *refusal) for refusal in portion.refused[:room]]
                if portion.left_out is not None:
                    result.left_out_count += 1
                    if len(result.left_out) < _MAX_PROBLEMS:
                        result.left_out.append(refusal_text(portion.path, None, portion.left_out))
        if result.accepted:
            result.number = number
        else:
            self.core.imports.forget(number)
        return result


OpenCalls = Callable[[str | None, str | None], AbstractContextManager[OfflineCalls]]
"""What commands open calls with: (workspace, settings file). It is the `obj` of click's context."""


@contextmanager
def open_calls(settings: Settings, lanes: Sequence[str]) -> Iterator[OfflineCalls]:
    """Context manager: the open database of a workspace. Raises HistoryUnavailable."""
    if not (settings.of(CallSettings).telemetry and settings.history):
        raise calls_disabled()
    database = Database(os.path.join(settings.state_path, "history.db"))
    calls = OfflineCalls(settings, CallCore(settings, database), lanes)
    try:
        database.start()
        calls.core.ensure_zone()
        yield calls
    finally:
        database.stop()
