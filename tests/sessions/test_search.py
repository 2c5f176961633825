"""What a search through a transcript finds: the same as in all that is shown, whatever is passed over unread."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from kit.opencode_database import OpenCode, full_session
from kit.session_logs import SAMPLES
from kit.transcripts import SECRET, claude_session, codex_lines, copilot_lines, long_session, write_lines

from llm_service.files.search_pattern import pattern_of
from llm_service.logs.redaction import redact
from llm_service.sessions.clean import Cleaner
from llm_service.sessions.formats.kinds import FORMATS, parse
from llm_service.sessions.index import MAX_LINE_BYTES, LogIndex
from llm_service.sessions.likely import Likely
from llm_service.sessions.model import VIEWS, Match
from llm_service.sessions.opencode.index import EntryIndex
from llm_service.sessions.opencode.sources import source_of
from llm_service.sessions.search import search
from llm_service.sessions.transcript import rows_of

CLEANER = Cleaner(redact)
WORD = re.compile(r"[A-Za-z]{3,}")


def index_of(kind: str, path: Path) -> LogIndex:
    """The whole index of a log."""
    index = LogIndex(str(path.parent), path.name, FORMATS[kind][1])
    assert index.update(60)
    return index


def found(index: LogIndex, kind: str, view: str, query: str, regex: bool = False) -> list[Match]:
    """All matches."""
    matches: list[Match] = []
    before = None
    while True:
        page = search(index, FORMATS[kind][1](), CLEANER, pattern_of(query, regex), view, before, 50, 60)
        matches += page.matches
        before = page.next_before
        if before is None:
            return matches


def strange(folder: Path) -> Path:
    """A log in which what is shown is not written as it is shown."""
    log = claude_session("strange", "/srv/harbour")
    log.prompt(f"escaped, and a secret {SECRET} beside it; caf\u00e9, \u212aelvin and \u017fhort\x1b[31mred")
    log.answer({"type": "tool_use", "id": "t1", "name": "", "input": {"n": 1e3, "deep": [True, None, {"Käse": "gut"}]}})
    log.answer()
    log.add("user", message={"role": "user", "content": [{"type": "image"}, {"type": 5}]})
    path = log.write(folder / "strange.jsonl")
    text = path.read_text().replace('"escaped', '"\\u0065\\u0073caped').replace("caf\u00e9", "caf\\u00e9")
    endless = '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Sum","input":{"n":1e999}}]}}\n'
    path.write_text(text + "this is no JSON, Berth\n" + endless + '{"x":"' + "y" * MAX_LINE_BYTES + '"}\n\n')
    return path


def logs(folder: Path) -> Iterable[tuple[str, Path]]:
    """(kind, log): samples of every program, and what is odd."""
    yield "claude", strange(folder)
    yield "codex", write_lines(folder / "codex.jsonl", codex_lines("c1", "/srv/harbour"))
    odd: list[dict[str, Any]] = [
        {"type": "event_msg", "payload": {"type": "turn_aborted"}},
        {"type": "compacted", "payload": {}},
        {"type": "response_item", "payload": {"type": "local_shell_call", "action": {"command": ["ls"]}}},
        {"type": "response_item", "payload": {"type": "web_search_call", "action": {"query": "tides"}}},
        {"type": "response_item", "payload": {"type": "function_call", "name": "f",
                                              "arguments": json.dumps({"text": "h\u00e4lf\nnested"})}},
    ]  # fmt: skip
    yield "codex", write_lines(folder / "odd.jsonl", odd)
    more = [{"type": "abort", "data": {}}, {"type": "session.compaction_complete"}, {"type": "tool.execution_start"}]
    yield "copilot", write_lines(folder / "copilot.jsonl", [*copilot_lines("p1", "/srv/harbour"), *more])
    code = OpenCode(folder / "opencode")
    session, _ = full_session(code, "/srv/harbour", SECRET)
    code.close()
    entries = EntryIndex(source_of(str(code.folder), "opencode.db", session))
    assert entries.update(60)
    written = folder / "opencode.jsonl"
    odd_entry = b'{"entry":"part","type":"compaction"}'
    written.write_bytes(b"\n".join([*(line or b"" for _, line in entries.read("all", 0, 999)), odd_entry, b""]))
    yield "opencode", written
    for kind, name in (("pi", "pi"), ("qwen", "qwen"), ("gemini", "gemini"), ("openclaw", "openclaw")):
        for path in sorted((SAMPLES / name).rglob("*.jsonl"))[:2]:
            yield kind, path


def test_every_word_that_is_shown_is_found_where_it_is_shown(tmp_path: Path) -> None:
    kinds_seen, words_seen = set(), 0
    for kind, path in logs(tmp_path):
        index = index_of(kind, path)
        for view in VIEWS:
            reader = FORMATS[kind][1]()
            rows = rows_of(reader, index.read(view, 0, 10_000), CLEANER, view)
            texts = [f"{part.tool or ''}\n{part.text}" for row in rows for part in row.parts]
            words = {word.lower() for text in texts for word in WORD.findall(text)}
            for word in sorted(words)[:400]:
                # In a group, no word is known that has to be there: every line is parsed.
                assert found(index, kind, view, word) == found(index, kind, view, f"({word})", True), (kind, view, word)
            kinds_seen.add(kind)
            words_seen += len(words)
    assert kinds_seen == set(FORMATS) and words_seen > 200


@pytest.mark.parametrize("query", ["kelvin", "short", "escaped", "red", "redacted", "infinity", "berth", "bytes"])
def test_what_is_written_in_another_way_is_found(query: str, tmp_path: Path) -> None:
    index = index_of("claude", strange(tmp_path))
    assert found(index, "claude", "conversation", query)


def test_few_lines_are_parsed_for_a_rare_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of("claude", write_lines(tmp_path / "long.jsonl", long_session("long", "/srv", 4_000)))
    parsed = []

    def count(line: bytes) -> dict[str, Any] | None:
        parsed.append(line)
        return parse(line)

    monkeypatch.setattr("llm_service.sessions.search.parse", count)
    assert len(found(index, "claude", "conversation", "Turn 300: make")) == 1
    assert len(parsed) < index.rows("conversation") / 5
    assert Likely(pattern_of("token")).places([b"a", None, b"b"]) == range(3), "a word of a label: any line may have it"
    assert Likely(pattern_of("harbour")).places([b"a", None, b"HARBOUR", b"\\u0068"]) == [1, 2, 3]
