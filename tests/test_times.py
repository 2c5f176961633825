"""Times as text, and back."""

from __future__ import annotations

import pytest

from llm_service.times import iso_time, iso_time_ms, seconds_between, unix_time


def test_a_time_is_text_and_back() -> None:
    assert iso_time(1_700_000_000.25) == "2023-11-14T22:13:20.250Z"
    assert iso_time_ms(1_700_000_000_250) == "2023-11-14T22:13:20.250Z"
    assert unix_time("2023-11-14T22:13:20.250Z") == 1_700_000_000.25
    assert unix_time("2023-11-14T23:13:20.250+01:00") == 1_700_000_000.25


@pytest.mark.parametrize("text", [None, "", "yesterday", "2023-99-14T22:13:20Z", "9999-12-31T23:59:59-23:59"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    found = unix_time(text)
    assert found is None or found > 253_402_300_000


def test_seconds_lie_between_two_times() -> None:
    assert seconds_between("2026-11-20T09:00:00Z", "2026-11-20T11:00:01.5+01:00") == 3_601.5
    assert seconds_between("2026-11-20T09:00:00Z", "2026-11-20T08:00:00Z") == -3_600
    assert seconds_between("soon", "2026-11-20T08:00:00Z") is None
    assert seconds_between("2026-11-20T08:00:00Z", "") is None
    assert seconds_between("2026-11-20", "2026-11-20T08:00:00Z") is None
    assert seconds_between("2026-11-20", "2026-11-21") == 86_400
