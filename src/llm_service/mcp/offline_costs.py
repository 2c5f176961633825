"""`OfflineCosts`: calls in the database of a workspace, opened for each call of a tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..calls.offline import OfflineCalls, open_calls
from ..costs.queries import CostQueries
from ..costs.summary import totals_as_json
from ..settings.load import Settings
from ..tasks.settings import TaskSettings
from .call_report import recorded
from .sources import Json


class OfflineCosts:
    """Calls in the database of the workspace, opened for each call of a tool."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def record(self, call: Mapping[str, Any]) -> Json:
        """See `CostTools`."""
        with self._open() as calls:
            return recorded(call, lambda one: calls.core.store.ingest([one]))

    def totals(self, by: str, first: str | None, end: str | None, limit: int) -> Json:
        """See `CostTools`."""
        with self._open() as calls:
            queries = CostQueries(calls.core.database, calls.core.calendar)
            rows = queries.by_name(by, *calls.core.time_range(first, end), limit=limit)
            return {"by": by, "totals": totals_as_json(rows)}

    @contextmanager
    def _open(self) -> Iterator[OfflineCalls]:
        with open_calls(self._settings, self._settings.of(TaskSettings).lanes) as calls:
            yield calls
