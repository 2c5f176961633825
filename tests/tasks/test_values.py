"""Values of a document: as texts, as plain JSON, and the ways to write that there is none."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service import files
from llm_service.tasks.values import flow_text, one_line, plain_json, says_nothing


def value_of(written: str) -> Any:
    """The value that a document as written has for a scalar."""
    return files.parse_mapping(f"a: {written}\n".encode(), as_written=True).value["a"]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "~",
        "null",
        "NULL",
        "none",
        "None",
        "NONE",
        "none.",
        "(none)",
        "'none'",
        '"None."',
        "no",
        "No",
        "NO",
        "n/a",
        "N/A",
        "n.a.",
        "NA",
        "nil",
        "false",
        "False",
        "'false'",
        "off",
        "0",
        "0.0",
        "'0'",
        "''",
        '""',
        "' '",
        "'-'",
        "'--'",
        "—",
        "–",
        "'*none*'",
        "'`none`'",
        "[]",
        "{}",
        "[none]",
        "['', null]",
        "{message: none}",
        "{message: null, timestamp: 2026-11-05}",
        "{message: '', code: 0, details: {}}",
        "No errors",
        "no  error",
        "not applicable",
        "undefined",
        "|\n  none\n",
        ">-\n  N/A",
    ],
)
def test_none_is_written_in_many_ways(written: str) -> None:
    assert says_nothing(value_of(written))


@pytest.mark.parametrize(
    "written",
    [
        "boom",
        "yes",
        "true",
        "1",
        "0.1",
        "nothing works",
        "none of the tests pass",
        "no disk space",
        "{message: boom}",
        "[none, x]",
        "{message: none, code: 7}",
        "{timestamp: 2026-11-05, detail: [boom]}",
        "no-one",
        "'null pointer'",
        "[[[[[]]]]]",
        "'" + "-" * 200 + "'",
    ],
)
def test_what_says_something_is_not_nothing(written: str) -> None:
    assert not says_nothing(value_of(written))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a", "a"), (" a  b ", "a  b"), ("a\n b\r\n\n c\n", "a b c"), ("\u3000a\u00a0b\u3000c\n", "a\u00a0b\u3000c"),
        ("\n", None),
        ("", None), (None, None), ([], None), ({}, None), (True, "true"), (False, "false"), (7, "7"), (2.5, "2.5"),
        ("x" * 10, "x" * 10), ("x" * 11, "x" * 9 + "…"),
    ],
)  # fmt: skip
def test_a_text_is_one_line(text: Any, line: str | None) -> None:
    assert one_line(text, 10) == line


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("[WIP]", "[WIP]"), ("[a, 2.10, No]", "[a, 2.10, No]"), ("{draft}", "{draft}"),
        ("{a: 2.10, b}", "{a: 2.10, b}"),
        ("[]", None), ("{}", None), ("[[a]]", None), ("{a: {b: c}}", None), ("2.10", "2.10"), ("~", None),
        ("[" + "a," * 20 + "]", "[" + ", ".join("a" * 20) + "]"), ("[" + "a," * 21 + "]", None), ("[~, a]", "[, a]"),
    ],
)  # fmt: skip
def test_a_short_list_in_place_of_a_text_is_that_text(written: str, text: str | None) -> None:
    assert flow_text(value_of(written), 200) == text


@pytest.mark.parametrize(
    ("key", "written", "shown"),
    [
        # Names are text, whatever they look like.
        ("id", "2.1", "2.1"), ("id", "7", "7"), ("version", "2.1", "2.1"), ("title", "true", "true"),
        ("milestone", "2.50", "2.50"),
        ("tags", "[1, 2.10, {x: 3}]", ["1", "2.10", {"x": "3"}]),
        ("dependencies", "[{id: 2.1, hours: 2.50}]", [{"id": "2.1", "hours": 2.5}]),
        ("created_at", "2026", "2026"), ("api_version", "1.0", "1.0"), ("parent_id", "0010", "0010"),
        ("created_by", "007", "007"),
        # Quantities are numbers, however they are written.
        ("estimated_hours", "2.50", 2.5), ("hours", "1_000", 1000), ("output_tokens", "0x10", 16),
        ("retry_count", "+3", 3),
        ("cost_usd", "1.0", 1.0), ("estimated_hours", "2-3", "2-3"), ("estimated_hours", "'3'", "3"),
        # Of anything else, only what JSON and JavaScript spell in the same way.
        ("tests", "42", 42), ("tests", "-3", -3), ("done", "true", True), ("done", "false", False),
        ("ratio", "0.5", 0.5),
        ("done", "Yes", "Yes"), ("done", "True", "True"), ("ratio", "1.0", "1.0"), ("ratio", "2.50", "2.50"),
        ("ratio", ".5", ".5"),
        ("tests", "042", "042"), ("tests", "-0", "-0"), ("ratio", "0.00001", "0.00001"), ("tests", "1_000", "1_000"),
        ("tests", "+3", "+3"), ("ratio", "123456789012345680.0", "123456789012345680.0"), ("ratio", "0.0001", 0.0001),
        ("result", "{passed: 3, release: 1.10}", {"passed": 3, "release": "1.10"}), ("x", "[1, 1.0]", [1, "1.0"]),
        ("x", "~", None),
        ("x", "'42'", "42"), ("x", "2026-11-05", "2026-11-05"),
    ],
)  # fmt: skip
def test_only_quantities_are_numbers(key: str, written: str, shown: Any) -> None:
    document = files.parse_mapping(f"{key}: {written}\n".encode(), as_written=True).value
    found = plain_json(document)
    assert found == {key: shown}
    assert type(found[key]) is type(shown)
