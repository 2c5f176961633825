"""Tiers and regions are one spelling, and those at the list price are none."""

from __future__ import annotations

import pytest

from llm_service.calls.model import CallRefused, read_call
from llm_service.calls.served import normalize_geo, normalize_tier

NOW_MS = 1_795_500_000_000
LINE = {"timestamp": "2026-11-20T10:00:00Z", "prompt_tokens": 5}


@pytest.mark.parametrize(
    ("written", "tier"),
    [
        (None, None), ("", None), ("standard", None), ("Standard", None), ("default", None), ("auto", None),
        ("normal", None), (" on_demand ", None), ("fast", "fast"), ("PRIORITY", "priority"), ("flex", "flex"),
        ("batch", "batch"), ("scale", "scale"),
    ],
)  # fmt: skip
def test_a_standard_tier_is_none_and_others_are_in_lower_case(written: str | None, tier: str | None) -> None:
    assert normalize_tier(written) == tier
    assert read_call(LINE | {"service_tier": written}, NOW_MS).service_tier == tier


@pytest.mark.parametrize(
    ("written", "geo"), [(None, None), ("global", None), ("not_available", None), ("US", "us"), ("eu", "eu")]
)
def test_a_region_without_its_own_price_is_none(written: str | None, geo: str | None) -> None:
    assert normalize_geo(written) == geo
    assert read_call(LINE | {"inference_geo": written}, NOW_MS).inference_geo == geo


@pytest.mark.parametrize(
    ("written", "found"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_only_true_says_that_a_call_is_not_confirmed(written: object, found: bool) -> None:
    assert read_call(LINE | {"unconfirmed": written}, NOW_MS).unconfirmed is found


def test_searches_are_a_count_within_limits() -> None:
    assert read_call(LINE | {"web_searches": 3}, NOW_MS).web_searches == 3
    assert read_call(LINE | {"web_search_requests": 4}, NOW_MS).web_searches == 4
    for wrong in (-1, 100_001, "many", True):
        with pytest.raises(CallRefused, match="web_searches"):
            read_call(LINE | {"web_searches": wrong}, NOW_MS)


@pytest.mark.parametrize(
    ("fields", "nanos", "source"),
    [
        ({}, None, None),
        ({"cost_usd": 0.5}, 500_000_000, None),
        ({"cost_usd": 0.5, "cost_source": "priced"}, 500_000_000, "priced"),
        ({"cost_usd": 0.5, "cost_source": "reported"}, 500_000_000, "reported"),
        ({"cost_usd": None, "cost_source": "unknown"}, None, "unknown"),
        ({"cost_source": "priced"}, None, None),
        ({"cost_usd": 0.5, "cost_source": "somebody"}, 500_000_000, None),
        ({"cost_usd": 1e-09, "cost_source": "priced"}, 1, "priced"),
        ({"cost_usd": 99_999.999_999_999, "cost_source": "priced"}, 99_999_999_999_999, "priced"),
    ],
)
def test_the_cost_of_an_export_is_taken_as_it_is(
    fields: dict[str, object], nanos: int | None, source: str | None
) -> None:
    call = read_call(LINE | fields, NOW_MS)
    assert (call.cost_nanos, call.cost_source) == (nanos, source)


def test_flags_of_an_export_stay() -> None:
    assert read_call(LINE | {"flags": ["future", "unheard of"]}, NOW_MS).flags == 1
    for wrong in (None, [], "future", 1):
        assert read_call(LINE | {"flags": wrong}, NOW_MS).flags == 0
