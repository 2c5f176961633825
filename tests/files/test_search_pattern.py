"""Patterns of what a user typed, and the word that one cannot do without."""

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.errors import BadRequest
from llm_service.files.search_pattern import pattern_of, required_word


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
        ("tests)", None),
        ("(tests", None),
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


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("gr\u00f6\u00dfe", "Gro\u0308\u00dfe", "Grosse"),  # NFC and NFD of the same word
        ("\u00f8\u0308x", "\u00f8\u0308x", "\u00f8x"),  # there is no one code point for it
        ("[\u00e9x]s", "e\u0301s", "es"),
        ("[]\u00e9]s", "]s", "xs"),
        ("[[:digit:]\u00e9]s", "7s", "xs"),
        ("[\\]é]s", "]s", "xs"),
        ("[^\u00e9]s", "xs", "s"),
        ("\\Q(é\\E\\w", "(éa", "(é "),
        ("é\\.", "é.", "éx"),
    ],
)
def test_letters_with_accents_are_found_however_they_are_encoded(query: str, found: str, not_found: str) -> None:
    pattern = pattern_of(query, regex=True)
    assert pattern.search(pattern.normalized(found.encode()))
    assert not pattern.search(pattern.normalized(not_found.encode()))


@pytest.mark.parametrize("query", ["\u00e9[", "\\Qé", "\u00e9\\"])
def test_what_does_not_end_is_taken_to_the_end_or_refused(query: str) -> None:
    try:
        assert pattern_of(query, regex=True).search("\u00e9".encode())
    except BadRequest as problem:
        assert problem.message.startswith("This expression cannot be used")
