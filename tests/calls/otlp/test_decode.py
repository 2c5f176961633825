"""OTLP requests in both encodings: which records are calls, which report the same call again, and the response."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from base64 import b64decode
from itertools import pairwise
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from llm_service.calls.model import Call
from llm_service.calls.otlp.decode import OtlpResult, decode
from llm_service.calls.otlp.messages import JSON_TYPE, MAX_BYTES, PROTOBUF_TYPE, read_body
from llm_service.calls.otlp.records import Signal
from llm_service.calls.otlp.span_memory import SpanMemory

NOW = 1_790_000_000_000
START = (NOW - 60_000) * 1_000_000
TRACE = "5b8efff798038103d269b633813fc60c"
RESPONSES: dict[Signal, Any] = {
    "traces": ExportTraceServiceResponse,
    "logs": ExportLogsServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}


def span(number: int = 1, parent: int = 0, trace: str = TRACE, **more: Any) -> dict[str, Any]:
    """A span that began a minute before NOW and took 2.5 s; `attributes` as a plain dict."""
    return {
        "trace": trace,
        "span": f"{number:016x}",
        "parent": f"{parent:016x}" if parent else "",
        "name": "chat",
        "start": START,
        "end": START + 2_500_000_000,
        "attributes": {},
        **more,
    }


def log(**more: Any) -> dict[str, Any]:
    return {"time": START, "body": "", "event_name": "", "trace": "", "span": "", "attributes": {}, **more}


def json_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [json_value(item) for item in value]}}
    return {"stringValue": value}


def json_pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": json_value(value)} for key, value in attributes.items()]


def as_json(signal: Signal, items: list[dict[str, Any]], resource: dict[str, Any], scope: str) -> bytes:
    spans = [
        {
            "traceId": item["trace"],
            "spanId": item["span"],
            "parentSpanId": item["parent"],
            "name": item["name"],
            "startTimeUnixNano": str(item["start"]),
            "endTimeUnixNano": str(item["end"]),
            "attributes": json_pairs(item["attributes"]),
            "status": item.get("status", {}),
            "aFieldOfTomorrow": {"x": [1]},
        }
        for item in items
        if signal == "traces"
    ]
    logs = [
        {
            "timeUnixNano": str(item["time"]),
            "body": {"stringValue": item["body"]},
            "eventName": item["event_name"],
            "traceId": item["trace"],
            "spanId": item["span"],
            "attributes": json_pairs(item["attributes"]),
        }
        for item in items
        if signal == "logs"
    ]
    names = ("Spans", "spans", spans) if signal == "traces" else ("Logs", "logRecords", logs)
    group = {
        "resource": {"attributes": json_pairs(resource)},
        f"scope{names[0]}": [{"scope": {"name": scope}, names[1]: names[2]}],
    }
    return json.dumps({f"resource{names[0]}": [group]}).encode()


def pb_pairs(target: Any, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        pair = target.add(key=key)
        if isinstance(value, bool):
            pair.value.bool_value = value
        elif isinstance(value, int):
            pair.value.int_value = value
        elif isinstance(value, float):
            pair.value.double_value = value
        elif isinstance(value, list):
            for item in value:
                pair.value.array_value.values.add(string_value=item)
        else:
            pair.value.string_value = value


def as_protobuf(signal: Signal, items: list[dict[str, Any]], resource: dict[str, Any], scope: str) -> bytes:
    if signal == "traces":
        traces = ExportTraceServiceRequest()
        group = traces.resource_spans.add()
        pb_pairs(group.resource.attributes, resource)
        part = group.scope_spans.add()
        part.scope.name = scope
        for item in items:
            one = part.spans.add(
                trace_id=bytes.fromhex(item["trace"]),
                span_id=bytes.fromhex(item["span"]),
                parent_span_id=bytes.fromhex(item["parent"]),
                name=item["name"],
                start_time_unix_nano=item["start"],
                end_time_unix_nano=item["end"],
            )
            one.status.code = item.get("status", {}).get("code", 0)
            one.status.message = item.get("status", {}).get("message", "")
            pb_pairs(one.attributes, item["attributes"])
        return bytes(traces.SerializeToString())
    logs = ExportLogsServiceRequest()
    log_group = logs.resource_logs.add()
    pb_pairs(log_group.resource.attributes, resource)
    log_part = log_group.scope_logs.add()
    log_part.scope.name = scope
    for item in items:
        record = log_part.log_records.add(
            time_unix_nano=item["time"],
            event_name=item["event_name"],
            trace_id=bytes.fromhex(item["trace"]),
            span_id=bytes.fromhex(item["span"]),
        )
        record.body.string_value = item["body"]
        pb_pairs(record.attributes, item["attributes"])
    return bytes(logs.SerializeToString())


def decoded(
    signal: Signal,
    *items: dict[str, Any],
    resource: dict[str, Any] | None = None,
    scope: str = "",
    memory: SpanMemory | None = None,
) -> OtlpResult:
    """What becomes of these items, which has to be the same in both encodings."""
    resource = resource if resource is not None else {"service.name": "quayside"}
    bodies = (
        (JSON_TYPE, as_json(signal, list(items), resource, scope)),
        (PROTOBUF_TYPE, as_protobuf(signal, list(items), resource, scope)),
    )
    first, second = (decode(signal, encoding, None, body, NOW, memory) for encoding, body in bodies)
    for name in ("calls", "rejections", "ignored_count", "note", "withdrawn", "sum_count"):
        assert getattr(first, name) == getattr(second, name)
    assert (first.status, first.response_type, second.response_type) == (200, JSON_TYPE, PROTOBUF_TYPE)
    partial: Any = RESPONSES[signal].FromString(second.response_body).partial_success
    said = json.loads(first.response_body).get("partialSuccess", {})
    # A hint is given once by a memory: in the answer to the first of the two.
    assert partial.error_message == said.get("errorMessage", "") or memory is not None
    return first


def only(result: OtlpResult) -> Call:
    assert len(result.calls) == 1, result
    return result.calls[0]


CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
    "gen_ai.response.model": "claude-sonnet-4-5-20250929",
    "gen_ai.usage.input_tokens": 1_000,
    "gen_ai.usage.output_tokens": 50,
    "gen_ai.usage.cache_read.input_tokens": 700,
    "gen_ai.usage.cache_creation.input_tokens": 200,
    "gen_ai.conversation.id": "conv-1",
    "gen_ai.agent.name": "harbour master",
}


def test_a_span_of_the_present_conventions_is_a_call() -> None:
    resource = {"service.name": "quayside", "task.id": "2026-02-06T1150-quay", "llm_service.project": "Quayside"}
    call = only(decoded("traces", span(attributes=CHAT), resource=resource))
    assert call == Call(
        f"otel:{TRACE}:0000000000000001",
        NOW - 60_000,
        agent_name="harbour master",
        model_name="claude-sonnet-4-5-20250929",
        provider="anthropic",
        task_id="2026-02-06T1150-quay",
        session_id="conv-1",
        project="Quayside",
        prompt_tokens=1_000,
        completion_tokens=50,
        cache_read_tokens=700,
        cache_write_tokens=200,
        latency_ms=2_500,
    )


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            {
                "gen_ai.system": "openai",
                "gen_ai.request.model": "gpt-5",
                "gen_ai.usage.prompt_tokens": 10,
                "gen_ai.usage.completion_tokens": 5,
            },
            ("gpt-5", "openai", 10, 5, 0, 0),
        ),
        (
            {
                "openinference.span.kind": "LLM",
                "llm.model_name": "gpt-5",
                "llm.system": "openai",
                "llm.provider": "azure",
                "llm.token_count.prompt": 10,
                "llm.token_count.completion": 5,
                "llm.token_count.prompt_details.cache_read": 4,
                "llm.token_count.total": 15,
            },
            ("gpt-5", "azure", 10, 5, 4, 0),
        ),
        (
            {
                "llm.vendor": "OpenAI",
                "llm.request.type": "chat",
                "llm.request.model": "gpt-4o",
                "llm.usage.prompt_tokens": 10,
                "llm.usage.completion_tokens": 5,
                "llm.usage.total_tokens": 15,
            },
            ("gpt-4o", "OpenAI", 10, 5, 0, 0),
        ),
        (
            {
                "openinference.span.kind": "EMBEDDING",
                "embedding.model_name": "text-embedding-3-small",
                "llm.token_count.prompt": 10,
            },
            ("text-embedding-3-small", None, 10, 0, 0, 0),
        ),
        (  # numbers as texts
            {"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": "10", "gen_ai.usage.output_tokens": "5.0"},
            ("m", None, 10, 5, 0, 0),
        ),
        (  # Anthropic's own counts, which leave out what is cached: more is cached than there is input
            {
                "gen_ai.request.model": "m",
                "gen_ai.usage.input_tokens": 10,
                "gen_ai.usage.output_tokens": 5,
                "gen_ai.usage.cache_read_input_tokens": 100,
                "gen_ai.usage.cache_creation_input_tokens": 20,
            },
            ("m", None, 130, 5, 100, 20),
        ),
        (  # today's name of the conventions
            {
                "gen_ai.request.model": "m",
                "gen_ai.usage.input_tokens": 1_000,
                "gen_ai.usage.output_tokens": 5,
                "gen_ai.usage.cache_read.input_tokens": 600,
                "gen_ai.usage.cache_write.input_tokens": 100,
            },
            ("m", None, 1_000, 5, 600, 100),
        ),
        (  # Vercel's AI SDK 6
            {
                "operation.name": "ai.generateText.doGenerate",
                "ai.operationId": "ai.generateText.doGenerate",
                "gen_ai.system": "vertex.anthropic.messages",
                "ai.model.provider": "vertex.anthropic.messages",
                "ai.model.id": "claude-sonnet-4-5",
                "ai.usage.inputTokens": 1_000,
                "ai.usage.outputTokens": 5,
                "ai.usage.inputTokenDetails.noCacheTokens": 300,
                "ai.usage.inputTokenDetails.cacheReadTokens": 600,
                "ai.usage.inputTokenDetails.cacheWriteTokens": 100,
                "ai.usage.cachedInputTokens": 600,
                "ai.usage.totalTokens": 1_005,
            },
            ("claude-sonnet-4-5", "vertex", 1_000, 5, 600, 100),
        ),
        (  # its embeddings, and version 4
            {"ai.operationId": "ai.embed.doEmbed", "ai.model.id": "m", "ai.usage.tokens": 10},
            ("m", None, 10, 0, 0, 0),
        ),
        (
            {"ai.model.id": "m", "ai.usage.promptTokens": 10, "ai.usage.completionTokens": 5},
            ("m", None, 10, 5, 0, 0),
        ),
        (  # LiteLLM
            {
                "gen_ai.request.model": "claude-sonnet-4-5",
                "gen_ai.system": "anthropic",
                "gen_ai.usage.input_tokens": 1_000,
                "gen_ai.usage.output_tokens": 5,
                "gen_ai.usage.total_tokens": 1_005,
                "gen_ai.usage.cache_read_input_tokens": 600,
                "gen_ai.usage.cache_creation_input_tokens": 100,
                "gen_ai.cost.total_cost": 0.0,
            },
            ("claude-sonnet-4-5", "anthropic", 1_000, 5, 600, 100),
        ),
        (  # Langfuse: types of usage do not overlap
            {
                "langfuse.observation.type": "generation",
                "langfuse.observation.model.name": "m",
                "langfuse.observation.usage_details": json.dumps(
                    {"input": 300, "output": 5, "cache_read_input_tokens": 600, "input_cache_creation": 100}
                ),
            },
            ("m", None, 1_000, 5, 600, 100),
        ),
        (  # ... except in OpenAI's own usage
            {
                "langfuse.observation.model.name": "m",
                "langfuse.observation.usage_details": json.dumps(
                    {"prompt_tokens": 1_000, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 600}}
                ),
            },
            ("m", None, 1_000, 5, 600, 0),
        ),
        (  # Anthropic's counts again, told by the total
            {
                "gen_ai.request.model": "m",
                "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": 5,
                "gen_ai.usage.cache_read_input_tokens": 30,
                "gen_ai.usage.total_tokens": 135,
            },
            ("m", None, 130, 5, 30, 0),
        ),
    ],
)
def test_earlier_and_other_spellings_are_the_same_call(
    attributes: dict[str, Any], expected: tuple[str, str | None, int, int, int, int]
) -> None:
    call = only(decoded("traces", span(attributes=attributes)))
    assert (
        call.model_name,
        call.provider,
        call.prompt_tokens,
        call.completion_tokens,
        call.cache_read_tokens,
        call.cache_write_tokens,
    ) == expected
    assert call.agent_name == "quayside"


@pytest.mark.parametrize(
    "reported",
    [
        {"llm.cost.total": 0.0125},
        {"gen_ai.usage.cost": "0.0125"},
        {"gen_ai.cost.total_cost": 0.0125},
        {"litellm.cost.total": 0.0125, "litellm.cost.input": 0.01},
        {"langfuse.observation.cost_details": '{"total": 0.0125, "input": 0.01}'},
        {"langfuse.observation.cost_details": '{"input": 0.01, "output": 0.0025}'},
    ],
)
def test_a_reported_cost_is_taken(reported: dict[str, Any]) -> None:
    usage = {"openinference.span.kind": "LLM", "llm.token_count.prompt": 10, **reported}
    assert only(decoded("traces", span(attributes=usage))).cost_nanos == 12_500_000


def test_a_reported_cost_of_nothing_beside_tokens_is_not_believed() -> None:
    for name in ("llm.cost.total", "gen_ai.cost.total_cost", "litellm.cost.total"):
        assert only(decoded("traces", span(attributes={**CHAT, name: 0.0}))).cost_nanos is None
    record = log(body="claude_code.api_request", attributes={**CLAUDE, "cost_usd": "0"})
    assert only(decoded("logs", record, resource=CLAUDE_RESOURCE, scope=CLAUDE_SCOPE)).cost_nanos is None


ONE_HOUR = {**CHAT, "gen_ai.usage.input_tokens": 1_000, "gen_ai.usage.cache_write.input_tokens": 200}


@pytest.mark.parametrize(
    ("attributes", "counts"),
    [
        ({"gen_ai.usage.cache_creation.ephemeral_1h_input_tokens": 150}, (1_000, 700, 200, 150)),
        ({"gen_ai.usage.cache_creation.ephemeral_1h.input_tokens": 150}, (1_000, 700, 200, 150)),
        ({"gen_ai.usage.cache_creation_1h.input_tokens": 200}, (1_000, 700, 200, 200)),
        ({"gen_ai.usage.cache_creation_1h_tokens": 250, "gen_ai.usage.input_tokens": 2_000}, (2_000, 700, 450, 250)),
    ],
)
def test_writes_for_an_hour_are_told_apart(attributes: dict[str, Any], counts: tuple[int, ...]) -> None:
    call = only(decoded("traces", span(attributes=ONE_HOUR | attributes)))
    found = (call.prompt_tokens, call.cache_read_tokens, call.cache_write_tokens, call.cache_write_1h_tokens)
    assert found == counts


def langfuse(usage: object) -> dict[str, Any]:
    return {"langfuse.observation.model.name": "m", "langfuse.observation.usage_details": json.dumps(usage)}


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (
            {
                "input": 2,
                "output": 3,
                "input_cached_tokens": 8,
                "input_cache_creation_1h": 4,
                "input_cache_creation_5m": 1,
            },
            (15, 3, 8, 5, 4),
        ),
        ({"input_tokens": 2, "output_tokens": 3, "cache_creation_input_tokens": 5}, (7, 3, 0, 5, 0)),
        ({"input": 2, "total": 2}, (2, 0, 0, 0, 0)),
    ],
)
def test_the_usage_of_langfuse_is_added_up(usage: dict[str, int], counts: tuple[int, ...]) -> None:
    assert only(decoded("traces", span(attributes=langfuse(usage))))[11:16] == counts


@pytest.mark.parametrize("usage", [{}, [], "x", {"input": "many"}, {"input": True}, None])
def test_a_usage_of_langfuse_without_counts_is_no_call(usage: object) -> None:
    assert decoded("traces", span(attributes=langfuse(usage))).calls == []
    assert decoded("traces", span(attributes={"langfuse.observation.usage_details": "{" * 9_000})).calls == []


VERCEL = {
    "ai.operationId": "ai.generateText.doGenerate",
    "ai.model.provider": "anthropic.messages",
    "ai.model.id": "claude-opus-4-5",
    "ai.usage.inputTokens": 48_183,
    "ai.usage.outputTokens": 714,
    "ai.usage.inputTokenDetails.cacheReadTokens": 47_105,
    "ai.usage.inputTokenDetails.cacheWriteTokens": 1_076,
}


def anthropic_metadata(one_hour: int = 1_076) -> dict[str, str]:
    usage = {
        "input_tokens": 2,
        "cache_read_input_tokens": 47_105,
        "cache_creation_input_tokens": 1_076,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_076 - one_hour, "ephemeral_1h_input_tokens": one_hour},
        "output_tokens": 714,
    }
    return {"ai.response.providerMetadata": json.dumps({"anthropic": {"usage": usage}})}


@pytest.mark.parametrize(
    ("attributes", "counts"),
    [
        (VERCEL | anthropic_metadata(), (48_183, 714, 47_105, 1_076, 1_076)),
        (VERCEL | anthropic_metadata(1_000), (48_183, 714, 47_105, 1_076, 1_000)),
        (  # the hour does not fit into the writes that are reported
            VERCEL | anthropic_metadata() | {"ai.usage.inputTokenDetails.cacheWriteTokens": 500},
            (48_183, 714, 47_105, 500, 0),
        ),
        (  # version 5: Anthropic's own count of input tokens, and no writes
            {name: value for name, value in VERCEL.items() if "Details" not in name}
            | {"ai.usage.inputTokens": 2, "ai.usage.cachedInputTokens": 47_105}
            | anthropic_metadata(),
            (48_183, 714, 47_105, 1_076, 1_076),
        ),
        (VERCEL | {"ai.response.providerMetadata": "[1]"}, (48_183, 714, 47_105, 1_076, 0)),
        (VERCEL | {"ai.response.providerMetadata": '{"anthropic": {"usage": 7}}'}, (48_183, 714, 47_105, 1_076, 0)),
    ],
)
def test_what_vercels_sdk_passes_on_of_anthropics_usage_is_read(
    attributes: dict[str, Any], counts: tuple[int, ...]
) -> None:
    call = only(decoded("traces", span(attributes=attributes)))
    assert (call[11:16], call.provider) == (counts, "anthropic")


@pytest.mark.parametrize(
    "around",
    [
        {"gen_ai.operation.name": "invoke_agent"},
        {"gen_ai.operation.name": "execute_tool"},
        {"gen_ai.operation.name": "", "ai.operationId": "ai.streamText"},
        {"gen_ai.operation.name": "", "langfuse.observation.type": "agent"},
        {"openinference.span.kind": "AGENT"},
        {"openinference.span.kind": "CHAIN"},
        {"traceloop.span.kind": "workflow"},
    ],
)
def test_a_span_around_calls_that_sums_them_is_not_counted(around: dict[str, Any]) -> None:
    total = {**CHAT, **around, "gen_ai.usage.input_tokens": 2_000}
    spans = (span(1, attributes=total), span(2, parent=1, attributes=CHAT), span(3, parent=1, attributes=CHAT))
    result = decoded("traces", *spans)
    assert [call.invocation_id[-1] for call in result.calls] == ["2", "3"]
    assert (result.ignored_count, result.rejections, result.sum_count) == (1, [], 1)
    assert json.loads(result.response_body)["partialSuccess"] == {
        "rejectedSpans": "0",
        "errorMessage": "Spans of quayside with the sum of calls below them are not counted: the calls are.",
    }
    alone = only(decoded("traces", spans[0]))
    assert (alone.invocation_id[-1], alone.prompt_tokens, alone.agent_name) == ("1", 2_000, "harbour master")
    without_tokens = {name: value for name, value in {**total, "error.type": "x"}.items() if "usage" not in name}
    assert decoded("traces", span(1, attributes=without_tokens)).calls == []
    zeros = dict.fromkeys(("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), 0)
    assert decoded("traces", span(1, attributes=without_tokens | zeros)).calls == []


AGENT = {**CHAT, "openinference.span.kind": "AGENT", "gen_ai.operation.name": "invoke_agent"}
UNUSED = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 0}
FAILED = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "error.type": "ConnectionError"}


@given(order=st.permutations(range(5)), cuts=st.sets(st.integers(1, 4)))
def test_in_every_order_and_in_any_batches_the_spans_with_the_only_tokens_count(
    order: list[int], cuts: set[int]
) -> None:
    """An agent around a call with tokens, and an agent around calls that have none, in one workflow with the sum."""
    workflow = {**CHAT, "traceloop.span.kind": "workflow"}
    spans = [
        span(1, attributes=workflow),
        span(2, parent=1, attributes=AGENT),
        span(3, parent=2, name="step"),
        span(4, parent=3, attributes=CHAT),
        span(5, parent=1, attributes=AGENT),
    ]
    memory, counted = SpanMemory(), set[str]()
    for begin, end in pairwise([0, *sorted(cuts), 5]):
        batch = [spans[index] for index in order[begin:end]]
        result = decode("traces", JSON_TYPE, None, as_json("traces", batch, {}, ""), NOW, memory)
        counted = counted - result.withdrawn | {call.invocation_id for call in result.calls}
    assert {name[-1] for name in counted} == {"4", "5"}


def test_calls_without_tokens_do_not_hide_the_tokens_of_their_agent() -> None:
    spans = [span(1, attributes=AGENT), span(2, parent=1, attributes=UNUSED), span(3, parent=1, attributes=FAILED)]
    calls = decoded("traces", *spans).calls
    assert {call.invocation_id[-1]: call.prompt_tokens for call in calls} == {"1": 1_000, "2": 0, "3": 0}
    assert sum(call.status == "error" for call in calls) == 1
    wrapped = [span(1, attributes=FAILED), span(2, parent=1, attributes=FAILED)]
    assert [call.invocation_id[-1] for call in decoded("traces", *wrapped).calls] == ["2"]


def test_a_call_that_was_counted_from_its_log_record_hides_the_sum_of_its_agent() -> None:
    memory = SpanMemory()
    details = log(
        event_name="gen_ai.client.inference.operation.details",
        trace=TRACE,
        span=f"{2:016x}",
        attributes=CHAT,
    )
    assert only(decoded("logs", details, memory=memory)).prompt_tokens == 1_000
    no_tokens = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
    spans = [span(2, parent=1, attributes=no_tokens), span(1, attributes=AGENT)]
    result = decoded("traces", *spans, memory=memory)
    assert (result.calls, result.sum_count) == ([], 1)
    memory = SpanMemory()
    assert [call.invocation_id[-1] for call in decoded("traces", *spans, memory=memory).calls] == ["1"]
    result = decoded("logs", details, memory=memory)
    assert (only(result).invocation_id[-1], result.withdrawn) == ("2", {f"otel:{TRACE}:{1:016x}"})


def test_a_call_in_its_span_and_in_its_log_record_is_one() -> None:
    memory = SpanMemory()
    details = log(
        event_name="gen_ai.client.inference.operation.details", trace=TRACE, span=f"{2:016x}", attributes=CHAT
    )
    first = only(decoded("logs", details, memory=memory))
    result = decoded("traces", span(2, parent=1, attributes=CHAT), memory=memory)
    assert (only(result).invocation_id, result.sum_count) == (first.invocation_id, 0)


def test_a_call_with_nothing_but_a_total_of_tokens_is_refused_with_the_reason() -> None:
    usage = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-5", "llm.token_count.total": 15}
    result = decoded("traces", span(attributes=usage))
    assert (result.calls, len(result.rejections)) == ([], 1)
    assert result.rejections[0][1].startswith("There is no token count")


def test_of_nested_spans_of_one_call_the_innermost_is_counted() -> None:
    spans = (span(1, attributes=CHAT), span(2, parent=1, name="retry"), span(3, parent=2, attributes=CHAT))
    assert [call.invocation_id[-1] for call in decoded("traces", *spans).calls] == ["3"]
    assert [call.invocation_id[-1] for call in decoded("traces", *reversed(spans)).calls] == ["3"]


def test_a_span_around_a_call_is_known_when_it_comes_in_a_later_request() -> None:
    memory = SpanMemory()
    inner, retry, outer = span(3, parent=2, attributes=CHAT), span(2, parent=1, name="retry"), span(1, attributes=CHAT)
    assert len(decoded("traces", inner, memory=memory).calls) == 1
    assert decoded("traces", retry, memory=memory).calls == []
    assert decoded("traces", outer, memory=memory).calls == []
    assert len(decoded("traces", outer, memory=SpanMemory()).calls) == 1
    assert len(decoded("traces", span(1, trace="ab" * 16, attributes=CHAT), memory=memory).calls) == 1


def test_the_memory_of_spans_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.calls.otlp.span_memory._MAX_ANCESTORS", 10)
    memory = SpanMemory()
    for number in range(50):
        decoded("traces", span(2 * number + 2, parent=2 * number + 1, attributes=CHAT), memory=memory)
    assert len(memory._ancestors) == 10


def test_spans_that_are_their_own_ancestors_end() -> None:
    spans = [span(1, parent=2, attributes=CHAT), span(2, parent=1, attributes=CHAT)]
    assert decoded("traces", *spans).calls == []


def test_a_long_chain_of_spans_is_climbed_once() -> None:
    chain = [span(number, parent=number - 1, attributes=CHAT) for number in range(1, 5_001)]
    assert [call.invocation_id[-4:] for call in decoded("traces", *chain).calls] == ["1388"]


def test_a_span_sent_again_is_the_same_call() -> None:
    memory = SpanMemory()
    ids = {only(decoded("traces", span(1, parent=9, attributes=CHAT), memory=memory)).invocation_id for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("more", "attributes", "status", "message"),
    [
        ({"status": {"code": 2, "message": "overloaded"}}, {}, "error", "overloaded"),
        ({}, {"error.type": "RateLimitError"}, "error", "RateLimitError"),
        ({"status": {"code": 2}}, {"error.type": "timeout"}, "timeout", "timeout"),
        ({"status": {"code": 2, "message": "Request timed out."}}, {}, "timeout", "Request timed out."),
        ({"status": {"code": 1, "message": "fine"}}, {}, "success", None),
    ],
)
def test_how_a_span_ended(more: dict[str, Any], attributes: dict[str, Any], status: str, message: str | None) -> None:
    call = only(decoded("traces", span(attributes={**CHAT, **attributes}, **more)))
    assert (call.status, call.error_message, call.cost_nanos) == (status, message, None)


def test_a_call_that_failed_without_using_tokens_cost_nothing() -> None:
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "error.type": "ConnectionError"}
    call = only(decoded("traces", span(attributes=attributes)))
    assert (call.status, call.prompt_tokens, call.cost_nanos) == ("error", 0, 0)


def test_spans_that_are_no_calls_are_ignored() -> None:
    spans = [
        span(1, name="GET /ships", attributes={"http.request.method": "GET"}),
        span(2, attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"}),
        span(3, name="SELECT", status={"code": 2, "message": "broken"}),
    ]
    result = decoded("traces", *spans)
    assert (result.calls, result.rejections, result.ignored_count) == ([], [], 3)


def test_what_cannot_be_counted_is_told_in_the_protocols_words() -> None:
    bad = {**CHAT, "gen_ai.usage.input_tokens": -5}
    result = decoded(
        "traces",
        span(1, attributes=bad),
        span(2, attributes=CHAT),
        span(3, attributes={**CHAT, "gen_ai.usage.output_tokens": "many"}),
    )
    assert [index for index, _ in result.rejections] == [0, 2]
    assert len(result.calls) == 1
    said = json.loads(result.response_body)["partialSuccess"]
    assert said["rejectedSpans"] == "2"
    assert "Record 0: A token count is negative." in said["errorMessage"]
    assert "completion_tokens has to be a number, not 'many'" in said["errorMessage"]
    answer = decode("traces", PROTOBUF_TYPE, None, as_protobuf("traces", [span(attributes=bad)], {}, ""), NOW)
    assert ExportTraceServiceResponse.FromString(answer.response_body).partial_success.rejected_spans == 1


def test_what_was_taken_whole_is_answered_without_partial_success() -> None:
    assert json.loads(decoded("traces", span(attributes=CHAT)).response_body) == {}


# Programs with events of their own.

CLAUDE = {
    "session.id": "cec62d6f",
    "event.name": "api_request",
    "event.timestamp": "2026-09-21T14:12:20.500Z",
    "event.sequence": 3,
    "model": "claude-opus-4-5-20251101",
    "input_tokens": "2",
    "output_tokens": "1200",
    "cache_read_tokens": "84562",
    "cache_creation_tokens": "7096",
    "cost_usd": "0.116652",
    "duration_ms": "1521",
    "request_id": "req_011",
    "query_source": "main",
}
CLAUDE_RESOURCE = {"service.name": "claude-code", "service.version": "2.1.224", "llm_service.task_id": "quay-7"}
CLAUDE_SCOPE = "com.anthropic.claude_code.events"


def test_claude_codes_own_event_is_a_call_with_its_cost() -> None:
    record = log(body="claude_code.api_request", attributes=CLAUDE)
    call = only(decoded("logs", record, resource=CLAUDE_RESOURCE, scope=CLAUDE_SCOPE))
    assert call == Call(
        "claude-otel:req_011",
        NOW - 59_500,
        agent_name="claude-code",
        model_name="claude-opus-4-5-20251101",
        provider="anthropic",
        task_id="quay-7",
        session_id="cec62d6f",
        prompt_tokens=91_660,
        completion_tokens=1_200,
        cache_read_tokens=84_562,
        cache_write_tokens=7_096,
        cost_nanos=116_652_000,
        latency_ms=1_521,
    )


def test_a_sub_agent_of_claude_code_has_its_name_and_another_service_name_changes_nothing() -> None:
    record = log(body="claude_code.api_request", attributes={**CLAUDE, "agent.name": "Explore"})
    call = only(decoded("logs", record, resource={"service.name": "my-claude"}, scope=CLAUDE_SCOPE))
    assert (call.agent_name, call.prompt_tokens) == ("Explore", 91_660)


def test_an_error_of_claude_code_is_a_call_that_cost_nothing() -> None:
    attributes = {
        "event.name": "api_error",
        "session.id": "s",
        "model": "claude-opus-4-5",
        "error": "Overloaded",
        "status_code": "529",
        "duration_ms": "900",
        "attempt": 11,
    }
    record = log(attributes=attributes)
    call = only(decoded("logs", record, resource=CLAUDE_RESOURCE, scope=CLAUDE_SCOPE))
    assert (call.status, call.error_message, call.cost_nanos, call.latency_ms) == ("error", "Overloaded", 0, 900)
    late = log(body="claude_code.api_error", attributes={**attributes, "error": "", "status_code": 504})
    assert only(decoded("logs", late)).status == "timeout"


def test_other_events_and_the_spans_and_metrics_of_claude_code_are_not_counted() -> None:
    others = [
        log(body=f"claude_code.{name}", attributes={"event.name": name}) for name in ("user_prompt", "tool_result")
    ]
    assert decoded("logs", *others, resource=CLAUDE_RESOURCE, scope=CLAUDE_SCOPE).ignored_count == 2
    request = span(
        name="claude_code.llm_request",
        attributes={"gen_ai.system": "anthropic", "gen_ai.request.model": "m", "input_tokens": 2, "output_tokens": 9},
    )
    result = decoded("traces", request, resource=CLAUDE_RESOURCE)
    assert (result.calls, result.ignored_count) == ([], 1)
    assert result.note == "Spans of Claude Code are not counted: their log records are."
    point = {"asInt": "5", "attributes": json_pairs({"type": "input"})}
    metric = {"name": "claude_code.token.usage", "sum": {"dataPoints": [point]}}
    metrics = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    answer = decode("metrics", JSON_TYPE, None, json.dumps(metrics).encode(), NOW)
    assert (answer.status, answer.calls, answer.response_body) == (200, [], b"{}")
    empty = ExportMetricsServiceRequest().SerializeToString()
    assert decode("metrics", PROTOBUF_TYPE, None, empty, NOW).response_body == b""


CODEX = {
    "event.kind": "response.completed",
    "event.timestamp": "2026-09-21T14:12:20.500Z",
    "conversation.id": "conv-9",
    "model": "gpt-5-codex",
    "input_token_count": "1000",
    "cached_token_count": 800,
    "output_token_count": "60",
    "reasoning_token_count": 40,
    "tool_token_count": "1060",
    "duration_ms": "1",
}


@pytest.mark.parametrize("name", ["codex.sse_event", "codex.websocket_event", ""])
def test_the_end_of_a_response_of_codex_is_one_call_though_it_is_written_twice(name: str) -> None:
    twin = {key: value for key, value in CODEX.items() if key != "reasoning_token_count"}
    records = (
        log(attributes={**CODEX, "event.name": name, "user.email": "ada@example.org"}),
        log(time=START + 5, attributes=twin),
        log(attributes={"event.name": "codex.sse_event", "event.kind": "response.output_text.delta"}),
    )
    result = decoded("logs", *records, resource={"service.name": "codex_cli_rs"})
    first, second = result.calls
    assert first == second
    assert result.ignored_count == 1
    assert (first.model_name, first.provider, first.session_id) == ("gpt-5-codex", "openai", "conv-9")
    assert (first.prompt_tokens, first.cache_read_tokens, first.completion_tokens) == (1_000, 800, 60)
    assert (first.agent_name, first.latency_ms) == ("codex_cli_rs", None)


def test_a_response_of_codex_with_an_id_is_the_one_of_its_session_log() -> None:
    call = only(decoded("logs", log(attributes={**CODEX, "response.id": "resp_1"})))
    assert call.invocation_id == "codex:resp_1"


def test_spans_of_codex_are_not_counted() -> None:
    result = decoded("traces", span(attributes=CHAT), resource={"service.name": "codex_exec"})
    assert (result.calls, result.note) == ([], "Spans of Codex are not counted: their log records are.")


def test_a_program_of_somebody_with_a_similar_name_is_counted() -> None:
    for name in ("codexia", "claudette", "gemini-bot", "my codex"):
        assert len(decoded("traces", span(attributes=CHAT), resource={"service.name": name}).calls) == 1


def test_a_response_of_gemini_cli_is_counted_once_with_thoughts_and_tools() -> None:
    own = log(
        attributes={
            "event.name": "gemini_cli.api_response",
            "session.id": "8c4f",
            "model": "gemini-2.5-pro",
            "duration_ms": 2_311,
            "input_token_count": 12_000,
            "output_token_count": 350,
            "cached_content_token_count": 8_000,
            "thoughts_token_count": 420,
            "tool_token_count": 30,
            "status_code": 200,
        }
    )
    again = log(
        attributes={
            "event.name": "gen_ai.client.inference.operation.details",
            "gen_ai.request.model": "gemini-2.5-pro",
            "gen_ai.usage.input_tokens": 12_000,
            "gen_ai.usage.output_tokens": 350,
        }
    )
    call = only(decoded("logs", own, again, resource={"service.name": "gemini-cli"}))
    assert (call.prompt_tokens, call.cache_read_tokens, call.completion_tokens) == (12_030, 8_000, 770)
    assert (call.provider, call.latency_ms, call.status) == ("google", 2_311, "success")


def test_details_of_an_inference_and_its_span_are_one_call() -> None:
    details = log(
        event_name="gen_ai.client.inference.operation.details", trace=TRACE, span=f"{1:016x}", attributes=CHAT
    )
    told, seen = only(decoded("logs", details)), only(decoded("traces", span(1, attributes=CHAT)))
    assert told.invocation_id == seen.invocation_id
    assert told.prompt_tokens == seen.prompt_tokens


def test_logs_of_all_other_kinds_are_ignored() -> None:
    result = decoded("logs", log(body="Ship arrived"), log(attributes={"gen_ai.usage.input_tokens": 5}))
    assert (result.calls, result.rejections, result.ignored_count) == ([], [], 2)


def test_a_record_without_a_time_happens_now_and_with_a_broken_one_at_its_exporters() -> None:
    assert only(decoded("traces", span(start=0, end=0, attributes=CHAT))).timestamp_ms == NOW
    broken = {**CLAUDE, "event.timestamp": "yesterday"}
    assert only(decoded("logs", log(body="claude_code.api_request", attributes=broken))).timestamp_ms == NOW - 60_000


# Bodies.


def test_gzip_is_unpacked_in_both_encodings() -> None:
    for encoding, body in (
        (JSON_TYPE, as_json("traces", [span(attributes=CHAT)], {}, "")),
        (PROTOBUF_TYPE, as_protobuf("traces", [span(attributes=CHAT)], {}, "")),
    ):
        result = decode("traces", f"{encoding}; charset=utf-8", "GZIP", gzip.compress(body), NOW)
        assert len(result.calls) == 1


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    script = (
        "import resource, zlib; from llm_service.calls.otlp.decode import decode;"
        "pack = zlib.compressobj(9, wbits=31); parts = [pack.compress(bytes(1 << 20)) for _ in range(600)];"
        "body = b''.join([*parts, pack.flush()]); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "result = decode('traces', 'application/x-protobuf', 'gzip', body, 0);"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "assert result.status == 413, result; assert after - before < 60_000, after - before"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("content_type", "packing", "body", "status", "words"),
    [
        ("text/plain", None, b"{}", 415, "Content-Type"),
        (None, None, b"{}", 415, "Content-Type"),
        (JSON_TYPE, "zstd", b"{}", 415, "Content-Encoding has to be gzip"),
        (JSON_TYPE, "gzip", b"{}", 400, "is not gzip"),
        (JSON_TYPE, "gzip", gzip.compress(b"{}" * 500, mtime=0)[:20], 400, "truncated gzip"),
        (JSON_TYPE, None, b"{", 400, "is not JSON"),
        (JSON_TYPE, None, b"\xff", 400, "is not JSON"),
        (JSON_TYPE, None, b"[]", 400, "JSON object"),
        (JSON_TYPE, None, b"[" * 100_000, 400, "nested too deeply"),
        (JSON_TYPE, None, b" " * (MAX_BYTES + 1), 413, "at most 8,388,608 bytes"),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_with_a_status(
    content_type: str | None, packing: str | None, body: bytes, status: int, words: str
) -> None:
    for signal in RESPONSES:
        result = decode(signal, content_type, packing, body, NOW)
        assert (result.status, result.calls, result.response_type) == (status, [], JSON_TYPE)
        assert words in json.loads(result.response_body)["message"]


def test_a_refusal_of_protobuf_is_a_status_in_protobuf() -> None:
    result = decode("traces", PROTOBUF_TYPE, None, b"\x0a\xff\xff\xff\xff\xff", NOW)
    assert (result.status, result.response_type) == (400, PROTOBUF_TYPE)
    assert result.response_body[:2] == b"\x08\x03"  # code: INVALID_ARGUMENT
    assert b"is not an OTLP message" in result.response_body
    assert result.response_body[2] == 0x12
    low, high = result.response_body[3:5]  # the length, as a varint of two bytes
    assert low & 0x7F | high << 7 == len(result.response_body) - 5


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("9" * 30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


ANY_ATTRIBUTE = st.recursive(
    st.text(max_size=5)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=True)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
ANY_ID = st.binary(min_size=8, max_size=8)


def set_value(target: Any, value: Any) -> None:
    if isinstance(value, list):
        target.array_value.SetInParent()
        for item in value:
            set_value(target.array_value.values.add(), item)
        return
    fields = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value", bytes: "bytes_value"}
    setattr(target, fields[type(value)], value)


def hex_ids(value: Any) -> Any:
    """Protobuf's JSON as OTLP has it: ids in hex instead of base64."""
    if isinstance(value, list):
        return [hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    return {key: b64decode(item).hex() if key in ids else hex_ids(item) for key, item in value.items()}


@pytest.mark.parametrize("number", [1e300, -1.7976931348623157e308, 5e-324, 0.0])
def test_the_largest_and_smallest_doubles_are_read_from_either_encoding(number: float) -> None:
    message = ExportTraceServiceRequest()
    span = message.resource_spans.add().scope_spans.add().spans.add(trace_id=b"1" * 16, span_id=b"2" * 8)
    span.attributes.add(key="x").value.double_value = number
    document = json.dumps(hex_ids(MessageToDict(message))).encode()
    for type_, body in ((PROTOBUF_TYPE, message.SerializeToString()), (JSON_TYPE, document)):
        (record,) = read_body("traces", type_, None, body)
        assert record.attributes == {"x": number}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_json_that_protobuf_writes_is_read_like_the_message(data: st.DataObject) -> None:
    any_time = st.integers(0, 2**64 - 1)
    any_attributes = st.dictionaries(st.text(max_size=5), ANY_ATTRIBUTE, max_size=3)
    signal: Signal = data.draw(st.sampled_from(["traces", "logs"]))
    message: Any = ExportTraceServiceRequest() if signal == "traces" else ExportLogsServiceRequest()
    groups = message.resource_spans if signal == "traces" else message.resource_logs
    group = groups.add()
    part = (group.scope_spans if signal == "traces" else group.scope_logs).add()
    part.scope.name = data.draw(st.text(max_size=5))
    items = part.spans if signal == "traces" else part.log_records
    targets = [group.resource.attributes]
    for _ in range(data.draw(st.integers(0, 3))):
        item = items.add(trace_id=data.draw(ANY_ID) * 2, span_id=data.draw(ANY_ID))
        targets.append(item.attributes)
        if signal == "traces":
            item.parent_span_id = data.draw(st.just(b"") | ANY_ID)
            item.name = data.draw(st.text(max_size=5))
            item.kind = data.draw(st.integers(0, 5))
            item.start_time_unix_nano, item.end_time_unix_nano = data.draw(any_time), data.draw(any_time)
            item.status.code = data.draw(st.integers(0, 2))
            item.status.message = data.draw(st.text(max_size=5))
        else:
            item.event_name = data.draw(st.text(max_size=5))
            item.time_unix_nano, item.observed_time_unix_nano = data.draw(any_time), data.draw(any_time)
            set_value(item.body, data.draw(ANY_ATTRIBUTE))
    for target in targets:
        for key, value in data.draw(any_attributes).items():
            set_value(target.add(key=key).value, value)
    as_numbers = data.draw(st.booleans())
    document = hex_ids(MessageToDict(message, use_integers_for_enums=as_numbers))
    expected = read_body(signal, PROTOBUF_TYPE, None, message.SerializeToString())
    assert read_body(signal, JSON_TYPE, None, json.dumps(document).encode()) == expected


@pytest.mark.parametrize(
    "damage",
    [
        {"startTimeUnixNano": {"low": -1013133952, "high": 395276536}},  # opentelemetry-js, issue 4216
        {"traceId": "5b8"},
        {"attributes": [{"key": "a", "value": {"intValue": 1.5}}]},
        {"attributes": [{"key": "a", "value": {"intValue": "9" * 30}}]},
        {"attributes": [{"key": "a", "value": {"doubleValue": "much"}}]},
        {"attributes": [{"key": "a", "value": {"doubleValue": 10**400}}]},
        {"events": [{"timeUnixNano": {}}]},
        {"kind": 99},
        {"name": "\ud800"},
    ],
    ids=lambda damage: str(damage)[:80],
)
def test_one_bad_field_does_not_cost_the_batch(damage: dict[str, Any]) -> None:
    document = json.loads(as_json("traces", [span(1, attributes=CHAT), span(2, name="GET")], {}, ""))
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][1] |= damage
    result = decode("traces", JSON_TYPE, None, json.dumps(document).encode(), NOW)
    assert (len(result.calls), result.ignored_count) == (1, 1)


def test_a_count_of_very_many_digits_costs_its_call_only() -> None:
    spans = [span(1, attributes=CHAT), span(2, attributes=CHAT | {"gen_ai.usage.input_tokens": "9" * 400})]
    result = decode("traces", JSON_TYPE, None, as_json("traces", spans, {}, ""), NOW)
    assert [call.prompt_tokens for call in result.calls] == [1_000]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_json_with_anything_anywhere_is_answered(data: st.DataObject) -> None:
    def damaged(value: Any) -> Any:
        if data.draw(st.integers(0, 25)) == 0:
            return data.draw(ANY_JSON)
        if isinstance(value, dict):
            return {key: damaged(item) for key, item in value.items()}
        return [damaged(item) for item in value] if isinstance(value, list) else value

    signal: Signal = data.draw(st.sampled_from(["traces", "logs"]))
    items = [span(1, attributes=CHAT), span(2, parent=1, attributes=CHAT)]
    if signal == "logs":
        items = [log(body="claude_code.api_request", attributes=CLAUDE), log(attributes=CODEX)]
    document = damaged(json.loads(as_json(signal, items, CLAUDE_RESOURCE, "")))
    result = decode(signal, JSON_TYPE, None, json.dumps(document).encode(), NOW)
    assert result.status == (200 if isinstance(document, dict) else 400)
    json.loads(result.response_body)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_protobuf_is_answered(data: st.DataObject) -> None:
    body = bytearray(as_protobuf("traces", [span(1, attributes=CHAT)], CLAUDE_RESOURCE, "x"))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert decode("traces", PROTOBUF_TYPE, None, bytes(body), NOW).status in (200, 400)


def test_protobuf_is_not_imported_for_json() -> None:
    script = (
        "import sys; from llm_service.calls.otlp.decode import decode;"
        "decode('traces', 'application/json', None, b'{}', 0); assert 'google.protobuf' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
