"""`CallCore`: prices, calendar, store and queries of one database, shared by the dashboard and the commands."""

from __future__ import annotations

from collections.abc import Callable

from ..calendar_days import Calendar
from ..database.database import Database
from ..errors import BadRequest, HistoryUnavailable
from ..settings.load import Settings
from .prices.book import PriceBook
from .settings import CallSettings
from .store.imports import Imports
from .store.queries import CallQueries
from .store.store import CallStore, StoredBatch


def calls_disabled() -> HistoryUnavailable:
    """The error to raise where the settings disable counting."""
    return HistoryUnavailable("Telemetry is off: the settings `telemetry` and `history` switch it on.")


class CallCore:
    """Prices, stores and queries calls."""

    def __init__(
        self, settings: Settings, database: Database, on_stored: Callable[[StoredBatch], None] = lambda batch: None
    ) -> None:
        zone = settings.zone()
        self.database = database
        self.zone_name = str(zone)
        self.prices = PriceBook(settings.of(CallSettings).prices)
        self.calendar = Calendar(zone)
        self.queries = CallQueries(database)
        self.imports = Imports(database, self.calendar)
        self.store = CallStore(database, self.prices.cost_nanos, self.calendar, on_stored)

    def time_range(self, first: str | None, end: str | None) -> tuple[int | None, int | None]:
        """(start, end) in seconds since the epoch from ISO 8601 text; "" or None: unbounded. Raises BadRequest."""
        try:
            return (
                self.calendar.parse(first, "from") if first else None,
                self.calendar.parse(end, "to", end=True) if end else None,
            )
        except ValueError as problem:
            raise BadRequest(str(problem)) from None

    def ensure_zone(self) -> None:
        """Rebuild the totals if they are in another time zone than the settings. Raises HistoryUnavailable."""
        self.store.ensure_zone(self.zone_name)
