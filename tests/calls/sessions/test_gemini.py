"""Gemini CLI's chats: messages that are written again, rewound, re-embedded; the project of a chat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kit.session_logs import merge_calls, numbered

from llm_service.calls.model import Call
from llm_service.calls.sessions.gemini import GeminiReader
from llm_service.calls.sessions.log_kind import ReadScope
from llm_service.calls.sessions.session_facts import TaskPaths
from llm_service.tasks.model import LANES

HEAD = {"sessionId": "s1", "projectHash": "b5", "startTime": "2026-11-20T10:00:00.000Z"}


def message(number: int, **more: Any) -> dict[str, Any]:
    tokens = {"input": 100 + number, "output": 5, "cached": 40, "thoughts": 3, "tool": 0, "total": 108 + number}
    return {
        "id": f"00000000-0000-4000-8000-{number:012}", "timestamp": "2026-11-20T10:00:00.000Z", "type": "gemini",
        "model": "gemini-2.5-pro", "tokens": tokens,
    } | more  # fmt: skip


def read(*lines: dict[str, Any], path: str = "b5/chats/session-1.jsonl", root: Path = Path("/logs")) -> list[Call]:
    scope = ReadScope(str(root), TaskPaths(LANES), None, lambda: 1_795_500_000_000)
    reader = GeminiReader(path, scope)
    calls = reader.read(numbered(lines))
    assert reader.refused == []
    return list(merge_calls(calls).values())


def test_a_message_that_is_appended_again_is_one_call() -> None:
    lines = [message(1, tokens=None), message(1), message(1, toolCalls=[{"id": "t"}]), message(2)]
    assert [call.prompt_tokens for call in read(HEAD, *lines)] == [101, 102]


def test_what_was_rewound_stays_and_what_was_embedded_again_is_not_new() -> None:
    lines = [message(1), message(2), {"$rewindTo": message(2)["id"]}, {"$set": {"messages": [message(1), message(3)]}}]
    assert [call.prompt_tokens for call in read(HEAD, *lines, message(3))] == [101, 102, 103]


def test_only_answers_with_tokens_are_calls() -> None:
    nothing = dict.fromkeys(("input", "output", "cached", "thoughts", "tool", "total"), 0)
    others = [message(number, type=kind) for number, kind in enumerate(("user", "info", "error", "warning"))]
    assert read(HEAD, *others, message(8, tokens=nothing), message(9, tokens=None)) == []


def test_output_includes_thoughts_and_input_what_was_cached() -> None:
    (call,) = read(HEAD, message(0))
    assert (call.prompt_tokens, call.completion_tokens, call.cache_read_tokens) == (100, 8, 40)
    assert (call.session_id, call.provider, call.agent_name) == ("s1", "google", "gemini-cli")


@pytest.mark.parametrize(
    ("path", "project"),
    [
        ("quayside/chats/session-1.jsonl", "harbor"),
        ("quayside/chats/0d9a/77c0.jsonl", "harbor"),
        ("tide-tables/chats/session-1.jsonl", "tide-tables"),
        (f"{'b5' * 32}/chats/session-1.jsonl", None),
        ("chats/0d9a/77c0.jsonl", None),
        ("session-1.jsonl", None),
    ],
)
def test_the_project_is_what_its_folder_says(path: str, project: str | None, tmp_path: Path) -> None:
    (tmp_path / "quayside").mkdir()
    (tmp_path / "quayside/.project_root").write_text("/home/ada/harbor\n")
    (call,) = read(HEAD, message(1), path=path, root=tmp_path)
    assert call.project == project


def test_the_log_of_a_sub_agent_has_an_agent_of_its_own() -> None:
    (call,) = read(HEAD | {"kind": "subagent"}, message(1))
    assert call.agent_name == "gemini-cli:subagent"
