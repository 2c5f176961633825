"""`RunProgress`: what the lines of a run say about it, added up line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..logs.lines import Lines
from ..logs.model import Fact, ParsedLine
from ..logs.tally import by_level
from .agent_work import AgentWork
from .model import PhaseTime

_MOST_PHASES = 500
_MOST_SESSIONS = 1_000


@dataclass(slots=True)
class RunProgress:
    """Owned by the store, which locks it. Times are ISO-8601 UTC."""

    run: str
    started_at: str
    seq: int = 0
    """The last line that is in here."""
    phases: list[PhaseTime] = field(default_factory=list)
    levels: Counter[str] = field(default_factory=Counter)
    sessions: set[str] = field(default_factory=set)
    """Of an agent's own session logs, whose calls are counted there."""
    cost_usd: float | None = None
    """As the agent itself reported it."""
    todos_done: int | None = None
    todos_total: int | None = None
    current_todo: str | None = None
    waiting_for_input: str | None = None
    last_output_at: str | None = None
    result_at: str | None = None
    """When the agent said that it is done."""
    rate_limit: dict[str, Any] | None = None
    work: AgentWork = field(default_factory=AgentWork)
    tests: dict[str, int] | None = None
    """passed, failed, errors: as a test runner said last."""
    _costs: dict[str, float] = field(default_factory=dict)

    @property
    def current_phase(self) -> str:
        """The phase that the run is in; "idle" before the first."""
        return self.phases[-1].phase if self.phases else "idle"

    def add(self, seq: int, line: ParsedLine, now: str) -> str | None:
        """One more line, which arrived `now`; the phase that begins with it, if it is another one than before."""
        self.seq = seq
        self.levels[line.level] += 1
        self.last_output_at = now
        if line.is_shown and not line.is_folded:
            self.waiting_for_input = None  # it goes on
        for fact in line.facts:
            self._learn(fact, now)
            self.work.learn(seq, fact)
        if line.phase is None or line.phase == self.current_phase or len(self.phases) >= _MOST_PHASES:
            return None
        self._begin(line.phase, self._moment(line.time, now))
        return line.phase

    def add_plain(self, seq: int, lines: Lines, now: str) -> None:
        """More lines, from number `seq` on, that have no facts and begin no phase."""
        if not len(lines):
            return
        self.seq = seq + len(lines) - 1
        self.last_output_at = now
        self.levels.update({level: count for level, count in by_level(lines.counts).items() if count})
        if lines.has_shown:
            self.waiting_for_input = None

    def end(self, finished_at: str) -> None:
        """The run has ended: so has its last phase."""
        if self.phases and self.phases[-1].finished_at is None:
            last = self.phases[-1]
            self.phases[-1] = replace(last, finished_at=max(last.started_at, finished_at))
        self.waiting_for_input = None

    def _begin(self, phase: str, at: str) -> None:
        if self.phases:
            self.phases[-1] = replace(self.phases[-1], finished_at=at)
        self.phases.append(PhaseTime(phase=phase, started_at=at))

    def _moment(self, said: str | None, now: str) -> str:
        """When a line was printed: what it says where that can be, else now; never before the phase before."""
        earliest = self.phases[-1].started_at if self.phases else self.started_at
        at = said if said is not None and earliest <= said <= now else now
        return max(at, earliest)

    def _learn(self, fact: Fact, now: str) -> None:
        data = fact.data
        if fact.kind == "todos":
            self.todos_done, self.todos_total = _count(data, "done"), _count(data, "total")
            self.current_todo = _text(data, "current")
        elif fact.kind == "waiting":
            self.waiting_for_input = _text(data, "question") or "It waits for an answer."
        elif fact.kind == "session" and len(self.sessions) < _MOST_SESSIONS:
            if session := _text(data, "id"):
                self.sessions.add(session)
        elif fact.kind == "cost":
            self._spend(data)
        elif fact.kind == "result":
            self.result_at = now
        elif fact.kind == "rate_limit":
            known = self.rate_limit if self.rate_limit and self.rate_limit.get("status") == data.get("status") else {}
            self.rate_limit = {**known, **{name: value for name, value in data.items() if value is not None}, "at": now}
        elif fact.kind == "turn" and self.rate_limit is not None and self.rate_limit.get("status") == "rejected":
            self.rate_limit = None  # it is answered again
        elif fact.kind == "tests":
            self.tests = {name: _count(data, name) or 0 for name in ("passed", "failed", "errors")}

    def _spend(self, data: Mapping[str, Any]) -> None:
        """A session reports its total again and again: the last one of each counts."""
        usd = data.get("cost_usd")
        if isinstance(usd, int | float) and usd >= 0:
            self._costs[_text(data, "session") or ""] = float(usd)
            self.cost_usd = sum(self._costs.values())


def _count(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    return value if type(value) is int and value >= 0 else None


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value[:500] if isinstance(value, str) and value else None
