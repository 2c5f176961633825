"""What a session does, by its log alone."""

from __future__ import annotations

import pytest

from llm_service.sessions.model import Facts, Glance
from llm_service.sessions.state import PENDING_S, QUIET_S, SILENT_S, state_of
from llm_service.sessions.view import valid_time, window_of


@pytest.mark.parametrize(
    ("turn", "silent_s", "state", "certainty"),
    [
        ("", 5, "idle", "cannot tell"),
        ("prompt", 5, "working", "derived"),
        ("tool", PENDING_S - 1, "working", "derived"),
        ("tool", PENDING_S, "working", "cannot tell"),
        ("prompt", SILENT_S - 1, "working", "derived"),
        ("result", SILENT_S - 1, "working", "derived"),
        ("result", 1e6, "working", "cannot tell"),
        ("text", QUIET_S - 1, "working", "derived"),
        ("text", QUIET_S, "idle", "derived"),
        ("ended", 0, "idle", "derived"),
        ("interrupted", 0, "idle", "derived"),
        ("question", 1e6, "question", "derived"),
        ("failed", 1e6, "failed", "derived"),
    ],
)
def test_state_and_certainty_follow_from_the_turn_and_the_silence(
    turn: str, silent_s: float, state: str, certainty: str
) -> None:
    found = state_of(Glance(turn=turn), silent_s)  # type: ignore[arg-type]
    assert found[:2] == (state, certainty)
    assert found[2]


@pytest.mark.parametrize(
    ("lines", "certainty", "says"),
    [
        (
            [Facts(turn="tool", tools=("Bash", "Bash", "Edit"))],
            "cannot tell",
            "tool in its log (Bash, Edit) has no result",
        ),
        (
            [Facts(turn="tool", pending=("edit",))],
            "cannot tell",
            "(edit) has no result for 3 minutes: it may run, wait for a",
        ),
        ([Facts(turn="tool", tools=("Task", "Read"))], "derived", "its log was written to"),
        ([Facts(turn="tool", pending=("edit",)), Facts(turn="result", tools=("edit",))], "derived", "its log was"),
        ([Facts(turn="tool", pending=("edit",)), Facts(context=9)], "cannot tell", "(edit)"),
    ],
)
def test_a_tool_without_a_result_may_wait_for_a_permission(lines: list[Facts], certainty: str, says: str) -> None:
    glance = Glance()
    for facts in lines:
        glance = glance.with_line(facts)
    state, found, rests_on = state_of(glance, PENDING_S)
    assert (state, found) == ("working", certainty)
    assert says in rests_on


def test_a_window_is_the_logs_or_a_guess_that_holds_what_was_given() -> None:
    assert window_of(Glance()) is None
    assert window_of(Glance(context=10, window=272_000)) == 272_000
    assert window_of(Glance(context=200_000)) == 200_000
    assert window_of(Glance(context=200_001)) == 1_000_000
    assert window_of(Glance(context=10, model="claude-sonnet-4-5[1m]")) == 1_000_000


def test_what_is_no_time_is_none() -> None:
    assert valid_time("2026-11-20T10:00:00+01:00") == "2026-11-20T09:00:00.000Z"
    assert valid_time("2026-11-20T10:00:00") == "2026-11-20T10:00:00.000Z"
    assert [valid_time(text) for text in (None, "", "yesterday", "9999-12-31T23:59:59-12:00")] == [None] * 4


def test_what_a_later_line_does_not_say_stays() -> None:
    glance = Glance().with_line(Facts(time="1", title="First", model="a", context=5, turn="prompt", branch="main"))
    glance = glance.with_line(Facts(time="2", title="Second", turn="tool", question=None))
    assert (glance.title, glance.model, glance.context, glance.branch) == ("First", "a", 5, "main")
    assert (glance.started_at, glance.last_at, glance.turn) == ("1", "2", "tool")
    renamed = glance.with_line(Facts(title="Named", title_rank=2)).with_line(Facts(title="Again", title_rank=2))
    assert (renamed.title, renamed.last_at, renamed.turn) == ("Again", "2", "tool")
