"""A place by its time in logs whose lines say none: the second in which lines arrived."""

from __future__ import annotations

import os
from pathlib import Path

from kit.run_logs import FakeRuns, Followed

from llm_service.logs.arrivals import Arrivals
from llm_service.logs.rows import RowFilter

NOON_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z
ALL = RowFilter("all")


def at(followed: Followed, second: int, rows: RowFilter = ALL) -> int:
    """The row for a time, `second` seconds after noon."""
    from datetime import UTC, datetime

    time = datetime.fromtimestamp(NOON_MS / 1000 + second, UTC).isoformat()
    return followed.queries.at_time(followed.runs.run("run-1"), rows, time)


def arrive(followed: Followed, second: int, *lines: str) -> None:
    """The program prints these lines now."""
    followed.runs.write("".join(f"{line}\n" for line in lines).encode())
    at_s = NOON_MS / 1000 + second
    os.utime(followed.runs.log(), (at_s, at_s))
    followed.turns()


def begin(tmp_path: Path) -> Followed:
    runs = FakeRuns(tmp_path)
    runs.add()
    return Followed(runs, tmp_path / "state")


def test_a_time_has_a_row_though_no_line_says_it(tmp_path: Path) -> None:
    followed = begin(tmp_path)
    arrive(followed, 0, "one", "D two")
    arrive(followed, 10, "three", "four")
    arrive(followed, 3_600, "five")
    assert [at(followed, second) for second in (-9, 0, 1, 10, 11, 3_600)] == [0, 0, 2, 2, 4, 4]
    assert at(followed, 9_999) == 4, "the last row, as nothing arrived later"
    assert at(followed, 5, RowFilter("user")) == 1, "without what is not shown"


def test_it_is_known_after_a_restart_also_of_the_lines_that_are_read_again(tmp_path: Path) -> None:
    first = begin(tmp_path)
    arrive(first, 0, "one")
    arrive(first, 10, "two", "x" * 120_000, "three")
    arrive(first, 20, "four")
    second = Followed(first.runs, tmp_path / "state")
    assert [at(second, second_) for second_ in (0, 5, 15)] == [0, 1, 4]
    arrive(second, 30, "five")
    first.runs.end()
    second.turns()
    third = Followed(first.runs, tmp_path / "state")
    assert [at(third, second_) for second_ in (0, 5, 15, 25)] == [0, 1, 4, 5]


def test_what_a_line_says_counts_more(tmp_path: Path) -> None:
    followed = begin(tmp_path)
    arrive(followed, 500, "[2023-11-14T22:13:21Z] one", "[2023-11-14T22:13:25Z] two")
    arrive(followed, 900, "three")
    assert [at(followed, second) for second in (0, 3, 6, 899)] == [0, 1, 2, 2]


def test_another_log_in_its_place_begins_anew(tmp_path: Path) -> None:
    followed = begin(tmp_path)
    arrive(followed, 0, "one", "two", "three")
    followed.runs.log().write_bytes(b"")
    followed.turns()
    arrive(followed, 60, "other")
    assert [at(followed, second) for second in (0, 60)] == [0, 0]
    arrive(followed, 70, "another")
    assert at(followed, 65) == 1


def test_seconds_rise_and_are_at_most_forty_thousand() -> None:
    arrivals = Arrivals()
    assert arrivals.first_after(0) is None
    assert [arrivals.add(1, 1_900), arrivals.add(1, 9_000), arrivals.add(2, 1_950), arrivals.add(3, 500)] == [
        1_000, None, None, None,
    ]  # fmt: skip
    assert (arrivals.add(4, 2_000), len(arrivals)) == (2_000, 2)
    assert [arrivals.first_after(at_ms) for at_ms in (0, 1_999, 2_000, 2_999, 3_000)] == [1, 1, 4, 4, None]
    for number in range(3, 90_000):
        arrivals.add(number + 2, number * 1_000)
    assert len(arrivals) == 20_000 + (89_999 - 20_001) // 60
    for number in range(90_000, 40_000_000, 60):
        arrivals.add(number + 2, number * 1_000)
        if len(arrivals) == 40_000:
            break
    assert arrivals.add(10**9, 10**15) is None
