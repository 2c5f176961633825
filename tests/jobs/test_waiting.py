"""Which job starts next, and why the others wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llm_service.jobs.model import Request
from llm_service.jobs.waiting import decide


def request(job: str, second: int = 0, not_before: str | None = None, put_off: str | None = None) -> Request:
    return Request(
        job=job, project="p", specification="s", profile="script", user=None,
        requested_at=f"2026-11-20T09:00:{second:02}.000Z", not_before=not_before, put_off=put_off,
    )  # fmt: skip


NOW = "2026-11-20T10:00:00.000Z"


def test_in_order_up_to_the_limit() -> None:
    found = decide([request(name) for name in "abcd"], 1, 3, NOW, lambda one: None)
    assert [one.job for one in found.start] == ["a", "b"]
    assert found.reasons == {
        "c": "3 jobs run, and no more than 3 at once; position 1.",
        "d": "3 jobs run, and no more than 3 at once; position 2.",
    }


def test_what_cannot_run_holds_up_nobody() -> None:
    found = decide(
        [request("a"), request("b"), request("c", not_before="2026-11-20T10:00:01.000Z")], 0, 1, NOW,
        lambda one: "The credits are used up." if one.job == "a" else None,
    )  # fmt: skip
    assert [one.job for one in found.start] == ["b"]
    assert found.reasons == {
        "a": "The credits are used up.",
        "c": "It is tried again at 2026-11-20T10:00:01.000Z.",
    }


def test_what_was_put_off_says_why_as_long_as_it_waits() -> None:
    full = request("a", not_before="2026-11-20T10:00:01.000Z", put_off="Only 20 MB of disk are left.")
    found = decide([full], 0, 1, NOW, lambda one: None)
    assert found.reasons == {"a": "Only 20 MB of disk are left. It is tried again at 2026-11-20T10:00:01.000Z."}


@given(st.lists(st.booleans(), max_size=20), st.integers(0, 5), st.integers(1, 5))
def test_every_job_starts_or_has_a_reason(blocked: list[bool], running: int, most: int) -> None:
    requests = [request(str(number)) for number in range(len(blocked))]
    found = decide(requests, running, most, NOW, lambda one: "no" if blocked[int(one.job)] else None)
    started = [one.job for one in found.start]
    assert sorted([*started, *found.reasons], key=int) == [one.job for one in requests]
    assert len(started) == min(max(0, most - running), blocked.count(False))
    assert started == sorted(started, key=int)
