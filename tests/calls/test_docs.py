"""The examples in docs/telemetry.md work as the page says, and its limits are those of the code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from kit.live import Live, eventually
from kit.paths import ROOT
from kit.settings import user_file

from llm_service.calls import model as calls
from llm_service.calls.sessions import kinds as telemetry_kinds
from llm_service.calls.sessions.kinds import file_filter
from llm_service.cli.sections import load_settings
from llm_service.settings.load import Settings
from llm_service.watch import tail

PAGE = (ROOT / "docs/telemetry.md").read_text(encoding="utf-8")
DEFAULT_URL = "http://127.0.0.1:8080"


def blocks(language: str, holding: str = "") -> list[str]:
    """The examples in a language that contain a text, in order; at least one."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if holding in text]
    assert found, f"the page has no example in {language} with {holding}"
    return found


def answers() -> list[Any]:
    """The responses on the page, in order."""
    return [json.loads(text) for text in re.findall(r"^returns `(.*?)`", PAGE, re.MULTILINE)]


def run(command: list[str], **environ: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "LLM_SERVICE_"))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment | environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def exported(example: str) -> dict[str, str]:
    """The variables that a shell example sets."""
    return dict(pair.split("=", 1) for line in example.splitlines() for pair in line.removeprefix("export ").split())


def sent_to(live: Live, environ: dict[str, str]) -> dict[str, str]:
    """The variables of an example, with the address of this dashboard instead of the default one."""
    assert environ["OTEL_EXPORTER_OTLP_ENDPOINT"] == DEFAULT_URL
    return environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": live.url}


def counted(live: Live, count: int) -> list[dict[str, Any]]:
    """All calls, once `count` have been counted."""
    assert eventually(lambda: live.json("/api/stats")["costs"]["calls"] == count)
    found: list[dict[str, Any]] = live.json("/api/telemetry/calls")["calls"]
    return found


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_curl_examples_return_what_the_page_says(live: Live) -> None:
    examples = blocks("sh", "curl ")
    promised = answers()
    assert len(examples) == len(promised) == 2
    for example, answer in zip(examples, promised, strict=True):
        assert json.loads(run(["sh", "-c", example.replace(DEFAULT_URL, live.url)])) == answer
    (call,) = counted(live, 1)
    assert (call["agent_name"], call["cost_source"]) == ("backend", "priced")


def test_the_example_lines_are_calls(live: Live, workspace: Path) -> None:
    (workspace / "work/telemetry").mkdir()
    (workspace / "work/telemetry/page.jsonl").write_text("".join(blocks("json")))
    by_id = {call["invocation_id"]: call for call in counted(live, 6)}
    second, third, fourth = (by_id.pop(name) for name in ("b-17", "b-18", "b-19"))
    openai, anthropic = by_id.pop("chatcmpl-7"), by_id.pop("msg_01")
    assert (openai["prompt_tokens"], openai["cache_read_tokens"]) == (1200, 1000)
    assert (anthropic["prompt_tokens"], anthropic["cache_write_tokens"]) == (9700, 500)
    (first,) = by_id.values()
    assert first["invocation_id"].startswith("auto:")
    assert second["timestamp"] == "2026-11-18T09:30:00.000Z"
    assert (second["cache_read_tokens"], second["cache_write_tokens"], second["prompt_tokens"]) == (12000, 2900, 15000)
    assert (third["cost_usd"], third["cost_source"], third["prompt_tokens"]) == (0.0004, "reported", 900)
    assert (fourth["status"], fourth["total_tokens"]) == ("timeout", 0)
    sources = live.json("/api/telemetry/sources")["sources"]
    assert [row["refused"] for row in sources if row["kind"] == "lines"] == [0]


@pytest.mark.parametrize("example", blocks("yaml"), ids=lambda text: text.split(":")[0])
def test_the_example_settings_are_accepted(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    user_file(monkeypatch, tmp_path, example)
    settings = load_settings(str(workspace))
    assert settings.workspace == str(workspace)
    assert settings != load_settings(str(workspace), environ={})


def test_a_program_with_opentelemetry_needs_only_what_the_page_says(live: Live, tmp_path: Path) -> None:
    (program,) = blocks("python")
    (tmp_path / "program.py").write_text(program)
    environ = next(exported(text) for text in blocks("sh", "OTEL_EXPORTER_OTLP_PROTOCOL") if "CLAUDE" not in text)
    run([sys.executable, str(tmp_path / "program.py")], **sent_to(live, environ))
    (call,) = counted(live, 1)
    assert (call["agent_name"], call["project"]) == ("tide-tables", "quayside")
    assert call["task_id"] == "2026-11-18T1100-frontend-offline-map"
    assert (call["model_name"], call["prompt_tokens"], call["completion_tokens"]) == ("gpt-5", 1200, 80)
    assert call["cost_usd"] is not None


def test_with_a_token_the_exporter_needs_the_header_that_the_page_names(
    start: Callable[..., Live], tmp_path: Path
) -> None:
    live = start(token="correct-horse")
    (tmp_path / "program.py").write_text(blocks("python")[0])
    header = re.search(r"`OTEL_EXPORTER_OTLP_HEADERS=(.*?)`", PAGE)
    assert header
    headers = header[1].replace("<token>", "correct-horse")
    run(
        [sys.executable, str(tmp_path / "program.py")],
        OTEL_EXPORTER_OTLP_ENDPOINT=live.url,
        OTEL_EXPORTER_OTLP_HEADERS=headers,
    )
    bearer = {"Authorization": "Bearer correct-horse"}
    assert eventually(lambda: live.json("/api/stats", headers=bearer)["costs"]["calls"] == 1)


def test_events_sent_with_the_variables_for_claude_code_are_counted(live: Live, tmp_path: Path) -> None:
    """Claude Code uses OpenTelemetry's log exporter; this sends the same request."""
    (example,) = blocks("sh", "CLAUDE_CODE_ENABLE_TELEMETRY")
    environ = exported(example)
    assert (environ.pop("CLAUDE_CODE_ENABLE_TELEMETRY"), environ["OTEL_LOGS_EXPORTER"]) == ("1", "otlp")
    assert environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/json"
    attributes = re.search(r"`OTEL_RESOURCE_ATTRIBUTES=(.*?)`", PAGE)
    assert attributes
    resource = dict(pair.split("=") for pair in attributes[1].split(",")) | {"service.name": "claude-code"}
    event = {"event.name": "api_request", "model": "claude-opus-4-5", "input_tokens": "10", "request_id": "req_1"}
    body = {
        "resourceLogs": [
            {
                "resource": {"attributes": pairs(resource)},
                "scopeLogs": [{"logRecords": [{"attributes": pairs(event), "timeUnixNano": "1790000000000000000"}]}],
            }
        ]
    }
    url = sent_to(live, environ)["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/v1/logs"
    assert requests.post(url, json=body, timeout=60).status_code == 200
    (call,) = counted(live, 1)
    assert (call["task_id"], call["project"]) == ("2026-11-18T0845-backend-ical-feed", "quayside")


def pairs(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]


def test_the_address_for_codex_is_a_route_that_accepts_its_format(live: Live) -> None:
    (example,) = blocks("toml")
    exporter = tomllib.loads(example)["otel"]["exporter"]["otlp-http"]
    assert exporter["protocol"] == "binary"
    assert exporter["endpoint"].startswith(DEFAULT_URL)
    path = urlsplit(exporter["endpoint"]).path
    headers = {"Content-Type": "application/x-protobuf"}
    assert requests.post(live.url + path, data=b"", headers=headers, timeout=60).status_code == 200


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    page = " ".join(PAGE.split())
    assert "above 100 million" in page
    assert calls.MAX_TOKENS == 100_000_000
    assert "above 100,000 dollars" in page
    assert calls.MAX_COST_NANOS == 100_000 * calls.NANOS
    assert "above seven days" in page
    assert calls.MAX_LATENCY_MS == 7 * 86_400_000
    assert "above 16 MiB" in page
    assert tail.MAX_LINE_BYTES == 16 << 20
    assert "up to eight folders deep" in page
    assert telemetry_kinds.KINDS["lines"].max_depth == 8
    assert "twice a minute" in page
    assert Settings().sweep_interval_s == 30.0
    for name in re.search(r"folders such as (.*?)\.", page)[1].replace(" and ", ", ").split(", "):  # type: ignore[index]
        assert not file_filter("claude").folder(name.strip("`"))
    for name in re.findall(r"`(calls\.jsonl\S+?)`", page):
        assert file_filter("lines").file(name)
