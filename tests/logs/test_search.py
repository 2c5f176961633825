"""Search: every line that matches once, the newest first, exact counts, and never an answer from a secret."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from kit.run_logs import MASK, FakeRuns, Followed, SimpleParser

from llm_service.errors import BadRequest
from llm_service.files.search_pattern import pattern_of
from llm_service.logs import followed as followed_module
from llm_service.logs.followed import FollowedLog
from llm_service.logs.line_search import count_matching_lines, matching_lines, ranges_in, searched_text
from llm_service.logs.marks import Segment
from llm_service.logs.redacted_text import RedactedText
from llm_service.logs.rows import RowFilter
from llm_service.logs.search import LogSearch, Match
from llm_service.logs.search_all import search_runs
from llm_service.logs.segments import LogView
from llm_service.processes.model import Run

ALL = RowFilter("all")
WORDS = ("harbour", "ship", "Lighthouse", "berth 7", "größe", "tide")


def make_lines(count: int) -> list[str]:
    choose = random.Random(11)
    return [
        f"{choose.choice('DIWE')} {' '.join(choose.choices(WORDS, k=3))} {'~' * 60} {number}" for number in range(count)
    ]


LINES = make_lines(3_000)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    folder: Path = tmp_path_factory.mktemp("search")
    runs = FakeRuns(folder)
    runs.add()
    runs.write("".join(f"{line}\n" for line in LINES).encode())
    made = Followed(runs, folder / "state")
    assert len(made.store.table("run-1")) >= 3
    return made


def every(followed: Followed, query: str, rows: RowFilter = ALL, regex: bool = True, limit: int = 200) -> list[Match]:
    """All matches, page by page."""
    run, pattern = followed.runs.run("run-1"), pattern_of(query, regex)
    found: list[Match] = []
    before: int | None = None
    while True:
        page = followed.search.page(run, pattern, rows, limit, before, seconds=60)
        found += page.matches
        assert len(page.matches) <= limit
        if page.next_before is None:
            return found
        before = page.next_before


@pytest.mark.parametrize(
    "query", ["harbour", "ship.*tide", "^E", r"7 ~+ \d+$", "größe|LIGHTHOUSE", r"\d{4}", "nowhere", ""]
)
@pytest.mark.parametrize("rows", [ALL, RowFilter("user"), RowFilter("all", frozenset({"error", "debug"}))])
def test_pages_together_are_all_lines_that_match_the_newest_first(
    followed: Followed, query: str, rows: RowFilter
) -> None:
    if not query:
        with pytest.raises(BadRequest):
            pattern_of(query)
        return
    view = [line for line in LINES if (rows.view == "all" or line[0] != "D") and (not rows.levels or line[0] in "ED")]
    expected = [(row, line) for row, line in enumerate(view) if re.search(query, line, re.I)]
    found = every(followed, query, rows)
    assert [(match.row, match.line.message) for match in found] == expected[::-1]
    count = followed.search.count(followed.runs.run("run-1"), pattern_of(query, True), rows, seconds=60)
    assert (count.count, count.is_exact, count.searched_lines) == (len(expected), True, len(LINES))


def test_a_match_has_its_neighbours_in_the_view(followed: Followed) -> None:
    view = [line for line in LINES if line[0] != "D"]
    for row in (0, 1, 1_500, len(view) - 1):
        number = view[row].rpartition(" ")[2]
        (match,) = every(followed, rf" {number}$", RowFilter("user"))
        page = followed.search.page(
            followed.runs.run("run-1"), pattern_of(rf" {number}$", True), RowFilter("user"), 9, context=3, seconds=60
        )
        assert page.matches[0].row == match.row == row
        assert [line.message for line in page.matches[0].before] == view[max(0, row - 3) : row]
        assert [line.message for line in page.matches[0].after] == view[row + 1 : row + 4]
        assert page.is_exact
        assert page.count == 1


def test_without_time_a_page_says_where_to_go_on(followed: Followed) -> None:
    run, pattern = followed.runs.run("run-1"), pattern_of("nowhere")
    page = followed.search.page(run, pattern, ALL, 10, seconds=0)
    assert (page.matches, page.count, page.is_exact) == ((), None, False)
    steps = 1
    while page.next_before is not None:
        page = followed.search.page(run, pattern, ALL, 10, page.next_before, seconds=0)
        steps += 1
    assert steps == len(followed.store.table("run-1"))
    count = followed.search.count(run, pattern_of("e"), ALL, seconds=0)
    assert not count.is_exact
    assert 0 < count.searched_lines < len(LINES)


def test_a_phase_is_searched_by_itself(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    runs.add()
    runs.write(b"tide 1\nPHASE plan\ntide 2\ntide 3\nPHASE test\ntide 4\n")
    followed = Followed(runs, tmp_path / "state")
    for phase, expected in (("plan", [3, 2]), ("test", [4]), ("idle", [1]), ("review", [])):
        rows = RowFilter("user", phase=phase)
        assert [int(match.line.message[-1]) for match in every(followed, "tide", rows)] == expected
        assert followed.search.count(runs.run("run-1"), pattern_of("tide"), rows).count == len(expected)
    assert every(followed, "tide 3", RowFilter("user", phase="plan"))[0].row == 2


def test_segments_without_rows_of_the_view_are_not_even_visited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    filler = b"I filler ........................................................................\n" * 3_000
    runs.write(b"E ship 1\nPHASE plan\nI ship 2\nPHASE test\n" + filler + b"D ship 3\nPHASE plan\nI ship 4\n" + filler)
    runs.write(b"PHASE test\n" + filler)
    followed = Followed(runs, tmp_path / "state")
    visited: list[int] = []
    read = RedactedText.of

    def of(self: RedactedText, run: Run, view: LogView, segments: Iterable[Segment]) -> Any:
        visited.clear()
        return read(self, run, view, [visited.append(one.number) or one for one in segments])  # type: ignore[func-returns-value]

    monkeypatch.setattr(RedactedText, "of", of)
    size = len(followed.store.table("run-1"))
    assert size >= 7
    found: list[tuple[RowFilter, list[int], int]] = [
        (ALL, [4, 3, 2, 1], size),
        (RowFilter("all", frozenset({"error"})), [1], 1),
        (RowFilter("all", frozenset({"debug"})), [3], 1),
        (RowFilter("user", phase="idle"), [1], 1),
        (RowFilter("all", phase="review"), [], 0),
        (RowFilter("all", frozenset({"error"}), "plan"), [], 0),
    ]
    for rows, expected, most in found:
        page = followed.search.page(run, pattern_of("ship"), rows, 9, seconds=60)
        assert [int(match.line.message[-1]) for match in page.matches] == expected
        assert len(visited) == most == len(set(visited))
        assert visited == sorted(visited, reverse=True)
    page = followed.search.page(run, pattern_of("ship"), RowFilter("all", phase="plan"), 9, seconds=60)
    assert [int(match.line.message[-1]) for match in page.matches] == [4, 2]
    assert 0 not in visited[:-1] and len(visited) < size


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        (b"", "x*", []),
        (b"\n", "^$", [0]),
        (b"a\n\nb\n", "^$", [1]),
        (b"a\n\nb", "b$", [2]),
        (b"a\nb\n", "x*", [0, 1]),
        (b"a\nb\n", r"a\sb", []),
        (b"aa\naa\n", "a", [0, 1]),
        (b"one\ntwo\nthree", "t", [1, 2]),
        ("größe\nGRÖSSE\n".encode(), "ö", [0, 1]),
    ],
)
def test_lines_with_a_match(text: bytes, query: str, expected: list[int]) -> None:
    assert list(matching_lines(text, pattern_of(query, True))) == expected
    assert count_matching_lines(text, pattern_of(query, True)) == len(expected)


SEAS = st.lists(st.sampled_from([b"ship", b"a ship ship", b"", b"sea", b"\xff ship", b"SHIP\t1"]), max_size=60)


@pytest.mark.parametrize("query", ["ship", r"\bship\W*", "sea|ship$", "^", r"[^a]+p", r"(?s:s.ip)", "s.*p"])
@given(lines=SEAS, dense=st.integers(0, 40), has_end=st.booleans())
@hypothesis_settings(max_examples=60, deadline=None)
def test_lines_are_found_one_by_one_and_in_runs_alike(
    query: str, lines: list[bytes], dense: int, has_end: bool
) -> None:
    text = b"\n".join([*lines, *[b"the ship"] * dense, *lines]) + b"\n" * has_end
    pattern = pattern_of(query, True)
    each = text.removesuffix(b"\n").split(b"\n") if text else []
    expected = [number for number, line in enumerate(each) if pattern.spans(line, 0, len(line))[0][0] >= 0]
    assert list(matching_lines(text, pattern)) == expected
    assert count_matching_lines(text, pattern) == len(expected)


def test_where_nearly_all_lines_match_few_searches_find_them() -> None:
    text = b"".join(b"a ship\n" if number % 100 else b"the sea\n" for number in range(2_000))
    for query, most in (("ship", 100), (r"\n|ship", 2_000)):
        pattern = pattern_of(query, True)
        searches: list[int] = []
        spans = pattern.spans
        pattern.spans = lambda data, begin, end, spans=spans, searches=searches: (  # type: ignore[misc]
            searches.append(begin) or spans(data, begin, end)
        )
        assert count_matching_lines(text, pattern) == 1_980
        assert len(searches) <= most


def test_the_end_of_a_line_is_found_as_a_terminal_ends_it() -> None:
    text = searched_text(b"\x1b[32mdone\x1b[0m\r\nnot done yet\r\ndone\n10%\r20%\r\n")
    assert text.count(b"\n") == 4
    assert list(matching_lines(text, pattern_of("done$", True))) == [0, 2]
    assert list(matching_lines(text, pattern_of("10%"))) == [3]


def test_where_a_pattern_matches_is_counted_as_javascript_does() -> None:
    assert ranges_in("a 🚢 ship, a ship", pattern_of("ship")) == ((5, 9), (13, 17))
    assert ranges_in("a ship", pattern_of("x*", True)) == ()
    assert len(ranges_in("x" * 200, pattern_of("x"))) == 50


def put_secrets(runs: FakeRuns) -> None:
    runs.add()
    runs.write(b"the password is hunter2 here\n" + (b"filler text" * 40 + b"\n") * 300)
    runs.write(b"BEGIN SECRET\n" + (b"key material" * 40 + b"\n") * 300 + b"END SECRET\nlast\n")


@pytest.mark.parametrize("query", ["hunter2", "hunter", r"password is h", "key material", "(?:k)ey", r"\bis \w+ here"])
def test_what_is_redacted_is_not_found_nor_counted(tmp_path: Path, query: str) -> None:
    runs = FakeRuns(tmp_path)
    put_secrets(runs)
    followed = Followed(runs, tmp_path / "state")
    for _ in range(2):  # the second time it is known which segments have no secrets
        assert every(followed, query) == []
        assert followed.search.count(runs.run("run-1"), pattern_of(query, True), ALL, seconds=60).count == 0
        assert len(every(followed, re.escape(MASK.decode()), limit=500)) == 302
        make_old(followed)


def test_segments_without_secrets_are_not_redacted_again_also_while_the_log_grows(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    runs.write(b"harmless ........................................................................\n" * 3_000)
    runs.write(b"the password is hunter2\n")
    runs.write(b"harmless ........................................................................\n" * 3_000)
    followed = Followed(runs, tmp_path / "state")
    redacted: list[int] = []

    def redact(block: bytes, state: bytes) -> bytes:
        redacted.append(len(block))
        return SimpleParser(state).redact(block)

    search = LogSearch(followed.queries, RedactedText(followed.store, redact, lambda data: data))
    assert search.count(run, pattern_of("harmless"), ALL, seconds=60).count == 6_000
    assert search.count(run, pattern_of("hunter2"), ALL, seconds=60).count == 0
    assert len(redacted) == 4  # twice: the segment with the secret, and the open one
    with open(runs.log(), "r+b") as log:  # in the first segment, of which the index does not know it
        log.write(b"hunter2!")
    assert search.count(run, pattern_of("hunter2"), ALL, seconds=60).count == 0
    assert search.count(run, pattern_of("harmless"), ALL, seconds=60).count == 5_999


def make_old(followed: Followed) -> None:
    """From now on the log was changed long ago, so that what is known of it is used."""
    followed.texts._now_ns = lambda: time.time_ns() + 10**11


def test_a_secret_written_over_what_was_clean_is_not_found(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    runs.write(b"harmless ........................................................................\n" * 3_000)
    followed = Followed(runs, tmp_path / "state")
    make_old(followed)
    assert followed.search.count(run, pattern_of("harmless"), ALL, seconds=60).count == 3_000
    assert len(followed.texts._clean["run-1"][1]) >= 3
    with open(runs.log(), "r+b") as log:
        log.write(b"hunter2!")
    os.utime(runs.log(), ns=(1, 1))
    assert followed.search.count(run, pattern_of("hunter2"), ALL, seconds=60).count == 0
    assert followed.search.count(run, pattern_of("harmless"), ALL, seconds=60).count == 2_999


def test_a_log_that_changed_a_moment_ago_is_redacted_each_time(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    runs.write(b"harmless ........................................................................\n" * 3_000)
    followed = Followed(runs, tmp_path / "state")
    followed.texts._now_ns = lambda: runs.log().stat().st_ctime_ns + 1_000_000_000
    assert followed.search.count(run, pattern_of("harmless"), ALL, seconds=60).count == 3_000
    assert followed.texts._clean == {}


def test_of_a_line_that_is_too_long_only_the_beginning_is_searched(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    runs.write(b"start " + b"x" * 131_060 + b"hunter2 end\nnext\n")
    followed = Followed(runs, tmp_path / "state")
    for query, count in (("start", 1), ("hunt", 0), ("end", 0), ("next", 1)):
        assert followed.search.count(run, pattern_of(query), ALL).count == count


def test_all_runs_are_searched_the_latest_first(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    for number in range(5):
        runs.add(f"run-{number}", f"job:{number}")
        runs.write(b"".join(b"ship %d of %d\n" % (ship, number) for ship in range(3)), f"run-{number}")
    (tmp_path / "work/runs/run-2/output.log").unlink()
    followed = Followed(runs, tmp_path / "state")
    expected = [f"ship {ship} of {number}" for number in (4, 3, 1, 0) for ship in (2, 1, 0)]
    for limit, seconds in ((100, 60.0), (2, 60.0), (3, 60.0), (100, 0.0)):
        found: list[str] = []
        cursor: str | None = None
        while True:
            page = search_runs(followed.search, runs.runs(), pattern_of("ship"), ALL, limit, cursor, seconds)
            found += [match.line.message for match in page.matches]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == expected
    for cursor in ("", "x", "run-1:x", "run-1:-1"):
        with pytest.raises(BadRequest):
            search_runs(followed.search, runs.runs(), pattern_of("ship"), ALL, 1, cursor)
    assert search_runs(followed.search, runs.runs(), pattern_of("ship"), ALL, 9, "gone:").matches == ()


def test_what_is_not_parsed_yet_is_found_but_no_secret_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_module, "AHEAD_BYTES", 50_000)
    runs = FakeRuns(tmp_path)
    run = runs.add()
    followed = Followed(runs, tmp_path / "state")
    lines = [f"I ship {number} {'~' * 90}" for number in range(12_000)]
    lines[5_000], lines[9_000], lines[9_500] = "BEGIN SECRET", "END SECRET", "D tide hunter2"
    runs.write("".join(f"{line}\n" for line in lines).encode())
    log = FollowedLog(run, followed.store, lambda run, state: SimpleParser(state), [])
    log.read()
    assert log.output(0.0) is not None
    view = followed.queries.view(run)
    assert 0 < view.end.lines < 5_000
    expected = [seq for seq, line in enumerate(lines, 1) if "ship" in line and not 5_000 < seq < 9_001]
    found = every(followed, "ship", limit=500)
    assert [match.seq for match in found] == expected[::-1]
    assert [match.row for match in found] == [seq - 1 for seq in expected[::-1]]
    count = followed.search.count(run, pattern_of("ship"), ALL, seconds=60)
    assert (count.count, count.is_exact) == (len(expected), True)
    assert every(followed, "hunter2") == []
    assert every(followed, r"ship 6\d\d\d ") == []
    assert [match.seq for match in every(followed, "tide")] == [9_501]
    assert every(followed, "tide", RowFilter("user")) == []
    assert not followed.search.count(run, pattern_of("tide"), RowFilter("user")).is_exact
    page = followed.search.page(run, pattern_of("nowhere"), ALL, 9, seconds=0)
    assert page.next_before is not None
    assert page.next_before > view.end.lines
    assert not followed.search.count(run, pattern_of("nowhere"), ALL, seconds=0).is_exact
    while followed.queries.view(run).end.lines != len(lines):
        log.read()
    assert followed.queries.view(run).ahead == ()
    assert [match.seq for match in every(followed, "ship", limit=500)] == expected[::-1]
