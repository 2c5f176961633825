"""`line_runs`: in each line of a run the expression finds something, and no line end is part of that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.files.line_runs import line_runs, within_line
from llm_service.files.search_pattern import pattern_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r"(?m:a(?:b|c)+\.\d{2,}$)", r"(?m:a(?:b|c)+\.\d{2,}$)"),
        (r"\s\W\D[^ab][^]a][^\s]", r"[^\S\n][^\w\n][^\d\n][^\nab][^\n\]a][^\n\s]"),
        (r"(?i)[a-z\w\]]\t\S", r"(?i)[a-z\w\]]\t\S"),
        ("größe[é]", "größe[é]"),
        *((each, None) for each in (r"\x0a", r"\n", r"\012", r"\C", r"\pZ", r"\PL", r"\Qa\E", r"\A", r"\z", "a\tb")),
        *(
            (each, None)
            for each in (r"[\s]", r"[\t-\r]", r"[[:space:]]", r"[^[:alpha:]]", r"[\W]", "[\t-a]", r"[\x09-a]")
        ),
        *((each, None) for each in ("(?s).", "(?s:.)", "(?-m:$)", "(?P<name>a)", "(?U)a*")),
        ("[a", None),
    ],
)
def test_only_what_surely_ends_with_the_line_is_said(expression: str, expected: str | None) -> None:
    assert within_line(expression) == expected


def test_a_run_ends_before_the_first_line_without_a_match() -> None:
    runs = line_runs("(?m:^a)", True)
    assert runs is not None
    text = b"a1\na2\nb\na3\na4"
    assert runs.spans(text, 0, len(text))[0] == (0, 6)
    assert runs.spans(text, 6, len(text))[0] == (-1, -1)
    assert runs.spans(text, 8, len(text))[0] == (8, 11), "a line that has no end is in no run"


def test_upper_and_lower_case_are_the_same_unless_they_count() -> None:
    for match_case, end in ((False, 4), (True, -1)):
        runs = line_runs("ab", match_case)
        assert runs is not None and runs.spans(b"xAB\n", 0, 4)[0][1] == end


def test_what_is_too_large_has_none() -> None:
    expression = "|".join(rf"[!-é]\w{{{900 + n}}}" for n in range(99))
    assert within_line(expression) == expression
    assert line_runs(expression, False) is None
    assert pattern_of("a b").line_runs is not None


ATOMS = st.sampled_from(
    (
        *("a", "b", ".", r"\.", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", "[ab]", "[^a]", "[^]a]", r"[^\s]", "[ -b]"),
        *(
            "(a|b c)",
            "(?:ab)",
            "(?i:A)",
            "^",
            "$",
            " ",
            r"\b",
            r"\B",
            "|",
            "é",
            "[é]",
            "[^é]",
            r"\n",
            r"[\s]",
            "(?s:.)",
        ),
    )
)
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{0,2}", "*?"])
TEXTS = st.lists(st.sampled_from([b"a", b"b", b"ab", b" ", b"\n", b"1", b".", "é".encode(), b"\xff", b"\r", b"K"]))


@given(st.lists(st.tuples(ATOMS, REPEATS), min_size=1, max_size=6), TEXTS, st.booleans())
@settings(max_examples=1_000, deadline=None)
def test_each_line_of_a_run_has_a_match(parts: list[tuple[str, str]], pieces: list[bytes], match_case: bool) -> None:
    query = "".join(atom + (repeat if atom not in ("^", "$", "|", r"\b", r"\B") else "") for atom, repeat in parts)
    pattern = pattern_of(query, True, match_case)
    text = b"".join(pieces) + b"\n"
    at = 0
    while (found := text.find(b"\n", at)) >= 0:
        runs = pattern.line_runs
        begin, end = runs.spans(text, at, len(text))[0] if runs is not None else (-1, -1)
        if begin >= 0:
            assert begin == at and text[end - 1 : end] == b"\n"
            for line in text[begin : end - 1].split(b"\n"):
                assert pattern.spans(line, 0, len(line))[0][0] >= 0
        at = found + 1


def test_the_expression_of_a_run_is_one_that_re2_takes() -> None:
    for query in (r"a\W[^]]", "größe", r"\bx\s+y$"):
        assert pattern_of(query, True).line_runs is not None
