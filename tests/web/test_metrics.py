"""/metrics: Prometheus reads the values of the service, and Grafana's dashboard uses only existing metrics."""

from __future__ import annotations

import pytest
import requests
from kit.live import Live, eventually
from kit.paths import ROOT
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

DEPLOY = ROOT / "deploy"


def samples(live: Live) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """All samples as Prometheus reads them."""
    answer = requests.get(f"{live.url}/metrics", timeout=60)
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse_text(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def busy(live: Live) -> Live:
    """A board with two tasks and four calls."""
    live.write("inbox/t1.yaml")
    live.write("done/ada/t2.yaml")
    call = {"model_name": "gpt-5", "agent_name": 'a"\n\\', "prompt_tokens": 100, "cache_read_tokens": 30}
    body = [
        call | {"invocation_id": f"id-{n}", "cost_usd": 0.5, "status": "error" if n else "success"} for n in range(3)
    ]
    body.append({"invocation_id": "x", "model_name": "mystery", "prompt_tokens": 7, "completion_tokens": 2})
    answer = requests.post(f"{live.url}/api/telemetry", json=[*body, "nonsense"], timeout=60)
    assert answer.json()["accepted"] == 4
    live.sync()
    eventually(lambda: live.json("/health")["history"]["ok"])  # its database is opened by a thread of its own
    return live


def test_scraped_values_are_those_of_the_service(busy: Live) -> None:
    found = samples(busy)
    assert found["llm_service_tasks", (("lane", "inbox"),)] == 1
    assert found["llm_service_tasks", (("lane", "done"),)] == 1
    assert found["llm_cost_usd_total", (("agent", 'a"\n\\'), ("model", "gpt-5"))] == 1.5
    assert found["llm_tokens_total", (("model", "gpt-5"), ("type", "input"))] == 210
    assert found["llm_tokens_total", (("model", "gpt-5"), ("type", "cache_read"))] == 90
    assert found["llm_calls_total", (("model", "gpt-5"), ("status", "error"))] == 2
    assert found["llm_unpriced_calls_total", (("model", "mystery"),)] == 1
    assert found["llm_telemetry_refused_total", ()] == 1
    assert found["llm_service_history_up", ()] == 1
    assert found["llm_service_events_total", ()] >= 2
    root = str(busy.root)
    assert found["llm_service_event_latency_seconds_count", (("root", root),)] >= 1
    assert found["llm_service_watcher_up", (("mode", "inotify"), ("root", root))] == 1
    assert not any(name == "llm_cost_usd_total" and ("model", "mystery") in labels for name, labels in found)


def test_openmetrics_is_sent_if_requested(busy: Live) -> None:
    answer = requests.get(
        f"{busy.url}/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}, timeout=60
    )
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert {"llm_cost_usd", "llm_service_tasks"} <= {family.name for family in parse_openmetrics(answer.text)}


def test_without_telemetry_the_other_metrics_are_present(start: object) -> None:
    live = start(telemetry=False)  # type: ignore[operator]
    names = {name for name, _ in samples(live)}
    assert "llm_service_tasks" in names
    assert not any(name.startswith("llm_cost") for name in names)
