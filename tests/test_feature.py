"""The seam: a feature that is only in the list appears everywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from kit.live import Live, running

from llm_service.app import Dashboard, build_features
from llm_service.cli.doctor import examine
from llm_service.feature import Feature, Finding, Kernel, Trouble
from llm_service.hub.event import Event
from llm_service.web.api import Api
from llm_service.web.params import Whole

if TYPE_CHECKING:
    from prometheus_client.core import Metric

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "scripts"))


# A feature in 40 lines: a model, an event, a route, a metric.
@dataclass(frozen=True, slots=True)
class Bell:
    """A bell, and how often it rang."""

    name: str
    rings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BellRang(Event):
    """A bell rang."""

    type: ClassVar[str] = "bell.rang"
    topic: ClassVar[str] = "bells"

    bell: Bell


TIMES = Whole("times", "how often to ring", 1, 1, 9)


class Bells(Feature):
    name = topic = "bells"
    events = (BellRang,)

    def __init__(self, kernel: Kernel) -> None:
        self._publish = kernel.hub.publish
        self._rings = 0

    def routes(self, api: Api) -> None:
        @api.get("/api/bells", TIMES)
        def ring() -> Bell:
            """Ring the bell."""
            self._rings += TIMES.value()
            self._publish(BellRang(bell=Bell("door", self._rings)))
            return Bell("door", self._rings)

    def snapshot(self) -> Mapping[str, Any]:
        return {"bells": {"door": self._rings}}

    def metrics(self) -> Iterable[Metric]:
        from prometheus_client.core import CounterMetricFamily

        rings = CounterMetricFamily("bell_rings", "How often the bell rang.")
        rings.add_metric([], self._rings)
        yield rings

    def troubles(self) -> Iterable[Trouble]:
        return [Trouble("door", "bells", "it is stuck")] if self._rings > 1 else []

    def examine(self) -> Iterable[Finding]:
        return [Finding("note", "bells", "one bell")]


def with_bells(kernel: Kernel) -> list[Feature]:
    return [*build_features(kernel), Bells(kernel)]


@pytest.fixture
def live(workspace: Path) -> Iterable[Live]:
    live = running(workspace, features=with_bells)
    yield live
    live.stop()


def test_a_feature_appears_in_events_and_snapshot(live: Live) -> None:
    listener = live.listen(topics=["bells"])
    assert listener.first("snapshot")["bells"] == {"door": 0}
    assert live.json("/api/bells?times=1") == {"name": "door", "rings": 1}
    assert listener.first("bell.rang")["bell"] == {"name": "door", "rings": 1}
    assert live.json("/api/snapshot?topics=bells")["bells"] == {"door": 1}
    assert "bells" not in live.json("/api/snapshot?topics=tasks")


def test_a_feature_appears_in_both_documents(live: Live) -> None:
    (parameter,) = live.json("/api/openapi.json")["paths"]["/api/bells"]["get"]["parameters"]
    assert (parameter["name"], parameter["schema"]) == (
        "times",
        {
            "type": "integer",
            "default": 1,
            "minimum": 1,
            "maximum": 9,
        },
    )
    message = live.json("/api/asyncapi.json")["components"]["messages"]["bell.rang"]
    assert message["payload"]["properties"]["bell"]["properties"]["rings"] == {"type": "integer"}


def test_a_feature_appears_in_metrics(live: Live) -> None:
    live.json("/api/bells")
    assert "bell_rings_total 1.0" in live.get("/metrics").text.splitlines()


def test_a_trouble_appears_in_health_banner_and_acknowledgement(live: Live) -> None:
    assert live.json("/health")["status"] == "healthy"
    live.json("/api/bells?times=2")
    assert live.json("/health")["status"] == "degraded"
    assert ("bells", "door: it is stuck") in live.dashboard.banner()
    acknowledgement = live.listen().first("connection_ack")
    assert acknowledgement["degraded"] == [{"root": "door", "mode": "bells", "reason": "it is stuck"}]


def test_a_feature_appears_in_the_tables_of_the_docs() -> None:
    import readme_tables

    dashboard = Dashboard(readme_tables.Settings(history=False), features=with_bells)
    assert "| `bell.rang` | bells | A bell rang. |" in readme_tables.events_table(dashboard)
    assert "| `GET /api/bells` | `times` | Ring the bell. |" in readme_tables.routes_table(dashboard)


def test_doctor_asks_the_features(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build: Callable[..., Dashboard] = Dashboard
    monkeypatch.setattr("llm_service.app.Dashboard", lambda settings: build(settings, features=with_bells))
    from llm_service.cli.sections import load_settings

    assert Finding("note", "bells", "one bell") in list(examine(load_settings(str(workspace))))
