"""What an agent has reported of its work."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llm_service.jobs.agent_work import AgentWork
from llm_service.logs.model import Fact


def work_of(*facts: tuple[str, dict[str, Any]]) -> AgentWork:
    work = AgentWork()
    for line, (kind, data) in enumerate(facts, 1):
        work.learn(line, Fact(kind, data))
    return work


def command(text: str, code: int | None) -> tuple[str, dict[str, Any]]:
    return "command", {"command": text, "exit_code": code, "is_error": code != 0}


def files(**kinds: str) -> tuple[str, dict[str, Any]]:
    return "files", {"changes": [{"path": path, "kind": kind} for path, kind in kinds.items()]}


def test_an_agent_and_its_turns() -> None:
    work = work_of(
        ("session", {"id": "s", "agent": "claude-code", "model": "opus"}),
        ("turn", {"id": "1", "agent": "claude-code", "status": "started"}),
        ("session", {"id": "t", "agent": "claude-code", "model": None}),  # it was cleared
        ("turn", {"id": "2", "agent": "claude-code", "status": "started"}),
        ("turn", {"id": None, "agent": "claude-code", "status": "completed"}),
    )
    assert (work.agent, work.model, work.turns) == ("claude-code", "opus", 2)


def test_commands_with_their_exit_codes() -> None:
    work = work_of(command("make", 0), command("make test", 2), command("git push", None))
    assert work.counted == {"passed": 1, "failed": 1, "no exit code": 1}
    assert work.commands[1] == {"line": 2, "command": "make test", "exit_code": 2, "is_error": True}
    many = work_of(*(command(f"make {number}", 0) for number in range(60)))
    assert (len(many.commands), many.commands[-1]["command"], many.counted["passed"]) == (50, "make 59", 60)


def test_files_are_new_until_they_were_there_before() -> None:
    work = work_of(files(a="add", b="update"), files(a="update", c="delete"), files(b="update"))
    found = {each["path"]: (each["kind"], each["line"]) for each in work.as_json()["files"]}
    assert found == {"a": ("add", 2), "c": ("delete", 2), "b": ("update", 3)}
    many = work_of(*(files(**{f"f{number}": "add"}) for number in range(120)))
    assert (len(many.files), many.files_total, list(many.files)[-1]) == (100, 120, "f119")


def test_its_last_word() -> None:
    result = "result", {"is_error": True, "subtype": "error_max_turns", "text": "", "denied": ["Bash"]}
    work = work_of(result)
    assert work.result == {"line": 1, "is_error": True, "text": "error_max_turns", "denied": ["Bash"]}
    assert work.failure == "error_max_turns"
    assert work_of(result, ("turn", {"status": "started"})).failure is None
    assert work_of(("turn", {"status": "failed", "error": "limit"})).failure == "limit"
    assert work_of(("result", {"is_error": False, "text": "Done."})).failure is None


def test_it_is_the_same_out_of_the_history() -> None:
    work = work_of(
        ("session", {"id": "s", "agent": "codex", "model": None}),
        ("todos", {"items": [{"text": "a", "status": "completed"}]}),
        command("make", 1),
        files(a="add"),
        ("turn", {"status": "failed", "error": "limit"}),
    )
    assert AgentWork.of_json(json.loads(json.dumps(work.as_json()))) == work
    with pytest.raises(KeyError):
        AgentWork.of_json({})
