"""What the lines of a run say about it."""

from __future__ import annotations

from kit.jobs import T0, parsed

from llm_service.jobs.assemble import durations
from llm_service.jobs.model import PhaseTime
from llm_service.jobs.progress import RunProgress
from llm_service.logs.model import Fact, ParsedLine


def at(second: int) -> str:
    return f"2026-11-20T09:00:{second:02}.000Z"


def progress_with(*facts: Fact) -> RunProgress:
    progress = RunProgress("run-1", T0)
    progress.add(1, ParsedLine("line", facts=facts), at(1))
    return progress


def test_phases_follow_each_other() -> None:
    progress = RunProgress("run-1", T0)
    began = [
        progress.add(seq, line, at(seq))
        for seq, line in enumerate(parsed("x", "phase: plan", "phase: plan", "y", "phase: test"), 1)
    ]
    progress.end(at(9))
    assert began == [None, "plan", None, None, "test"]
    assert progress.phases == [
        PhaseTime(phase="plan", started_at=at(2), finished_at=at(5)),
        PhaseTime(phase="test", started_at=at(5), finished_at=at(9)),
    ]
    assert durations(progress.phases, at(9)) == {"plan": 3.0, "test": 4.0}


def test_a_phase_begins_when_its_line_says_where_that_can_be() -> None:
    progress = RunProgress("run-1", at(10))
    progress.add(1, ParsedLine("a", phase="plan", time=at(20)), at(30))
    progress.add(2, ParsedLine("b", phase="implement", time=at(5)), at(31))  # before the run
    progress.add(3, ParsedLine("c", phase="test", time=at(50)), at(32))  # in the future
    assert [phase.started_at for phase in progress.phases] == [at(20), at(31), at(32)]


def test_a_phase_never_begins_before_the_one_before_it() -> None:
    progress = RunProgress("run-1", T0)
    progress.add(1, ParsedLine("a", phase="plan"), at(30))
    progress.add(2, ParsedLine("b", phase="test"), at(20))  # the clock was set back
    assert [phase.started_at for phase in progress.phases] == [at(30), at(30)]


def test_waiting_ends_with_the_next_line_that_speaks() -> None:
    progress = RunProgress("run-1", T0)
    for seq, line in enumerate(parsed("ask: Which port?"), 1):
        progress.add(seq, line, at(1))
    assert progress.waiting_for_input == "Which port?"
    progress.add(2, ParsedLine("noise", level="debug", is_shown=False), at(2))
    assert progress.waiting_for_input == "Which port?"
    progress.add(3, ParsedLine("goes on"), at(3))
    assert progress.waiting_for_input is None


def test_what_waited_at_the_end_waits_no_more() -> None:
    progress = RunProgress("run-1", T0)
    progress.add(1, parsed("ask: Which port?")[0], at(1))
    progress.end(at(2))
    assert progress.waiting_for_input is None


def test_figures_of_facts() -> None:
    progress = progress_with(
        Fact("command", {"command": "pytest", "exit_code": 1}),
        Fact("command", {"command": "ls", "exit_code": 0}),
        Fact("rate_limit", {"status": "rejected"}),
        Fact("result", {"is_error": False}),
    )
    assert progress.work.counted == {"failed": 1, "passed": 1}
    assert progress.rate_limit == {"status": "rejected", "at": at(1)}
    assert progress.result_at == at(1)


def test_a_limit_that_was_reached_is_over_with_the_next_answer() -> None:
    progress = progress_with(Fact("rate_limit", {"status": "allowed_warning"}))
    turn = Fact("turn", {"agent": "codex", "status": "started"})
    progress.add(2, ParsedLine("a", facts=(turn,)), at(2))
    assert progress.rate_limit == {"status": "allowed_warning", "at": at(1)}
    progress.add(3, ParsedLine("b", facts=(turn, Fact("rate_limit", {"status": "rejected"}))), at(3))
    assert progress.rate_limit == {"status": "rejected", "at": at(3)}
    progress.add(4, ParsedLine("b", facts=(Fact("rate_limit", {"status": "rejected", "type": "five_hour"}),)), at(3))
    progress.add(5, ParsedLine("b", facts=(Fact("rate_limit", {"status": "rejected", "type": None}),)), at(3))
    assert progress.rate_limit == {"status": "rejected", "type": "five_hour", "at": at(3)}
    progress.add(6, ParsedLine("c", facts=(turn,)), at(4))
    assert progress.rate_limit is None


def test_facts_of_other_shapes_are_no_reason_to_fail() -> None:
    for kind in ("todos", "waiting", "session", "cost", "result", "rate_limit", "command", "files", "turn", "x"):
        for data in ({}, {"done": "many", "total": -1}, {"session": 3}, {"cost_usd": "free"}, {"exit_code": "x"}):
            progress_with(Fact(kind, dict(data)))


def test_levels_are_counted() -> None:
    progress = RunProgress("run-1", T0)
    for seq, line in enumerate(parsed("a", "error: b", "error: c"), 1):
        progress.add(seq, line, at(seq))
    assert (progress.levels["error"], progress.levels["info"], progress.seq) == (2, 1, 3)
    assert progress.last_output_at == at(3)
