"""What is typed becomes a query, and a query fits what it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_service.search.model import Field, Query, excerpt, parse

SAMPLES = json.loads((Path(__file__).parents[1] / "samples/search_queries.json").read_text())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["text"] or "empty")
def test_texts_become_the_queries_that_the_page_reads_too(sample: dict[str, object]) -> None:
    found = parse(str(sample["text"]))
    fields = [[field.name, list(field.values), field.is_not] for field in found.fields]
    assert (list(found.words), list(found.without), fields) == (sample["words"], sample["without"], sample["fields"])


def test_a_query_that_only_excludes_searches_for_nothing() -> None:
    assert parse("-draft").is_empty
    assert not parse("-status:done").is_empty
    assert not parse("a").is_empty


def test_all_words_have_to_be_there_and_none_that_must_not() -> None:
    query = parse("alpha beta -gamma")
    assert query.is_in("beta and alpha")
    assert not query.is_in("alpha alone")
    assert not query.is_in("alpha beta gamma")


def test_fields_have_one_of_the_values_or_none_of_them() -> None:
    facts = {"status": ("Failed",), "agent": ("ada",), "tag": ("x", "y")}
    assert parse("status:failed,blocked").fits(facts)
    assert parse("tag:y -agent:bob").fits(facts)
    assert not parse("-tag:x").fits(facts)
    assert not parse("status:done").fits(facts)
    assert not parse("project:quay").fits(facts)  # what has no project is in none
    assert parse("-project:quay").fits(facts)


def test_kinds_are_wanted_in_both_numbers() -> None:
    assert parse("kind:task").wants("tasks")
    assert parse("kind:tasks,file").wants("files")
    assert not parse("kind:task").wants("files")
    assert not parse("-kind:logs").wants("logs")
    assert Query((), (), (Field("kind", ("calls",)),)).wants("calls")


def test_an_excerpt_is_the_part_around_the_first_word() -> None:
    text = "start " + "x" * 300 + " needle " + "y" * 300
    shown = excerpt(text, ["needle"])
    assert "needle" in shown
    assert shown.startswith("…") and shown.endswith("…")
    assert len(shown) < 210
    assert excerpt("a\n  b", ["nothing"]) == "a b"
