"""What the official emitters really send: OpenTelemetry's GenAI util and Vercel's AI SDK, each call once, to the cent.

The expected costs are computed by hand from the price pages (dollars per million tokens): claude-sonnet-4-5 3 input,
15 output, 0.30 cache read, 3.75 cache write, 6 cache write for an hour; text-embedding-3-small 0.02.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from kit.live import Live
from kit.paths import ROOT
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.util.genai.handler import TelemetryHandler

MODEL = "claude-sonnet-4-5"


def rows(live: Live) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = live.json("/api/telemetry/calls")["calls"]
    return sorted(calls, key=lambda call: call["cost_usd"])


@pytest.fixture
def genai(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[TelemetryHandler]:
    """OpenTelemetry's GenAI util, which sends spans and events to the service at once."""
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT", "true")
    resource = Resource.create({"service.name": "planner"})
    traces, logs = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    traces.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"{live.url}/v1/traces", timeout=60)))
    logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint=f"{live.url}/v1/logs", timeout=60)))
    yield TelemetryHandler(tracer_provider=traces, logger_provider=logs)
    traces.shutdown()
    logs.shutdown()


def test_opentelemetrys_genai_util(live: Live, genai: TelemetryHandler) -> None:
    with genai.invoke_local_agent(request_model=MODEL, agent_name="harbour master") as agent:
        with genai.inference("anthropic", request_model=MODEL) as first:
            first.response_model_name = MODEL
            first.input_tokens, first.output_tokens = 160_000, 1_000
            first.cache_read_input_tokens, first.cache_write_input_tokens = 100_000, 20_000
        with genai.inference("anthropic", request_model=MODEL) as second:
            second.input_tokens, second.output_tokens = 2_000, 100
        agent.input_tokens, agent.output_tokens = 162_000, 1_100
    with genai.embedding("openai", request_model="text-embedding-3-small") as embedding:
        embedding.input_tokens = 50_000
    found = rows(live)
    # 50,000 x 0.02; 2,000 x 3 + 100 x 15; 40,000 x 3 + 100,000 x 0.30 + 20,000 x 3.75 + 1,000 x 15, by a million
    assert [call["cost_usd"] for call in found] == [0.001, 0.0075, 0.24]
    fields = ("prompt_tokens", "cache_read_tokens", "cache_write_tokens", "completion_tokens", "model_name")
    assert [found[2][name] for name in fields] == [160_000, 100_000, 20_000, 1_000, MODEL]
    assert live.json("/api/stats")["costs"]["total"] == 0.2485
    (row,) = live.json("/api/telemetry/sources")["sources"][-1:]
    assert (row["kind"], row["calls"], row["sums"], row["refused"]) == ("otlp", 3, 1, 0)


def test_an_agent_whose_calls_report_no_tokens(live: Live, genai: TelemetryHandler) -> None:
    with genai.invoke_remote_agent("anthropic", request_model=MODEL, agent_name="harbour master") as agent:
        with genai.inference("anthropic", request_model=MODEL):
            pass
        agent.input_tokens, agent.output_tokens = 162_000, 1_000
        agent.cache_read_input_tokens, agent.cache_write_input_tokens = 100_000, 20_000
    (call,) = rows(live)
    # 42,000 x 3 + 100,000 x 0.30 + 20,000 x 3.75 + 1,000 x 15, by a million
    assert (call["cost_usd"], call["agent_name"]) == (0.246, "harbour master")


@pytest.fixture(scope="module")
def vercel_request() -> bytes:
    """What `vercel_spans.mjs` has Vercel's AI SDK send."""
    subprocess.run(["make", "--silent", "node_modules/.installed"], cwd=ROOT, check=True)
    script = ROOT / "tests/calls/otlp/vercel_spans.mjs"
    return subprocess.run(["node", str(script)], cwd=ROOT, check=True, capture_output=True, timeout=60).stdout


def test_vercels_ai_sdk(live: Live, vercel_request: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{live.url}/v1/traces", data=vercel_request, headers=headers, timeout=60)
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "0"
    found = rows(live)
    assert [round(call["cost_usd"] * 1e6) for call in found] == [
        1_200 * 2 // 100,
        250 * 3 + 30 * 15,
        100 * 3 + 20_000 * 30 // 100 + 500 * 375 // 100 + 90 * 15,
        700 * 3 + 30_000 * 30 // 100 + 80 * 15,
        300 * 3 + 20_000 * 375 // 100 + 40 * 15,
        1_000 * 3 + 150_000 * 30 // 100 + 10_000 * 375 // 100 + 500 * 15,
        400 * 3 + 50_000 * 6 + 60 * 15,
    ]
    assert {(call["provider"], call["model_name"]) for call in found} == {
        ("openai", "text-embedding-3-small"),
        ("anthropic", MODEL),
    }
    assert {call["agent_name"] for call in found} == {"harbour-bot"}


def test_the_spans_of_vercels_ai_sdk_in_the_other_order(live: Live, vercel_request: bytes) -> None:
    request = json.loads(vercel_request)
    scope = request["resourceSpans"][0]["scopeSpans"][0]
    spans = scope["spans"]
    for one in reversed(spans):
        scope["spans"] = [one]
        assert requests.post(f"{live.url}/v1/traces", json=request, timeout=60).status_code == 200
    assert live.json("/api/stats")["costs"]["calls"] == 7
    assert round(live.json("/api/stats")["costs"]["total"] * 1e6) == 494_649
