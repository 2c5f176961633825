"""A file's content as a stream: the same text whatever the chunks, and never more than a chunk of it in memory."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service import files
from llm_service.artifacts.contents import sniff as content
from llm_service.artifacts.contents.sniff import Content

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


def opened(path: Path) -> Content:
    return Content(files.open_file(str(path.parent), path.name))


def text_of(path: Path) -> str:
    with opened(path) as found:
        return b"".join(found.chunks()).decode("utf-8")


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), st.sampled_from(ENCODINGS), st.integers(1, 9)
)
def test_chunks_join_up_to_the_text_wherever_they_are_cut(text: str, encoding: str, chunk_bytes: int) -> None:
    text = "lines\n" + text
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "a.txt")
        path.write_bytes(text.encode(encoding))
        patch.setattr(content, "CHUNK_BYTES", max(8, chunk_bytes))
        assert text_of(path) == text


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"plain\n", "utf-8"),
        ("grün\n".encode(), "utf-8"),
        ("grün\n".encode("cp1252"), "windows-1252"),
        (b"", "utf-8"),
        (b"\x1b[31mred\x1b[0m\n", "utf-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None),
        (b"%PDF-1.7\n%text all along\n", None),
        (b"text and then\0nothing", None),
        (b"\x01\x02\x03\x04\x05 bell \x07" * 10, None),
    ],
)
def test_the_kind_is_published_by_the_beginning(tmp_path: Path, data: bytes, encoding: str | None) -> None:
    (tmp_path / "a").write_bytes(data)
    with opened(tmp_path / "a") as found:
        assert found.kind.encoding == encoding


def test_half_a_character_at_the_end_is_shown_as_damaged_not_lost(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("grün".encode("utf-16") + b"\x00")
    assert text_of(tmp_path / "a") == "grün\ufffd"


def test_what_is_not_text_has_no_chunks(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0" * 100)
    with opened(tmp_path / "a") as found:
        assert list(found.chunks()) == []


def test_the_whole_comes_as_it_lies_on_the_disk_up_to_a_size(tmp_path: Path) -> None:
    data = "grün".encode("utf-16")
    (tmp_path / "a").write_bytes(data)
    with opened(tmp_path / "a") as found:
        assert found.whole(len(data)) == data
    with opened(tmp_path / "a") as found:
        assert found.whole(len(data) - 1) is None


def test_only_a_small_utf8_text_is_given_at_once_and_chunks_give_it_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"small")
    (tmp_path / "b").write_bytes("marked".encode("utf-8-sig"))
    with opened(tmp_path / "a") as found:
        assert found.small_text() == b"small"
        assert b"".join(found.chunks()) == b"small"
    with opened(tmp_path / "b") as found:
        assert found.small_text() is None


def test_what_is_appended_after_opening_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file that is written faster than it is read would never end."""
    monkeypatch.setattr(content, "CHUNK_BYTES", 4)
    path = tmp_path / "a"
    path.write_bytes(b"12345678")
    with opened(path) as found:
        chunks = found.chunks()
        seen = next(chunks)
        with open(path, "ab") as more:
            more.write(b"9" * 100)
        seen += b"".join(chunks)
    assert seen == b"12345678"


def test_a_file_cut_short_while_it_is_read_just_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "CHUNK_BYTES", 4)
    path = tmp_path / "a"
    path.write_bytes(b"12345678")
    with opened(path) as found:
        chunks = found.chunks()
        assert next(chunks) == b"1234"
        os.truncate(path, 4)
        assert b"".join(chunks) == b""


def test_closing_twice_is_harmless_and_the_descriptor_is_given_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    found = opened(tmp_path / "a")
    found.close()
    found.close()
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) == before
