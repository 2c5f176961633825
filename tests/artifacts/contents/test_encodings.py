"""Encodings to choose from: Python and browsers know them, and the page offers all of them."""

from __future__ import annotations

import re

import pytest
from kit.paths import ROOT

from llm_service.artifacts.contents.encodings import ENCODINGS, kind_as


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_python_reads_it(encoding: str) -> None:
    codec = kind_as(encoding, b"").codec
    assert codec is not None
    assert "abc".encode(codec).decode(codec) == "abc"


def test_the_page_offers_exactly_these() -> None:
    source = (ROOT / "static/pages/artifacts/encodings.js").read_text(encoding="utf-8")
    groups = re.findall(r'\["[^"]+", "([^"]+)"\]', source)
    assert sorted(" ".join(groups).split()) == sorted(ENCODINGS)


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16le", b"\xff\xfe")])
def test_a_byte_order_mark_is_none_of_the_text(encoding: str, mark: bytes) -> None:
    assert kind_as(encoding, mark + b"x").mark == len(mark)
    assert kind_as(encoding, b"x").mark == 0
