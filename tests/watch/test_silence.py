"""A change that a scan finds and no hint reported gives a silent system away. The tests bring the clock."""

from __future__ import annotations

import pytest

from llm_service.watch.silence import SilenceDetector


@pytest.fixture
def detector() -> SilenceDetector:
    return SilenceDetector()


def test_a_file_that_came_without_a_hint_is_named_a_second_later(detector: SilenceDetector) -> None:
    detector.found(["inbox/x"], 10.0)
    assert detector.unreported(10.9) is None
    assert detector.unreported(11.0) == "inbox/x"
    assert detector.unreported(611.0) == "inbox/x"
    assert detector.unreported(611.1) is None, "it is believed again"


@pytest.mark.parametrize("path", ["a/b/x", "a/b", "a"])
@pytest.mark.parametrize("at", [7.1, 10.0, 10.9])
def test_a_hint_about_it_or_a_folder_above_it_shortly_before_or_after_the_scan_reports_it(
    detector: SilenceDetector, path: str, at: float
) -> None:
    if at < 10:
        detector.hinted(path, at)
    detector.found(["a/b/x"], 10.0)
    if at >= 10:
        detector.hinted(path, at)
    assert detector.unreported(11.0) is None


def test_a_hint_from_long_before_or_about_something_else_does_not(detector: SilenceDetector) -> None:
    detector.hinted("a/x", 7.0)
    detector.hinted("a/y", 10.0)
    detector.hinted("a/x/z", 10.0)
    detector.found(["a/x"], 10.0)
    assert detector.unreported(11.0) == "a/x"


def test_the_last_one_that_was_not_reported_counts(detector: SilenceDetector) -> None:
    detector.found(["x"], 10.0)
    assert detector.unreported(11.0) == "x"
    detector.found(["y"], 500.0)
    detector.found(["z"], 500.5)
    assert detector.unreported(501.2) == "y"
    assert detector.unreported(501.5) == "z"
    assert detector.unreported(1_101.5) == "z"
    assert detector.unreported(1_101.6) is None


def test_where_hints_were_lost_nothing_is_concluded_for_a_moment(detector: SilenceDetector) -> None:
    detector.hinted("", 10.0)
    detector.found(["x"], 13.0)
    assert detector.unreported(14.0) is None
    detector.found(["x"], 13.1)
    assert detector.unreported(14.1) == "x"


def test_nor_in_a_flood_of_hints(detector: SilenceDetector) -> None:
    for number in range(10_000):
        detector.hinted(str(number), 10.0)
    detector.found(["9999"], 10.0)
    assert detector.unreported(11.0) is None
    detector.hinted("one more", 12.0)
    detector.found(["x"], 14.9)
    assert detector.unreported(16.0) is None


def test_of_ten_thousand_hints_all_count(detector: SilenceDetector) -> None:
    for number in range(10_000):
        detector.hinted(str(number), 10.0)
    detector.found(["x"], 10.0)
    assert detector.unreported(11.0) == "x"


def test_old_hints_are_forgotten(detector: SilenceDetector) -> None:
    for number in range(9_000):
        detector.hinted(str(number), 10.0)
    detector.unreported(12.9)
    assert len(detector._hints) == 9_000
    detector.unreported(13.0)
    assert detector._hints == {}


def test_of_very_many_finds_a_hundred_are_enough(detector: SilenceDetector) -> None:
    detector.found((str(number) for number in range(101)), 10.0)
    for number in range(100):
        detector.hinted(str(number), 10.0)
    assert detector.unreported(11.0) is None
    detector.found(["x"], 20.0)
    assert detector.unreported(21.0) == "x"


def test_while_hints_are_still_waiting_nothing_is_said(detector: SilenceDetector) -> None:
    detector.found(["a/x"], 10.0)
    assert detector.unreported(11.0, is_behind=True) is None
    detector.hinted("a/x", 11.5)
    assert detector.unreported(12.0) is None, "the hint came, late"
    detector.found(["a/y"], 20.0)
    assert detector.unreported(22.0, is_behind=True) is None
    assert detector.unreported(22.9) is None
    assert detector.unreported(23.0) == "a/y"
