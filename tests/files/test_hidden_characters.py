"""Hidden characters are defined once; the page, which cannot import the definition, has the same ones."""

from __future__ import annotations

import os
import re
import sys
import unicodedata

import pytest
from kit.paths import ROOT

from llm_service.files.hidden_characters import (
    HIDDEN_IN_NAME,
    HIDDEN_IN_TEXT,
    has_hidden_in_text,
    printable,
    terminal_text,
)

ALL = [chr(code) for code in range(sys.maxunicode + 1)]


def matched(pattern: re.Pattern[str]) -> set[str]:
    return {character for character in ALL if pattern.match(character)}


def test_the_page_marks_the_characters_that_the_service_reports() -> None:
    source = (ROOT / "static/lib/hidden.js").read_text(encoding="utf-8")
    (expression,) = re.findall(r"const HIDDEN =\s*/(.+)/gu;", source)
    python = re.sub(r"\\u\{(\w+)\}", lambda code: f"\\U{code[1]:0>8}", expression)
    assert python == HIDDEN_IN_TEXT.pattern


def test_what_is_not_seen_is_marked_but_for_a_proper_part_of_a_text() -> None:
    family, persian, flag, ideograph = (
        "👨\u200d👩\u200d👧",
        "می\u200cخواهم",
        "🏴\U000e0067\U000e0062\U000e007f",
        "葛\U000e0100",
    )
    for text in (family, persian, flag, ideograph, "❤\ufe0f\u200d🔥", "क्\u200dष"):
        assert not HIDDEN_IN_TEXT.search(text), ascii(text)
    for text in (
        "pass\u200dword",
        "a\u200c",
        "a\U000e0041\U000e0042",
        "a\ufe00\ufe01",
        "x\u00ady",
        "\u2062",
        "a\u3164",
    ):
        assert HIDDEN_IN_TEXT.search(text), ascii(text)


def test_a_text_may_have_line_breaks_and_tabs_but_no_character_that_changes_the_direction() -> None:
    hidden = matched(HIDDEN_IN_TEXT)
    assert not hidden & set("\n\r\t\f\x85 a\u00a0")
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert {character for character in ALL if unicodedata.bidirectional(character) in directions} <= hidden


def test_a_name_may_have_nothing_hidden_and_no_lone_surrogate() -> None:
    hidden = matched(HIDDEN_IN_NAME)
    assert hidden >= {character for character in ALL if unicodedata.category(character) == "Cs"}
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert hidden >= {character for character in ALL if unicodedata.bidirectional(character) in directions}
    assert hidden >= {character for character in ALL if unicodedata.category(character) == "Cc"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", ""),
        ("done/für später 😀.yaml", "done/für später 😀.yaml"),
        (os.fsdecode(b"caf\xe9 \x80\xff"), r"caf\xe9 \x80\xff"),
        ("a\x1b[31m\nb\x85", r"a\x1b[31m\x0ab\x85"),
        ("exe\u202egpj.\u200b", r"exe\u202egpj.\u200b"),
        ("\ud800 \udc7f \udd00", r"\ud800 \udc7f \udd00"),
    ],
)
def test_what_is_hidden_in_a_name_is_shown_as_python_writes_it(name: str, text: str) -> None:
    assert printable(name) == text
    text.encode("utf-8")


def test_a_line_for_a_terminal_controls_nothing() -> None:
    assert terminal_text("\x1b[31mred\x07\tand\u202etext\x9b ä 漢") == "\ufffd[31mred\ufffd\tand\ufffdtext\ufffd ä 漢"


@pytest.mark.parametrize(
    ("text", "is_found"), [("plain äöü 漢", False), ("a\u200bb", True), ("\U0001f468\u200d\U0001f469", False)]
)
def test_a_text_is_said_to_have_something_hidden_as_the_marks_are_set(text: str, is_found: bool) -> None:
    assert has_hidden_in_text(text) is is_found is (HIDDEN_IN_TEXT.search(text) is not None)
