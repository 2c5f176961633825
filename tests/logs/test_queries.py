"""Rows of a view by number, places by line, time and error: against plain Python over the lines of the log."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pytest
from kit.run_logs import FakeRuns, Followed

from llm_service.errors import FileChanging
from llm_service.logs.model import LEVELS
from llm_service.logs.rows import LogRows, RowFilter
from llm_service.logs.tally import CLASSES

FILTERS = [
    RowFilter("all"),
    RowFilter("user"),
    RowFilter("all", frozenset({"error"})),
    RowFilter("user", frozenset({"warning", "debug"})),
    RowFilter("user", phase="idle"),
    RowFilter("all", phase="plan"),
    RowFilter("user", frozenset({"error", "info"}), "test"),
    RowFilter("all", phase="review"),
]


@dataclass(frozen=True)
class Line:
    """What the log says in plain Python."""

    seq: int
    text: str
    level: str
    phase: str

    def is_in(self, rows: RowFilter) -> bool:
        in_view = rows.view == "all" or self.level != "debug"
        in_levels = not rows.levels or self.level in rows.levels
        return in_view and in_levels and rows.phase in (None, self.phase)


def make_lines(count: int) -> list[Line]:
    """Lines of all levels; phases that come, and come again; times that rise."""
    choose = random.Random(3)
    lines, phase = [], "idle"
    for seq in range(1, count + 1):
        if choose.random() < 0.002:
            phase = choose.choice(("specify", "plan", "test"))
            lines.append(Line(seq, f"PHASE {phase}", "info", phase))
            continue
        letter = choose.choice("DIIIWE")
        text = f"{letter} {seq} {'word ' * choose.randrange(12)}"
        if seq % 3 == 0:
            text += f"[2030-01-01T{seq // 3600:02}:{seq // 60 % 60:02}:{seq % 60:02}Z]"
        level = next(level for level in LEVELS if level[0] == letter.lower())
        lines.append(Line(seq, text, level, phase))
    return lines


LINES = make_lines(9_000)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """The lines in the log of a run that goes on."""
    folder: Path = tmp_path_factory.mktemp("queries")
    runs = FakeRuns(folder)
    runs.add()
    runs.write("".join(f"{line.text}\n" for line in LINES).encode())
    made = Followed(runs, folder / "state")
    assert len(made.store.table("run-1")) >= 3
    return made


def ask(followed: Followed, rows: RowFilter, start: int | None, limit: int) -> LogRows:
    return followed.queries.lines(followed.runs.run("run-1"), rows, start, limit)


@pytest.mark.parametrize("rows", FILTERS)
def test_any_part_of_a_view_is_what_the_log_says(followed: Followed, rows: RowFilter) -> None:
    expected = [line for line in LINES if line.is_in(rows)]
    choose = random.Random(5)
    for start in (0, len(expected) - 1, *(choose.randrange(len(expected) + 1) for _ in range(12))):
        page = ask(followed, rows, max(0, start), 40)
        found = [(line.seq, line.message, line.level, line.phase) for line in page.lines]
        assert found == [(one.seq, one.text, one.level, one.phase) for one in expected[max(0, start) :][:40]]
        assert (page.rows, page.first_row, page.lines_total) == (len(expected), max(0, start), len(LINES))


@pytest.mark.parametrize("rows", FILTERS)
def test_without_a_number_the_last_rows_are_given(followed: Followed, rows: RowFilter) -> None:
    expected = [line.seq for line in LINES if line.is_in(rows)]
    page = ask(followed, rows, None, 7)
    assert [line.seq for line in page.lines] == expected[-7:]
    assert page.first_row == max(0, len(expected) - 7)


def test_behind_the_end_there_are_no_rows(followed: Followed) -> None:
    page = ask(followed, RowFilter("all"), 99_999, 10)
    assert (page.lines, page.first_row) == ((), len(LINES))
    assert ask(followed, RowFilter("all"), 5, 0).lines == ()


def test_levels_are_counted_in_the_view(followed: Followed) -> None:
    counts = {level: sum(line.level == level for line in LINES) for level in LEVELS}
    assert ask(followed, RowFilter("all"), 0, 1).counts == counts
    assert ask(followed, RowFilter("user", frozenset({"error"})), 0, 1).counts == counts | {"debug": 0}


@pytest.mark.parametrize("rows", FILTERS)
def test_phases_have_the_row_where_they_begin(followed: Followed, rows: RowFilter) -> None:
    starts = [
        line for before, line in zip([None, *LINES], LINES, strict=False) if before and before.phase != line.phase
    ]
    found = ask(followed, rows, 0, 1).phases
    assert [(one.phase, one.seq) for one in found] == [(line.phase, line.seq) for line in starts]
    assert [one.row for one in found] == [sum(line.is_in(rows) for line in LINES[: start.seq - 1]) for start in starts]


@pytest.mark.parametrize("rows", FILTERS)
def test_a_line_has_a_row(followed: Followed, rows: RowFilter) -> None:
    run, total = followed.runs.run("run-1"), sum(line.is_in(rows) for line in LINES)
    for seq in (1, 2, 777, 4_321, len(LINES), len(LINES) + 9):
        before = sum(line.is_in(rows) for line in LINES[: seq - 1])
        assert followed.queries.rows_before(run, rows, seq) == before
        assert followed.queries.at_line(run, rows, seq) == min(before, max(0, total - 1))


def test_a_time_has_a_row(followed: Followed) -> None:
    run, rows = followed.runs.run("run-1"), RowFilter("all")
    timed = [line for line in LINES if "[" in line.text]
    for line in (timed[0], timed[700], timed[-1]):
        assert followed.queries.at_time(run, rows, line.text[line.text.find("[") + 1 : -1]) == line.seq - 1
    assert followed.queries.at_time(run, rows, "2000-01-01T00:00:00Z") == timed[0].seq - 1
    assert followed.queries.at_time(run, rows, "2040-01-01T00:00:00Z") == len(LINES) - 1
    assert followed.queries.at_end(run, rows) == len(LINES) - 1


@pytest.mark.parametrize("rows", FILTERS)
def test_errors_are_found_one_after_the_other(followed: Followed, rows: RowFilter) -> None:
    run = followed.runs.run("run-1")
    view = [line for line in LINES if line.is_in(rows)]
    errors = [row for row, line in enumerate(view) if line.level == "error"]
    for after in (-1, 0, 5, 2_000, len(view)):
        expected = next((row for row in errors if row > after), None)
        assert followed.queries.next_error(run, rows, after) == expected


def test_an_empty_log_has_no_rows(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    followed = Followed(runs, tmp_path / "state")
    for rows in FILTERS:
        page = ask(followed, rows, None, 10)
        assert (page.rows, page.lines, page.generation) == (0, (), 1)
        assert followed.queries.at_end(run, rows) == 0
        assert followed.queries.at_line(run, rows, 3) == 0
        assert followed.queries.at_time(run, rows, "2030-01-01T00:00:00Z") == 0
        assert followed.queries.next_error(run, rows, -1) is None


def test_a_log_that_was_changed_under_its_index_is_no_answer(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    runs.write(b"one\ntwo\n")
    followed = Followed(runs, tmp_path / "state")
    runs.log().write_bytes(b"1\n2\n3\n4\n")
    with pytest.raises(FileChanging):
        followed.queries.lines(run, RowFilter("all"), 0, 10)
    runs.log().write_bytes(b"1\n")
    with pytest.raises(FileChanging):
        followed.queries.lines(run, RowFilter("all"), 0, 10)
    runs.log().unlink()
    assert followed.queries.lines(run, RowFilter("all"), 0, 10).lines == ()


def test_the_text_of_a_log_is_redacted(tmp_path: Path) -> None:
    runs = FakeRuns(tmp_path)
    run = runs.add()
    runs.write(b"D the password is hunter2\n" + b"filler\n" * 20_000 + b"BEGIN SECRET\nx\nEND SECRET\n")
    followed = Followed(runs, tmp_path / "state")
    text = b"".join(followed.queries.text_blocks(run, RowFilter("all")))
    assert text.startswith(b"D the password is *******\nfiller\n")
    assert text.endswith(b"filler\n*******\n*******\nEND SECRET\n")
    assert text.count(b"\n") == 20_004
    assert b"D the" not in b"".join(followed.queries.text_blocks(run, RowFilter("user")))


def test_there_are_eight_classes() -> None:
    assert len(CLASSES) == 8
