"""Budgets and addresses to notify in the settings: exact, and refused with their place and without their secrets."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from kit.live import stand_in
from kit.settings import entry_refusal, refusal, settings_file

from llm_service.cli.sections import load_settings
from llm_service.costs.settings import BudgetRule, CostSettings

BUDGET = {"period": "day", "limit_usd": 5}


def test_budgets_of_a_file_become_exact_values(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    named = settings_file(
        tmp_path,
        """
budgets:
  - {period: day, limit_usd: 0.1}
  - {period: month, limit_usd: 200, agent: architect, stop_runs: true, webhook: "https://hooks.example.org/s3cret"}
  - {name: Harbour, period: month, limit_usd: 12.345678901, project: quayside}
""",
    )
    settings = load_settings(str(tmp_path / "workspace"), named, environ={})
    assert settings.of(CostSettings).budgets == [
        BudgetRule("daily", "day", 100_000_000),
        BudgetRule(
            "monthly, agent architect",
            "month",
            200_000_000_000,
            "agent",
            "architect",
            "https://hooks.example.org/s3cret",
            True,
        ),
        BudgetRule("Harbour", "month", 12_345_678_901, "project", "quayside"),
    ]
    assert "s3cret" not in repr(settings)
    assert settings.secrets() == ["https://hooks.example.org/s3cret"]


def test_budgets_are_json_in_the_environment() -> None:
    settings = load_settings(environ={"LLM_SERVICE_BUDGETS": json.dumps([BUDGET])})
    assert settings.of(CostSettings).budgets == [BudgetRule("daily", "day", 5_000_000_000)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[{", "budgets has to be a list of mappings, written as JSON in the environment"),
        ("{}", "budgets has to be a list of mappings, not {}."),
        ('["day"]', "budgets[0] has to be a mapping, not day."),
    ],
)
def test_json_of_the_environment_that_does_not_fit_is_refused_with_the_variable(text: str, words: str) -> None:
    assert refusal(environ={"LLM_SERVICE_BUDGETS": text}).startswith(
        f"environment variable LLM_SERVICE_BUDGETS: {words}"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"limit_usd": -5}, ".limit_usd has to be a number above 0, not -5."),
        ({"limit_usd": 0}, ".limit_usd has to be a number above 0, not 0."),
        ({"limit_usd": "five"}, ".limit_usd has to be a number above 0, not five."),
        ({"limit_usd": True}, ".limit_usd has to be a number above 0, not true."),
        ({"limit_usd": 1e-12}, ".limit_usd has to be a number above 0, not 1e-12."),
        ({"limit_usd": float("nan")}, ".limit_usd has to be a number above 0"),
        ({"limit_usd": 10**400}, ".limit_usd has to be a number above 0"),
        ({"limit_usd": None}, " needs limit_usd, a number above 0."),
        ({"period": "week"}, ".period has to be day or month, not week."),
        ({"period": ["day"]}, ".period has to be day or month, not [day]."),
        ({"limit": 5}, ".limit is unknown; did you mean limit_usd?"),
        ({"qqq": 5}, ".qqq is unknown; known are name, period"),
        ({"agent": "a", "project": "b"}, " can be for an agent or for a project, not for both."),
        ({"agent": 7}, ".agent has to be the name of one agent, not 7."),
        ({"stop_runs": "yes"}, ".stop_runs has to be yes or no (true or false), not yes."),
    ],
)
def test_a_budget_that_does_not_fit_is_refused_with_its_line_and_place(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    key = words[1:].split(" ")[0] if words.startswith(".") else ""
    assert entry_refusal(tmp_path, "budgets", BUDGET, changes, key).startswith(f"budgets[1]{words}")


def test_two_budgets_of_one_name_are_refused(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "budgets:\n- {period: day, limit_usd: 1}\n- {period: day, limit_usd: 2}\n")
    words = refusal(workspace=str(tmp_path))
    assert words.startswith(f"{path}:3: budgets[1] has the name of another budget, daily")


@pytest.mark.parametrize(
    "address", ["ftp//s3cret", "https://", "https://h:99999/s3cret", "https://h/s3 cret", "s3cret"]
)
def test_an_address_that_is_none_is_refused_without_showing_it(address: str) -> None:
    for variable, value in (("WEBHOOK", address), ("BUDGETS", json.dumps([BUDGET | {"webhook": address}]))):
        words = refusal(environ={f"LLM_SERVICE_{variable}": value})
        assert "https://hooks.example.org" in words
        assert "cret" not in words
    assert "s3cret" not in refusal(environ={"LLM_SERVICE_BUDGETS": json.dumps([BUDGET | {"webhook": ["s3cret"]}])})


@pytest.mark.skipif(importlib.util.find_spec("apprise") is not None, reason="apprise is installed")
def test_an_address_for_apprise_is_refused_where_it_is_not_installed() -> None:
    words = refusal(environ={"LLM_SERVICE_WEBHOOK": "discord://s3cret/token"})
    assert "apprise" in words
    assert "s3cret" not in words


def test_an_address_for_apprise_is_taken_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(
        monkeypatch,
        tmp_path,
        "apprise",
        "class Apprise:\n    def add(self, url):\n        return url.startswith('discord://')\n",
    )
    assert (
        load_settings(environ={"LLM_SERVICE_WEBHOOK": "discord://s3cret/token"}).of(CostSettings).webhook
        == "discord://s3cret/token"
    )
    assert "apprise knows" in refusal(environ={"LLM_SERVICE_WEBHOOK": "discard://s3cret/token"})
