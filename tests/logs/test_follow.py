"""Logs are followed: every line once, however they are written, in the index, in events and for listeners."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from kit.run_logs import FakeRuns, Followed

from llm_service.logs import followed as followed_module
from llm_service.logs.batch import MAX_LINES
from llm_service.logs.blocks import READ_BYTES
from llm_service.logs.followed import FollowedLog
from llm_service.logs.marks import OVERLONG, SEGMENT_BYTES
from llm_service.logs.parser import LineParser
from llm_service.logs.queries import LogQueries
from llm_service.logs.rows import RowFilter
from llm_service.logs.segments import MAX_PHASES
from llm_service.logs.store import LogStore
from llm_service.processes.model import RunStatus

ALL = RowFilter("all")


@pytest.fixture
def runs(tmp_path: Path) -> FakeRuns:
    return FakeRuns(tmp_path)


@pytest.fixture
def followed(runs: FakeRuns, tmp_path: Path) -> Followed:
    return Followed(runs, tmp_path / "state/segments")


def texts(followed: Followed, run_id: str = "run-1", rows: RowFilter = ALL) -> list[str]:
    """All rows of a view."""
    found: list[str] = []
    while True:
        page = followed.queries.lines(followed.runs.run(run_id), rows, len(found), 500)
        assert page.first_row == min(len(found), page.rows)
        found += [line.message for line in page.lines]
        if len(found) >= page.rows:
            assert len(found) == page.rows
            return found


def test_lines_are_rows_events_and_given_to_listeners(runs: FakeRuns, followed: Followed) -> None:
    run = runs.add()
    runs.write(b"E broken\nD hidden\nPHASE plan\n")
    followed.turns()
    (event,) = followed.published
    assert (event.job, event.run, event.generation) == ("one", "run-1", 1)
    assert (event.from_seq, event.to_seq, event.skipped) == (1, 3, 0)
    assert [(line.seq, line.level, line.phase, line.is_shown) for line in event.lines] == [
        (1, "error", "idle", True), (2, "debug", "idle", False), (3, "info", "plan", True),
    ]  # fmt: skip
    assert [(run_id, seq, len(lines)) for run_id, seq, lines in followed.given] == [("run-1", 1, 3)]
    page = followed.queries.lines(run, ALL, 0, 10)
    assert page.lines == event.lines
    assert (page.rows, page.lines_total, page.is_complete) == (3, 3, False)
    assert [(one.phase, one.seq, one.row) for one in page.phases] == [("plan", 3, 2)]


def test_a_line_waits_until_it_has_ended_or_its_run_has(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"one\ntw")
    followed.turns()
    assert texts(followed) == ["one"]
    runs.write(b"o\nthree")
    followed.turns()
    assert texts(followed) == ["one", "two"]
    runs.end()
    followed.turns()
    assert texts(followed) == ["one", "two", "three"]
    assert followed.queries.lines(runs.run("run-1"), ALL, 0, 1).is_complete
    assert [line.message for event in followed.published for line in event.lines] == ["one", "two", "three"]


def test_the_first_line_is_sent_at_once_and_a_burst_at_the_end_of_half_a_second(
    runs: FakeRuns, followed: Followed
) -> None:
    runs.add()
    followed.turns()
    runs.write(b"first\n")
    followed.turns(1, 0.0)
    assert [event.to_seq for event in followed.published] == [1]
    runs.write(b"".join(b"line %d\n" % number for number in range(700)))
    followed.turns(4, 0.11)
    assert len(followed.published) == 1
    followed.turns(2, 0.11)
    second = followed.published[1]
    assert (second.from_seq, second.to_seq, second.skipped) == (2, 701, 200)
    assert [second.lines[0].message, second.lines[-1].message] == ["line 200", "line 699"]
    assert len(second.lines) == MAX_LINES


def test_what_waits_is_sent_when_the_run_ends(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"first\n")
    followed.turns(1, 0.0)
    runs.write(b"last\n")
    runs.end()
    followed.turns(1, 0.0)
    assert [[line.message for line in event.lines] for event in followed.published] == [["first"], ["last"]]


def test_a_sync_waits_until_all_is_read_and_sent(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"first\n")
    followed.turns(1, 0.0)
    runs.write(b"more and more\n" * 50_000)
    followed.tracker.rescan("")
    assert followed.tracker.oldest_pending() == followed.now
    followed.turns(1, 0.0)
    assert followed.tracker.oldest_pending() is None
    assert followed.published[-1].to_seq == 50_001


def test_every_line_of_a_long_log_is_a_row(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    lines = [f"{'EDWI'[number % 4]} line {number} {'x' * (number % 97)}" for number in range(8_000)]
    runs.write("".join(f"{line}\n" for line in lines).encode())
    runs.end()
    followed.turns()
    assert len(followed.store.table("run-1")) > 3
    assert texts(followed) == lines
    assert texts(followed, rows=RowFilter("user")) == [line for line in lines if line[0] != "D"]
    assert texts(followed, rows=RowFilter("all", frozenset({"error", "debug"}))) == [
        line for line in lines if line[0] in "ED"
    ]
    shown = {
        event.run: sum(len(each.lines) + each.skipped for each in followed.published) for event in followed.published
    }
    assert shown == {"run-1": len(lines)}


def test_a_line_that_is_too_long_is_a_segment_of_its_own(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"before\n" + b"x" * (3 * READ_BYTES))
    followed.turns()
    assert texts(followed) == ["before"]
    runs.write(b"y" * (70 * READ_BYTES) + b"\nafter\n")
    followed.turns()
    assert [line[:5] for line in texts(followed)] == ["befor", "xxxxx", "after"]
    flags = [segment.flags for segment in followed.store.table("run-1").view().segments()]
    assert flags == [0, OVERLONG, 0]
    assert sum(len(lines) for _, _, lines in followed.given) == 3


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n", b"\0\0\n", b"\xff\xfe\n", b"a\r\nb\rc\n", b"\n" * 50_000])
def test_any_bytes_are_lines(runs: FakeRuns, followed: Followed, data: bytes) -> None:
    runs.add()
    runs.write(data)
    runs.end()
    followed.turns()
    assert followed.queries.lines(runs.run("run-1"), ALL, 0, 1).lines_total == data.count(b"\n")


def test_a_log_that_is_replaced_begins_anew(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"PHASE plan\nold\n")
    followed.turns()
    other = runs.log().with_suffix(".new")
    other.write_bytes(b"new 1\nnew 2\nnew 3\n")
    os.replace(other, runs.log())
    followed.turns()
    assert texts(followed) == ["new 1", "new 2", "new 3"]
    assert [(event.generation, event.from_seq, event.to_seq) for event in followed.published] == [(1, 1, 2), (2, 1, 3)]
    assert followed.published[1].lines[0].phase == "idle"


def test_a_log_that_is_cut_short_begins_anew(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"one\ntwo\n")
    followed.turns()
    os.truncate(runs.log(), 4)
    followed.turns()
    assert texts(followed) == ["one"]
    runs.log().unlink()
    followed.turns()
    assert texts(followed) == []
    runs.write(b"again\n")
    followed.turns()
    assert texts(followed) == ["again"]


def test_after_a_kill_reading_goes_on_at_the_last_mark(runs: FakeRuns, followed: Followed, tmp_path: Path) -> None:
    runs.add()
    lines = [f"line {number}" for number in range(20_000)]
    runs.write("".join(f"{line}\n" for line in lines[:15_000]).encode())
    followed.turns()
    closed = followed.store.table("run-1").begin
    assert closed.offset >= SEGMENT_BYTES
    again = Followed(runs, tmp_path / "state/segments")
    assert again.given[0][1] == closed.lines + 1
    runs.write("".join(f"{line}\n" for line in lines[15_000:]).encode())
    runs.end()
    again.turns()
    assert texts(again) == lines
    assert again.published[-1].generation == 1
    assert again.published[0].from_seq == closed.lines + 1


def test_a_log_that_is_known_to_its_end_is_not_read_again(runs: FakeRuns, followed: Followed, tmp_path: Path) -> None:
    runs.add()
    runs.write(b"one\nPHASE test\n")
    runs.end()
    followed.turns()
    again = Followed(runs, tmp_path / "state/segments")
    assert (again.given, again.published) == ([], [])
    assert texts(again) == ["one", "PHASE test"]
    page = again.queries.lines(runs.run("run-1"), ALL, 0, 10)
    assert (page.is_complete, page.lines[1].phase) == (True, "test")


def test_a_log_that_grew_after_its_run_had_ended_is_read_on(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.write(b"one\n")
    runs.end()
    followed.turns()
    runs.write(b"two\n")
    followed.tracker.rescan("")
    followed.turns()
    assert texts(followed) == ["one", "two"]


def test_an_index_of_another_log_is_not_used(runs: FakeRuns, followed: Followed, tmp_path: Path) -> None:
    runs.add()
    runs.write(b"old line\n" * 12_000)
    followed.turns()
    runs.log().write_bytes(b"new line\n" * 14_000)
    again = Followed(runs, tmp_path / "state/segments")
    again.turns()
    assert set(texts(again)) == {"new line"}
    assert len(texts(again)) == 14_000


def test_a_secret_that_goes_over_the_border_of_segments_stays_hidden(
    runs: FakeRuns, followed: Followed, tmp_path: Path
) -> None:
    runs.add()
    runs.write(b"x" * 90_000 + b"\nBEGIN SECRET\n" + b"key line\n" * 12_000 + b"END SECRET\nafter\n")
    followed.turns()
    again = Followed(runs, tmp_path / "state/segments")
    for one in (followed, again):
        found = texts(one)
        assert "key line" not in found
        assert (found[-1], found.count("*******")) == ("after", 12_001)


def test_a_log_that_cannot_be_read_is_said_and_read_later(runs: FakeRuns, followed: Followed) -> None:
    runs.add()
    runs.log().mkdir()
    followed.turns(2, 0.5)
    assert followed.root.status()["unreadable"] == {
        "run-1/output.log": "work/runs/run-1/output.log is a folder, not a regular file"
    }
    runs.log().rmdir()
    runs.write(b"one\n")
    followed.turns(4, 0.5)
    assert texts(followed) == ["one"]
    assert "unreadable" not in followed.root.status()


def test_a_flood_in_one_log_does_not_hold_up_another(runs: FakeRuns, followed: Followed) -> None:
    runs.add("flood", "job:flood")
    runs.add("quiet", "job:quiet")
    runs.write((b"flood" * 100 + b"\n") * 20_000, "flood")
    runs.write(b"quiet\n", "quiet")
    followed.turns(1, 0.0)
    order = [run_id for run_id, _, _ in followed.given]
    assert order.index("quiet") < 10
    assert followed.published[1].run == "quiet"


def test_the_log_of_a_run_that_is_not_surely_ours_is_not_followed(runs: FakeRuns, followed: Followed) -> None:
    runs.add("forged", "job:one", is_proven=False)
    runs.write(b"forged\n", "forged")
    followed.turns()
    assert (followed.published, followed.given) == ([], [])


def test_the_log_of_a_run_from_elsewhere_can_be_read_once_it_has_ended(runs: FakeRuns, followed: Followed) -> None:
    run = runs.add("elsewhere", "job:one", is_proven=False, status=RunStatus.FINISHED)
    runs.write(b"one\ntwo\n", "elsewhere")
    followed.turns()
    assert followed.store.table(run.run_id).view().end.lines == 2
    assert (followed.published, followed.given) == ([], [])


def test_the_newest_lines_of_a_log_that_grows_too_fast_are_sent_first(
    runs: FakeRuns, followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_module, "AHEAD_BYTES", 50_000)
    runs.add()
    runs.write(b"first\n")
    followed.turns(1, 0.6)
    lines = [f"{number} {'x' * 90}" for number in range(20_000)]
    lines[5_000], lines[19_800] = "BEGIN SECRET", "END SECRET"
    runs.write("".join(f"{line}\n" for line in lines).encode())
    followed.turns(1, 0.0)
    event = followed.published[1]
    assert (event.from_seq, event.to_seq, event.skipped) == (2, 20_001, 20_000 - MAX_LINES)
    assert [line.message for line in event.lines] == ["*******"] * 300 + lines[19_800:]
    assert sum(len(given) for _, _, given in followed.given) == 20_001
    runs.write(b"last\n")
    followed.turns(10, 0.1)
    assert [(event.from_seq, event.to_seq, event.skipped) for event in followed.published[2:]] == [(20_002, 20_002, 0)]
    assert texts(followed)[-2:] == [lines[-1], "last"]


def test_phases_without_end_take_no_room_without_end(runs: FakeRuns, followed: Followed) -> None:
    run = runs.add()
    runs.write(b"PHASE plan\nPHASE test\n" * 2 * MAX_PHASES)
    runs.end()
    followed.turns()
    assert len(followed.queries.lines(run, ALL, 0, 1).phases) == MAX_PHASES
    index = Path(followed.store.file("run-1").path).read_text()
    assert index.count('{"phase"') == MAX_PHASES
    assert followed.queries.lines(runs.run("run-1"), ALL, None, 1).lines[0].phase == "test"


def test_an_agent_with_much_that_is_open_does_not_make_the_index_as_large_as_its_log(
    runs: FakeRuns, tmp_path: Path
) -> None:
    run = runs.add()
    store = LogStore(str(runs.workspace), str(tmp_path / "state"), runs.run)
    make = lambda _, state: LineParser(state=state)  # noqa: E731
    log = FollowedLog(run, store, make, [])
    wanted = []
    for number in range(6_000):
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": "Bash", "input": {"command": f"{number} " * 300}}
        wanted.append({"type": "assistant", "message": {"content": [use]}})
        if number == 5_999:
            result = {"type": "tool_result", "tool_use_id": f"toolu_{number - 40}", "content": "Exit code 3"}
            wanted.append({"type": "user", "message": {"content": [{**result, "is_error": True}]}})
    runs.write("".join(f"{json.dumps(event)}\n" for event in wanted).encode())
    run = log.run = runs.end()
    while not log.is_complete:
        log.read()
    view, size = store.table(run.run_id).view(), runs.log().stat().st_size
    states = [view.segment(number).begin.state for number in range(view.size)]
    assert max(map(len, states)) > 50_000
    assert sum(map(len, states)) < size / 20
    queries = LogQueries(store, make)
    assert queries.lines(run, ALL, 5_000, 1).lines[0].message.startswith("Bash: 5000 5000")
    *_, (seq, _, fact) = queries.facts(run)
    assert (seq, fact.kind, fact.data["exit_code"]) == (6_001, "command", 3)
