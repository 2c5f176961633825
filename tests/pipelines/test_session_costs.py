"""What the sessions of a pipeline cost is not read again for each page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from llm_service.assembly import pipeline_links
from llm_service.assembly.pipeline_links import SessionCosts
from llm_service.calls.feature import Calls
from llm_service.errors import HistoryUnavailable


def test_costs_are_read_again_when_calls_came_or_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []
    now, listeners = [100.0], list[Callable[[object], None]]()

    def read(database: object, sessions: Sequence[str]) -> dict[str, Any]:
        asked.append(sessions)
        if database is None:
            raise HistoryUnavailable("It is gone.")
        return {name: (len(asked), 0.5, 0) for name in sessions}

    monkeypatch.setattr(pipeline_links, "session_costs", read)
    core = SimpleNamespace(database="there")
    calls = cast(Calls, SimpleNamespace(core=core, subscribe=listeners.append))
    costs = SessionCosts(calls, lambda: now[0])
    first = {"s": {"calls": 1, "cost_usd": 0.5, "unpriced_calls": 0}}
    assert costs.of(["s"]) == costs.of(["s"]) == first and len(asked) == 1
    assert costs.of([]) == {} and costs.of(["s", "t"]) is not None and len(asked) == 2
    listeners[0](object())
    assert costs.of(["s"]) != first and len(asked) == 3
    now[0] += 31.0
    costs.of(["s"])
    assert len(asked) == 4
    core.database = None
    now[0] += 31.0
    assert costs.of(["s"]) is None
    assert SessionCosts(cast(Calls, SimpleNamespace(core=None, subscribe=listeners.append))).of(["s"]) is None
