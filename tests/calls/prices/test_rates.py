"""Rates: integers only, exact, with the tiers and the replacements of missing prices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from llm_service.calls.prices.rates import Usage, make_rate


def test_a_cost_is_a_whole_number_also_where_prices_are_whole_dollars() -> None:
    cost = make_rate({"input": Decimal(7), "output": Decimal(1)}).cost_nanos(Usage(10**15, 10**15, 0, 0, 0, 0))
    assert (type(cost), cost) == (int, 7 * 10**18)


def test_a_tier_begins_above_its_start_be_it_the_first_token() -> None:
    rate = make_rate({"input": (Decimal(1), [(1, Decimal(5))])})
    assert [rate.cost_nanos(Usage(prompt, prompt, 0, 0, 0, 0)) for prompt in (1, 2)] == [1_000, 10_000]


def test_tokens_without_a_price_have_no_cost_unless_the_model_is_free() -> None:
    for free, expected in ((False, None), (True, 1_000)):
        rate = make_rate({"input": Decimal(1)}, free=free)
        assert rate.cost_nanos(Usage(1, 1, 0, 0, 0, 1)) == expected
    assert make_rate({"input": Decimal(1)}).cost_nanos(Usage(1, 1, 0, 0, 0, 1)) is None


def test_a_price_per_thousand_calls_is_added_to_each() -> None:
    rate = make_rate({"input": Decimal(1), "output": Decimal(1)}, Decimal(5))
    assert rate.cost_nanos(Usage(2, 2, 0, 0, 0, 0)) == 2_000 + 5_000_000


@pytest.mark.parametrize("price", ["NaN", "Infinity"])
def test_a_price_that_is_no_number_is_refused(price: str) -> None:
    with pytest.raises(ValueError, match=r"^A price has to be a number\.$"):
        make_rate({"input": Decimal(price)})
