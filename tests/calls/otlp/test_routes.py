"""OTLP over HTTP as exporters really send it: OpenTelemetry's own exporter, gzip, bodies in chunks, refusals."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from google.rpc.status_pb2 import Status
from kit.live import Live
from kit.processes import Service
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.response.model": "gpt-5",
    "gen_ai.usage.input_tokens": 1_000_000,
    "gen_ai.usage.output_tokens": 100_000,
}


def logs(**attributes: str) -> bytes:
    """A request of Claude Code's logs exporter, with one call."""
    told = {
        "event.name": "api_request",
        "model": "claude-opus-4-5",
        "input_tokens": "10",
        "output_tokens": "20",
        "cost_usd": "0.25",
        "request_id": "req_1",
    } | attributes
    record = {
        "timeUnixNano": "1790000000000000000",
        "body": {"stringValue": "claude_code.api_request"},
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "claude-code"}}]}
    scope = {"scope": {"name": "com.anthropic.claude_code.events"}, "logRecords": [record]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]}).encode()


def post(live: Live, body: bytes, signal: str = "logs", **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(
        f"{live.url}/v1/{signal}", data=body, headers={"Content-Type": "application/json"} | named, timeout=60
    )


@pytest.fixture
def exporting() -> Iterator[Callable[..., None]]:
    """Have OpenTelemetry's own SDK export a span with these attributes to an address."""
    providers = []

    def export(url: str, compression: Compression, attributes: dict[str, Any], **headers: str) -> None:
        provider = TracerProvider(resource=Resource.create({"service.name": "planner"}))
        providers.append(provider)
        exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces", compression=compression, headers=headers, timeout=60)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        provider.get_tracer("bench").start_span("chat gpt-5", attributes=attributes).end()

    yield export
    for provider in providers:
        provider.shutdown()


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_a_span_of_the_sdk_is_counted_priced_and_told(
    live: Live, exporting: Callable[..., None], compression: Compression
) -> None:
    listener = live.listen()
    exporting(live.url, compression, CHAT)
    update = listener.first("telemetry.update")["invocation"]
    assert (update["agent_name"], update["model_name"], update["cost_usd"]) == ("planner", "gpt-5", 2.25)
    assert listener.costs(calls=1)["costs"]["total"] == 2.25
    (row,) = live.json("/api/telemetry/sources")["sources"][-1:]
    assert (row["kind"], row["calls"], row["refused"]) == ("otlp", 1, 0)


def test_a_request_sent_again_counts_once(live: Live) -> None:
    for _ in range(3):
        answer = post(live, logs())
        assert (answer.status_code, answer.json()) == (200, {})
    assert live.json("/api/stats")["costs"] | {"timezone": ""} == {
        "today": 0.0, "month": 0.0, "total": 0.25, "unpriced_calls": 0, "calls": 1, "timezone": "",
    }  # fmt: skip


def test_gzip_is_unpacked_and_a_bomb_is_not(live: Live) -> None:
    assert post(live, gzip.compress(logs()), Content_Encoding="gzip").status_code == 200
    assert live.json("/api/stats")["costs"]["calls"] == 1
    answer = post(live, gzip.compress(b" " * (200 << 20)), Content_Encoding="gzip")
    assert (answer.status_code, "message" in answer.json()) == (413, True)


def test_a_call_that_cannot_be_counted_is_told_to_the_exporter_and_to_the_user(live: Live) -> None:
    said = post(live, logs(input_tokens="-3")).json()["partialSuccess"]
    assert said == {"rejectedLogRecords": "1", "errorMessage": "Record 0: A token count is negative."}
    (row,) = live.json("/api/telemetry/sources")["sources"][-1:]
    assert (row["refused"], row["problems"][0]["error"]) == (1, "record 0: A token count is negative.")


def test_the_sum_of_an_agent_is_withdrawn_when_a_call_below_it_comes_later(live: Live) -> None:
    def send(span_id: str, parent_id: str, operation: str, tokens: int) -> requests.Response:
        attributes = CHAT | {"gen_ai.operation.name": operation, "gen_ai.usage.input_tokens": tokens}
        pairs = [
            {"key": key, "value": {"intValue": value} if isinstance(value, int) else {"stringValue": value}}
            for key, value in attributes.items()
        ]
        record = {"traceId": "ab" * 16, "spanId": span_id, "parentSpanId": parent_id, "attributes": pairs}
        return post(live, json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [record]}]}]}).encode(), "traces")

    listener = live.listen()
    assert send("01" * 8, "", "invoke_agent", 2_000_000).json() == {}
    assert live.json("/api/stats")["costs"]["total"] == 3.5
    assert send("02" * 8, "01" * 8, "chat", 1_000_000).json() == {}
    listener.wait(lambda got: any(name == "cost.update" and body["costs"]["total"] == 2.25 for name, body in got))
    said = send("01" * 8, "", "invoke_agent", 2_000_000).json()["partialSuccess"]
    assert (said["rejectedSpans"], "are not counted" in said["errorMessage"]) == ("0", True)
    assert live.json("/api/stats")["costs"]["calls"] == 1
    (row,) = live.json("/api/telemetry/sources")["sources"][-1:]
    assert (row["kind"], row["calls"], row["sums"], row["refused"]) == ("otlp", 1, 2, 0)


def test_metrics_are_answered_and_count_nothing(live: Live) -> None:
    assert post(live, b"{}", "metrics").status_code == 200
    assert live.json("/api/stats")["costs"]["calls"] == 0


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"\x0a\xff\xff\xff\xff", {"Content_Type": "application/x-protobuf"}, 400),
        (b"{}", {"Content_Type": "text/plain"}, 415),
        (b"{}", {"Content_Encoding": "br"}, 415),
        (b"no gzip", {"Content_Encoding": "gzip"}, 400),
        (b" " * ((8 << 20) + 1), {}, 413),
    ],
)
def test_what_cannot_be_read_is_refused_for_good(live: Live, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = post(live, body, **headers)
    assert answer.status_code == status  # none of those that exporters send again
    if headers.get("Content_Type") == "application/x-protobuf":
        assert Status.FromString(answer.content).message


def test_without_its_database_exporters_are_asked_to_send_again(live: Live) -> None:
    assert live.dashboard.database is not None
    live.dashboard.database.stop()
    answer = post(live, logs())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "history" in answer.json()["message"].lower()


def test_telemetry_that_is_off_says_so(start: Callable[..., Live]) -> None:
    answer = post(start(telemetry=False), logs())
    assert (answer.status_code, "Telemetry is off" in answer.json()["message"]) == (404, True)


def test_a_page_of_another_site_and_a_stranger_cannot_count_calls(start: Callable[..., Live]) -> None:
    live = start(token="secret-token-of-24-letters")
    assert post(live, logs()).status_code == 401
    entitled = {"Authorization": "Bearer secret-token-of-24-letters"}
    assert post(live, logs(), Origin="https://evil.example", **entitled).status_code == 403
    assert post(live, logs(), **entitled).status_code == 200


def test_the_production_server_takes_a_body_in_chunks(service: Service) -> None:
    service.start()
    body = logs()
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=60)
    connection.request(
        "POST",
        "/v1/logs",
        body=iter([body[:100], body[100:200], body[200:]]),
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        encode_chunked=True,
    )
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"{}")
    connection.close()
    assert requests.get(f"{service.url}/api/stats", timeout=60).json()["costs"]["calls"] == 1


def test_the_production_server_ends_a_body_in_chunks_that_is_too_large(service: Service) -> None:
    service.start()
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=60)
    status = 413
    try:
        connection.request(
            "POST",
            "/v1/logs",
            body=(b" " * 100_000 for _ in range(200)),
            headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
            encode_chunked=True,
        )
        status = connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        pass  # it closed the connection before all was sent
    assert status == 413
    connection.close()
    assert requests.get(f"{service.url}/health", timeout=60).status_code == 200
