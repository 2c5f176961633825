"""Prices of the user's own in the settings: exact, and refused with their place."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from kit.settings import entry_refusal, settings_file

from llm_service.calls.settings import CallSettings, PriceOverride
from llm_service.cli.sections import load_settings

PRICE = {"model": "quayside-large", "input_per_mtok": 3, "output_per_mtok": 15}


def test_prices_of_a_file_become_exact_values(tmp_path: Path) -> None:
    settings_file(
        tmp_path,
        """
prices:
  - {model: "quayside-*", provider: quayside, input_per_mtok: 0.1, output_per_mtok: 15, since: 2026-02-01}
  - model: quayside-small
    input_per_mtok: 3
    output_per_mtok: 1.5e1
    cache_read_per_mtok: 0.30
    cache_write_per_mtok: 0
    cache_write_1h_per_mtok: 6
""",
    )
    settings = load_settings(str(tmp_path), environ={})
    assert settings.of(CallSettings).prices == [
        PriceOverride("quayside-*", "quayside", Decimal("0.1"), Decimal(15), since=date(2026, 2, 1)),
        PriceOverride("quayside-small", None, Decimal(3), Decimal(15), Decimal("0.3"), Decimal(0), Decimal(6)),
    ]


def test_prices_are_json_in_the_environment() -> None:
    settings = load_settings(environ={"LLM_SERVICE_PRICES": json.dumps([PRICE])})
    assert settings.of(CallSettings).prices == [PriceOverride("quayside-large", None, Decimal(3), Decimal(15))]


def test_no_prices_are_none(tmp_path: Path) -> None:
    settings_file(tmp_path, "prices:\n")
    assert load_settings(str(tmp_path), environ={}).of(CallSettings).prices == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": None}, " needs model, the name of a model"),
        ({"model": "a*b"}, ".model may have a * only at its end, not a*b."),
        ({"model": "*"}, ".model may be * only with a provider"),
        ({"input_per_mtok": -1}, ".input_per_mtok has to be a number of US dollars per million tokens, 0 or"),
        ({"output_per_mtok": None}, " needs output_per_mtok, a number of US dollars"),
        ({"since": "Februrary"}, ".since has to be a date, YYYY-MM-DD, not Februrary."),
        ({"since": 2026}, ".since has to be a date, YYYY-MM-DD, not 2026."),
        ({"cache-read-per-mtok": 1}, ".cache-read-per-mtok is unknown; did you mean cache_read_per_mtok?"),
    ],
)
def test_a_price_that_does_not_fit_is_refused_with_its_line_and_place(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    key = words[1:].split(" ")[0] if words.startswith(".") else ""
    assert entry_refusal(tmp_path, "prices", PRICE, changes, key).startswith(f"prices[1]{words}")
