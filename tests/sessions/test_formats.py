"""What the lines of each program give: parts of the transcript, facts about the session."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import SAMPLES
from kit.transcripts import claude_session, codex_lines, copilot_lines

from llm_service.sessions.formats.kinds import FORMATS, parse
from llm_service.sessions.model import PART_KINDS, Figures, Glance


def read(kind: str, lines: list[dict[str, Any]]) -> tuple[list[Any], Glance, list[Any]]:
    """(parts, glance, facts) of lines."""
    reader, glance, parts, facts = FORMATS[kind][1](), Glance(), [], []
    for line in lines:
        parts += reader.parts(line)
        facts.append(reader.facts(line))
        glance = glance.with_line(facts[-1])
    return parts, glance, facts


def test_a_session_of_claude_code() -> None:
    log = claude_session("aa5d3c1e-0001", "/srv/harbour")
    parts, glance, facts = read("claude", log.lines)
    kinds = ["prompt", "thinking", "tool", "result", "tool", "result", "tool", "result", "text"]
    assert [part.kind for part in parts] == kinds
    assert (parts[2].tool, parts[4].title, parts[5].is_error, parts[5].call) == (
        "TodoWrite",
        "npm test",
        True,
        "toolu_2",
    )
    assert "command: npm test" in parts[4].text
    assert glance.title == "Show the state of each berth"
    assert (glance.cwd, glance.branch, glance.context, glance.turn) == ("/srv/harbour", "main", 25_000, "text")
    assert [name for fact in facts for name in fact.tools] == ["TodoWrite", "Bash", "Edit"]
    assert [fact.files for fact in facts if fact.files] == [(("/srv/harbour/web/berth.js", "update"),)]
    todos = next(fact.todos for fact in facts if fact.todos)
    assert (todos["done"], todos["total"], todos["current"]) == (1, 2, "Write the words")


def test_titles_of_claude_code_rank_and_what_it_adds_itself_is_no_prompt() -> None:
    log = claude_session("aa5d3c1e-0001", "/srv/harbour")
    log.prompt("<system-reminder>Be brief.</system-reminder>")
    parts, glance, _ = read("claude", [*log.lines, {"type": "ai-title", "aiTitle": "Words for berths"}])
    assert (parts[-1].kind, glance.title) == ("note", "Words for berths")
    renamed = [*log.lines, {"type": "custom-title", "customTitle": "Berths"}, {"type": "ai-title", "aiTitle": "x"}]
    assert read("claude", renamed)[1].title == "Berths"


def test_the_turn_of_claude_code_is_the_last_thing_that_happened() -> None:
    log = claude_session("aa5d3c1e-0001", "/srv/harbour")
    log.say("Done.", stop="end_turn")
    assert read("claude", log.lines)[1].turn == "ended"
    log.prompt("[Request interrupted by user]")
    assert read("claude", log.lines)[1].turn == "interrupted"
    log.use("toolu_9", "AskUserQuestion", None, questions=[{"question": "Which harbour?"}])
    glance = read("claude", log.lines)[1]
    assert (glance.turn, glance.question) == ("question", "Which harbour?")
    log.add("user", message={"content": [{"type": "tool_result", "tool_use_id": "toolu_9", "content": "North"}]})
    glance = read("claude", log.lines)[1]
    assert (glance.turn, glance.question) == ("result", None)


def test_a_session_of_codex() -> None:
    parts, glance, facts = read("codex", codex_lines("019a", "/srv/harbour", parent="0199"))
    kinds = ["prompt", "thinking", "tool", "result", "tool", "result", "tool", "result", "text"]
    assert [part.kind for part in parts] == kinds
    assert [part.tool for part in parts if part.kind == "tool"] == ["update_plan", "apply_patch", "shell"]
    assert (parts[6].title, parts[7].text, parts[7].is_error) == ("pytest -q", "1 failed", True)
    assert (glance.session, glance.parent, glance.agent) == ("019a", "0199", "explorer")
    assert (glance.title, glance.branch, glance.model) == ("Import the tide table", "tide", "gpt-5.3-codex")
    assert (glance.context, glance.window, glance.turn) == (68_000, 272_000, "ended")
    assert [fact.files for fact in facts if fact.files] == [(("tides.py", "add"), ("README.md", "update"))]
    assert next(fact.todos for fact in facts if fact.todos)["current"] == "Import it"


def test_a_session_of_copilot() -> None:
    lines = copilot_lines("0f1e2d3c-0001-4a7e-9c11-5f2d7e8c9a01", "/srv/harbour")
    parts, glance, facts = read("copilot", lines)
    assert [part.kind for part in parts] == [
        "note", "prompt", "thinking", "tool", "result", "tool", "result", "tool", "result", "text"
    ]  # fmt: skip
    assert (parts[5].tool, parts[5].title, parts[5].call) == ("create", "/srv/harbour/web/rota.md", "c2")
    assert (parts[8].text, parts[8].is_error, parts[8].call) == ("exit 2", True, "c3")
    assert (glance.session, glance.title) == ("0f1e2d3c-0001-4a7e-9c11-5f2d7e8c9a01", "Write the rota of the harbour")
    assert (glance.cwd, glance.branch, glance.model) == ("/srv/harbour", "rota", "claude-sonnet-4.5")
    assert glance.turn == "text"
    assert [name for fact in facts for name in fact.tools] == ["update_todo", "create", "bash"]
    assert [fact.files for fact in facts if fact.files] == [(("/srv/harbour/web/rota.md", "add"),)]
    todos = next(fact.todos for fact in facts if fact.todos)
    assert (todos["done"], todos["total"]) == (1, 2)
    reader = FORMATS["copilot"][1]()
    for line in lines:
        assert reader.is_shown(json.dumps(line).encode()) == bool(reader.parts(line))
        assert reader.counts(json.dumps(line).encode()) or not reader.facts(line).tools
    assert (reader.is_shown(b"{"), reader.is_shown(b"[1]"), reader.is_shown(b'{"type": 5}')) == (None, None, False)
    for kind, data, turn in (
        ("session.error", {"message": "no more credit"}, "failed"),
        ("abort", {"reason": "user"}, "interrupted"),
        ("session.shutdown", {}, "ended"),
        ("user_input.requested", {"question": "Which quay?"}, "question"),
    ):
        asked = read("copilot", [*lines, {"type": kind, "data": data}])[1]
        assert (asked.turn, asked.question) == (turn, data.get("question"))


@pytest.mark.parametrize(
    ("kind", "folder", "shown"),
    [
        ("claude", "claude-streamed", {"prompt", "text", "tool", "result"}),
        ("codex", "codex-records", {"prompt", "tool"}),
        ("pi", "pi", {"prompt", "text", "tool"}),
        ("qwen", "qwen", {"prompt", "tool"}),
        ("gemini", "gemini", {"prompt", "text", "tool"}),
        ("openclaw", "openclaw", {"text"}),
    ],
)
def test_the_samples_of_each_program_have_a_transcript_a_time_and_a_model(
    kind: str, folder: str, shown: set[str]
) -> None:
    found, models, times = set(), set(), set()
    reader = FORMATS[kind][1]()
    for path in sorted((SAMPLES / folder).rglob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            value = parse(line)
            assert reader.is_shown(line) == (None if value is None else bool(reader.parts(value)))
        lines = [value for line in path.read_bytes().splitlines() if (value := parse(line)) is not None]
        parts, glance, _ = read(kind, lines)
        found |= {part.kind for part in parts}
        models.add(glance.model)
        times.add(glance.started_at)
    assert shown <= found
    assert models - {None}
    assert times - {None}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ("type", "message", "payload", "content", "parts", "role", "name", "input", "arguments", "output", "usage", "info",
     "text", "summary", "toolCalls", "thoughts", "subtype", "source", "git", "todos", "plan", "toolUseResult")
)  # fmt: skip
VALUES = JSON | st.sampled_from(
    ("assistant", "user", "system", "response_item", "event_msg", "session_meta", "message", "gemini", "tool_use",
     "function_call", "tool_result", "token_count", "reasoning", "TodoWrite", "update_plan", "user_message", "summary")
)  # fmt: skip
BLOCKS = st.dictionaries(NAMES, VALUES, max_size=6)


@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.dictionaries(NAMES, VALUES | BLOCKS | st.lists(BLOCKS, max_size=3), max_size=8), max_size=6),
)
def test_any_json_is_read_without_an_error(kind: str, lines: list[dict[str, Any]]) -> None:
    parts, glance, _ = read(kind, lines)
    assert all(part.kind in PART_KINDS and isinstance(part.text, str) for part in parts)
    assert glance.title is None or "\n" not in glance.title
    reader = FORMATS[kind][1]()
    for line in lines:
        data = json.dumps(line).encode()
        assert reader.is_shown(data) == bool(reader.parts(line))
        facts = FORMATS[kind][1]().facts(line)
        assert reader.counts(data) or not (facts.tools or facts.files or facts.todos)
    assert Figures().todos is None
