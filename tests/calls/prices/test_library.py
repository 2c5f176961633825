"""The price library behind one module: whole names, times of change, and prices that our rates do not have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from llm_service.calls.prices import library
from llm_service.calls.prices.rates import Usage


@dataclass
class Clause:
    """A condition of the library for names."""

    contains: str | None = None
    starts_with: str | None = None

    def is_match(self, name: str) -> bool:
        return name.startswith(self.starts_with) if self.starts_with else (self.contains or "") in name


@pytest.mark.parametrize(
    ("match", "name", "at_start", "expected"),
    [
        (Clause(contains="opus-4-1"), "claude-opus-4-1", False, True),
        (Clause(contains="opus-4-1"), "claude-opus-4-1-20250805", False, True),
        (Clause(contains="opus-4-1"), "claude-opus-4-10", False, False),
        (Clause(contains="gpt-4"), "gpt-40314", False, True),
        (Clause(contains="gpt-4"), "gpt-4031", False, True),
        (Clause(contains="gpt-4"), "gpt-403", False, False),
        (Clause(contains="gpt-4"), "my-gpt-4", False, True),
        (Clause(contains="gpt-4"), "my-gpt-4", True, False),
        (SimpleNamespace(or_=[Clause(contains="gpt-4"), Clause(contains="x")]), "gpt-40", False, False),
        (SimpleNamespace(or_=[Clause(contains="gpt-4"), Clause(contains="gpt-40")]), "gpt-40", False, True),
        (SimpleNamespace(and_=[Clause(contains="gpt-4")]), "gpt-40", False, False),
        (SimpleNamespace(equals="gpt-40"), "gpt-40", True, True),
    ],
)
def test_a_part_of_another_models_name_is_no_match(match: Any, name: str, at_start: bool, expected: bool) -> None:
    assert library._matches_whole_name(match, name, at_start) is expected


def condition(**constraint: Any) -> SimpleNamespace:
    return SimpleNamespace(constraint=SimpleNamespace(**constraint))


def test_prices_change_at_midnights_and_at_times_of_day_in_utc() -> None:
    day = 1_751_328_000_000  # 2025-07-01T00:00:00Z
    info = SimpleNamespace(
        prices=[
            condition(start_date=date(2025, 7, 1)),
            condition(start_time=time(16, 30, tzinfo=UTC), end_time=time(2, 30, tzinfo=timezone(timedelta(hours=2)))),
            condition(start_time=time(6)),
            SimpleNamespace(constraint=None),
        ]
    )
    dates, times = library._change_points(info)
    assert (dates, times) == ((day,), (30 * 60_000, 6 * 3_600_000, 16 * 3_600_000 + 30 * 60_000))
    assert all(type(moment) is int for moment in dates + times)
    assert library._to_datetime(day) == datetime(2025, 7, 1, tzinfo=UTC)


class Prices:
    """Prices of the library: a call costs `nanos`."""

    def __init__(self, nanos: str = "0", **known: Decimal) -> None:
        self.nanos = Decimal(nanos)
        for key in (*library._PRICE_KEYS.values(), library._PER_CALL_KEY):
            setattr(self, key, known.get(key))

    def calc_price(self, usage: Any) -> dict[str, Decimal]:
        return {"total_price": self.nanos.scaleb(-9)}


def model(prices: Prices, name: str = "quay") -> Any:
    return SimpleNamespace(id=name, get_prices=lambda moment: prices)


CALL = Usage(1, 1, 0, 0, 0, 0)
ANSWER = Usage(0, 0, 0, 0, 0, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_model_without_any_price_is_unknown_unless_it_is_free() -> None:
    assert library._cost_function(model(Prices()), NOW) is None
    free = library._cost_function(model(Prices(), "quay:free"), NOW)
    assert free is not None
    assert (free(CALL), free(ANSWER)) == (0, 0)


def test_a_price_that_our_rates_do_not_have_is_asked_of_the_library() -> None:
    priced = library._cost_function(model(Prices("8.5", input_mtok=Decimal(1))), NOW)
    assert priced is not None
    assert priced(CALL) == 8
    assert priced(ANSWER) is None
    answers = library._cost_function(model(Prices("9.5", output_mtok=Decimal(1))), NOW)
    assert answers is not None
    assert (answers(CALL), answers(ANSWER)) == (None, 10)


def test_a_tiered_price_per_call_is_asked_of_the_library() -> None:
    prices: Any = Prices("7", input_mtok=Decimal(1))
    prices.requests_kcount = SimpleNamespace(base=Decimal(1), tiers=[])
    with pytest.raises(TypeError, match=r"^Tiered prices per call are not supported\.$"):
        library._make_rate(prices, False)
    priced = library._cost_function(model(prices), NOW)
    assert priced is not None
    assert priced(CALL) == 7


def test_what_the_library_cannot_price_has_no_cost() -> None:
    class Failing(Prices):
        def calc_price(self, usage: Any) -> dict[str, Decimal]:
            raise ValueError("more cached than read")

    priced = library._cost_function(model(Failing(input_mtok=Decimal(1))), NOW)
    assert priced is not None
    assert priced(CALL) is None
