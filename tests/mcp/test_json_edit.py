"""One entry of a JSON file is set, and every other character stays: comments, order, trailing commas, indentation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.mcp.json_edit import NotJson, parse, with_json_entry

PATH = ("mcpServers", "us")
VALUE = {"command": "x", "args": ["a"]}


def without_ours(text: str) -> str:
    """The text without the lines of our entry."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if '"us"' in line)
    end = next(number for number in range(start, len(lines)) if lines[number].strip().startswith("}"))
    return "\n".join(lines[:start] + lines[end + 1 :])


@pytest.mark.parametrize("text", ["", "  \n", "{}", "{ }", "{\n}\n", "﻿{}", "// why\n{}", '{"a": 1}', '{"a": 1,}'])
def test_the_entry_is_added(text: str) -> None:
    after = with_json_entry(text, PATH, VALUE)
    assert parse(after)["mcpServers"] == {"us": VALUE}
    assert with_json_entry(after, PATH, VALUE) == after


def test_everything_else_stays_as_it_is() -> None:
    text = """\
// my servers
{
    "other": [1, 2,], /* kept */
    "mcpServers": {
        // the best one
        "mine": {"command": "a", "args": []}, // yes
        "last": {"url": "http://x//y"}
    }
}
"""
    after = with_json_entry(text, PATH, VALUE)
    assert parse(after)["mcpServers"].keys() == {"mine", "last", "us"}
    assert without_ours(after) == text.replace('//y"}', '//y"},').rstrip("\n")
    assert '        "us": {\n            "command"' in after


def test_an_entry_of_ours_is_replaced_where_it_is() -> None:
    text = '{"mcpServers": {"us": {"old": true}, "z": {}}} // end'
    assert with_json_entry(text, PATH, 7) == '{"mcpServers": {"us": 7, "z": {}}} // end'


@pytest.mark.parametrize(
    "text", ["{", "[", '{"a" 1}', '{"a": 1 "b": 2}', "{} {}", "nope", '{"a": }', "[" * 500, '{"mcpServers": []}', "[]"]
)
def test_what_is_no_json_is_not_changed(text: str) -> None:
    with pytest.raises(NotJson):
        with_json_entry(text, PATH, VALUE)


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_it_reads_what_json_says(value: object) -> None:
    assert parse(json.dumps(value)) == value
    assert parse(json.dumps(value, indent=2, ensure_ascii=False)) == value
    whole = {"mcpServers": {"z": value}, "more": value}
    for indent in (None, 2, "\t"):
        after = with_json_entry(json.dumps(whole, indent=indent), PATH, VALUE)
        assert json.loads(after) == {"mcpServers": {"z": value, "us": VALUE}, "more": value}
