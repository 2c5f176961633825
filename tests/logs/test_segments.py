"""The index of a log: marks, rows and lines by number, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_service.logs.marks import FACTS, FileIdentity, Mark, PhaseStart
from llm_service.logs.segment_file import SegmentFile
from llm_service.logs.segments import MAX_PHASES, SegmentTable
from llm_service.logs.tally import CLASSES, by_level, classes_of, minus, plus, rows_in

ERROR = CLASSES.index(("error", True))
DEBUG = CLASSES.index(("debug", False))


def counts(errors: int, debugs: int) -> tuple[int, ...]:
    values = [0] * len(CLASSES)
    values[ERROR], values[DEBUG] = errors, debugs
    return tuple(values)


@pytest.fixture
def table() -> SegmentTable:
    """Three closed segments of 10 lines each, and an open one of 5; a third of the lines are errors."""
    made = SegmentTable()
    for number in (1, 2, 3):
        made.end = Mark(number * 100, counts(number * 4, number * 6), number * 1_000, "plan", b"state%d" % number)
        made.flags = FACTS if number == 2 else 0
        made.close_segment()
    made.end = Mark(350, counts(14, 21), 3_500, "plan")
    return made


def test_a_segment_lies_between_two_marks(table: SegmentTable) -> None:
    segments = list(table.view().segments())
    assert [(one.begin.offset, one.end.offset, one.flags) for one in segments] == [
        (0, 100, 0), (100, 200, FACTS), (200, 300, 0), (300, 350, 0),
    ]  # fmt: skip
    assert [sum(one.counts) for one in segments] == [10, 10, 10, 5]
    assert segments[1].begin == Mark(100, counts(4, 6), 1_000, "plan", b"state1")
    assert segments[1].begin.lines == 10


@pytest.mark.parametrize(("row", "number"), [(0, 0), (3, 0), (4, 1), (11, 2), (12, 3), (13, 3), (99, 3)])
def test_a_row_of_a_view_is_found_by_its_number(table: SegmentTable, row: int, number: int) -> None:
    assert table.view().with_row(row, classes_of("user")) == number


@pytest.mark.parametrize(("seq", "number"), [(1, 0), (10, 0), (11, 1), (20, 1), (31, 3), (35, 3)])
def test_a_line_is_found_by_its_number(table: SegmentTable, seq: int, number: int) -> None:
    assert table.view().with_line(seq) == number


@pytest.mark.parametrize(("time_ms", "number"), [(1, 0), (1_000, 0), (1_001, 1), (3_000, 2), (9_999, 3)])
def test_a_time_is_found(table: SegmentTable, time_ms: int, number: int) -> None:
    assert table.view().with_time(time_ms) == number


def test_a_view_does_not_change_while_the_log_grows(table: SegmentTable) -> None:
    view = table.view()
    before = list(view.segments())
    table.close_segment()
    table.end = Mark(900, counts(100, 100), 9_000)
    assert list(view.segments()) == before
    assert len(list(table.view().segments())) == 5


def test_phases_are_found_by_line_and_are_limited() -> None:
    table = SegmentTable()
    table.add_phase(PhaseStart("plan", 3, None, counts(2, 0)))
    table.add_phase(PhaseStart("test", 9, None, counts(8, 0)))
    assert [table.view().phase_at(seq) for seq in (1, 2, 3, 8, 9, 99)] == ["idle", "idle", "plan", "plan"] + [
        "test"
    ] * 2
    added = [table.add_phase(PhaseStart("plan", 10 + number, None, counts(9, 0))) for number in range(MAX_PHASES)]
    assert added.count(True) == MAX_PHASES - 2
    assert not added[-1]


def test_tallies() -> None:
    assert minus(plus(counts(1, 2), counts(3, 4)), counts(1, 1)) == counts(3, 5)
    assert rows_in(counts(3, 5), classes_of("user")) == 3
    assert rows_in(counts(3, 5), classes_of("all", ("debug",))) == 5
    assert rows_in(counts(3, 5), classes_of("user", ("debug",))) == 0
    assert by_level(counts(3, 5)) == {"debug": 5, "info": 0, "warning": 0, "error": 3}


@pytest.fixture
def stored(tmp_path: Path) -> SegmentFile:
    """The file of a log with one closed segment and one phase."""
    file = SegmentFile(str(tmp_path / "segments"), "run-1")
    file.begin(7)
    file.add_phase(PhaseStart("plan", 2, "2030-01-01T00:00:00.000Z", counts(1, 0)))
    file.add_segment(Mark(100, counts(4, 6), 1_000, "plan", b"\x00state"), FACTS, b"print")
    file.flush()
    return file


def test_an_index_is_read_as_it_was_stored(stored: SegmentFile) -> None:
    loaded = SegmentFile(str(Path(stored.path).parent), "run-1").load()
    assert loaded is not None
    table, fingerprint = loaded
    assert (table.generation, len(table), fingerprint, table.is_complete) == (7, 2, b"print", False)
    assert table.end == table.begin == Mark(100, counts(4, 6), 1_000, "plan", b"\x00state")
    assert table.view().segment(0).flags == FACTS
    assert table.phases == (PhaseStart("plan", 2, "2030-01-01T00:00:00.000Z", counts(1, 0)),)


def test_the_end_of_a_complete_log_is_stored_with_its_identity(stored: SegmentFile) -> None:
    identity = FileIdentity(1, 2, 150, 4)
    stored.add_end(Mark(150, counts(5, 6), 1_500, "plan"), 0, identity)
    stored.flush()
    loaded = stored.load()
    assert loaded is not None
    assert (loaded[0].is_complete, loaded[0].identity, loaded[0].end.offset) == (True, identity, 150)


def test_a_line_that_was_half_written_is_dropped_and_written_over(stored: SegmentFile, tmp_path: Path) -> None:
    with open(stored.path, "a") as file:
        file.write('{"segment":[200,[1,')
    again = SegmentFile(str(tmp_path / "segments"), "run-1")
    loaded = again.load()
    assert loaded is not None
    assert len(loaded[0]) == 2
    again.add_segment(Mark(200, counts(8, 12)), 0, b"later")
    again.flush()
    loaded = again.load()
    assert loaded is not None
    assert (len(loaded[0]), loaded[1]) == (3, b"later")


def test_a_phase_that_was_stored_twice_counts_once(stored: SegmentFile) -> None:
    stored.add_phase(PhaseStart("plan", 2, None, counts(1, 0)))
    stored.flush()
    loaded = stored.load()
    assert loaded is not None
    assert [start.seq for start in loaded[0].phases] == [2]


def test_phases_behind_the_last_mark_are_read_from_the_log_again(stored: SegmentFile) -> None:
    stored.add_phase(PhaseStart("test", 11, None, counts(5, 6)))
    stored.flush()
    loaded = stored.load()
    assert loaded is not None
    assert [start.phase for start in loaded[0].phases] == ["plan"]


@pytest.mark.parametrize(
    "text",
    ["", "nonsense\n", "[]\n", '{"version":0,"generation":1}\n', '{"version":1}\n', "é\n",
     '{"version":1,"generation":1}\n{"segment":[-1,[0,0,0,0,0,0,0,0],0,"idle","",0,""]}\n',
     '{"version":1,"generation":1}\n{"segment":[1,[0,0,0,0,0,0,0,0],0,"dance","",0,""]}\n'],
)  # fmt: skip
def test_what_is_no_index_is_not_used(tmp_path: Path, text: str) -> None:
    file = SegmentFile(str(tmp_path), "run-1")
    Path(file.path).write_text(text, encoding="utf-8")
    assert file.load() is None


@pytest.mark.parametrize("name", ["", "../run", "a/b", ".hidden", "a\0", "x" * 201])
def test_an_id_that_is_no_plain_name_has_no_index(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        SegmentFile(str(tmp_path), name)
