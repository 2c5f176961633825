"""Prices: equal to the library's to the nano-dollar, for names as agents write them, and the user's own prices."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import pytest
from genai_prices import Usage as LibraryUsage
from genai_prices import calc_price
from genai_prices.data import providers
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.calls.model import Call
from llm_service.calls.prices import library as price_library
from llm_service.calls.prices.book import PriceBook, PriceOverride
from llm_service.calls.prices.model_names import candidates, normalize_model, provider_id
from llm_service.calls.prices.rates import Rate, Usage, make_rate


def _literals(match: Any) -> list[str]:
    """The literals in the library's condition for a model's names."""
    nested = getattr(match, "or_", None) or getattr(match, "and_", None) or []
    own = [getattr(match, kind, None) for kind in ("equals", "starts_with", "ends_with", "contains")]
    return [text for text in own if text] + [text for part in nested for text in _literals(part)]


def _names() -> list[tuple[str, str]]:
    """(provider, a name by which the library finds the model) for each of its models."""
    found = []
    for provider in providers:
        for model in provider.models:
            names = (name for name in (model.id, *_literals(model.match)) if provider.find_model(name) is model)
            found += [(provider.id, name) for name in names][:1]
    return found


ALL = _names()


@pytest.fixture(scope="module")
def plain() -> PriceBook:
    """A book without prices of the user. Not a constant of this module: `make mutants` would find it filled."""
    return PriceBook()


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


NOW = ms("2026-03-01T12:00:00Z")


def call(model: str | None, provider: str | None = None, at: int = NOW, **tokens: Any) -> Call:
    return Call("id", at, model_name=model, provider=provider, **tokens)


def library_cost(one: Call) -> int | None:
    """The cost by the library, rounded only at the end; None if some of the tokens have no price."""
    usage = LibraryUsage(
        input_tokens=one.prompt_tokens,
        cache_read_tokens=one.cache_read_tokens,
        cache_write_tokens=one.cache_write_tokens,
        cache_write_1h_tokens=one.cache_write_1h_tokens,
        output_tokens=one.completion_tokens,
    )
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=one.timestamp_ms)
    with localcontext() as context:
        context.prec = 80
        found = calc_price(usage, one.model_name or "", provider_id=one.provider, genai_request_timestamp=at)
        nanos = int((found.total_price * 10**9).to_integral_value(ROUND_HALF_EVEN))
    price: Any = found.model_price
    if not found.model.id.endswith(":free"):
        if (one.prompt_tokens and price.input_mtok is None) or (one.completion_tokens and price.output_mtok is None):
            return None
        if price.input_mtok is None and price.output_mtok is None and price.requests_kcount is None:
            return None
    return nanos


def tokens(prompt: int, read: int, write: int, hour: int, completion: int) -> dict[str, Any]:
    """Token counts whose parts do not exceed the prompt."""
    read %= prompt + 1
    write %= prompt - read + 1
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "cache_read_tokens": read,
        "cache_write_tokens": write,
        "cache_write_1h_tokens": hour % (write + 1),
    }


COUNT = st.one_of(st.integers(0, 600_000), st.sampled_from([0, 1, 128_000, 200_000, 200_001, 272_000, 272_001]))
TIME = st.one_of(
    st.integers(ms("2020-01-01T00:00:00Z"), ms("2030-01-01T00:00:00Z")),
    st.builds(  # around every hour, half-hour and midnight
        lambda half_hours, off: ms("2025-01-01T00:00:00Z") + half_hours * 1_800_000 + off,
        st.integers(0, 48 * 900),
        st.integers(-1, 1),
    ),
)


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(ALL), TIME, st.builds(tokens, COUNT, COUNT, COUNT, COUNT, COUNT))
def test_every_price_equals_the_librarys_to_the_nano_dollar(
    plain: PriceBook, model: tuple[str, str], at: int, counts: dict[str, Any]
) -> None:
    one = call(model[1], model[0], at, **counts)
    assert plain.cost_nanos(one) == library_cost(one)


def test_every_model_of_the_library_is_priced_as_the_library_does_below_and_above_its_tiers(plain: PriceBook) -> None:
    random_numbers = random.Random(3)
    priced = 0
    for provider, model in ALL:
        for most in (9_000, 150_000, 1_000_000):
            counts = tokens(*(random_numbers.randrange(most) for _ in range(5)))
            one = call(model, provider, random_numbers.randrange(NOW - 10**11, NOW + 2 * 10**10), **counts)
            expected = library_cost(one)
            assert plain.cost_nanos(one) == expected, one
            priced += expected is not None
    assert len(ALL) > 2_200
    assert priced > 6_000


def test_conditions_by_date_and_time_of_day_apply_to_the_millisecond(plain: PriceBook) -> None:
    edges = 0
    for provider in providers:
        for model in provider.models:
            found = price_library.find(provider.id, model.id.lower())
            if found is None or not (found.dates_ms or found.times_ms):
                continue
            days = [*found.dates_ms, ms("2025-06-01T00:00:00Z"), ms("2026-12-01T00:00:00Z")]
            for day in days:
                for edge in (0, *found.times_ms):
                    for at in (day + edge - 1, day + edge, day + edge + 1):
                        one = call(model.id, provider.id, at, prompt_tokens=1_000, completion_tokens=1_000)
                        assert plain.cost_nanos(one) == library_cost(one)
                        edges += 1
    assert edges > 500


def test_off_peak_hours_cost_less(plain: PriceBook) -> None:
    def cost(time: str) -> int | None:
        counts = {"prompt_tokens": 1_000_000, "completion_tokens": 0}
        return plain.cost_nanos(call("deepseek-chat", "deepseek", ms(f"2025-07-01T{time}Z"), **counts))

    assert cost("16:30:00") == cost("00:29:59.999") == 135_000_000
    assert cost("16:29:59.999") == cost("00:30:00") == 270_000_000


def test_the_price_of_long_inputs_is_for_all_tokens_of_the_call(plain: PriceBook) -> None:
    def cost(prompt: int) -> int | None:
        return plain.cost_nanos(call("claude-sonnet-4-5-20250929", "anthropic", prompt_tokens=prompt))

    assert cost(200_000) == 600_000_000
    assert cost(200_001) == 1_200_006_000


def test_cached_input_is_billed_once(plain: PriceBook) -> None:
    one = call(
        "claude-opus-4-1",
        prompt_tokens=1_000,
        cache_read_tokens=700,
        cache_write_tokens=200,
        cache_write_1h_tokens=50,
        completion_tokens=10,
    )
    by_hand = 100 * 15_000 + 700 * 1_500 + 150 * 18_750 + 50 * 30_000 + 10 * 75_000
    assert plain.cost_nanos(one) == by_hand


@pytest.mark.parametrize(
    ("model", "provider", "expected"),
    [
        ("claude-sonnet-4-5-20250929", None, "anthropic/claude-sonnet-4-5"),
        ("Claude-Sonnet-4-5", "Anthropic", "anthropic/claude-sonnet-4-5"),
        ("anthropic/claude-sonnet-4.5", None, "anthropic/claude-sonnet-4-5"),
        ("anthropic/claude-sonnet-4-5", "anthropic", "anthropic/claude-sonnet-4-5"),
        ("claude-opus-4-1[1m]", None, "anthropic/claude-opus-4-1"),
        ("claude-sonnet-4-5-20250929[1m]", "anthropic", "anthropic/claude-sonnet-4-5"),
        ("claude-sonnet-4-5", "openai", "anthropic/claude-sonnet-4-5"),
        (
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            None,
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws.bedrock",
            "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.claude-opus-4-5-20251101-v1:0",
            None,
            "aws/global.anthropic.claude-opus-4-5-v1:0",
        ),
        ("claude-sonnet-4-5@20250929", "gcp.vertex_ai", "google/claude-sonnet-4-5"),
        ("publishers/anthropic/models/claude-sonnet-4-5@20250929", "vertex_ai", "google/claude-sonnet-4-5"),
        ("models/gemini-2.5-pro", None, "google/gemini-2.5-pro"),
        ("models/gemini-2.5-pro", "gcp.gemini", "google/gemini-2.5-pro"),
        ("projects/p/locations/l/publishers/google/models/gemini-2.5-pro", "gcp.vertex_ai", "google/gemini-2.5-pro"),
        ("gpt-5-codex", None, "openai/gpt-5"),
        ("codex-mini-latest", None, "openai/codex-mini"),
        ("text-embedding-3-small", None, "openai/text-embedding-3-small"),
        ("gpt-5-2025-08-07", "azure.ai.openai", "azure/gpt-5"),
        ("azure/gpt-5", "some proxy", "azure/gpt-5"),
        ("openrouter/anthropic/claude-sonnet-4.5", None, "openrouter/anthropic/claude-sonnet-4.5"),
        ("openrouter/anthropic/claude-sonnet-4.5", "openrouter", "openrouter/anthropic/claude-sonnet-4.5"),
        ("anthropic/claude-sonnet-4-5", "openrouter", "openrouter/anthropic/claude-sonnet-4.5"),
        ("groq/llama-3.1-8b-instant", "openai", "groq/llama-3.1-8b-instant"),
        ("xai/grok-4", None, "x-ai/grok-4-0709"),
        ("glm-4.6", "anthropic", "zai/GLM-4.6"),
    ],
)
def test_names_as_agents_write_them_are_found(
    plain: PriceBook, model: str, provider: str | None, expected: str
) -> None:
    assert plain.resolved_model(model, provider) == expected
    assert plain.cost_nanos(call(model, provider, prompt_tokens=10)) is not None


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        (None, None),
        ("", "anthropic"),
        ("  ", None),
        ("<synthetic>", None),
        ("<synthetic>", "anthropic"),
        ("[1m]", "anthropic"),
        ("claude-opus-4-10", None),
        ("claude-opus-4-19-20270101", "anthropic"),
        ("claude-opus-9", None),
        ("not-claude-sonnet-4-5", None),
        ("gpt-5-banana", None),
        ("gpt-9", "openai"),
        ("gpt-4o-2099-01-01", None),
        ("sonnet", None),
        ("my-gpt-4o", None),
        ("models/", "google"),
        ("anthropic/", None),
        ("/claude-opus-4-1/x", None),
        ("someone/claude-opus-4-1", None),
        ("gpt-5", "gcp.vertex_ai"),
        ("gpt-oss-20b", "ollama"),
        ("llama3.1:8b", "ollama"),
        ("x-moderation-model", None),
        ("whisper-1", "openai"),
    ],
)
def test_unknown_models_have_no_price(plain: PriceBook, model: str | None, provider: str | None) -> None:
    assert plain.cost_nanos(call(model, provider, prompt_tokens=10, completion_tokens=1)) is None
    if model != "whisper-1":  # in the library, with prices that are not of tokens
        assert plain.resolved_model(model, provider) is None


@given(
    st.sampled_from([model for _, model in ALL if "/" not in model]), st.text("abz0159.-_/:@[]", min_size=1, max_size=3)
)
@settings(max_examples=500, deadline=None)
def test_a_prefix_of_a_name_is_removed_only_if_it_says_where_the_model_is_served(model: str, prefix: str) -> None:
    name = normalize_model(prefix + model)
    if name is None:
        return
    for _, form in candidates(name, None):
        assert form == name or form.replace(".", "-") == name.replace(".", "-")


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("gcp.vertex_ai", "google"),
        ("gcp.gemini", "google"),
        ("gcp.gen_ai", "google"),
        ("vertex_ai", "google"),
        ("aws.bedrock", "aws"),
        ("aws_bedrock", "aws"),
        ("azure.ai.openai", "azure"),
        ("azure.ai.inference", "azure"),
        ("az.ai.openai", "azure"),
        ("AzureOpenAI", "azure"),
        ("mistral_ai", "mistral"),
        ("x_ai", "x-ai"),
        ("xai", "x-ai"),
        ("OpenAI", "openai"),
        (" Anthropic ", "anthropic"),
        ("together_ai", "together"),
        ("ollama", "local"),
        ("lm-studio", "local"),
        ("ibm.watsonx.ai", None),
        ("litellm", None),
        ("", None),
        (None, None),
    ],
)
def test_providers_are_recognised_in_their_spellings(hint: str | None, expected: str | None) -> None:
    assert provider_id(hint) == expected


def test_every_provider_of_the_library_is_recognised_by_its_own_name() -> None:
    assert [provider.id for provider in providers if provider_id(provider.id) != provider.id] == []


def own(model: str, price: int, provider: str | None = None, since: date | None = None) -> PriceOverride:
    return PriceOverride(model, provider, Decimal(price), Decimal(price), since=since)


def nanos_per_token(book: PriceBook, model: str, provider: str | None = None, at: int = NOW) -> int | None:
    return book.cost_nanos(call(model, provider, at, prompt_tokens=1))


@pytest.fixture
def away_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's clock in another time zone than UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("away_from_utc")
def test_the_users_own_price_takes_precedence_from_its_first_day(plain: PriceBook) -> None:
    book = PriceBook(
        [own("claude-opus-4-1", 7, since=date(2026, 2, 1)), own("claude-opus-4-1", 8, since=date(2026, 3, 1))]
    )
    assert nanos_per_token(book, "claude-opus-4-1", at=ms("2026-01-31T23:59:59.999Z")) == 15_000
    assert nanos_per_token(book, "claude-opus-4-1", at=ms("2026-02-01T00:00:00Z")) == 7_000
    assert nanos_per_token(book, "claude-opus-4-1[1m]", at=ms("2026-02-28T23:59:59.999Z")) == 7_000
    assert nanos_per_token(book, "Claude-Opus-4-1", "anthropic", ms("2026-03-01T00:00:00Z")) == 8_000
    assert nanos_per_token(book, "claude-opus-4-5") == nanos_per_token(plain, "claude-opus-4-5")


def test_a_dated_price_counts_before_one_that_always_applied() -> None:
    book = PriceBook([own("quay", 2, since=date(2026, 1, 1)), own("quay", 1)])
    assert nanos_per_token(book, "quay") == 2_000
    assert nanos_per_token(book, "quay", at=ms("2025-12-31T23:59:59Z")) == 1_000


def test_a_price_may_be_for_the_name_with_its_brackets() -> None:
    book = PriceBook([own("Quay[1m]", 2), own("quay", 1)])
    assert [nanos_per_token(book, name) for name in ("quay", "QUAY[1m]", " quay[1m] ")] == [1_000, 2_000, 2_000]


def test_the_users_price_with_the_most_specific_name_counts() -> None:
    book = PriceBook([own("quay-*", 1), own("quay-large*", 2), own("quay-large", 3), own("quay-large", 4, "Harbour")])
    assert nanos_per_token(book, "quay-small") == 1_000
    assert nanos_per_token(book, "quay-large-2") == 2_000
    assert nanos_per_token(book, "quay-large") == 3_000
    assert nanos_per_token(book, "quay-large", "harbour") == 4_000
    assert nanos_per_token(book, "quayside") is None


def test_a_price_for_a_provider_applies_to_all_its_spellings_and_to_no_other() -> None:
    book = PriceBook([own("*", 5, "ollama"), own("claude-opus-4-1", 6, "aws")])
    assert nanos_per_token(book, "llama3.1:8b", "Ollama") == 5_000
    assert nanos_per_token(book, "llama3.1:8b", "lmstudio") is None
    assert nanos_per_token(book, "llama3.1:8b") is None
    assert nanos_per_token(book, "claude-opus-4-1", "aws.bedrock") == 6_000
    assert nanos_per_token(book, "claude-opus-4-1", "anthropic") == 15_000
    assert nanos_per_token(book, "<synthetic>", "ollama") is None


def test_missing_cache_prices_are_replaced_by_input_and_write_prices() -> None:
    counts = tokens(100, 40, 30, 10, 5)
    without_cache_prices = PriceBook([PriceOverride("m", None, Decimal("0.1"), Decimal(2))])
    assert without_cache_prices.cost_nanos(call("m", **counts)) == 100 * 100 + 5 * 2_000
    hour = PriceBook([PriceOverride("m", None, Decimal(1), Decimal(2), Decimal("0.5"), Decimal(3), Decimal(4))])
    assert hour.cost_nanos(call("m", **counts)) == 30 * 1_000 + 40 * 500 + 20 * 3_000 + 10 * 4_000 + 5 * 2_000
    cached = PriceBook([PriceOverride("m", None, Decimal(1), Decimal(2), Decimal("0.5"), Decimal(3))])
    assert cached.cost_nanos(call("m", **counts)) == 30 * 1_000 + 40 * 500 + 30 * 3_000 + 5 * 2_000


def test_halves_of_a_nano_dollar_are_rounded_to_even() -> None:
    rate = make_rate({"input": Decimal("0.0005"), "output": Decimal(0)})
    costs = [rate.cost_nanos(Usage(prompt, prompt, 0, 0, 0, 0)) for prompt in range(1, 6)]
    assert costs == [0, 1, 2, 2, 2]


def test_impossible_counts_have_no_price(plain: PriceBook) -> None:
    assert plain.cost_nanos(call("gpt-5", prompt_tokens=1, cache_read_tokens=2)) is None


def test_a_price_that_rates_do_not_support_is_evaluated_by_the_library(
    plain: PriceBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the library had a price that our rates do not support.
    one = call("gpt-5", "openai", prompt_tokens=1_000, completion_tokens=10)
    expected = plain.cost_nanos(one)
    monkeypatch.setattr(price_library, "make_rate", lambda *_: make_rate({"input": Decimal(1), "output": Decimal(1)}))
    assert PriceBook().cost_nanos(one) == expected


def test_rates_support_every_price_of_the_library() -> None:
    for provider, name in ALL:
        found = price_library.find(provider, name.lower())
        price = found.cost_function(NOW) if found else None
        assert price is None or isinstance(getattr(price, "__self__", None), Rate), name


def test_the_version_changes_with_the_users_prices() -> None:
    versions = {PriceBook(prices).version() for prices in ([], [own("m", 1)], [own("m", 2)], [own("m", 1, "p")])}
    assert len(versions) == 4
    assert PriceBook().version() == f"genai-prices {price_library.version()}/2"
    assert re.fullmatch(r"genai-prices \S+/2, own [0-9a-f]{8}", PriceBook([own("m", 1)]).version())


def test_the_cache_of_model_names_is_bounded() -> None:
    book = PriceBook()
    sizes = []
    for number in range(5_001):
        book.cost_nanos(call(f"<{number}>"))
        sizes.append(len(book._schedules))
    assert (max(sizes), sizes[-1]) == (5_000, 1)


def test_a_model_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    book = PriceBook()
    one = call("gpt-5", prompt_tokens=1_000)
    cost = book.cost_nanos(one)
    monkeypatch.setattr(price_library, "find", None)
    assert book.cost_nanos(one) == cost


def test_the_library_is_not_imported_before_a_call_is_priced() -> None:
    script = (
        "import sys; from llm_service.calls.model import Call; from llm_service.calls.prices.book import PriceBook;"
        "book = PriceBook(); book.version(); assert 'genai_prices' not in sys.modules;"
        "book.cost_nanos(Call('id', 0, model_name='gpt-5')); assert 'genai_prices' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
