"""The index of a log: lines that come, huge and broken ones, files that are replaced."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from kit.transcripts import claude_session, write_lines

from llm_service.errors import FileRefused
from llm_service.sessions.formats.claude import ClaudeFormat
from llm_service.sessions.index import MAX_LINE_BYTES, LogIndex

LONG_S = 60.0


def index_of(path: Path) -> LogIndex:
    return LogIndex(str(path.parent), path.name, ClaudeFormat)


def numbers(index: LogIndex, view: str) -> list[int]:
    return [number for number, _ in index.read(view, 0, 10_000)]


def test_each_line_is_found_by_its_number_in_both_views(tmp_path: Path) -> None:
    log = claude_session("s1", "/srv")
    index = index_of(log.write(tmp_path / "s1.jsonl"))
    assert index.update(LONG_S)
    assert index.lines == len(log.lines) == 10
    assert numbers(index, "all") == [*range(1, 11)]
    assert numbers(index, "conversation") == [*range(2, 11)]  # the first line is a snapshot
    read = index.read("conversation", 3, 2)
    assert [json.loads(data or b"") for _, data in read] == log.lines[4:6]
    assert index.row_of("conversation", 2) == 0
    assert index.row_of("conversation", 1) == 0
    assert index.row_of("conversation", 99) == 8
    assert index.add_up(LONG_S)
    assert (index.figures.calls, index.figures.tools) == (3, {"TodoWrite": 1, "Bash": 1, "Edit": 1})


def test_what_is_appended_is_added_once_and_half_a_line_waits(tmp_path: Path) -> None:
    log = claude_session("s1", "/srv")
    path = log.write(tmp_path / "s1.jsonl")
    index = index_of(path)
    index.update(LONG_S)
    generation = index.generation
    log.use("toolu_8", "Bash", "ok", command="ls")
    text = "".join(json.dumps(line) + "\n" for line in log.lines[-2:])
    with open(path, "a") as file:
        file.write(text[:-10])
    index.update(LONG_S)
    index.add_up(LONG_S)
    assert (index.lines, index.figures.calls) == (11, 4)
    with open(path, "a") as file:
        file.write(text[-10:])
    index.update(LONG_S)
    index.add_up(LONG_S)
    assert (index.lines, index.figures.calls, index.generation) == (12, 4, generation)
    index.update(LONG_S)
    assert index.lines == 12


def test_a_log_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    path = claude_session("s1", "/srv").write(tmp_path / "s1.jsonl")
    index = index_of(path)
    index.update(LONG_S)
    generation = index.generation
    other = claude_session("s2", "/other")
    other.lines = other.lines[:3]
    other.write(path)
    assert index.read("all", 0, 5) == []  # its places are not those of this file
    index.update(LONG_S)
    assert index.lines == 3
    assert b"/other" in (index.read("all", 1, 1)[0][1] or b"")
    assert index.generation > generation
    path.unlink()
    with pytest.raises(FileRefused):
        index.update(LONG_S)


def test_broken_lines_are_shown_and_do_not_end_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    lines: list[Any] = claude_session("s1", "/srv").lines[:2]
    write_lines(path, lines)
    with open(path, "ab") as file:
        file.write(b'{"type":"user"\n\xff\xfe not text\n[1]\n\n' + b'{"a":"' + b"x" * (MAX_LINE_BYTES + 10) + b'"}\n')
    write_lines(path, lines[1:], "a")
    index = index_of(path)
    assert index.update(LONG_S)
    assert index.lines == 8
    assert numbers(index, "conversation") == [2, 3, 4, 5, 7, 8]
    assert dict(index.read("all", 0, 10))[7] is None
    assert index.figures.errors == 4


def test_a_line_without_an_end_that_is_too_long_takes_no_memory_and_ends_some_day(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    path.write_bytes(b"x" * (MAX_LINE_BYTES + (3 << 20)))
    index = index_of(path)
    assert index.update(LONG_S)
    assert index.lines == 0
    with open(path, "ab") as file:
        file.write(b"y\n")
    write_lines(path, claude_session("s1", "/srv").lines[1:2], "a")
    index.update(LONG_S)
    assert index.lines == 2
    assert [data is None for _, data in index.read("conversation", 0, 9)] == [True, False]


def test_without_time_it_reads_a_part_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    line = claude_session("s1", "/srv").lines[1] | {"padding": "x" * 3_000}
    write_lines(path, [line] * 1_000)
    index = index_of(path)
    assert not index.update(0.0)
    first = index.lines
    assert 0 < first < 1_000
    while not index.update(0.0):
        assert index.lines > first
        first = index.lines
    assert index.lines == 1_000
    assert not index.add_up(0.0)
    while not index.add_up(0.0):
        pass
    assert index.figures.prompts == 1_000
    assert numbers(index, "all")[-1] == 1_000


def test_neither_a_link_nor_a_fifo_is_read(tmp_path: Path) -> None:
    claude_session("s1", "/srv").write(tmp_path / "outside/s1.jsonl")
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "link.jsonl").symlink_to(tmp_path / "outside/s1.jsonl")
    os.mkfifo(folder / "fifo.jsonl")
    for name in ("link.jsonl", "fifo.jsonl"):
        with pytest.raises(FileRefused):
            index_of(folder / name).update(LONG_S)
