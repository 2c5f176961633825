"""Colours become spans, and text has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.logs.ansi import shift, split_ansi, without_ansi
from llm_service.logs.parser import LineParser, parse_log_line


@pytest.mark.parametrize(
    ("text", "plain", "spans"),
    [
        ("\x1b[31mred\x1b[0m", "red", ((0, 3, "red"),)),
        ("a \x1b[1;32mb\x1b[m c", "a b c", ((2, 3, "green bold"),)),
        ("\x1b[44mon\x1b[49moff", "onoff", ((0, 2, "on-blue"),)),
        ("\x1b[7;31mx", "x", ((0, 1, "on-red"),)),
        ("\x1b[7mx", "x", ((0, 1, "reverse"),)),
        ("\x1b[90mx\x1b[97my", "xy", ((0, 1, "grey"), (1, 2, "white"))),
        ("\x1b[38;5;196mx", "x", ((0, 1, "red"),)),
        ("\x1b[38;5;8mx", "x", ((0, 1, "grey"),)),
        ("\x1b[38;5;244mx", "x", ((0, 1, "grey"),)),
        ("\x1b[38;2;0;200;10mx", "x", ((0, 1, "green"),)),
        ("\x1b[38:2:0:200:10mx", "x", ((0, 1, "green"),)),
        ("\x1b[1mx\x1b[22my", "xy", ((0, 1, "bold"),)),
        ("\x1b[31ma\x1b[31mb", "ab", ((0, 2, "red"),)),
        ("\x1b]0;title\x07x", "x", ()),
        ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link", ()),
        ("\x1b[2K\x1b[1Gx\x1b(B", "x", ()),
        ("\x1b[38;5mx\x1b[999mx", "xx", ()),
        ("x\x1b", "x", ()),
    ],
)
def test_colours(text: str, plain: str, spans: tuple[tuple[int, int, str], ...]) -> None:
    assert split_ansi(text) == (plain, spans)


@given(st.text("ab\x1b[;:]m0134890K\\\x07"))
def test_no_sequence_is_left_and_spans_are_in_the_text(text: str) -> None:
    plain, spans = split_ansi(text)
    assert "\x1b" not in plain
    assert without_ansi(text.encode()).decode() == plain
    assert all(0 <= start < end <= len(plain) and style for start, end, style in spans)
    assert list(spans) == sorted(spans)


def test_spans_stay_at_their_text_when_level_and_time_are_cut_off() -> None:
    line = parse_log_line("\x1b[2m2026-11-30T05:22:42Z\x1b[0m \x1b[31mERROR\x1b[0m app: \x1b[1mbad\x1b[0m thing")
    assert line.message == "app: bad thing"
    assert line.spans == ((5, 8, "bold"),)
    assert line.level == "error"


def test_shifted_spans_are_cut_at_both_ends() -> None:
    assert shift(((0, 4, "red"), (6, 9, "bold"), (0, 1, "dim")), -2, 5) == ((0, 2, "red"), (4, 5, "bold"))


@pytest.mark.parametrize(
    ("line", "message", "level"),
    [
        ("\x1b]0;~/quay: npm\x07ERROR: it broke", "it broke", "error"),
        ("see \x1b]8;;https://example.org/a\x07the page\x1b]8;;\x07 for more", "see the page for more", "info"),
        ("\x1b]0;t\x07\x1b[31mWARNING\x1b[0m low", "low", "warning"),
        ("a bell\x07 alone \x1b[1mis none\x1b[0m", "a bell\ufffd alone is none", "info"),
    ],
)
def test_titles_and_links_that_end_with_bel_are_no_text(line: str, message: str, level: str) -> None:
    for parsed in (parse_log_line(line), LineParser().parse(f"x\n{line}\ny\n".encode())[1]):
        assert (parsed.message, parsed.level) == (message, level)
        assert "\x07" not in parsed.raw
