"""Which lines begin a phase."""

import pytest

from llm_service.errors import BadSettings
from llm_service.logs.parser import LineParser, parse_log_line
from llm_service.logs.phases import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "line",
    [
        "/speckit.{} build it",
        "$speckit-{}",
        "Running {}",
        "> /speckit.{}",
        "05:22:42 [INFO] Running {}",
        "+ claude -p '/speckit.{} x'",
        "Phase: {}",
        "=== Running {} ===",
        '{{"level":30,"msg":"Running {}"}}',
    ],
)
def test_spec_kit_in_its_spellings(name: str, line: str) -> None:
    parsed = parse_log_line(line.format(name))
    assert parsed.phase == COMMANDS[name]
    assert [(fact.kind, fact.data["phase"], fact.is_recorded) for fact in parsed.facts] == [
        ("phase", COMMANDS[name], False)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Ready for the next phase: `/speckit.plan`",
        "Running planner",
        "The plan is running",
        "see /speckit.plan",
        "speckit",
    ],
)
def test_what_only_names_a_phase_begins_none(line: str) -> None:
    assert parse_log_line(line).phase is None


def test_a_profiles_patterns_are_looked_for_in_messages_and_come_first() -> None:
    parser = LineParser(phases={"test": ["^Running plan$", "checks? begin"], "review": [r"^\d+ findings"]})
    block = (
        "05:22:42 [INFO] 3 findings\nx 3 findings\nRunning plan\nall checks begin\n"
        "\x1b[1m4 findings\x1b[0m\n/speckit.plan\n"
    )
    lines = parser.parse(block.encode())
    assert [line.phase for line in lines] == ["review", None, "test", "test", "review", "plan"]
    assert all(len(line.facts) == (line.phase is not None) for line in lines)
    assert [line.is_shown for line in lines] == [True] * 6


@pytest.mark.parametrize(
    "phases",
    [
        {"build": ["x"]},
        {"plan": ["("]},
        {"plan": ["a)(b"]},
        {"plan": [""]},
        {"plan": ["x" * 501]},
        {"test": ["x"] * 101},
    ],
)
def test_patterns_that_cannot_be_used_are_refused(phases: dict[str, list[str]]) -> None:
    with pytest.raises(BadSettings):
        LineParser(phases=phases)
