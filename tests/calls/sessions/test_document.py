"""Logs that are one document, written anew as a whole: parts that are new, unfinished and damaged documents."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.session_logs import LogStore, drive, open_log_store

from llm_service.calls.sessions import document
from llm_service.errors import FileChanging, FileTooLarge
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.tail import Position

CHAT = "b5/chats/session-2026-11-20T10-00-0000.json"


def message(number: int, **more: Any) -> dict[str, Any]:
    tokens = {"input": number, "output": 1, "cached": 0, "thoughts": 2, "tool": 0, "total": number + 3}
    return {
        "id": f"00000000-0000-4000-8000-{number:012}", "timestamp": "2026-11-20T10:00:00.000Z", "type": "gemini",
        "content": "…", "model": "gemini-2.5-pro", "tokens": tokens,
    } | more  # fmt: skip


def chat(*messages: dict[str, Any]) -> str:
    return json.dumps({"sessionId": "s", "projectHash": "b5", "messages": messages}, indent=2)


def write(folder: Path, text: str, age_s: float = 60) -> None:
    path = folder / CHAT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - age_s, time.time() - age_s))


def prompts(store: LogStore) -> list[int]:
    return sorted(call["prompt_tokens"] for call in store.calls())


def open_document(folder: Path) -> document.DocumentLog:
    return document.DocumentLog(
        str(folder), CHAT, Position(), lambda data: [msgspec.json.encode(msgspec.json.decode(data))]
    )


def test_a_chat_that_is_written_anew_counts_its_new_messages(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    write(logs, chat(message(1)))
    with open_log_store(tmp_path) as store:
        folder = store.read("gemini", logs)
        for count in range(2, 6):
            write(logs, chat(*map(message, range(1, count + 1))))
            folder.hint(Hint(HintKind.COMPLETE, CHAT, time.monotonic()), time.monotonic())
            drive(folder)
        assert prompts(store) == [1, 2, 3, 4, 5]
        assert folder.status()["duplicates"] == 0
        write(logs, chat(message(1), message(9)))  # what was rewound was paid for
        store.read("gemini", logs)
        assert prompts(store) == [1, 2, 3, 4, 5, 9]


@given(st.integers(1, 400))
def test_a_document_that_is_half_written_waits(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    folder = tmp_path_factory.mktemp("logs")
    text = chat(message(1), message(2))
    write(folder, text[:length], age_s=0)
    with pytest.raises(FileChanging):
        open_document(folder).read(10)
    write(folder, text, age_s=0)
    assert len(open_document(folder).read(10).lines) == 1


def test_a_document_that_stays_damaged_is_refused_until_it_is_whole(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    write(logs, chat(message(1))[:-5])
    with open_log_store(tmp_path) as store:
        status = store.read("gemini", logs).status()
        assert status["refused"] == 1
        assert "not a JSON document" in status["problems"][0]["error"]
        write(logs, chat(message(1)))
        store.read("gemini", logs)
        assert prompts(store) == [1]


def test_an_empty_document_is_nothing_yet(tmp_path: Path) -> None:
    write(tmp_path, " \n")
    log = open_document(tmp_path)
    assert (log.read(10).lines, log.position.offset) == ([], 0)


def test_a_document_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_DOCUMENT_BYTES", 100)
    write(tmp_path, chat(message(1)))
    with pytest.raises(FileTooLarge):
        open_document(tmp_path).read(10)


def test_a_refused_message_does_not_hide_the_others(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    wrong = message(2, tokens={"input": -2, "output": 1})
    write(logs, chat(message(1), wrong, message(3, tokens={"input": 1.5}), message(4)))
    with open_log_store(tmp_path) as store:
        assert store.read("gemini", logs).status()["refused"] == 2
        assert prompts(store) == [1, 4]
