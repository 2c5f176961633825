"""A part of a long line: every column can be seen, whatever is in the line and wherever chunks are cut."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.artifacts.contents import sniff
from llm_service.artifacts.contents.line_part import line_part
from llm_service.artifacts.contents.preview import PreviewLimits
from llm_service.errors import BadRequest, NotFound

SMALL = PreviewLimits(line_characters=50)


def units(text: str) -> bytes:
    return text.encode("utf-16-le")


@given(st.text(st.sampled_from("ab ü😀"), max_size=900), st.integers(1, 2_000), st.integers(40, 90), st.booleans())
def test_the_part_is_that_of_the_line_and_has_the_column(
    line: str, column: int, chunk_bytes: int, returns: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sniff, "CHUNK_BYTES", chunk_bytes)
        end = "\r\n" if returns else "\n"
        Path(folder, "a").write_bytes(f"first{end}{line}{end}last".encode())
        part = line_part(folder, "a", 2, column, PreviewLimits(line_characters=300))
    start = 2 * (part.from_column - 1)
    assert units(line)[start:].startswith(units(part.text))
    assert part.follows == (units(line)[start:] != units(part.text))
    length = len(units(line)) // 2
    if 1 <= column <= length:
        assert part.from_column <= column < part.from_column + len(units(part.text)) // 2 + 1


def test_a_column_of_millions_is_reached(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x" * 4_200_000 + "HERE" + "y" * 100_000 + "\nnext\n")
    part = line_part(str(tmp_path), "a", 1, 4_200_001, PreviewLimits())
    assert part.text[4_200_001 - part.from_column :].startswith("HERE")
    assert part.follows
    assert line_part(str(tmp_path), "a", 1, 4_300_004, PreviewLimits()).follows is False


def test_a_line_that_there_is_not_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\n\nthree\n")
    assert line_part(str(tmp_path), "a", 2, 1, SMALL).text == ""
    with pytest.raises(NotFound):
        line_part(str(tmp_path), "a", 4, 1, SMALL)
    (tmp_path / "b").write_text("")
    with pytest.raises(NotFound):
        line_part(str(tmp_path), "b", 1, 1, SMALL)


def test_how_far_inside_a_line_is_searched_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniff, "CHUNK_BYTES", 1_000)
    (tmp_path / "a").write_text("x" * 20_000)
    with pytest.raises(BadRequest):
        line_part(str(tmp_path), "a", 1, 15_000, PreviewLimits(line_characters=50, seek_bytes=5_000))
