"""Writes the sample of Copilot CLI's spans beside this file: `python tests/samples/telemetry/make_copilot.py`.

Invented, like those of make.py, in the form of the file exporter of Copilot CLI 1.0.89.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "copilot/otel/copilot-harbour.jsonl"
RESOURCE = {
    "attributes": {"service.version": "1.0.89-0", "service.name": "github-copilot"},
    "schemaUrl": "https://opentelemetry.io/schemas/1.44.0",
}
SCOPE = {"name": "github.copilot", "version": "1.0.89-0"}
BEGIN = 1_795_082_400  # 2026-11-19T10:00:00Z


class Spans:
    """Spans in the order in which they end, with ids that count up."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.now = BEGIN
        self.count = 0

    def id(self, digits: int = 16) -> str:
        self.count += 1
        return f"{0x656B6779B12B0000 + 977 * self.count:016x}" * (digits // 16)

    def put(self, trace: str, span: str, parent: str, name: str, seconds: int = 2, **more: Any) -> None:
        begin = [self.now, 533_000_000]
        self.now += seconds
        line = {"type": "span", "traceId": trace, "spanId": span}
        if parent:
            line["parentSpanId"] = parent
        attributes = more.pop("attributes")
        status = more.pop("status", {"code": 0})
        line |= {"name": name, "kind": 2, "startTime": begin, "endTime": [self.now, 761_000_000]}
        line |= {"attributes": attributes, "status": status, "events": [], "resource": RESOURCE}
        self.lines.append(line | {"instrumentationScope": SCOPE})

    def chat(self, session: str, model: str, trace: str, parent: str, counts: tuple[int, int, int, int]) -> None:
        """A call; counts are input with cached ones, cache reads, cache writes, output."""
        prompt, read, write, output = counts
        cached = {
            "gen_ai.usage.cache_read.input_tokens": read,
            "gen_ai.usage.cache_creation.input_tokens": write,
        }
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "github",
            "gen_ai.request.model": model,
            "gen_ai.conversation.id": session,
            "gen_ai.request.stream": True,
            "gen_ai.response.finish_reasons": ["tool_calls"],
            "gen_ai.usage.input_tokens": prompt,
            "gen_ai.usage.output_tokens": output,
            **{name: value for name, value in cached.items() if value},
            "gen_ai.usage.reasoning.output_tokens": output // 3,
            "gen_ai.response.model": model,
            "github.copilot.cost": 1.0,
            "github.copilot.nano_aiu": 5_209_360_000.0,
            "github.copilot.turn_id": "0",
            "gen_ai.response.time_to_first_chunk": 1.993458148,
        }
        self.put(trace, self.id(), parent, f"chat {model}", attributes=attributes)

    def tool(self, session: str, trace: str, parent: str, name: str, **parameters: str) -> None:
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.conversation.id": session,
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": f"call_{self.count}",
            "gen_ai.tool.type": "function",
            "gen_ai.provider.name": "github",
            **{f"github.copilot.tool.parameters.{key}": value for key, value in parameters.items()},
        }
        self.put(trace, self.id(), parent, f"execute_tool {name}", 1, attributes=attributes)

    def agent(self, session: str, trace: str, span: str, parent: str, model: str, counts: tuple[int, ...]) -> None:
        prompt, read, write, output = counts
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": "github",
            "gen_ai.agent.name": "Reviewer" if parent else "GitHub Copilot Agent",
            "gen_ai.conversation.id": session,
            "gen_ai.request.model": model,
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": prompt,
            "gen_ai.usage.output_tokens": output,
            "gen_ai.usage.cache_read.input_tokens": read,
            "gen_ai.usage.cache_creation.input_tokens": write,
            "github.copilot.turn_count": 3,
            "github.copilot.git_repository": "https://github.com/ada/quayside.git",
        }
        self.put(trace, span, parent, "invoke_agent", 1, attributes=attributes)


def main() -> None:
    """Three traces: calls and a sub-agent, a sum without calls, a call that failed."""
    spans, first, second = Spans(), "27b5c011-c439-4454-939d-abe455f89969", "76a49557-6eb7-480f-8a57-a74810293b0b"
    trace, root, sub = spans.id(32), spans.id(), spans.id()
    spans.chat(first, "claude-sonnet-4.5", trace, root, (21_430, 0, 18_200, 512))
    task = "work/collaboration/assigned/backend/2026-11-18T0845-backend-ical-feed.yaml"
    spans.tool(first, trace, root, "view", path=task)
    spans.chat(first, "claude-sonnet-4.5", trace, root, (24_890, 18_200, 3_100, 1_204))
    spans.chat(first, "gpt-5-mini", trace, sub, (6_120, 0, 0, 88))
    spans.chat(first, "gpt-5-mini", trace, sub, (7_004, 5_888, 0, 140))
    spans.agent(first, trace, sub, root, "gpt-5-mini", (13_124, 5_888, 0, 228))
    spans.chat(first, "claude-sonnet-4.5", trace, root, (27_002, 21_300, 2_400, 690))
    spans.lines.append({"type": "metric", "name": "gen_ai.client.token.usage", "dataPoints": [{"value": 86_446}]})
    spans.agent(first, trace, root, "", "claude-sonnet-4.5", (86_446, 45_388, 23_700, 2_634))
    other, alone = spans.id(32), spans.id()
    spans.agent(second, other, alone, "", "gpt-5-mini", (9_300, 4_096, 0, 300))
    trace, root = spans.id(32), spans.id()
    failed = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "github",
        "gen_ai.request.model": "claude-sonnet-4.5",
        "gen_ai.conversation.id": second,
        "error.type": "RateLimitError",
    }
    status = {"code": 2, "message": "rate limited"}
    spans.put(trace, spans.id(), root, "chat claude-sonnet-4.5", 1, attributes=failed, status=status)
    spans.chat(second, "claude-sonnet-4.5", trace, root, (3_000, 0, 0, 20))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in spans.lines))


if __name__ == "__main__":
    main()
