"""Tiers, regions and searches cost what the providers' price pages say, from the day on on which they say so."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.calls.model import Call
from llm_service.calls.prices.book import PriceBook, PriceOverride

MILLION = 1_000_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


NOVEMBER = ms("2026-11-20T10:00:00Z")


@pytest.fixture(scope="module")
def plain() -> PriceBook:
    return PriceBook()


def usd(
    book: PriceBook, model: str | None, provider: str | None, at_ms: int = NOVEMBER, **fields: object
) -> float | None:
    call = Call("id", at_ms, model_name=model, provider=provider, **fields)  # type: ignore[arg-type]
    nanos = book.cost_nanos(call)
    return None if nanos is None else nanos / 1e9


def per_million(
    book: PriceBook, model: str, tier: str | None, at: str = "2026-11-20T10:00:00Z"
) -> tuple[object, object]:
    """The dollars for a million tokens of input and of output, in calls too short for the prices of long inputs."""
    provider = "anthropic" if model.startswith("claude") else "openai"
    fields = {"service_tier": tier, "at_ms": ms(at)}
    read = usd(book, model, provider, prompt_tokens=10_000, **fields)  # type: ignore[arg-type]
    written = usd(book, model, provider, completion_tokens=10_000, **fields)  # type: ignore[arg-type]
    return (read and round(read * 100, 6)), (written and round(written * 100, 6))


@pytest.mark.parametrize(
    ("model", "at", "read", "written"),
    [  # platform.claude.com, code.claude.com and vercel.com, "fast mode", as of 2026-05-29, 2026-08-01 and 2026-11-01
        ("claude-opus-4-6", "2026-03-20T00:00:00Z", 30, 150),
        ("claude-opus-4-7", "2026-06-01T00:00:00Z", 30, 150),
        ("claude-opus-4-8", "2026-06-01T00:00:00Z", 10, 50),
        ("claude-opus-5", "2026-08-01T00:00:00Z", 10, 50),
        ("claude-opus-5-5", "2026-11-01T00:00:00Z", 8, 40),
    ],
)
def test_fast_mode_of_claude_costs_what_the_manual_lists(
    plain: PriceBook, model: str, at: str, read: float, written: float
) -> None:
    assert per_million(plain, model, "fast", at) == (read, written)


@pytest.mark.parametrize(
    ("model", "at", "read", "written"),
    [  # openai.com/api-fast-mode, as of 2026-06-20 and 2026-08-10; "GPT-5.6 Sol" before its price cut of 2026-08-21
        ("gpt-5.6-sol", "2026-08-10T00:00:00Z", 10, 60),
        ("gpt-5.6-sol", "2026-11-20T00:00:00Z", 8, 40),
        ("gpt-5.6-terra", "2026-08-10T00:00:00Z", 4, 24),
        ("gpt-5.6-luna", "2026-08-10T00:00:00Z", 0.4, 2.4),
        ("gpt-5.5", "2026-06-20T00:00:00Z", 12.5, 75),
        ("gpt-5.4-mini", "2026-06-20T00:00:00Z", 1.5, 9),
        ("gpt-5.4", "2026-06-20T00:00:00Z", 5, 30),
        ("gpt-5.2", "2026-06-20T00:00:00Z", 3.5, 28),
        ("gpt-5.1-codex", "2026-06-20T00:00:00Z", 2.5, 20),
        ("gpt-5", "2026-06-20T00:00:00Z", 2.5, 20),
        ("gpt-5-mini", "2026-06-20T00:00:00Z", 0.45, 3.6),
        ("gpt-4.1", "2026-06-20T00:00:00Z", 3.5, 14),
        ("gpt-4.1-mini", "2026-06-20T00:00:00Z", 0.7, 2.8),
        ("gpt-4.1-nano", "2026-06-20T00:00:00Z", 0.2, 0.8),
        ("gpt-4o-2024-11-20", "2026-06-20T00:00:00Z", 4.25, 17),
        ("gpt-4o-2024-05-13", "2026-06-20T00:00:00Z", 8.75, 26.25),
        ("gpt-4o-mini", "2026-06-20T00:00:00Z", 0.25, 1),
        ("o3", "2026-06-20T00:00:00Z", 3.5, 14),
        ("o4-mini", "2026-06-20T00:00:00Z", 2, 8),
    ],
)
@pytest.mark.parametrize("tier", ["priority", "fast"])
def test_priority_of_openai_costs_what_its_page_lists(
    plain: PriceBook, model: str, tier: str, at: str, read: float, written: float
) -> None:
    assert per_million(plain, model, tier, at) == (read, written)


def test_ultrafast_costs_six_times_as_much(plain: PriceBook) -> None:
    # developers.openai.com/api/docs/guides/ultrafast-mode: GPT-6 Astra $60 and $300, GPT-6.1 Sol $12 and $60
    assert per_million(plain, "gpt-6-astra", "ultrafast") == (60, 300)
    assert per_million(plain, "gpt-6.1-sol", "ultrafast") == (12, 60)


def test_batches_and_flex_cost_half(plain: PriceBook) -> None:
    # platform.claude.com, Claude Opus 5: "Batch API: 50% discount on input and output"; OpenAI's tabs Batch and Flex
    assert per_million(plain, "claude-opus-5", "batch") == (2.5, 12.5)
    assert per_million(plain, "gpt-5.6-sol", "batch") == (2, 10)
    assert per_million(plain, "gpt-6.1-sol", "flex") == (1, 5)


def test_the_factor_is_for_all_kinds_of_tokens(plain: PriceBook) -> None:
    # Opus 5 in fast mode: input $10, 5-minute writes 1.25 and 1-hour writes 2 times that, reads a tenth, output $50.
    tokens = {"prompt_tokens": 4_000, "cache_read_tokens": 1_000, "cache_write_tokens": 2_000}
    call = usd(
        plain, "claude-opus-5", "anthropic", service_tier="fast",
        cache_write_1h_tokens=1_000, completion_tokens=1_000, **tokens,
    )  # fmt: skip
    assert call == pytest.approx(0.010 + 0.001 + 0.0125 + 0.020 + 0.050, abs=1e-12)


def test_inference_in_the_us_costs_a_tenth_more_on_top_of_the_tier(plain: PriceBook) -> None:
    # platform.claude.com, "Data residency pricing": 1.1 on all token prices; "stacks" with fast mode.
    assert usd(plain, "claude-opus-5", "anthropic", prompt_tokens=MILLION, inference_geo="us") == 5.5
    assert (
        usd(plain, "claude-opus-5", "anthropic", prompt_tokens=MILLION, inference_geo="us", service_tier="fast") == 11
    )
    assert (
        usd(plain, "gpt-5", "openai", prompt_tokens=MILLION, inference_geo="us") == 1.25
    )  # OpenAI's logs say no region


@pytest.mark.parametrize(("tier", "geo"), [("priority", None), ("scale", None), (None, "eu"), ("fast-ish", None)])
def test_a_tier_or_region_without_a_listed_factor_has_the_list_price(
    plain: PriceBook, tier: str | None, geo: str | None
) -> None:
    assert usd(plain, "claude-opus-5", "anthropic", prompt_tokens=MILLION, service_tier=tier, inference_geo=geo) == 5


def test_a_factor_applies_from_its_day_on(plain: PriceBook) -> None:
    first = ms("2024-10-08T00:00:00Z")  # batches of Anthropic: generally available
    costs = [
        usd(plain, "claude-3-5-sonnet-20240620", "anthropic", at, prompt_tokens=MILLION, service_tier="batch")
        for at in (first - 1, first)
    ]
    assert costs == [3, 1.5]


def test_searches_cost_ten_dollars_a_thousand_in_any_tier(plain: PriceBook) -> None:
    assert usd(plain, "claude-opus-5", "anthropic", web_searches=7) == 0.07
    for tier, tokens in ((None, 5.0), ("fast", 10.0), ("batch", 2.5)):
        call = usd(plain, "claude-opus-5", "anthropic", prompt_tokens=MILLION, web_searches=1_000, service_tier=tier)
        assert call == tokens + 10
    assert usd(plain, "gpt-5", "openai", prompt_tokens=MILLION, web_searches=3) == 1.28
    assert usd(plain, "us.anthropic.claude-opus-4-5-20251101-v1:0", "aws", web_searches=2) == 0.02


def test_searches_alone_cost_the_same_with_any_model_of_a_known_provider(plain: PriceBook) -> None:
    assert usd(plain, None, "anthropic", web_searches=3) == 0.03
    assert usd(plain, "claude-of-tomorrow", "anthropic", web_searches=3) == 0.03


def test_searches_without_a_known_fee_have_no_price(plain: PriceBook) -> None:
    assert usd(plain, "gemini-2.5-pro", "google", prompt_tokens=10, web_searches=1) is None
    assert usd(plain, "quay-local-32b", "ollama", web_searches=1) is None
    assert usd(plain, "claude-of-tomorrow", "anthropic", prompt_tokens=10, web_searches=1) is None


def test_the_users_own_price_is_that_of_the_standard_tier() -> None:
    book = PriceBook(
        [
            PriceOverride(
                model="claude-opus-5", provider="anthropic", input_per_mtok=Decimal(3), output_per_mtok=Decimal(15)
            )
        ]
    )
    assert usd(book, "claude-opus-5", "anthropic", prompt_tokens=MILLION, service_tier="fast") == 6
    assert usd(book, "claude-opus-5", "anthropic", prompt_tokens=MILLION, service_tier="batch", web_searches=1) == 1.51


@given(st.integers(0, 10**7), st.integers(0, 10**6))
def test_halves_of_a_nano_dollar_are_rounded_to_even(prompt: int, completion: int) -> None:
    book = PriceBook(
        [
            PriceOverride(
                model="claude-x",
                provider="anthropic",
                input_per_mtok=Decimal("0.001"),
                output_per_mtok=Decimal("0.003"),
            )
        ]
    )
    fields = {"prompt_tokens": prompt, "completion_tokens": completion, "service_tier": "batch"}
    nanos = book.cost_nanos(Call("id", NOVEMBER, model_name="claude-x", provider="anthropic", **fields))  # type: ignore[arg-type]
    assert nanos == round(Decimal(prompt + 3 * completion) / 2)
