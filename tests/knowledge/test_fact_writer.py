"""A decision changes the status in a file and nothing else, whatever the file has in it."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.errors import Unparseable
from llm_service.knowledge.clean import Cleaner
from llm_service.knowledge.fact_reader import is_fact_name, read_fact, split
from llm_service.knowledge.fact_writer import fact_text, with_fields
from llm_service.knowledge.model import FactSource, digest_of, normalized

CLEAN = Cleaner(lambda data: data)
CHANGES = {"status": "accepted", "decided_at": "2026-11-30T05:00:00.000Z"}
ADDED = "status: accepted\ndecided_at: 2026-11-30T05:00:00.000Z\n"
LINES = st.text("-- \n\r\t:#{}[]\"'stauxpdeyb|>é😀\u2028\x00\x85", max_size=60)
WORDS = st.text(string.ascii_letters + string.digits + " .:#-'\"{}[]&*!|>%@`,?~éß😀\\", max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def read(path: str, data: bytes) -> Any:
    return read_fact(path, data, "2026-01-01T00:00:00Z", CLEAN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("text: a\nstatus: proposed\n", f"text: a\n{ADDED}"),
        ("status : x\ntext: a\n", f"status: accepted\ntext: a\n{ADDED[17:]}"),
        (
            "# c\n\ntext: |\n  status: a\n",
            "# c\n\ntext: |\n  status: a\nstatus: accepted\ndecided_at: 2026-11-30T05:00:00.000Z\n",
        ),
        ("text: a", f"text: a\n{ADDED}"),
    ],
)
def test_only_the_fields_are_changed(before: str, after: str) -> None:
    assert with_fields("a.yaml", before.encode(), CHANGES).decode() == after


@pytest.mark.parametrize(
    "before",
    [
        "{text: a, status: proposed}",
        '{"text": "a", "status": "proposed"}',
        "text: a\n? status\n: proposed\n",
        'text: a\n"status": proposed\n',
        "text: a\nstatus: |\n  proposed\n",
        "text: &x a\nother: *x\nstatus: proposed\n...\n",
        "%YAML 1.1\n---\ntext: a\nstatus: proposed\n",
        "text: a\r\nstatus: proposed\r\n",
        "---\ntext: a\n---\ntext: b\n",
    ],
)
def test_forms_in_which_no_line_can_be_changed_keep_their_values(before: str) -> None:
    fields, text = split("a.yaml", with_fields("a.yaml", before.encode(), CHANGES))
    expected, _ = split("a.yaml", before.encode())
    assert (fields, text) == ({**expected, **CHANGES}, "a")


@given(st.dictionaries(WORDS, VALUES, max_size=5), WORDS)
def test_every_mapping_keeps_its_other_values(fields: dict[str, Any], text: str) -> None:
    data = json.dumps({**fields, "text": text}, ensure_ascii=True).encode()
    before, _ = split("a.yaml", data)
    after, said = split("a.yaml", with_fields("a.yaml", data, CHANGES))
    assert after == {**before, **CHANGES}
    assert said == text


@given(LINES, LINES, st.booleans())
def test_every_markdown_keeps_its_text(front: str, body: str, has_front: bool) -> None:
    text = f"---\n{front}\n---\n{body}" if has_front else body
    data = text.encode("utf-8", "replace")
    try:
        fields, said = split("a.md", data)
    except Unparseable:
        return
    assert split("a.md", with_fields("a.md", data, CHANGES)) == ({**fields, **CHANGES}, said)


@given(LINES, WORDS, st.lists(WORDS, max_size=3))
def test_what_is_written_is_read_again(text: str, source: str, tags: list[str]) -> None:
    data = fact_text("fact-1", text, [FactSource(source=source, job="j1")], "proposed", "2026-11-30T05:00:00Z", tags)
    fields, said = split("a.yaml", data)
    assert (said, fields["id"], fields["status"], fields.get("tags", [])) == (text, "fact-1", "proposed", tags)
    assert fields["sources"] == [{"source": source, "job": "j1"}]


def test_a_written_fact_has_its_sources_and_tags() -> None:
    rows = [FactSource(source="ada", job="j1", run="r1", line=3), FactSource(source="bob")]
    data = fact_text(
        "fact-1", "It's: so", rows, "accepted", "2026-11-30T05:00:00.000Z", ["x"], "2026-11-30T06:00:00.000Z"
    )
    fact = read("a.yaml", data)
    assert (fact.id, fact.text, fact.tags, fact.sources) == ("fact-1", "It's: so", ("x",), tuple(rows))
    assert (fact.status, fact.created_at, fact.decided_at) == (
        "accepted",
        "2026-11-30T05:00:00.000Z",
        "2026-11-30T06:00:00.000Z",
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": "a/b c?d"}, {"id": "a-b-c-d"}),
        ({"id": "../.."}, {"id": "fact"}),
        ({"id": 3}, {"id": "3"}),
        ({"id": ["x"]}, {"id": "some-name"}),
        ({"status": "ACCEPTED"}, {"status": "accepted"}),
        ({"status": "trusted"}, {"status": "proposed"}),
        ({"status": ["accepted"]}, {"status": "proposed"}),
        ({"tags": "a, b,,a"}, {"tags": ("a", "b")}),
        ({"tags": {"a": 1}}, {"tags": ()}),
        ({"tags": ["x" * 100] * 3 + [None, 3]}, {"tags": ("x" * 50, "None", "3")}),
        ({"created_at": "yesterday"}, {"created_at": "2026-01-01T00:00:00Z"}),
        ({"created_at": "2026-11-30T05:00:00Z"}, {"created_at": "2026-11-30T05:00:00Z"}),
        ({"source": "ada", "line": "7"}, {"sources": (FactSource(source="ada", line=7),)}),
        ({"line": -1}, {"sources": (FactSource(source="unknown"),)}),
        ({"sources": [{"source": "a"}, 3, {"source": "a"}]}, {"sources": (FactSource(source="a"),)}),
        ({"sources": "ada"}, {"sources": (FactSource(source="unknown"),)}),
    ],
)
def test_values_of_any_type_are_read(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    fact = read("some name.yaml", json.dumps({"text": "x"} | fields).encode())
    assert {name: getattr(fact, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("a.yaml", True),
        ("a.YML", True),
        ("a.md", True),
        ("a.txt", False),
        (".a.md", False),
        ("README.md", False),
        ("a", False),
    ],
)
def test_names_of_facts(path: str, is_one: bool) -> None:
    assert is_fact_name(path) is is_one


@pytest.mark.parametrize(
    "text",
    [
        "The port is 8080",
        " the PORT  is\n8080. ",
        "“The port is 8080”!",
        "`The port is ８０８０`",
        "**The port is 8080**",
    ],
)
def test_texts_that_say_the_same(text: str) -> None:
    assert normalized(text) == "the port is 8080"
    assert digest_of(text) == digest_of("the port is 8080")
    assert digest_of(text) != digest_of("the port is 8081")
