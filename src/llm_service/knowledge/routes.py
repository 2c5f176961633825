"""REST routes about streams, insights, facts and metrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from ..errors import BadRequest, NotFound
from ..json_values import as_json, schema_of
from ..web.api import Api, json_body, reply
from ..web.params import PAGE_SIZE, Choice, InPath, OptionalText, Text, Texts
from .intake import Intake
from .metrics import LineFigures
from .model import SEVERITIES, TOPICS, Message
from .queries import MessageFilter, select_messages, words_of
from .reader import MAX_LINE_BYTES, BadLine, said
from .scope import Scope
from .store import MessageStore
from .ticker import InsightTicker

_TOPIC = InPath("topic", f"the stream: {', '.join(TOPICS)}")
_STREAM = Choice("topic", "the stream", TOPICS, "insights")
_JOB = Texts("job", "only about these jobs (comma-separated or repeated, like all filters)")
_SEVERITY = Texts("severity", "only of these severities", choices=SEVERITIES)
_SOURCE = Texts("source", "only from these sources")
_WORDS = Text("q", "words that must all occur", max_length=500)
_BEFORE = OptionalText("before", "where to continue: `next_before` of the page before")
_FILTERS = (_JOB, _SEVERITY, _SOURCE, _WORDS, _BEFORE, PAGE_SIZE)
_MESSAGES = {
    "type": "object",
    "required": ["messages", "next_before"],
    "properties": {"messages": {"type": "array", "items": schema_of(Message)}},
}
_BODY = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "text": {"type": "string"}, "source": {"type": "string"}, "severity": {"enum": list(SEVERITIES)},
        "job": {"type": "string"}, "data": {"type": "object"},
    },
}  # fmt: skip


def stream_routes(
    api: Api, store: MessageStore, intake: Intake, append: Callable[[str, bytes], None], scope: Scope
) -> None:
    """Declare the routes of streams; `append(topic, line)` adds a line to a stream's file."""

    @api.get("/api/insights", *_FILTERS, answer=_MESSAGES)
    def list_insights() -> dict[str, Any]:
        """Insights, the newest first: those that this dashboard found, and what agents said on that stream."""
        return messages_of("insights")

    @api.get("/api/messages", _STREAM, *_FILTERS, answer=_MESSAGES)
    def list_messages() -> dict[str, Any]:
        """Messages of a stream, the newest first."""
        return messages_of(_STREAM.value())

    @api.get("/api/streams")
    def list_streams() -> dict[str, Any]:
        """The streams, with the lines of their files that were refused."""
        refused = intake.refused()
        rows = [
            {
                "topic": topic,
                "refused": refused.get(topic, (0, None))[0],
                "last_refused": refused.get(topic, (0, None))[1],
            }
            for topic in TOPICS
        ]
        return {"streams": rows}

    @api.post("/api/streams/<topic>", _TOPIC, body=_BODY)
    def say(topic: str) -> Response:
        """Add a message to a stream's file, from where it is read, stored and broadcast (202)."""
        if topic not in TOPICS:
            raise NotFound(f"There is no stream “{topic[:100]}” to which messages are added.", known=list(TOPICS))
        body = json_body()
        try:
            job = said(body).job
        except BadLine as problem:
            raise BadRequest(f"The body is no message: {problem}.") from problem
        if not scope.may_see(scope.project_of_any(job)):
            raise NotFound(f"There is no job “{str(job)[:100]}”.")
        body = {"source": "request"} | body
        line = _line(intake.cleaned(body))
        if max(len(_line(body)), len(line)) >= MAX_LINE_BYTES:
            raise BadRequest(f"A message may have at most {MAX_LINE_BYTES:,} bytes.")
        append(topic, line)
        return reply({"topic": topic, "accepted": True}, 202)

    def messages_of(topic: str) -> dict[str, Any]:
        words = words_of(_WORDS.value())
        wanted = MessageFilter(_JOB.value(), _SEVERITY.value(), _SOURCE.value(), words, scope.may_see)
        page = select_messages(store, topic, wanted, _before(), PAGE_SIZE.value())
        next_before = None if page.next_before is None else str(page.next_before)
        return {"messages": as_json(page.messages), "next_before": next_before}


def metric_routes(api: Api, ticker: InsightTicker, may_see: Callable[[str | None], bool]) -> None:
    """Declare the routes of metrics."""

    @api.get("/api/metrics/lines", answer={
        "type": "object", "properties": {"lines": {"anyOf": [schema_of(LineFigures), {"type": "null"}]}},
    })  # fmt: skip
    def line_metrics() -> Mapping[str, Any]:
        """Lines and lines per hour of all projects, of each, of each job; and of all over the last day, by minutes."""
        lines = ticker.lines
        if lines is not None:
            lines = replace(lines, projects=tuple(one for one in lines.projects if may_see(one.project)))
        return {"lines": as_json(lines), "history": [list(point) for point in ticker.history]}


def _before() -> int | None:
    text = _BEFORE.value()
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest("`before` has to be the `next_before` of a page.")
    return int(text)


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
