"""Hidden characters are defined once; the page, which cannot import the definition, has the same ones."""

from __future__ import annotations

import re
import sys
import unicodedata

from kit.paths import ROOT

from llm_service.files.hidden_characters import HIDDEN_IN_NAME, HIDDEN_IN_TEXT

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
