"""REST routes about facts: lists, and what a person decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from ..errors import BadRequest, NotFound
from ..files import printable
from ..json_values import as_json, schema_of
from ..web.api import Api, json_body, reply
from ..web.params import PAGE_SIZE, InPath, Integer, Text, Texts
from .board import FactBoard
from .desk import FactDesk
from .fact_follow import FactTracker
from .model import FACT_STATUSES, Fact
from .proposals import Proposals
from .queries import select_facts, words_of

_WORDS = Text("q", "words that must all occur", max_length=500)
_STATUS = Texts("status", "only facts with these statuses", choices=FACT_STATUSES)
_OFFSET = Integer("offset", "how many facts to leave out", 0, 0, 1_000_000)
_FACT = InPath("fact_id", "the fact's id")
_MAX_TAGS = 20


def fact_routes(
    api: Api,
    board: FactBoard,
    desk: FactDesk,
    tracker: FactTracker,
    proposals: Proposals,
    author: Callable[[], str],
    may_see: Callable[[str | None], bool],
) -> None:
    """Declare the routes of facts; `author()` names who sends the current request, `may_see(project)` says whether
    they may see a project."""

    @api.get("/api/knowledge", _STATUS, _WORDS, _OFFSET, PAGE_SIZE, answer={
        "type": "object", "properties": {"facts": {"type": "array", "items": schema_of(Fact)}},
    })  # fmt: skip
    def list_facts() -> dict[str, Any]:
        """Facts, the newest first, with counts by status and the files that are none."""
        everything = [fact for fact in board.facts() if may_see(fact.project)]
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
        return visible(fact_id)

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
        return reply(desk.decide(visible(fact_id).id, "accepted", _digest(_object())), 202)

    @api.post("/api/knowledge/<fact_id>/decline", _FACT, body={"type": "object"})
    def decline_fact(fact_id: str) -> Response:
        """A person declines a fact: it is not proposed again (202)."""
        return reply(desk.decide(visible(fact_id).id, "declined", _digest(_object())), 202)

    @api.post("/api/knowledge/<fact_id>/supersede", _FACT, body={"type": "object", "required": ["by"]})
    def supersede_fact(fact_id: str) -> Response:
        """Another fact, `{by}`, holds in its place (202)."""
        body = _object()
        by = body.get("by")
        if not isinstance(by, str):
            raise BadRequest("`by` has to be the id of the fact that holds.")
        return reply(desk.supersede(visible(fact_id).id, visible(by).id, _digest(body)), 202)

    def visible(fact_id: str) -> Fact:
        fact = board.get(fact_id)
        if fact is None or not may_see(fact.project):
            raise NotFound(f"There is no fact “{printable(fact_id)[:200]}”.")
        return fact


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
