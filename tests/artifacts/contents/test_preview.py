"""A page of a file: the pages join up to the text, long things are cut and say so, no byte of what is not text."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.artifacts.contents import sniff as content
from llm_service.artifacts.contents.preview import CLIP, Preview, PreviewLimits, preview
from llm_service.errors import BadRequest, FileRefused

USUAL = PreviewLimits()
SMALL = PreviewLimits(lines=3, page_bytes=40, line_characters=10)


def shown(path: Path, from_line: int = 1, limits: PreviewLimits = USUAL) -> Preview:
    return preview(str(path.parent), path.name, from_line, limits)


def lines_of(text: str) -> list[str]:
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


@given(
    st.lists(st.text(st.sampled_from("ab\tüλ😀"), max_size=60), max_size=12),
    st.sampled_from(("\n", "\r\n")),
    st.booleans(),
    st.integers(8, 50),
)
def test_the_pages_join_up_to_all_lines(lines: list[str], end: str, last_ends: bool, chunk_bytes: int) -> None:
    text = end.join(lines) + (end if last_ends else "")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "CHUNK_BYTES", chunk_bytes)
        path = Path(folder, "a.txt")
        path.write_bytes(text.encode())
        seen: list[str] = []
        clipped: list[int] = []
        from_line, pages = 1, 0
        while True:
            page = shown(path, from_line, SMALL)
            assert page.from_line == from_line
            assert page.lines <= SMALL.lines
            got = page.text.split("\n") if page.lines else []
            assert len(got) == page.lines
            seen += got
            clipped += page.clipped
            pages += 1
            if page.next_line is None:
                assert page.total_lines == len(seen)
                break
            assert page.truncated
            assert page.total_lines is None
            assert page.next_line == from_line + page.lines
            from_line = page.next_line
        expected = lines_of(text)
        assert len(seen) == len(expected)
        for number, (got_line, line) in enumerate(zip(seen, expected, strict=True), start=1):
            if number in clipped:
                assert got_line.endswith(CLIP)
                assert line.startswith(got_line.removesuffix(CLIP))
                assert len(line) > SMALL.line_characters or len(line.encode()) >= SMALL.page_bytes
            else:
                assert got_line == line
        assert pages <= len(expected) + 1


def test_the_first_page_has_200_lines_and_the_next_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("".join(f"line {number}\n" for number in range(1, 451)))
    page = shown(path)
    assert (page.lines, page.next_line, page.total_lines, page.truncated) == (200, 201, None, True)
    last = shown(path, 401)
    assert (last.lines, last.next_line, last.total_lines) == (50, None, 450)
    assert last.text.startswith("line 401\n")
    assert last.text.endswith("line 450")


def test_a_page_that_ends_with_the_file_is_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\n" * 200)
    page = shown(tmp_path / "a")
    assert (page.lines, page.next_line, page.total_lines, page.truncated) == (200, None, 200, False)


def test_lines_behind_the_end_are_none_and_the_end_is_published(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo")
    page = shown(tmp_path / "a", 50)
    assert (page.text, page.lines, page.total_lines, page.next_line) == ("", 0, 2, None)


def test_a_long_line_is_cut_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("short\n" + "x" * 5_000 + "\nshort\n")
    page = shown(tmp_path / "a.json")
    assert page.clipped == (2,)
    assert page.text.split("\n")[1] == "x" * 2_000 + CLIP
    assert page.truncated


def test_a_line_longer_than_a_page_is_one_page(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("x" * 300_000 + "\nlast\n")
    page = shown(tmp_path / "a.json")
    assert (page.lines, page.clipped, page.next_line) == (1, (1,), 2)
    assert shown(tmp_path / "a.json", 2).text == "last"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0" + b"secret" * 50, b"\0secret", b"%PDF-1.4 secret"])
def test_not_a_byte_of_what_is_not_text_is_shown(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.md").write_bytes(data)
    page = shown(tmp_path / "a.md")
    assert (page.binary, page.text, page.lines, page.encoding) == (True, "", 0, None)
    assert (page.size_bytes, page.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("codec", "encoding", "guessed"),
    [("utf-8", "utf-8", False), ("utf-8-sig", "utf-8", False), ("utf-16", "utf-16", False),
     ("utf-32", "utf-32", False), ("cp1252", "windows-1252", True)],
)  # fmt: skip
def test_the_encoding_is_found_and_a_guess_is_called_one(
    tmp_path: Path, codec: str, encoding: str, guessed: bool
) -> None:
    (tmp_path / "a").write_bytes("Größe\nzweite\n".encode(codec))
    page = shown(tmp_path / "a")
    assert (page.text, page.encoding, page.guessed, page.damaged) == ("Größe\nzweite", encoding, guessed, False)


def test_what_cannot_be_decoded_is_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("größe größe größe".encode() + b"\xff")
    page = shown(tmp_path / "a")
    assert (page.text, page.damaged) == ("größe größe größe\ufffd", True)


def test_lines_with_characters_that_are_not_seen_are_named(tmp_path: Path) -> None:
    """CVE-2021-42574: source that reads otherwise than it runs."""
    (tmp_path / "a.py").write_text("ok = 1\nif admin:\u202e # \u2066 checked\nzero\u200bwidth = 2\n\ttab\n", "utf-8")
    assert shown(tmp_path / "a.py").hidden == (2, 3)


def test_the_digest_is_of_the_whole_file_or_there_is_none(tmp_path: Path) -> None:
    data = b"line\n" * 500
    (tmp_path / "a").write_bytes(data)
    assert shown(tmp_path / "a", 450).sha256 == hashlib.sha256(data).hexdigest()
    assert shown(tmp_path / "a", 1, PreviewLimits(page_bytes=2_499)).sha256 is None


def test_how_far_a_line_is_looked_for_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "CHUNK_BYTES", 1_000)
    (tmp_path / "a").write_text("x\n" * 10_000)
    limits = PreviewLimits(page_bytes=100, seek_bytes=5_000)
    assert shown(tmp_path / "a", 2_000, limits).text.startswith("x")
    with pytest.raises(BadRequest, match="download the file") as caught:
        shown(tmp_path / "a", 9_000, limits)
    assert caught.value.details["lines"] == 2_500


@pytest.mark.parametrize("make", ["link", "folder link", "fifo", "folder", "nothing"])
def test_only_a_regular_file_is_opened(tmp_path: Path, make: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("secret")
    path = "a"
    if make == "link":
        (root / "a").symlink_to(tmp_path / "secret")
    elif make == "folder link":
        (root / "a").symlink_to(tmp_path)
        path = "a/secret"
    elif make == "fifo":
        os.mkfifo(root / "a")
    elif make == "folder":
        (root / "a").mkdir()
    with pytest.raises(FileRefused):
        preview(str(root), path)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("last_end", ["\n", ""])
def test_the_last_page_ends_with_the_last_line_and_knows_its_number(tmp_path: Path, codec: str, last_end: str) -> None:
    text = "\n".join(f"größe {number}" for number in range(1, 501)) + last_end
    (tmp_path / "a").write_bytes(text.encode(codec))
    page = preview(str(tmp_path), "a", at_end=True)
    assert (page.from_line, page.lines, page.total_lines, page.next_line) == (301, 200, 500, None)
    assert page.text.split("\n")[-1] == "größe 500"
    short = preview(str(tmp_path), "a", limits=PreviewLimits(page_bytes=100), at_end=True)
    assert short.total_lines == 500
    assert short.text.split("\n") == [f"größe {number}" for number in range(short.from_line, 501)]


def test_the_last_page_of_an_empty_file_and_of_one_long_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert preview(str(tmp_path), "a", at_end=True).lines == 0
    (tmp_path / "a").write_text("x" * 1_000)
    page = preview(str(tmp_path), "a", limits=PreviewLimits(page_bytes=100), at_end=True)
    assert (page.from_line, page.lines, page.total_lines, page.clipped) == (1, 1, 1, (1,))


@pytest.mark.parametrize(
    ("encoding", "codec", "text"),
    [("windows-1251", "cp1251", "Привет"), ("shift_jis", "cp932", "日本語"), ("utf-16le", "utf-16-le", "plain"),
     ("koi8-r", "koi8-r", "Привет"), ("ibm850", "cp850", "für")],
)  # fmt: skip
def test_a_file_is_read_in_the_encoding_that_is_asked_for(tmp_path: Path, encoding: str, codec: str, text: str) -> None:
    (tmp_path / "a").write_bytes(text.encode(codec))
    page = preview(str(tmp_path), "a", encoding=encoding)
    assert (page.text, page.encoding, page.guessed) == (text, encoding, False)


def test_colours_of_a_terminal_are_no_hidden_characters_but_other_controls_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("\x1b[1;31mred\x1b[0m\n\x1b]0;title\x07x\nbell\x07\n" + "text\n" * 100, "utf-8")
    assert shown(tmp_path / "a").hidden == (3,)
