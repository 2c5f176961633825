"""The topics `insights` and `metrics`, as features of their own: each topic has its own snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..feature import Feature
from ..json_values import as_json
from ..web.api import Api
from .events import INSIGHT_EVENTS, METRICS_EVENTS
from .routes import metric_routes
from .store import MessageStore
from .ticker import InsightTicker

_MOST = 200


class Insights(Feature):
    """The stream of insights."""

    name = topic = "insights"
    events = INSIGHT_EVENTS

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    def start(self) -> None:
        """`Knowledge` runs what publishes them."""

    def stop(self) -> None:
        """`Knowledge` stops it."""

    def routes(self, api: Api) -> None:
        """Those of `Knowledge` answer for all streams."""

    def snapshot(self) -> Mapping[str, Any]:
        """`{insights}`: the last ones, the oldest first."""
        return {"insights": self._store.recent("insights")[-_MOST:]}


class Metrics(Feature):
    """The stream of metrics."""

    name = topic = "metrics"
    events = METRICS_EVENTS

    def __init__(self, ticker: InsightTicker, may_see: Callable[[str | None], bool]) -> None:
        self._ticker, self._may_see = ticker, may_see

    def start(self) -> None:
        """Start to look at the running jobs."""
        self._ticker.start()

    def stop(self) -> None:
        """End the thread."""
        self._ticker.stop()

    def routes(self, api: Api) -> None:
        """Declare the routes of metrics."""
        metric_routes(api, self._ticker, self._may_see)

    def snapshot(self) -> Mapping[str, Any]:
        """`{metrics: {lines}}`: lines and lines per hour, null before they were measured."""
        return {"metrics": {"lines": as_json(self._ticker.lines)}}
