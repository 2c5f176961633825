"""Reading the journal: both ways, by time and type, page by page, over segments, past lines that are no events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.errors import BadRequest
from llm_service.hub import journal_reader, lines
from llm_service.hub.journal_reader import read
from llm_service.hub.journal_segments import segments


def stamp(second: int, day: str = "2026-11-30") -> str:
    return f"{day}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000Z"


def event(seq: int, second: int, kind: str = "task.created", **more: Any) -> dict[str, Any]:
    return {"seq": seq, "epoch": "17", "type": kind, "time": stamp(second), **more}


def text(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in events)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three segments with 10 events each, one a second, of two kinds."""
    for number in range(3):
        events = [
            event(seq, seq, "task.created" if seq % 2 else "task.moved") for seq in range(number * 10, number * 10 + 10)
        ]
        (tmp_path / f"2026-11-30.0000000{number + 1}.jsonl").write_text(text(*events))
    return tmp_path


def numbers(folder: Path, *arguments: Any, **options: Any) -> list[int]:
    return [one["seq"] for one in read(str(folder), *arguments, **options).events]


def test_all_of_it_in_both_directions(folder: Path) -> None:
    assert numbers(folder) == list(range(30))
    assert numbers(folder, is_backwards=True) == list(range(29, -1, -1))
    assert read(str(folder)).cursor is None
    assert read(str(folder)).events[0] == event(0, 0, "task.moved")


@pytest.mark.parametrize("chunk", [50, 333, 100_000])
@pytest.mark.parametrize("is_backwards", [False, True])
def test_times_select(folder: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, is_backwards: bool) -> None:
    monkeypatch.setattr(lines, "CHUNK", chunk)
    for since, until in [(0, 30), (5, 25), (9, 11), (10, 10), (10, 20), (29, 99), (0, 1), (12, 13)]:
        found = numbers(folder, stamp(since), stamp(until), is_backwards=is_backwards)
        assert sorted(found) == list(range(since, min(until, 30))), (since, until)
    assert numbers(folder, None, stamp(3)) == [0, 1, 2]
    assert numbers(folder, stamp(28)) == [28, 29]
    assert numbers(folder, "2026-12-01T00:00:00.000Z") == []
    assert numbers(folder, None, "2026-11-29T00:00:00.000Z") == []


def test_types_select(folder: Path) -> None:
    assert numbers(folder, types=["task.moved"]) == list(range(0, 30, 2))
    assert numbers(folder, types=["task.moved", "task.created"], limit=3) == [0, 1, 2]
    assert numbers(folder, types=["other"]) == []


@pytest.mark.parametrize("is_backwards", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 10, 29, 30, 31])
def test_pages_follow_each_other(folder: Path, limit: int, is_backwards: bool) -> None:
    found, cursor = [], None
    while True:
        page = read(str(folder), limit=limit, is_backwards=is_backwards, cursor=cursor)
        assert len(page.events) <= limit
        found += [one["seq"] for one in page.events]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == (list(range(30)) if not is_backwards else list(range(29, -1, -1)))


def test_a_page_ends_when_enough_was_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_reader, "_MAX_SCANNED", 100)
    page = read(str(folder), types=["never"])
    assert (page.events, page.cursor is None) == ([], False)
    seen, cursor = 0, page.cursor
    while cursor is not None:
        page = read(str(folder), types=["task.moved"], cursor=cursor)
        cursor, seen = page.cursor, seen + len(page.events)
    assert seen >= 12


def test_what_is_no_event_is_skipped(folder: Path) -> None:
    torn = text(event(100, 40))[:-20]
    junk = [
        "not json\n",
        "[1]\n",
        '{"seq":1}\n',
        '{"seq":5,"epoch":"1","type":"a","time":"2026-11-30T00:01:00.000Z",}\n',
    ]
    deep = '{"seq":5,"epoch":"1","type":"a","time":"2026-11-30T00:01:00.000Z","x":' + "[" * 100_000 + "\n"
    (folder / "2026-11-30.00000004.jsonl").write_text(
        "".join(junk) + text(event(30, 61)) + deep + "\0\n" + text(event(31, 62)) + torn
    )
    assert numbers(folder, stamp(50)) == [30, 31]
    assert numbers(folder, stamp(50), is_backwards=True) == [31, 30]


@pytest.mark.parametrize("is_backwards", [False, True])
@pytest.mark.parametrize("chunk", [7, 64, 10_000])
def test_lines_that_are_too_long_are_skipped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, is_backwards: bool, chunk: int
) -> None:
    monkeypatch.setattr(lines, "CHUNK", chunk)
    monkeypatch.setattr(lines, "MAX_LINE", 200)
    long = "x" * 30_000 + "\n"
    (folder / "2026-11-30.00000002.jsonl").write_text(text(event(1, 1)) + long + text(event(2, 2)) + long)
    found = numbers(folder, stamp(1), stamp(3), is_backwards=is_backwards)
    assert sorted(found) == [1, 1, 2, 2]
    cursor = read(str(folder), limit=12, is_backwards=is_backwards).cursor
    assert cursor is not None
    assert len(numbers(folder, is_backwards=is_backwards, cursor=cursor)) == 10


def test_other_files_are_no_part_of_it(folder: Path, tmp_path: Path) -> None:
    (folder / "lanes.jsonl").write_text(text(event(99, 1)))
    (folder / "2026-11-30.99999999.jsonl").write_text(text(event(99, 1)))
    (folder / "2026-11-30.00000009.jsonl").symlink_to(folder / "lanes.jsonl")
    (folder / "2026-11-30.00000010.jsonl").mkdir()
    assert numbers(folder) == list(range(30))
    assert read(str(tmp_path / "nothing")).events == []


def test_a_removed_segment_does_not_end_a_list(folder: Path) -> None:
    cursor = read(str(folder), limit=5).cursor
    (folder / "2026-11-30.00000001.jsonl").unlink()
    assert numbers(folder, cursor=cursor) == list(range(10, 30))
    assert numbers(folder, is_backwards=True, cursor=cursor) == []


def test_a_cursor_of_another_time_does_no_harm(folder: Path) -> None:
    early, late = read(str(folder), limit=5).cursor, read(str(folder), limit=5, is_backwards=True).cursor
    assert numbers(folder, None, stamp(23), is_backwards=True, cursor=late) == list(range(22, -1, -1))
    assert numbers(folder, stamp(8), cursor=early) == list(range(8, 30))


def test_a_segment_that_vanishes_meanwhile_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = segments(str(folder))
    (folder / known[1].name).unlink()
    monkeypatch.setattr(journal_reader, "segments", lambda folder: list(known))
    assert numbers(folder) == [*range(10), *range(20, 30)]


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.x", "-1.5", "1.2.3", "²0.1"])
def test_a_cursor_of_somebody_else_is_refused(folder: Path, cursor: str) -> None:
    with pytest.raises(BadRequest, match="cursor"):
        read(str(folder), cursor=cursor)


@pytest.mark.parametrize("cursor", ["1.3", "1.999999999999999", "2.1", "999999999.0"])
@pytest.mark.parametrize("is_backwards", [False, True])
def test_a_cursor_at_an_odd_place_does_no_harm(folder: Path, cursor: str, is_backwards: bool) -> None:
    found = numbers(folder, cursor=cursor, is_backwards=is_backwards)
    assert set(found) <= set(range(30))


@given(
    seconds=st.lists(st.integers(0, 50), min_size=1, max_size=60).map(sorted),
    sizes=st.integers(0, 300),
    since=st.integers(0, 51),
    until=st.integers(0, 51),
    chunk=st.integers(1, 400),
)
def test_bisection_finds_what_a_plain_search_finds(
    tmp_path_factory: pytest.TempPathFactory, seconds: list[int], sizes: int, since: int, until: int, chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    events = [event(seq, second, note="x" * (sizes * seq % 301)) for seq, second in enumerate(seconds)]
    (folder / "2026-11-30.00000001.jsonl").write_text(text(*events))
    expected = [one["seq"] for one in events if stamp(since) <= one["time"] < stamp(until)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        assert numbers(folder, stamp(since), stamp(until)) == expected
        assert numbers(folder, stamp(since), stamp(until), is_backwards=True) == expected[::-1]
