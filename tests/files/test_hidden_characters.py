"""Hidden characters are defined once; the page, which cannot import the definition, has the same ones."""

from __future__ import annotations

import os
import re
import sys
import unicodedata

import pytest
from kit.paths import ROOT

from llm_service.files.hidden_characters import HIDDEN_IN_NAME, HIDDEN_IN_TEXT, printable

ALL = [chr(code) for code in range(sys.maxunicode + 1)]


def matched(pattern: re.Pattern[str]) -> set[str]:
    return {character for character in ALL if pattern.match(character)}


def test_the_page_marks_the_characters_that_the_service_reports() -> None:
    source = (ROOT / "static/pages/artifacts/code-lines.js").read_text(encoding="utf-8")
    (characters,) = re.findall(r"/(\[\\u0000[^/]+\])/g", source)
    assert matched(re.compile(characters)) == matched(HIDDEN_IN_TEXT)


def test_a_text_may_have_line_breaks_and_tabs_but_no_character_that_changes_the_direction() -> None:
    hidden = matched(HIDDEN_IN_TEXT)
    assert not hidden & set("\n\r\t\f\x85 a\u00a0\u200d")
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert {character for character in ALL if unicodedata.bidirectional(character) in directions} <= hidden


def test_a_name_may_have_nothing_hidden_and_no_lone_surrogate() -> None:
    hidden = matched(HIDDEN_IN_NAME)
    assert hidden >= matched(HIDDEN_IN_TEXT) | {
        character for character in ALL if unicodedata.category(character) == "Cs"
    }
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
