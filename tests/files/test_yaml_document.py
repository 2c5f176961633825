"""YAML as plain JSON: limits, values, streams of several documents, and the places of problems."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from kit.hostile_files import laughs, long_echo, merges, towers

from llm_service import files
from llm_service.errors import Unparseable
from llm_service.files import yaml_builder


def mapping(data: str | bytes, limits: files.Limits = yaml_builder.DEFAULT_LIMITS) -> Any:
    return files.parse_mapping(data.encode() if isinstance(data, str) else data, limits).value


def problem_of(data: str | bytes, limits: files.Limits = yaml_builder.DEFAULT_LIMITS) -> files.Problem:
    with pytest.raises(Unparseable) as caught:
        mapping(data, limits)
    problem: files.Problem = caught.value.problem
    return problem


# --- limits


@pytest.mark.parametrize(
    ("limit", "data"),
    [
        ("nodes", laughs(5)),
        ("nodes", merges(10)),
        ("nodes", "a: b\n" * 10_000),
        ("depth", "a: " + "[" * 61 + "]" * 61),
        ("depth", towers(5)),
        ("characters", long_echo(10_000, 1_000)),
        ("anchors", "".join(f"- &a{n} x\n" for n in range(1_001)) + "---\na: 1\n"),
        ("documents", "- 1\n---\n" * 101 + "a: 1\n"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "",
)
def test_each_limit_alone_refuses_a_file_that_the_others_allow(limit: str, data: str) -> None:
    assert problem_of(data).code == "TOO_COMPLEX"
    unbounded = {name: 10**9 for name in ("depth", "nodes", "characters", "anchors", "documents") if name == limit}
    assert isinstance(mapping(data, files.Limits(**unbounded)), dict)


def test_values_at_the_limits_are_allowed() -> None:
    assert mapping("a: " + "[" * 59 + "]" * 59)
    assert len(mapping("".join(f"k{n}: 1\n" for n in range(7_499)))) == 7_499
    assert len(mapping("a:\n" + "".join(f"- &a{n} x\n" for n in range(1_000)))["a"]) == 1_000


class ParserWithLimit(yaml.BaseLoader):
    """A parser that reads ahead and refuses deep nesting before its first event."""

    levels = 200

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._brackets = [place for place, character in enumerate(text) if character == "["]

    def get_event(self) -> Any:
        if len(self._brackets) > self.levels:
            place = self._brackets[self.levels]
            mark = yaml.Mark("", place, 0, place, None, None)
            raise yaml.scanner.ScannerError("while nesting", mark, "too deep", mark)
        return super().get_event()


@pytest.mark.parametrize("parser", [None, ParserWithLimit], ids=["installed", "with a limit that comes first"])
@pytest.mark.parametrize("end", ["", "]" * 2_000, "&", '"', "@", "{a: b"])
@pytest.mark.parametrize("levels", [201, 900, 1_001, 2_000])
def test_deep_nesting_is_too_complex_whichever_limit_comes_first(
    levels: int, end: str, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser:
        monkeypatch.setattr(yaml_builder, "_Parser", parser)
    problem = problem_of("a: " + "[" * levels + end)
    assert (problem.code, problem.line, problem.column) == ("TOO_COMPLEX", 1, 63)


@pytest.mark.parametrize("end", ["", "]" * 2_000, "&", '"', "@", "{a: b"])
@pytest.mark.parametrize("levels", [61, 201, 1_001, 2_000])
def test_deep_nesting_in_a_later_document_keeps_the_first(levels: int, end: str) -> None:
    later = files.parse_mapping(("id: a\n---\n" + "[" * levels + end).encode())
    assert later.value == {"id": "a"}
    assert later.extra_error is not None
    assert (later.extra_error.code, later.extra_error.line) == ("TOO_COMPLEX", 3)


def test_an_error_of_the_parser_within_the_limits_has_its_message() -> None:
    assert problem_of("a: " + "[" * 50 + "@").message.endswith("found character that cannot start any token")


# --- values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), ("-7", -7), ("+7", 7), ("0", 0), ("0x1F", 31), ("0b101", 5), ("017", 15), ("1_000", 1000),
        ("9007199254740992", 2**53), ("9007199254740993", "9007199254740993"), ("089", "089"), ("1e5", "1e5"),
        ("1.5", 1.5), ("-1.5e+3", -1500.0), (".5", 0.5), ("1.", 1.0), ("1.0e+999", "1.0e+999"),
        (".nan", ".nan"), ("-.inf", "-.inf"), ("12:30", "12:30"), ("2024-99-99", "2024-99-99"),
        ("2026-02-06T11:50:00Z", "2026-02-06T11:50:00Z"), ("1.2.3", "1.2.3"), ("0x_", "0x_"),
        ("yes", True), ("Off", False), ("true", True), ("~", None), ("", None), ("null", None), ("nul", "nul"),
        ("'12'", "12"), ('"null"', "null"), ("!!str 12", "12"), ("!!int '12'", 12), ("!!float 1", 1),
        ("!!bool yes", True), ("!!null ''", None), ("! text", "text"), ("<<", "<<"), ("=", "="),
        ("!!binary aGk=", "aGk="), ("!!timestamp 2024-99-99", "2024-99-99"), ("!!set {b, a}", ["b", "a"]),
        ("!!map {b: 1}", {"b": 1}), ("!!seq [1]", [1]), ("!!omap [b: 1]", [{"b": 1}]),
    ],
)  # fmt: skip
def test_a_scalar_is_read_as_plain_json(written: str, value: Any) -> None:
    found = mapping(f"a: {written}\n")["a"]
    assert found == value and type(found) is type(value)


def test_a_key_is_the_json_text_of_its_value() -> None:
    document = files.parse_mapping(b"1: a\nyes: b\n~: c\n1.50: d\n2026-01-01: e\n'<<': f\n!!str 2: g\n")
    assert list(document.value) == ["1", "true", "null", "1.5", "2026-01-01", "<<", "2"]


def test_of_two_equal_keys_the_last_wins_and_the_key_is_reported() -> None:
    document = files.parse_mapping(b"id: a\nmore: {x: 1, x: 2}\nid: b\n1: c\n'1': d\n")
    assert document.value == {"id": "b", "more": {"x": 2}, "1": "d"}
    assert document.duplicate_keys == ("x", "id", "1")


def test_own_keys_override_merged_ones_and_the_first_merged_mapping_wins() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {y: 3, <<: [*a, *b]}\nd: {<<: *b, <<: *a}\n"
    document = files.parse_mapping(text.encode())
    assert document.value["c"] == {"x": 1, "y": 3, "z": 2}
    assert document.value["d"] == {"x": 1, "z": 2, "y": 1}
    assert document.duplicate_keys == ()


def test_a_merge_key_with_an_anchor_is_text_where_the_alias_is_used() -> None:
    assert mapping("? &m <<\n: {x: 1}\nb: *m\n") == {"x": 1, "b": "<<"}


def test_an_alias_has_the_value_of_the_latest_anchor() -> None:
    expected = {"a": 1, "b": 1, "c": [2], "d": [2]}
    assert mapping("a: &x 1\nb: *x\nc: &x [2]\nd: *x\n") == expected
    assert mapping("a: &x k\n*x : v\n") == {"a": "k", "k": "v"}


# --- streams of several documents


def test_the_first_mapping_is_the_value_and_the_others_are_extra() -> None:
    document = files.parse_mapping(b"- 1\n---\nid: a\n---\nid: b\n---\n---\ntext\n")
    assert document.value == {"id": "a"}
    assert document.extra == ([1], {"id": "b"}, "text")
    assert document.extra_error is None


def test_a_later_document_that_does_not_parse_keeps_the_first() -> None:
    document = files.parse_mapping(b"id: a\n---\nid: b\n---\n* Markdown\n")
    assert (document.value, document.extra) == ({"id": "a"}, ({"id": "b"},))
    assert document.extra_error is not None
    assert (document.extra_error.line, document.extra_error.column) == (5, 2)


@pytest.mark.parametrize("rest", ["\x00", "[" * 100, "x: *nobody", "!Ref a", "a: &a [*a]", "{a: 1} b"])
def test_any_later_document_keeps_the_first(rest: str) -> None:
    document = files.parse_mapping(f"id: a\n...\n---\n{rest}\n".encode())
    assert document.value == {"id": "a"}
    assert document.extra_error is not None and document.extra_error.line == 4


def test_a_document_followed_by_garbage_is_not_complete() -> None:
    assert problem_of("{id: a} rest\n").code == "NOT_YAML"
    assert problem_of("id: a\nb: \x07\n").line == 2


def test_parse_yaml_gives_the_first_document_of_any_type() -> None:
    document = files.parse_yaml(b"- 1\n---\nid: a\n")
    assert (document.value, document.extra) == ([1], ({"id": "a"},))
    assert files.parse_yaml(b"~").value is None
    with pytest.raises(Unparseable):
        files.parse_yaml(b"# nothing")


@pytest.mark.parametrize(
    ("failure", "message"),
    [(RuntimeError("odd"), "cannot be read: odd"), (yaml.YAMLError("words\nmore"), "words")],
    ids=["unknown", "without a line"],
)
def test_an_error_of_the_parser_without_a_line_is_a_problem(
    failure: Exception, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(yaml.BaseLoader):
        def get_event(self) -> Any:
            raise failure

    monkeypatch.setattr(yaml_builder, "_Parser", Failing)
    assert problem_of("id: a") == files.Problem(message, None, None, "NOT_YAML")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 2), (["a"], 2), (["a", "x"], 3), (["a", "nowhere"], 2), (["a", 0], 2), (["b"], 4), (["b", 0], 5),
        (["b", 1, "c"], 6), (["b", 7], 4), (["b", "c"], 4), (["nowhere", 0], 2),
    ],
)  # fmt: skip
def test_the_line_of_a_value_or_of_its_nearest_parent_is_found(path: list[str | int], line: int) -> None:
    assert files.line_of("# head\na:\n  x: 1\nb:\n  - 1\n  - c: 2\n", path) == line


@pytest.mark.parametrize("text", ["", "a: [", "# nothing"])
def test_a_text_without_a_value_has_no_line(text: str) -> None:
    assert files.line_of(text, ["a"]) is None


# --- lines and messages


def test_a_problem_has_the_message_and_position_of_the_parser() -> None:
    problem = problem_of("id: a\ntitle: b\nnotes: **bold**\n")
    assert problem.message == "while scanning an alias: did not find expected alphabetic or numeric character"
    assert (problem.line, problem.column, problem.code) == (3, 9, "NOT_YAML")


def test_an_unclosed_construct_is_reported_with_the_line_where_it_starts() -> None:
    problem = problem_of('id: a\ntitle: "b\nstatus: new\n')
    assert problem.message == "while scanning a quoted scalar that starts in line 2: found unexpected end of stream"


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_a_forbidden_character_is_reported_with_line_and_column(mark: str) -> None:
    problem = problem_of(f"id: a{mark}b: c{mark}d: \x01\n")
    assert (problem.line, problem.column) == (3, 4)


def test_the_columns_count_characters_not_bytes() -> None:
    assert problem_of("a: [ü😀, }").column == 9


@pytest.mark.parametrize(
    ("text", "code", "message", "line"),
    [
        ("", "EMPTY", "the file is empty", 1), ("~\n", "EMPTY", "the file is empty", 1),
        ("\n- 1\n", "NOT_A_MAPPING", "a mapping was expected, but found a list", 2),
        ("~\n---\nwords\n", "NOT_A_MAPPING", "a mapping was expected, but found a single value", 2),
    ],
)  # fmt: skip
def test_a_file_without_a_mapping_says_what_it_has(text: str, code: str, message: str, line: int) -> None:
    assert problem_of(text) == files.Problem(message, line, 1, code)


def test_tags_of_collections_are_known_or_refused() -> None:
    assert mapping("a: !!map {b: !!seq [1]}\nc: ! [2]\nd: ! {e: 3}\n") == {"a": {"b": [1]}, "c": [2], "d": {"e": 3}}
    for text in ("a: !!seq {b: 1}\n", "a: !!map [1]\n", "a: !Ref [1]\n", "a: !Ref {b: 1}\n"):
        assert "could not determine a constructor for the tag" in problem_of(text).message
