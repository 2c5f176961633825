"""Budgets with a real database: what is published when calls arrive, and not repeated after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from llm_service.calendar_days import Calendar
from llm_service.calls.model import Call
from llm_service.calls.store.store import CallStore
from llm_service.costs.budget_watch import Budgets, month_forecast
from llm_service.costs.events import CostBudget
from llm_service.costs.queries import CostQueries
from llm_service.costs.settings import BudgetRule
from llm_service.database.database import Database

ZONE = ZoneInfo("Europe/Zurich")
USD = 1_000_000_000


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


NOON = seconds("2026-11-21T12:00")


class Desk:
    """A database to which calls can be added, and its budgets."""

    def __init__(self, folder: Path, *rules: BudgetRule, webhook: str | None = None) -> None:
        self.folder, self.rules, self.webhook = folder, rules, webhook
        self.database = Database(str(folder / "history.db"))
        self.database.start()
        assert self.database.wait_open(60)
        self.calendar = Calendar(ZONE)
        self.store = CallStore(self.database, lambda call: None, self.calendar)
        self.queries = CostQueries(self.database, self.calendar)
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.now_s = NOON
        self.number = 0
        self.restart()

    def restart(self, *rules: BudgetRule) -> None:
        self.budgets = Budgets(
            rules or self.rules,
            self.queries,
            self.calendar,
            str(self.folder),
            lambda *message: self.sent.append(message),
            self.webhook,
            lambda: self.now_s,
        )

    def spend(self, usd: float | None, at_s: int | None = None, **fields: Any) -> None:
        self.number += 1
        cost = None if usd is None else round(usd * USD)
        at_ms = (self.now_s if at_s is None else at_s) * 1000
        self.store.ingest([Call(f"id-{self.number}", at_ms, cost_nanos=cost, prompt_tokens=1, **fields)])

    def check(self) -> list[tuple[str, str, str]]:
        """(budget, level before, level) of each change."""
        found = []
        for event in self.budgets.check(self.now_s):
            assert isinstance(event, CostBudget)
            found.append((event.budget["name"], event.previous_level, event.budget["level"]))
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, BudgetRule("daily", "day", 10 * USD), webhook="https://hooks.example.org/all")
    yield made
    made.database.stop()


def test_a_level_is_published_once_when_it_is_reached(desk: Desk) -> None:
    assert desk.check() == []
    desk.spend(8)
    assert desk.check() == [("daily", "ok", "warn")]
    desk.spend(1)
    assert desk.check() == []
    desk.spend(1)
    assert desk.check() == [("daily", "warn", "alert")]
    assert [(address, facts["previous_level"]) for address, _, facts in desk.sent] == [
        ("https://hooks.example.org/all", "ok"),
        ("https://hooks.example.org/all", "warn"),
    ]
    assert desk.sent[0][1].startswith("Budget “daily”: $8.00 of $10.00 spent (80%)")
    assert desk.sent[1][2]["budget"]["level"] == "alert"


def test_after_a_restart_nothing_is_repeated_and_nothing_is_missed(desk: Desk) -> None:
    desk.spend(8)
    desk.check()
    desk.restart()
    assert desk.check() == []
    desk.restart()
    desk.spend(2)
    assert desk.check() == [("daily", "warn", "alert")]
    assert len(desk.sent) == 2


@pytest.mark.parametrize("damage", [b"", b"[1]", b'{"daily": 3}', b'{"daily": {"x": 1}}', b"\xff", b"null"])
def test_a_damaged_state_file_is_the_same_as_none(desk: Desk, damage: bytes) -> None:
    desk.spend(8)
    desk.check()
    (desk.folder / "budgets.json").write_bytes(damage)
    desk.restart()
    assert desk.check() == [("daily", "ok", "warn")]


def test_a_new_day_starts_at_local_midnight_and_is_published_without_a_notification(desk: Desk) -> None:
    desk.spend(20)
    desk.check()
    desk.now_s = seconds("2026-11-21T23:59:59")
    assert desk.check() == []
    desk.now_s = seconds("2026-11-22T00:00")
    assert desk.check() == [("daily", "alert", "ok")]
    assert len(desk.sent) == 1
    assert desk.budgets.states()[0]["period_start"] == "2026-11-22T00:00:00+01:00"
    desk.spend(9)
    assert desk.check() == [("daily", "ok", "warn")]


def test_a_raised_limit_is_evaluated_again(desk: Desk) -> None:
    desk.spend(10)
    desk.check()
    desk.restart(BudgetRule("daily", "day", 100 * USD))
    assert desk.check() == [("daily", "alert", "ok")]
    desk.restart(BudgetRule("daily", "day", 12 * USD))
    assert desk.check() == [("daily", "ok", "warn")]


def test_budgets_cover_what_they_say(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        BudgetRule("month", "month", 100 * USD),
        BudgetRule("pedro", "day", 10 * USD, "agent", "pedro", "https://hooks.example.org/pedro"),
        BudgetRule("quayside", "month", 10 * USD, "project", "Quayside", stop_runs=True),
        BudgetRule("nobody", "day", 10 * USD, "agent", "nobody"),
    )
    desk.spend(9, agent_name="pedro")
    desk.spend(40, at_s=seconds("2026-11-01T00:00"), agent_name="pedro", project="Quayside")
    desk.spend(1_000, at_s=seconds("2026-10-31T23:59:59"), agent_name="pedro", project="Quayside")
    desk.spend(None, agent_name="pedro")
    assert desk.check() == [("pedro", "ok", "warn"), ("quayside", "ok", "alert")]
    states = {state["name"]: state for state in desk.budgets.states()}
    assert {name: state["spent_usd"] for name, state in states.items()} == {
        "month": 49.0,
        "pedro": 9.0,
        "quayside": 40.0,
        "nobody": 0.0,
    }
    assert (states["pedro"]["unpriced_calls"], states["quayside"]["unpriced_calls"]) == (1, 0)
    assert states["month"]["period_start"] == "2026-11-01T00:00:00+01:00"
    assert [address for address, _, _ in desk.sent] == ["https://hooks.example.org/pedro"]
    desk.database.stop()


def test_the_forecast_uses_the_days_in_the_database(desk: Desk) -> None:
    month = month_forecast(desk.calendar)
    assert month(desk.queries, float(NOON)) is None
    for day in range(1, 21):
        desk.spend(2, at_s=seconds(f"2026-11-{day:02}T10:00"))
    found = month(desk.queries, float(seconds("2026-11-21T00:00")))
    assert found is not None
    assert (found["month_usd"], found["days"]) == (60.0, 20)
