"""What a session does after each of its hooks: a table of recorded sequences of both agents, each with its verdict."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from kit.hook_payloads import SEQUENCES, SESSION, Payload, Sequence, asked, bash, claude

from llm_service.hooks.append_line import line_of
from llm_service.hooks.board import SessionBoard
from llm_service.hooks.model import Track
from llm_service.hooks.reader import read_line
from llm_service.hooks.state import advance
from llm_service.hooks.view import Viewer

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIEWER = Viewer(3_600.0, lambda cwd: ("", None), lambda text: text, "work/hooks")


def track_of(client: str, payloads: tuple[Payload, ...]) -> Track:
    """The way of the real ones: hook, line, reader, state; one a second."""
    track = None
    for second, payload in enumerate(payloads):
        line = line_of(client, payload, (NOW + timedelta(seconds=second)).timestamp())
        data = json.dumps(line).encode()
        track = advance(track, read_line(data, SESSION, NOW + timedelta(seconds=second)))
    assert track is not None
    return track


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda each: f"{each.client}: {each.name}".replace(" ", "-"))
def test_the_verdict_of_a_recorded_sequence(sequence: Sequence) -> None:
    shown = VIEWER.session(track_of(sequence.client, sequence.payloads), "s.jsonl", NOW.timestamp() + 60)
    assert (shown.state, shown.certainty) == (sequence.state, sequence.certainty), shown.rests_on
    if sequence.waits_since is not None:
        since = NOW + timedelta(seconds=sequence.waits_since)
        assert datetime.fromisoformat(shown.since) == since
    assert shown.client == sequence.client


def test_both_agents_and_all_states_are_in_the_table() -> None:
    assert {each.client for each in SEQUENCES} == {"claude-code", "codex"}
    states = {each.state for each in SEQUENCES}
    assert states == {"working", "permission", "question", "failed", "idle", "ended"}


def test_of_several_things_the_oldest_is_shown_and_all_are_counted() -> None:
    two = [
        claude(event, **part, agent_id=agent)
        for agent, call in (("a1", "t1"), ("a2", "t2"))
        for event, part in (("PreToolUse", bash(call)), ("PermissionRequest", asked(f"make {agent}")))
    ]
    shown = VIEWER.session(track_of("claude-code", tuple(two)), "s.jsonl", NOW.timestamp() + 9)
    assert (shown.state, shown.waits, shown.since) == ("permission", 2, "2026-11-20T12:00:01.000Z")


@pytest.mark.parametrize(
    ("payload", "silent_s", "certainty"),
    [
        (claude("UserPromptSubmit"), 3_599, "confirmed"),
        (claude("UserPromptSubmit"), 3_601, "cannot tell"),
        (claude("PermissionRequest", **asked()), 3_601, "confirmed"),  # nothing is to be expected while it waits
        (claude("PermissionRequest", **asked()), 86_401, "cannot tell"),
        (claude("Stop"), 10 * 86_400, "confirmed"),
        (claude("SessionEnd"), 10 * 86_400, "confirmed"),
    ],
)
def test_silence_takes_the_certainty_of_what_must_go_on(payload: Payload, silent_s: float, certainty: str) -> None:
    track = track_of("claude-code", (payload,))
    shown = VIEWER.session(track, "s.jsonl", NOW.timestamp() + silent_s)
    assert shown.certainty == certainty
    change = VIEWER.next_change(track, NOW.timestamp())
    assert (change is None) == (payload["hook_event_name"] in ("Stop", "SessionEnd"))
    if change is not None:
        assert VIEWER.session(track, "s.jsonl", change).certainty == "cannot tell"
        assert VIEWER.session(track, "s.jsonl", change - 1).certainty == "confirmed"


def test_a_session_holds_a_bounded_number_of_calls_and_waits() -> None:
    many = [
        claude(event, **part)
        for number in range(400)
        for event, part in (
            ("PreToolUse", bash(f"t{number}", agent_id=f"a{number}")),
            ("PermissionRequest", asked(agent_id=f"a{number}")),
        )
    ]
    track = track_of("claude-code", tuple(many))
    assert len(track.waits) == 20
    assert len(track.calls) == 200


def test_a_session_is_made_anew_when_it_changes_when_time_passes_and_when_the_projects_are_elsewhere() -> None:
    now, places, made = [NOW.timestamp()], ["a"], list[str]()

    def clean(text: str | None) -> str | None:
        made.append(text or "")
        return text

    viewer = Viewer(3_600.0, lambda cwd: (places[0], None), clean, "work/hooks", lambda: places[0])
    board = SessionBoard(viewer, lambda event: None, lambda: now[0])
    line = read_line(json.dumps(line_of("codex", claude("UserPromptSubmit"), now[0])).encode(), SESSION, NOW)
    board.apply("s.jsonl", [line], is_new_file=True, is_first=True)
    made.clear()
    assert [one.project for one in board.sessions()] == ["a"]
    assert made == []
    places[0] = "b"
    assert [one.project for one in board.sessions()] == ["b"]
    now[0] += 3_600
    assert board.next_change() == now[0]
    assert [one.certainty for one in board.sessions()] == ["cannot tell"]
    assert board.next_change() is None


def calls_after(*payloads: Payload) -> list[str]:
    """The calls that are open after these payloads of Claude Code."""
    return [each.call for each in track_of("claude-code", payloads).calls]


def test_calls_are_open_until_they_or_their_subagent_end() -> None:
    begun = [claude("PreToolUse", **bash("a")), claude("PreToolUse", **bash("b", agent_id="sub"))]
    question = {"tool_name": "AskUserQuestion", "tool_use_id": "q", "tool_input": {}}
    begun.append(claude("PreToolUse", **question))
    assert calls_after(*begun) == ["a", "b", "q"]
    assert calls_after(*begun, claude("PostToolUse", **bash("a"))) == ["b", "q"]
    assert calls_after(*begun, claude("SubagentStop", agent_id="sub")) == ["a", "q"]
    assert calls_after(*begun, claude("SubagentStop", agent_id="other")) == ["a", "b", "q"]
    assert calls_after(*begun, claude("Stop")) == ["b"]
    asks_again = claude("PermissionRequest", tool_name="AskUserQuestion", tool_input={})  # about the same call
    assert calls_after(*begun, asks_again) == ["a", "b", "q"]


def test_a_notification_is_about_the_only_call_that_is_open() -> None:
    shown = claude("Notification", notification_type="permission_prompt", message="Claude needs your permission")
    (wait,) = track_of("claude-code", (claude("PreToolUse", **bash("a")), shown)).waits
    assert (wait.tool, wait.call) == ("Bash", "a")
    (wait,) = track_of("claude-code", (*[claude("PreToolUse", **bash(call)) for call in "ab"], shown)).waits
    assert (wait.tool, wait.call) == (None, None)


def test_two_questions_of_servers_are_two_and_the_same_one_twice_is_one() -> None:
    def ask(text: str) -> Payload:
        return claude("Notification", notification_type="elicitation_dialog", message=text)

    assert [wait.text for wait in track_of("claude-code", (ask("Who?"), ask("Where?"), ask("Who?"))).waits] == [
        "Who?",
        "Where?",
    ]


def test_what_a_session_said_of_itself_once_is_known_later() -> None:
    track = track_of("claude-code", (claude("SessionStart", model="opus"), claude("UserPromptSubmit") | {"cwd": "/x"}))
    assert (track.model, track.cwd, track.lines) == ("opus", "/ws", 2)
    assert track.base_rests_on == "the hook UserPromptSubmit said that a person gave it a prompt"
    used = track_of("claude-code", (claude("PreToolUse", **bash("a")),))
    assert used.base_rests_on == "the hook PreToolUse said that it began to use Bash"
