"""A call that is in an agent's session log and sent by its OpenTelemetry exporter counts once, in either order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from kit.session_logs import SAMPLES, LogStore, open_log_store

from llm_service.calls.model import Call
from llm_service.calls.otlp.decode import decode
from llm_service.calls.sessions.log_kind import Kind
from llm_service.calls.store.duplicate_ids import claude_request, codex_response

NOW_MS = 1_795_500_000_000
Export = Callable[[Path, list[dict[str, Any]]], list[dict[str, Any]]]


def from_claude(folder: Path, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What Claude Code's exporter would have sent: one event for each request in the logs, with its last counts.

    The log of a side question copies responses of its session with other request ids, which were never sent.
    """
    events: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.rglob("*.jsonl"), key=lambda path: ("subagents" in path.parts, path)):
        for text in path.read_bytes().split(b"\n")[:-1]:
            line = json.loads(text.strip(b"\x00\xef\xbb\xbf\r")) if b'"requestId"' in text else {}
            if line.get("type") != "assistant" or line["message"]["model"] == "<synthetic>":
                continue
            usage = line["message"]["usage"]
            event = events.setdefault(
                line["message"]["id"],
                {
                    "event.name": "api_request",
                    "event.timestamp": line["timestamp"],
                    "request_id": line["requestId"],
                    "session.id": line["sessionId"],
                    "model": line["message"]["model"],
                    "input_tokens": usage["input_tokens"],
                    "output_tokens": 0,
                    "cache_read_tokens": usage["cache_read_input_tokens"],
                    "cache_creation_tokens": usage["cache_creation_input_tokens"],
                },
            )
            event["output_tokens"] = max(event["output_tokens"], usage["output_tokens"])
    return list(events.values())


def from_codex(folder: Path, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What Codex' exporter would have sent: it has no response ids."""
    return [
        {
            "event.name": "codex.sse_event",
            "event.kind": "response.completed",
            "event.timestamp": call["timestamp"],
            "conversation.id": call["session_id"],
            "model": call["model_name"],
            "input_token_count": str(call["prompt_tokens"]),
            "cached_token_count": call["cache_read_tokens"],
            "cache_write_token_count": call["cache_write_tokens"],
            "output_token_count": str(call["completion_tokens"]),
        }
        for call in calls
    ]


def export(store: LogStore, service: str, events: Iterable[dict[str, Any]]) -> Any:
    """Count events as `/v1/logs` does."""
    records = [{"attributes": attributes(event)} for event in events]
    resource = {"attributes": attributes({"service.name": service})}
    body = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}
    result = decode("logs", "application/json", None, json.dumps(body).encode(), NOW_MS)
    assert result.rejections == []
    return store.store.ingest(result.calls)


def attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in values.items()
    ]


SETS: list[tuple[str, Kind, str, Export]] = [
    ("claude-streamed", "claude", "claude-code", from_claude),
    ("claude-resumed", "claude", "claude-code", from_claude),
    ("codex-counters", "codex", "codex_cli_rs", from_codex),
    ("codex-records", "codex", "codex_cli_rs", from_codex),
]


@pytest.mark.parametrize(("name", "kind", "service", "events"), SETS)
@pytest.mark.parametrize("logs_first", [True, False])
def test_logs_and_exporter_together_count_the_same_as_the_logs_alone(
    name: str, kind: Kind, service: str, events: Export, logs_first: bool, tmp_path: Path
) -> None:
    with open_log_store(tmp_path / "alone") as alone:
        alone.read(kind, SAMPLES / name)
        expected = alone.calls()
    sent = events(SAMPLES / name, expected)
    assert len(sent) >= 5
    with open_log_store(tmp_path / "both") as both:
        if logs_first:
            both.read(kind, SAMPLES / name)
            assert export(both, service, sent).accepted == 0
        else:
            assert export(both, service, sent).accepted == len(sent)
            both.read(kind, SAMPLES / name)
        assert totals(both.calls()) == totals(expected)
        shutil.copytree(SAMPLES / name, tmp_path / "again")  # other checkpoints: all of it is read once more
        both.read(kind, tmp_path / "again")
        export(both, service, sent)
        assert totals(both.calls()) == totals(expected)


def totals(calls: list[dict[str, Any]]) -> dict[str, int]:
    names = ("prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens")
    return {"calls": len(calls)} | {name: sum(call[name] for call in calls) for name in names}


def call(invocation_id: str, duplicate_id: str | None = None, output: int = 5, **fields: Any) -> Call:
    return Call(invocation_id, 1_795_000_000_000, completion_tokens=output, duplicate_id=duplicate_id, **fields)


def test_a_duplicate_is_recognised_under_every_known_id(tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        ingest = store.store.ingest
        assert ingest([call("otel:r1")]).accepted == 1
        assert ingest([call("log:m1", "otel:r1")]).duplicates == 1
        assert ingest([call("log:m1", "otel:r2"), call("log:m1")]).accepted == 0  # copied with another request id
        assert ingest([call("log:m2", "otel:r3"), call("log:m3")]).accepted == 2
        assert ingest([call("otel:r3"), call("otel:r4")]).accepted == 1
        assert {each["invocation_id"] for each in store.calls()} == {"otel:r1", "log:m2", "log:m3", "otel:r4"}


def test_two_calls_of_one_source_with_the_same_duplicate_id_are_two(tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        assert store.store.ingest([call("log:m1", "otel:r"), call("log:m2", "otel:r")]).accepted == 2
        assert store.store.ingest([call("log:m3", "otel:r")]).accepted == 1


def test_a_call_of_a_log_is_still_updated_after_its_duplicate_arrived(tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        store.store.ingest([call("log:m1", "otel:r1", output=1, supersedes=True)])
        assert store.store.ingest([call("otel:r1", output=9)]).duplicates == 1
        assert store.store.ingest([call("log:m1", "otel:r1", output=9, supersedes=True)]).updated == 1
        assert [each["completion_tokens"] for each in store.calls()] == [9]


def test_a_failed_transaction_stores_no_duplicate_ids(tmp_path: Path) -> None:
    with open_log_store(tmp_path) as store:
        broken = call("log:m1", "otel:r1", prompt_tokens=2**70)  # more than a column holds
        with pytest.raises(OverflowError):
            store.store.ingest([broken])
        assert store.store.ingest([call("otel:r1")]).accepted == 1


def test_both_sources_derive_the_same_ids() -> None:
    assert claude_request("req_1") == "claude-otel:req_1"
    assert codex_response("s", 10, 8, 2) == "codex-otel:s:10:8:2"
