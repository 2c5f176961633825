"""The word that a pattern cannot do without."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.files.search_pattern import required_word


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("planning started", "planning"),
        ("^phase (one|two)$", "phase"),
        (r"step \d+ begins", "begins"),
        ("abcd?e", "abc"),
        ("abcd+e", "abcd"),
        ("abcd{0,3}efgh", "efgh"),
        ("(?i)testing", "testing"),
        (r"[]a-z\]]tests", "tests"),
        (r"a\.bcd", "bcd"),
        ("[[:alpha:]]words", "words"),
        ("plan|test", None),
        ("(plan|test)", None),
        ("ab", None),
        (r"\Qplan.\E", None),
        (r"\p{Greek}", None),
        (r"\x41bcd", None),
        ("schön planen", "planen"),
    ],
)
def test_words(expression: str, word: str | None) -> None:
    assert required_word(expression) == word


ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "abc",
        "cab",
        ".",
        r"\.",
        r"\w",
        "[ab]",
        "[^]a]",
        "(a|bc)",
        "(?:abc)",
        "^",
        "$",
        " ",
        r"\b",
        "|",
        "é",
    ]
)
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{0,2}", "*?"])


@given(st.lists(st.tuples(ATOMS, REPEATS), max_size=6), st.text("abc. é", max_size=14))
@settings(max_examples=500, deadline=None)
def test_what_is_found_has_the_word(parts: list[tuple[str, str]], text: str) -> None:
    expression = "".join(atom + (repeat if atom not in "^$|" and atom != r"\b" else "") for atom, repeat in parts)
    word = required_word(expression)
    if word is not None and re2.search(expression, text):
        assert word in text
