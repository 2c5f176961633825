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


@pytest.mark.parametrize("query", ["", "x" * 501, "a\nb", "a\x00b", "\ud800", "a\ud800é"])
@pytest.mark.parametrize("regex", [False, True])
def test_what_is_no_text_of_a_line_is_refused(query: str, regex: bool) -> None:
    with pytest.raises(BadRequest, match="The search text"):
        pattern_of(query, regex)


@pytest.mark.parametrize("query", ["a)(b", "(", "[z-a]", "a{1000}{1000}"])
def test_an_expression_that_is_none_is_refused_with_the_reason(query: str) -> None:
    with pytest.raises(BadRequest, match=r"This expression cannot be used: .+\."):
        pattern_of(query, regex=True)
    assert pattern_of(query).search(query.encode()), "as a text it is searched for as it is"


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("one.two (three) x", "ONE.two (Three) X", ("one", "two", "three")),
        ("gr\u00f6\u00dfe", "Gro\u0308\u00dfe", ()),
        ("\u1ed9n", "o\u0323\u0302n", ()),
        ("\u1ed9n", "o\u0302\u0323n", ()),
        ("x\u0323 \u6f22", "x\u0323 \u6f22", ()),
    ],
)
def test_a_text_is_found_as_it_is_however_it_is_encoded(query: str, text: str, words: tuple[str, ...]) -> None:
    pattern = pattern_of(query)
    is_canonical = text != "o\u0302\u0323n"  # marks in another order than that of NFD are another text
    assert (pattern.search(text.encode()) is not None) is is_canonical
    assert pattern.words == words
    if query.isascii():
        assert not pattern_of(query, match_case=True).search(text.encode())


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_the_end_of_a_line_is_found_before_cr_too(size: int) -> None:
    text = b"one two\r\nthree\rfour\r\n\r\nend\r"
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    ends = pattern_of("two$|end$", regex=True)
    assert b"".join(ends.chunks(iter(parts))) == ends.normalized(text) == text.replace(b"\r\n", b"\n")
    assert ends.search(ends.normalized(text))
    assert list(ends.chunks(iter([b"\r"]))) == [b"\r"]
    assert list(ends.chunks(iter([b"a\r\n"]))) == [b"a\n"]
    with_returns = pattern_of(r"two\r$", regex=True)
    assert with_returns.normalized(text) == text == b"".join(with_returns.chunks(iter(parts)))
