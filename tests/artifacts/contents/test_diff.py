"""The difference between two texts: its hunks lead from the one to the other, and no text makes it dear."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Opcodes

from llm_service.artifacts.contents import diff as diffs
from llm_service.artifacts.contents import diff_line
from llm_service.artifacts.contents.diff import Diff, diff

LINE = st.text(st.sampled_from("ab λ😀\t{}"), max_size=8)
TEXT = st.tuples(st.lists(LINE, max_size=40), st.booleans(), st.sampled_from(("\n", "\r\n"))).map(
    lambda made: made[2].join(made[0]) + (made[2] if made[1] and made[0] else "")
)


def lines_of(text: str) -> list[str]:
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def applied(old: str, change: Diff) -> list[str]:
    """What the hunks make of the old text; asserts that every number in them is right."""
    lines, result, at = lines_of(old), [], 0
    for hunk in change.hunks:
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        result += lines[at:start]
        at = start
        assert len(result) == (hunk.new_start - 1 if hunk.new_lines else hunk.new_start)
        for line in hunk.lines:
            if line.op != "+":
                assert (line.old, line.text) == (at + 1, lines[at])
                at += 1
            if line.op != "-":
                assert line.new == len(result) + 1
                result.append(line.text)
        assert sum(line.op != "+" for line in hunk.lines) == hunk.old_lines
        assert sum(line.op != "-" for line in hunk.lines) == hunk.new_lines
    return result + lines[at:]


@given(TEXT, TEXT, st.integers(0, 4))
def test_the_hunks_make_the_new_text_of_the_old_one(old: str, new: str, context: int) -> None:
    change = diff(old, new, context)
    assert applied(old, change) == lines_of(new)
    assert not change.truncated
    assert change.added == sum(line.op == "+" for hunk in change.hunks for line in hunk.lines)
    assert change.removed == sum(line.op == "-" for hunk in change.hunks for line in hunk.lines)


@given(TEXT, st.lists(st.tuples(st.integers(0, 40), st.sampled_from("-+~")), max_size=5))
def test_edits_of_a_text_are_found_and_no_more_than_they_are(text: str, edits: list[tuple[int, str]]) -> None:
    lines = lines_of(text)
    for place, edit in edits:
        if edit == "+":
            lines.insert(min(place, len(lines)), "a new line, unlike all others")
        elif place < len(lines):
            lines[place : place + 1] = [] if edit == "-" else [lines[place] + " changed"]
    new = "".join(f"{line}\n" for line in lines)
    change = diff(text, new)
    assert applied(text, change) == lines
    assert change.added <= len(edits)
    assert change.removed <= len(edits)


@given(TEXT, TEXT)
def test_there_are_only_changed_regions_with_three_lines_around(old: str, new: str) -> None:
    for hunk in diff(old, new).hunks:
        ops = "".join(line.op for line in hunk.lines)
        assert ops.strip(" ")
        assert len(ops) - len(ops.lstrip(" ")) <= 3
        assert len(ops) - len(ops.rstrip(" ")) <= 3
        assert " " * 7 not in ops.strip(" ")


def test_equal_texts_have_no_hunks() -> None:
    assert diff("a\nb\n", "a\nb\n").hunks == ()


def test_line_ends_are_distinguished_and_are_no_difference() -> None:
    change = diff("a\nb\n", "a\r\nb")
    assert (change.hunks, change.added, change.removed) == ((), 0, 0)
    assert (change.old_ends.kind, change.old_ends.last_ended) == ("lf", True)
    assert (change.new_ends.kind, change.new_ends.last_ended) == ("crlf", False)
    assert diff("a\r\nb\n", "one line").old_ends.kind == "mixed"
    assert diff("a\r\nb\n", "one line").new_ends.kind == "none"


def test_a_moved_block_keeps_the_lines_around_it_in_place() -> None:
    """Patience: the one line that is in both once is the fixed point, not a brace that is everywhere."""
    old = "def a():\n    one()\n}\n\ndef b():\n    two()\n}\n"
    new = "def a():\n    one()\n}\n\ndef new():\n    three()\n}\n\ndef b():\n    two()\n}\n"
    (hunk,) = diff(old, new).hunks
    added = [line.text for line in hunk.lines if line.op == "+"]
    assert sorted(added) == sorted(["def new():", "    three()", "}", ""])


def test_what_differs_within_a_line_is_marked_in_units_of_javascript() -> None:
    (hunk,) = diff("price = 10 😀 euro\n", "price = 12 😀 Euro\n").hunks
    gone, came = hunk.lines
    assert [came.text.encode("utf-16-le")[2 * a : 2 * b].decode("utf-16-le") for a, b in came.marks] == ["12", "Euro"]
    assert [gone.text.encode("utf-16-le")[2 * a : 2 * b].decode("utf-16-le") for a, b in gone.marks] == ["10", "euro"]


@given(LINE, LINE)
def test_marks_lie_inside_the_line_in_order(old: str, new: str) -> None:
    for hunk in diff(f"{old}\n", f"{new}\n").hunks:
        for line in hunk.lines:
            ends = [at for mark in line.marks for at in mark]
            assert ends == sorted(set(ends))
            assert not ends or ends[-1] <= len(line.text.encode("utf-16-le")) // 2


def test_a_long_line_is_cut_and_says_so() -> None:
    (hunk,) = diff("x" * 10_000, "y" * 10_000).hunks
    assert [(line.clipped, len(line.text)) for line in hunk.lines] == [(True, 2_002), (True, 2_002)]


def test_of_a_great_change_the_beginning_is_given_and_all_of_it_counted() -> None:
    old, new = "".join(f"a{n}\n" for n in range(9_000)), "".join(f"b{n}\n" for n in range(8_000))
    change = diff(old, new, max_lines=100)
    assert (change.removed, change.added, change.truncated) == (9_000, 8_000, True)
    assert 0 < sum(len(hunk.lines) for hunk in change.hunks) <= 200


# --- texts made to be slow: what is compared is counted, not timed


def shuffled(lines: int, seed: int, alphabet: str = "ab") -> str:
    rng = random.Random(seed)
    return "".join(f"{rng.choice(alphabet)}\n" for _ in range(lines))


HOSTILE: dict[str, Callable[[], tuple[str, str]]] = {
    "two kinds of lines": lambda: (shuffled(60_000, 1), shuffled(60_000, 2)),
    "nothing in common": lambda: (
        "".join(f"a{n}\n" for n in range(60_000)),
        "".join(f"b{n}\n" for n in range(60_000)),
    ),
    "all lines in the opposite order": lambda: (
        "".join(f"{n}\n" for n in range(60_000)),
        "".join(f"{n}\n" for n in reversed(range(60_000))),
    ),
    "empty lines only": lambda: ("\n" * 250_000, "\n" * 130_000),
    "many small regions": lambda: (
        "".join(f"{n}\n{'a' if n % 2 else 'b'}\n" for n in range(30_000)),
        "".join(f"{n}\n{'c' if n % 2 else 'd'}\n" for n in range(30_000)),
    ),
    "one long line": lambda: ("ab" * 130_000, "ba" * 130_000),
    "lines of many words": lambda: (
        "".join("a " * 249 + f"{n}\n" for n in range(500)),
        "".join("b " * 249 + f"{n}\n" for n in range(500)),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_makes_more_than_the_bound_of_comparisons(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = diff_line.steps

    def counting(left: Sequence[Hashable], right: Sequence[Hashable]) -> Opcodes:
        compared.append(len(left) * len(right))
        return real(left, right)

    monkeypatch.setattr(diffs, "steps", counting)
    monkeypatch.setattr(diff_line, "steps", counting)
    old, new = HOSTILE[name]()
    change = diff(old, new)
    lines = sum(max(len(line.marks), 1) for hunk in change.hunks for line in hunk.lines)
    assert sum(compared) <= diffs._MAX_CELLS + diffs._MAX_MARK_CELLS
    assert lines <= 2 * diffs.MAX_LINES * diff_line.LINE_CHARACTERS
    assert len(change.hunks) <= diffs.MAX_LINES


def test_a_region_too_large_is_shown_as_replaced_and_called_coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = shuffled(300, 1), shuffled(300, 2)
    fine = diff(old, new)
    monkeypatch.setattr(diffs, "_MAX_CELLS", 100)
    rough = diff(old, new)
    assert (fine.coarse, rough.coarse) == (False, True)
    assert applied(old, rough) == lines_of(new)
    assert rough.added > fine.added


@pytest.mark.parametrize("other_lines", [0, 1])
@pytest.mark.parametrize("place", [0, 700, 1_999, 2_000, 2_001, 50_000, 119_999])
def test_where_a_long_line_differs_is_to_be_seen_and_marked(place: int, other_lines: int) -> None:
    """One letter of a line that is much longer than what is shown of it; other lines change beside it or not."""
    letters = random.Random(7).choices("abcdefgh ", k=120_000)
    old = "".join(letters)
    letters[place] = "Z"
    new = "".join(letters)
    change = diff(old + "\n", new + "\n" + "and another\n" * other_lines)
    removed, added = change.hunks[0].lines[:2]
    assert (removed.op, added.op) == ("-", "+")
    assert removed.clipped and added.clipped
    assert "Z" in added.text and "Z" not in removed.text
    assert new[added.column - 1 :].startswith(added.text.removesuffix(" …"))
    assert old[removed.column - 1 :].startswith(removed.text.removesuffix(" …"))
    if not other_lines:
        (marked,) = [added.text[start:end] for start, end in added.marks]
        assert "Z" in marked and len(marked) < 60


def test_marks_count_utf_16_code_units_also_far_inside_a_line() -> None:
    old, new = "😀" * 3_000 + "left", "😀" * 3_000 + "right"
    _, added = diff(old, new).hunks[0].lines
    ((start, end),) = added.marks
    assert added.text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le") == "right"
    assert added.column == 2 * 2_800 + 1
