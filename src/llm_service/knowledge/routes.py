"""REST routes about streams, insights, facts and metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from ..errors import BadRequest, NotFound
from ..json_values import as_json, schema_of
from ..web.api import Api, json_body, reply
from ..web.params import PAGE_SIZE, Choice, InPath, Integer, OptionalText, Text, Texts
from .board import FactBoard
from .desk import FactDesk
from .fact_follow import FactTracker
from .intake import Intake
from .metrics import LineFigures
from .model import FACT_STATUSES, SEVERITIES, TOPICS, Fact, Message
from .proposals import Proposals
from .queries import MessageFilter, select_facts, select_messages, words_of
from .reader import MAX_LINE_BYTES, BadLine, said
from .store import MessageStore
from .ticker import InsightTicker

_TOPIC = InPath("topic", f"the stream: {', '.join(TOPICS)}")
_STREAM = Choice("topic", "the stream", TOPICS, "insights")
_JOB = Texts("job", "only about these jobs (comma-separated or repeated, like all filters)")
_SEVERITY = Texts("severity", "only of these severities", choices=SEVERITIES)
_SOURCE = Texts("source", "only from these sources")
_WORDS = Text("q", "words that must all occur", max_length=500)
_BEFORE = OptionalText("before", "where to continue: `next_before` of the page before")
_STATUS = Texts("status", "only facts with these statuses", choices=FACT_STATUSES)
_OFFSET = Integer("offset", "how many facts to leave out", 0, 0, 1_000_000)
_FACT = InPath("fact_id", "the fact's id")
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
_MAX_TAGS = 20


def stream_routes(api: Api, store: MessageStore, intake: Intake, append: Callable[[str, bytes], None]) -> None:
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
            said(body)
        except BadLine as problem:
            raise BadRequest(f"The body is no message: {problem}.") from problem
        line = json.dumps({"source": "request"} | body, separators=(",", ":"), allow_nan=False).encode()
        if len(line) >= MAX_LINE_BYTES:
            raise BadRequest(f"A message may have at most {MAX_LINE_BYTES:,} bytes.")
        append(topic, line)
        return reply({"topic": topic, "accepted": True}, 202)

    def messages_of(topic: str) -> dict[str, Any]:
        wanted = MessageFilter(_JOB.value(), _SEVERITY.value(), _SOURCE.value(), words_of(_WORDS.value()))
        page = select_messages(store, topic, wanted, _before(), PAGE_SIZE.value())
        next_before = None if page.next_before is None else str(page.next_before)
        return {"messages": as_json(page.messages), "next_before": next_before}


def fact_routes(
    api: Api, board: FactBoard, desk: FactDesk, tracker: FactTracker, proposals: Proposals, author: Callable[[], str]
) -> None:
    """Declare the routes of facts; `author()` names who sends the current request."""

    @api.get("/api/knowledge", _STATUS, _WORDS, _OFFSET, PAGE_SIZE, answer={
        "type": "object", "properties": {"facts": {"type": "array", "items": schema_of(Fact)}},
    })  # fmt: skip
    def list_facts() -> dict[str, Any]:
        """Facts, the newest first, with counts by status and the files that are none."""
        everything = board.facts()
        found = select_facts(everything, _STATUS.value(), words_of(_WORDS.value()))
        page = found[_OFFSET.value() :][: PAGE_SIZE.value()]
        counts = Counter(fact.status for fact in everything)
        return {
            "facts": as_json(page),
            "total": len(found),
            "counts": {status: counts[status] for status in FACT_STATUSES},
            "problems": list(tracker.problems.values()),
            "proposals_dropped": proposals.dropped,
        }

    @api.get("/api/knowledge/<fact_id>", _FACT, answer=schema_of(Fact))
    def show_fact(fact_id: str) -> Fact:
        """One fact."""
        fact = board.get(fact_id)
        if fact is None:
            raise NotFound(f"There is no fact “{fact_id[:200]}”.")
        return fact

    @api.post("/api/knowledge", body={"type": "object", "required": ["text"]})
    def add_fact() -> Response:
        """Write a fact of a person, which is accepted: `{text, tags?}`."""
        body = _object()
        text, tags = body.get("text"), body.get("tags", [])
        if not isinstance(text, str) or not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise BadRequest("The body has to be `{text, tags?}`: a text and a list of texts.")
        return reply(desk.add(text, author(), tags[:_MAX_TAGS]), 201)

    @api.post("/api/knowledge/<fact_id>/accept", _FACT, body={"type": "object"})
    def accept_fact(fact_id: str) -> Response:
        """A person accepts a fact; `{digest}` of the text that was shown, so that no other one is accepted (202)."""
        return reply(desk.decide(fact_id, "accepted", _digest(_object())), 202)

    @api.post("/api/knowledge/<fact_id>/decline", _FACT, body={"type": "object"})
    def decline_fact(fact_id: str) -> Response:
        """A person declines a fact: it is not proposed again (202)."""
        return reply(desk.decide(fact_id, "declined", _digest(_object())), 202)

    @api.post("/api/knowledge/<fact_id>/supersede", _FACT, body={"type": "object", "required": ["by"]})
    def supersede_fact(fact_id: str) -> Response:
        """Another fact, `{by}`, holds in its place (202)."""
        body = _object()
        by = body.get("by")
        if not isinstance(by, str):
            raise BadRequest("`by` has to be the id of the fact that holds.")
        return reply(desk.supersede(fact_id, by, _digest(body)), 202)


def metric_routes(api: Api, ticker: InsightTicker) -> None:
    """Declare the routes of metrics."""

    @api.get("/api/metrics/lines", answer={
        "type": "object", "properties": {"lines": {"anyOf": [schema_of(LineFigures), {"type": "null"}]}},
    })  # fmt: skip
    def line_metrics() -> Mapping[str, Any]:
        """Lines and lines per hour of all projects, of each, of each job; and of all over the last day, by minutes."""
        return {"lines": as_json(ticker.lines), "history": [list(point) for point in ticker.history]}


def _before() -> int | None:
    text = _BEFORE.value()
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest("`before` has to be the `next_before` of a page.")
    return int(text)


def _object() -> dict[str, Any]:
    body = json_body()
    if not isinstance(body, dict):
        raise BadRequest("The body has to be a JSON object.")
    return body


def _digest(body: Mapping[str, Any]) -> str | None:
    digest = body.get("digest")
    if digest is not None and not isinstance(digest, str):
        raise BadRequest("`digest` has to be that of the fact.")
    return digest
