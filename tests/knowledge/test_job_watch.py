"""What is gathered of a run from its lines."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service.knowledge.job_watch import MOST_STATEMENTS, JobWatch
from llm_service.knowledge.repeats import masked
from llm_service.knowledge.suite_results import result_of_command
from llm_service.knowledge.watches import RunWatches, Statement
from llm_service.logs.model import Fact, ParsedLine
from llm_service.processes.model import Run, RunStatus

NOW = 1_790_000_000.0


def watch() -> JobWatch:
    return JobWatch("j1", "shop", "r1", NOW - 600)


def line(message: str = "text", **values: Any) -> ParsedLine:
    return ParsedLine(message, **values)


def fact(kind: str, is_recorded: bool = True, **data: Any) -> ParsedLine:
    return line(facts=(Fact(kind, data, is_recorded),))


def feed(one: JobWatch, *lines: ParsedLine, first: int = 1, now: float = NOW) -> JobWatch:
    one.lines(first, lines, now)
    return one


def test_of_a_run_without_lines_nothing_is_known() -> None:
    known = watch().figures(NOW)
    assert (known.job, known.project, known.run, known.started_at) == ("j1", "shop", "r1", NOW - 600)
    assert (known.log_lines, known.last_output_at, known.errors, known.repeat, known.phases) == (
        0,
        None,
        None,
        None,
        (),
    )


def test_further_fields_are_given_by_the_caller() -> None:
    assert watch().figures(NOW, lines_written=7, phases=()).lines_written == 7


def test_errors_of_the_last_minute_and_those_before() -> None:
    one = watch()
    feed(one, *[line("old", level="error")] * 18, now=NOW - 100)
    feed(one, line("new", level="error"), line("at x", level="error", is_folded=True), first=19)
    errors = one.figures(NOW).errors
    assert errors is not None
    assert (errors.last_minute, errors.per_minute_before) == (1, 2.0)
    assert (errors.last_message, errors.last_line) == ("new", 19)


def test_phases_begin_with_their_lines_and_end_with_the_next() -> None:
    one = feed(watch(), line(phase="specify"), line(), line(phase="specify"), now=NOW - 60)
    feed(one, ParsedLine("plan", phase="plan", facts=(Fact("phase", {"phase": "plan"}),)), first=4)
    known = one.figures(NOW)
    assert known.current_phase == "plan"
    assert [(one.phase, one.started_at, one.finished_at, one.is_recorded) for one in known.phases] == [
        ("specify", NOW - 60, NOW, False),
        ("plan", NOW, None, True),
    ]


def test_the_same_lines_again_and_again_are_a_repeat() -> None:
    one = watch()
    for number in range(100):
        feed(one, line(f"attempt {number} failed"), line("waiting 5 s"), first=2 * number + 1)
    repeat = one.figures(NOW).repeat
    assert repeat is not None
    assert set(repeat.texts) == {"attempt # failed", "waiting # s"}
    assert (repeat.lines, repeat.first_line, repeat.last_line) == (200, 1, 200)
    feed(one, *[line(f"step {'x' * number}") for number in range(10)], first=201)
    assert one.figures(NOW).repeat is None


def test_progress_is_no_repeat() -> None:
    one = watch()
    for number in range(300):
        feed(one, line(f"downloading {number / 3:.0f} %"), line(f"{number}/300 files"), first=2 * number + 1)
    assert one.figures(NOW).repeat is None


def test_blank_lines_are_no_repeat() -> None:
    assert feed(watch(), *[line("")] * 300).figures(NOW).repeat is None


def test_a_flood_is_counted_whole() -> None:
    known = feed(watch(), *[line("boom", level="error")] * 5_000).figures(NOW)
    assert known.log_lines == 5_000
    assert known.errors is not None
    assert known.repeat is not None
    assert known.repeat.first_line == 4_801


def test_masking() -> None:
    assert masked("attempt 12 of 3.5, 0x1f") == "attempt # of #.#, #x#f"


def test_waiting_ends_when_it_goes_on() -> None:
    one = feed(watch(), fact("waiting", question="Which port?"))
    waiting = one.figures(NOW).waiting
    assert waiting is not None
    assert (waiting.question, waiting.line, waiting.is_recorded) == ("Which port?", 1, True)
    feed(one, line("a note of ours", source="system"), first=2)
    assert one.figures(NOW).waiting is not None
    feed(one, line("8080 then"), first=3)
    assert one.figures(NOW).waiting is None


def test_a_result_holds_until_a_turn_follows() -> None:
    one = feed(watch(), fact("result", is_error=True))
    result = one.figures(NOW).result
    assert result is not None
    assert result.is_error
    feed(one, fact("turn"), first=2)
    assert one.figures(NOW).result is None


def test_a_rate_limit_that_is_reached() -> None:
    assert feed(watch(), fact("rate_limit", status="allowed_warning")).figures(NOW).rate_limit is None
    limit = (
        feed(watch(), fact("rate_limit", status="rejected", resets_at="2026-09-21T13:35:00Z")).figures(NOW).rate_limit
    )
    assert limit is not None
    assert limit.resets_at == "2026-09-21T13:35:00Z"


def test_commands_that_run_tests() -> None:
    known = feed(
        watch(), fact("command", command="cd x && pytest -q", exit_code=1), fact("command", command="ls", exit_code=0)
    )
    tests = known.figures(NOW).tests
    assert tests is not None
    assert (tests.exit_code, tests.line, tests.is_recorded, tests.is_failure) == (1, 1, True, True)


@pytest.mark.parametrize(
    "command",
    ["pytest", "python -m pytest -x", "npm test", "npm run test -- --ci", "cargo test --all", "go test ./...",
     "make test", "/usr/bin/bash -lc 'pytest -q'", "(cd a; make check)", "yarn test:unit"],
)  # fmt: skip
def test_what_runs_tests(command: str) -> None:
    assert result_of_command({"command": command, "exit_code": 0}, 1, NOW, True) is not None


@pytest.mark.parametrize(
    "data",
    [
        {"command": "cat pytest.ini", "exit_code": 0},
        {"command": "pip install pytest-cov", "exit_code": 0},
        {"command": "cd x && pip install pytest; which pytest", "exit_code": 0},
        {"command": "pytest"},
        {"command": "pytest", "exit_code": True},
        {"command": 3, "exit_code": 0},
        {"exit_code": 0},
    ],
)
def test_what_is_no_result_of_tests(data: dict[str, Any]) -> None:
    assert result_of_command(data, 1, NOW, True) is None


def test_the_sums_that_a_runner_printed() -> None:
    tests = feed(watch(), fact("tests", False, passed=12, failed=1, errors=2, skipped=3)).figures(NOW).tests
    assert tests is not None
    assert (tests.passed, tests.failed, tests.line, tests.is_recorded, tests.is_failure) == (12, 3, 1, False, True)
    assert feed(watch(), fact("tests", passed="12")).figures(NOW).tests is None


def test_a_command_whose_exit_code_is_not_said() -> None:
    for is_error in (True, False):
        result = result_of_command({"command": "pytest", "exit_code": None, "is_error": is_error}, 1, NOW, True)
        assert result is not None
        assert (result.exit_code, result.is_failure) == (None, is_error)


class Heard:
    """What the watches of runs report."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.notable = 0
        self.watches = RunWatches(self.statements.append, self._note, lambda: NOW)

    def _note(self) -> None:
        self.notable += 1


def run_of(number: int = 1, owner: str = "job:j1") -> Run:
    return Run(
        run_id=f"r{number}", owner=owner, profile="claude", argv=("claude",), cwd="/", status=RunStatus.RUNNING,
        attempt=1, folder=f"work/runs/r{number}", started_at="2026-09-21T13:30:00Z",
    )  # fmt: skip


def test_the_lines_of_a_run_are_watched_by_its_id() -> None:
    heard = Heard()
    assert heard.watches.figures("r1", NOW) is None
    heard.watches.start(run_of())
    known = heard.watches.figures("r1", NOW, project="shop")
    assert known is not None
    assert (known.job, known.project, known.run, known.last_output_at) == ("j1", "shop", "r1", None)
    heard.watches.take(run_of(), 5, [line("a"), line("b")])
    known = heard.watches.figures("r1", NOW)
    assert known is not None
    assert (known.log_lines, known.last_output_at, heard.notable) == (6, NOW, 0)
    heard.watches.forget("r1")
    assert heard.watches.figures("r1", NOW) is None


def test_what_a_line_states_is_passed_on_with_its_place() -> None:
    heard = Heard()
    heard.watches.take(run_of(), 5, [line("a"), fact("fact", text="The port is 8080.")])
    heard.watches.take(run_of(2, "plan:p"), 1, [fact("fact", text=3), fact("fact", text="b")])
    assert heard.statements == [
        Statement("The port is 8080.", "claude", "j1", "r1", 6),
        Statement("b", "claude", None, "r2", 2),
    ]
    assert heard.notable == 0


def test_a_program_in_a_loop_states_each_fact_once_and_not_too_many() -> None:
    heard = Heard()
    for number in range(1_000):
        heard.watches.take(run_of(), number + 1, [fact("fact", text=f"fact {number}"), fact("fact", text="same")])
    assert len(heard.statements) == MOST_STATEMENTS
    assert [said.line for said in heard.statements if said.text == "same"] == [2]


@pytest.mark.parametrize("said", [line(phase="plan"), fact("waiting", question="?"), fact("result")])
def test_what_may_be_notable_wakes_the_ticker(said: ParsedLine) -> None:
    heard = Heard()
    heard.watches.take(run_of(), 1, [said, said])
    assert heard.notable == 1


def test_so_many_runs_are_remembered() -> None:
    heard = Heard()
    for number in range(501):
        heard.watches.start(run_of(number))
    assert heard.watches.figures("r0", NOW) is None
    assert heard.watches.figures("r500", NOW) is not None
