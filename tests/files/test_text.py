"""Text from bytes: the encoding, the kind of content, the lines around a problem."""

from __future__ import annotations

import pytest

from llm_service import files
from llm_service.files.text import first_forbidden


def test_the_lines_around_a_problem_are_shortened_and_marked() -> None:
    text = "\r\n".join(f"{n} " + "x" * 300 for n in range(1, 11)) + "\r\n"
    lines = files.context_lines(text, 9)
    assert [line["line"] for line in lines] == [6, 7, 8, 9, 10]
    assert [line["line"] for line in lines if line["is_error"]] == [9]
    assert {len(line["text"]) for line in lines} == {200}
    assert files.context_lines(text, 9, around=0) == [lines[3]]


def test_a_problem_after_the_end_is_shown_at_the_last_line() -> None:
    assert files.context_lines("a: [\n", 2) == [{"line": 1, "text": "a: [", "is_error": True}]
    assert files.context_lines("a", None) == []
    assert files.context_lines("", 1) == []


def test_the_first_character_that_yaml_does_not_allow_is_found() -> None:
    # YAML 1.1, 5.1: the printable characters, without the two that libyaml refuses inside of a text.
    allowed = {0x9, 0xA, 0xD, 0x85, *range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0xFEFF)}
    allowed |= {*range(0xFF00, 0xFFFE), *range(0x10000, 0x10100)}
    for code in range(0x10100):
        found = first_forbidden(f"text: {chr(code)}, \x00")
        assert found is not None and found.start() == (9 if code in allowed else 6), hex(code)
    assert first_forbidden("title: plain\nnotes:\n\t- ä\r\n") is None
    assert first_forbidden("") is None


# --- decoding


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("id: ä\n".encode(), "utf-8"),
        ("id: ä\n".encode("utf-8-sig"), "utf-8"),
        ("id: ä\n".encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + "id: ä\n".encode("utf-16-be"), "utf-16"),
        ("id: ä\n".encode("utf-32"), "utf-32"),
        ("id: ä\n".encode("latin-1"), "latin-1"),
    ],
)
def test_the_encoding_is_detected_and_reported(data: bytes, encoding: str) -> None:
    document = files.parse_mapping(data)
    assert (document.value, document.encoding, document.text) == ({"id": "ä"}, encoding, "id: ä\n")


def test_windows_quotation_marks_are_decoded() -> None:
    assert files.decode(b"\x93a\x94 \x80") == files.DecodedText("“a” €", "windows-1252")
    assert files.decode(b"\x81\xff").encoding == "latin-1"


@pytest.mark.parametrize(
    ("head", "codec", "mark", "guessed"),
    [
        (b"plain", "utf-8", 0, False),
        ("ä".encode("utf-8-sig"), "utf-8", 3, False),
        ("ä".encode("utf-16"), "utf-16-le", 2, False),
        ("ä".encode("utf-32"), "utf-32-le", 4, False),
        (b"\xefnot a mark", "cp1252", 0, True),
        ("Grüße".encode(), "utf-8", 0, False),
        ("Grüße, ".encode() + b"\xff" + "éàèüö".encode(), "utf-8", 0, False),
        ("Grüße".encode()[:3], "utf-8", 0, False),
        ("Grüße".encode("latin-1"), "cp1252", 0, True),
        (b"a\0b", None, 0, False),
        (b"%PDF-1.7", None, 0, False),
        (b"\x01\x02" + b"a" * 90, None, 0, False),
        (b"\x01" + b"a" * 90, "utf-8", 0, False),
        (b"\x1b[31mred", "utf-8", 0, False),
        (b"a" * files.HEAD_BYTES + b"\0", "utf-8", 0, False),
    ],
)
def test_the_kind_of_content_is_detected_from_the_first_bytes(
    head: bytes, codec: str | None, mark: int, guessed: bool
) -> None:
    kind = files.kind_of(head)
    assert (kind.codec, kind.mark, kind.guessed) == (codec, mark, guessed)
