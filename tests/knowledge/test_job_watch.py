"""What is gathered of a run from its lines."""

from __future__ import annotations

from typing import Any

import pytest

from llm_service.knowledge.job_watch import JobWatch, masked
from llm_service.knowledge.suite_results import result_of_command, result_of_line
from llm_service.logs.model import Fact, ParsedLine

NOW = 1_790_000_000.0


def watch() -> JobWatch:
    return JobWatch("j1", "shop", "r1", NOW - 600)


def line(message: str = "text", **values: Any) -> ParsedLine:
    return ParsedLine(message, **values)


def fact(kind: str, is_recorded: bool = True, **data: Any) -> ParsedLine:
    return line(facts=(Fact(kind, data, is_recorded),))


def feed(one: JobWatch, *lines: ParsedLine, first: int = 1, now: float = NOW) -> JobWatch:
    one.lines(list(enumerate(lines, first)), now)
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
    assert feed(watch(), fact("rate_limit", status="allowed")).figures(NOW).rate_limit is None
    limit = feed(watch(), fact("rate_limit", status="rejected", resets_at=1_790_000_100)).figures(NOW).rate_limit
    assert limit is not None
    assert limit.resets_at == "1790000100"


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


@pytest.mark.parametrize(
    ("text", "passed", "failed"),
    [
        ("===== 1 failed, 12 passed, 2 skipped in 3.21s =====", 12, 1),
        ("12 passed in 0.5s", 12, 0),
        ("== 3 passed, 1 error in 1.00s ==", 3, 1),
        ("Tests:       1 failed, 5 passed, 6 total", 5, 1),
        ("      Tests  2 failed | 7 passed (9)", 7, 2),
        ("test result: FAILED. 5 passed; 2 failed; 0 ignored", 5, 2),
        ("FAILED (failures=1, errors=2)", None, 3),
    ],
)
def test_the_sums_that_runners_print(text: str, passed: int | None, failed: int) -> None:
    result = result_of_line(text, 4, NOW)
    assert result is not None
    assert (result.passed, result.failed, result.line, result.is_recorded) == (passed, failed, 4, False)


@pytest.mark.parametrize(
    "text",
    [
        "all checks passed",
        "the request failed",
        "3 passed",
        "login failed in 3.2s",
        "FAILED (",
        "x" * 10_000 + " passed",
    ],
)
def test_other_lines_are_no_sums(text: str) -> None:
    assert result_of_line(text, 4, NOW) is None
