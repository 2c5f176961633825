"""Budgets: the level of an amount spent, and when a change of level is notified."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.costs.budgets import LEVELS, BudgetNotice, BudgetState, budget_text, evaluate, has_risen, level_of
from llm_service.costs.settings import BudgetRule

RULE = BudgetRule("daily", "day", 10_000_000_000)
TODAY, TOMORROW = "2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00"


def at(cents: int, before: BudgetNotice | None = None, period: str = TODAY, rule: BudgetRule = RULE) -> BudgetState:
    return evaluate(rule, cents * 10_000_000, 0, period, before)


@pytest.mark.parametrize(
    ("cents", "level"),
    [(0, "ok"), (799, "ok"), (800, "warn"), (999, "warn"), (1_000, "alert"), (5_000, "alert")],
)
def test_levels_start_at_80_and_100_percent(cents: int, level: str) -> None:
    assert at(cents).level == level


def test_a_limit_is_reached_to_the_nano_dollar() -> None:
    assert level_of(9_999_999_999, 10_000_000_000) == "warn"
    assert level_of(7_999_999_999, 10_000_000_000) == "ok"
    assert level_of(3, 3) == "alert"


@pytest.mark.parametrize(
    ("before", "cents", "level"),
    [
        ("warn", 799, "warn"),
        ("warn", 750, "warn"),
        ("warn", 749, "ok"),
        ("alert", 960, "alert"),
        ("alert", 949, "warn"),
        ("alert", 760, "warn"),
        ("alert", 700, "ok"),
        ("warn", 1_000, "alert"),
    ],
)
def test_within_a_period_a_level_falls_only_when_spending_is_clearly_below(before: str, cents: int, level: str) -> None:
    assert at(cents, BudgetNotice(TODAY, RULE.limit_nanos, before)).level == level


def test_a_new_period_and_a_new_limit_start_at_the_level_of_the_spending() -> None:
    assert at(790, BudgetNotice(TODAY, RULE.limit_nanos, "alert"), TOMORROW).level == "ok"
    assert at(790, BudgetNotice(TODAY, RULE.limit_nanos // 2, "alert")).level == "ok"


def test_a_level_rises_once_in_a_period() -> None:
    first = at(850)
    assert has_risen(first, None)
    assert not has_risen(at(870, first.notice()), first.notice())
    assert not has_risen(at(790, first.notice()), first.notice())
    assert has_risen(at(1_100, first.notice()), first.notice())
    assert has_risen(at(850, first.notice(), TOMORROW), first.notice())
    assert not has_risen(at(10), None)


@given(st.lists(st.integers(0, 1_500), max_size=30))
def test_growing_spending_is_notified_at_most_twice_a_period(cents: list[int]) -> None:
    before: BudgetNotice | None = None
    notified = []
    for sum_so_far in sorted(cents):
        state = at(sum_so_far, before)
        if has_risen(state, before):
            notified.append(state.level)
        before = state.notice()
    assert notified in ([], ["warn"], ["alert"], ["warn", "alert"])


@given(st.integers(0, 1_500), st.sampled_from(LEVELS))
def test_a_published_level_does_not_change_without_new_spending(cents: int, level: str) -> None:
    state = at(cents, BudgetNotice(TODAY, RULE.limit_nanos, level))
    again = at(cents, state.notice())
    assert again == state
    assert not has_risen(again, state.notice())


def test_the_json_of_a_budget_is_as_documented() -> None:
    rule = BudgetRule("Harbour", "month", 5_000_000_000, "agent", "architect", "https://hooks.example.org/s3cret", True)
    state = evaluate(rule, 4_100_000_000, 3, TODAY, None)
    assert state.as_json() == {
        "name": "Harbour",
        "period": "month",
        "scope": "agent",
        "subject": "architect",
        "limit_usd": 5.0,
        "spent_usd": 4.1,
        "share": 0.82,
        "level": "warn",
        "unpriced_calls": 3,
        "period_start": TODAY,
        "stop_runs": True,
    }
    assert budget_text(state.as_json()) == (
        "Budget “Harbour”: $4.10 of $5.00 spent by agent “architect” (82%) since 2026-11-21. "
        "3 calls without a known price not included."
    )
    assert budget_text(at(1_000).as_json()) == "Budget “daily”: $10.00 of $10.00 spent (100%) since 2026-11-21."
