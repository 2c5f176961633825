"""Any bytes become a document of plain JSON or a problem with a line; plain JSON survives a round trip through YAML."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from llm_service import files
from llm_service.errors import Unparseable
from llm_service.files.text import FORBIDDEN

# Tokens of YAML, so that random text nests, defines anchors, uses aliases and breaks.
PIECES = [
    "- ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\t",
    "'",
    '"',
    "\\",
    "|\n",
    ">-\n",
]
PIECES += ["&a ", "*a", "&b ", "*b", "<<: ", "!!set ", "!!str ", "!!omap ", "!x ", "! ", "---\n", "...\n", "%TAG ! !\n"]
PIECES += [
    "# ",
    "id: ",
    "a",
    "b: ",
    "1",
    "0x",
    ".nan",
    "2024-99-99",
    "~",
    "ü",
    "😀",
    "\ufeff",
    "\x00",
    "\u2028",
    "\\ud83d",
]


def check(data: bytes) -> None:
    try:
        document = files.parse_mapping(data)
    except Unparseable as failure:
        problem = failure.problem
        assert problem.code in {"NOT_YAML", "NOT_A_MAPPING", "EMPTY", "TOO_COMPLEX"}
        assert problem.message
        lines = files.context_lines(failure.text, problem.line)
        assert json.dumps([problem.message, lines, files.salvage(failure.text)], ensure_ascii=False).encode()
        assert problem.line is None or not failure.text or any(line["is_error"] for line in lines)
    else:
        assert isinstance(document.value, dict)
        sent = json.dumps(
            [document.value, document.extra, document.duplicate_keys], allow_nan=False, ensure_ascii=False
        )
        value, extra, duplicates = json.loads(sent.encode())
        assert (value, tuple(extra), tuple(duplicates)) == (document.value, document.extra, document.duplicate_keys)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_document_or_a_problem(data: bytes) -> None:
    check(data)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example("a: &a [*a]")
@example("&a ? *a")
@example("- &a <<\n- *a : 1")
@example("{&a <<: *a}")
def test_any_pieces_of_yaml_give_a_document_or_a_problem(text: str) -> None:
    check(text.encode())


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_anything_after_the_first_document_keeps_the_first(rest: str) -> None:
    data = f"id: head\n---\n{rest}".encode()
    assert files.parse_mapping(data).value == {"id": "head"}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# JSON's 1e-05 is text in YAML 1.1; otherwise many commit hashes would be numbers.
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(texts, values, max_size=6), st.booleans())
def test_plain_json_survives_a_round_trip(value: dict[str, Any], flow: bool) -> None:
    for text in (yaml.safe_dump(value, default_flow_style=flow), json.dumps(value)):
        if not FORBIDDEN.search(text):
            assert files.parse_mapping(text.encode()).value == value


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x7f", "\x9f", "\ufffe", "\uffff", "\ufeff"])
def test_forbidden_characters_are_refused(character: str) -> None:
    with pytest.raises(Unparseable):
        files.parse_mapping(f"a: b{character}\n".encode())
