"""A snapshot in parts: put together by the rule of docs/clients.md it is the whole, and no part is too long."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.hub.ring import encode
from llm_service.web.snapshot_parts import PART_BYTES, snapshot_messages, snapshot_parts

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=9,
)


def merge(known: Any, part: Any) -> Any:
    """The rule, as a client applies it."""
    if isinstance(known, dict) and isinstance(part, dict):
        return {**known, **{key: merge(known[key], value) if key in known else value for key, value in part.items()}}
    return known + part if isinstance(known, list) and isinstance(part, list) else part


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), st.integers(10, 120))
def test_the_parts_put_together_are_the_whole(value: dict[str, Any], limit: int) -> None:
    whole: Any = {}
    for text in snapshot_parts(value, limit):
        whole = merge(whole, json.loads(text))
    assert whole == value


@given(st.lists(st.text("ab", max_size=8), max_size=60), st.integers(20, 80))
def test_no_part_is_longer_than_the_limit_where_its_values_are_short(values: list[str], limit: int) -> None:
    assert all(len(text) <= limit + 2 for text in snapshot_parts({"tasks": values}, limit))


def test_a_long_snapshot_comes_in_messages_under_256_kb_that_say_how_many_there_are() -> None:
    tasks = [{"id": f"t{number}", "title": "x" * 700} for number in range(2_000)]
    costs = {"by_task": {task["id"]: {"usd": 1.5} for task in tasks}}
    messages = list(snapshot_messages({"epoch": "e", "seq": 7}, {"tasks": tasks, "costs": costs}))
    assert all(len(message) <= 256_000 for message in messages)
    bodies = [json.loads(message) for message in messages]
    assert [(body["part"], body["of"]) for body in bodies] == [(n + 1, len(bodies)) for n in range(len(bodies))]
    assert len(bodies) > 5
    whole: Any = {}
    for body in bodies:
        whole = merge(whole, body)
    assert whole["tasks"] == tasks
    assert whole["costs"] == costs


def test_an_empty_snapshot_is_one_message() -> None:
    (message,) = snapshot_messages({"epoch": "e", "seq": 0}, {})
    assert json.loads(message) == {"type": "snapshot", "epoch": "e", "seq": 0, "part": 1, "of": 1}
    assert len(encode({})) < PART_BYTES
