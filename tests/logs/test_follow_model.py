"""Random sequences: a log grows in random pieces, is replaced and cut short, the dashboard is killed and started again.

Whatever happens: the rows are the lines of the log; what was sent and what was said to be skipped are all lines that
this dashboard has read, without a gap; and search finds each line once.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from kit.model_runs import run_sequences
from kit.run_logs import SECRET, FakeRuns, Followed, redact

from llm_service.files.search_pattern import pattern_of
from llm_service.logs import ahead, blocks, followed
from llm_service.logs.rows import RowFilter

ALL = RowFilter("all")
READ_BYTES = 512
PIECES = st.lists(
    st.sampled_from(
        ["D ", "E ", "I ", "\n", "\n", "\n\n", "word ", "x" * 90, "y" * 700, SECRET.decode(), "\r", "\0", "é"]
    ),
    min_size=1,
    max_size=30,
)


class GrowingLog(RuleBasedStateMachine):
    """One log, and what must be known of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="llm-service-tests-"))
        self.runs = FakeRuns(self.folder)
        self.runs.add()
        self.number = 0
        self.has_ended = False
        self.begin()

    def begin(self) -> None:
        self.dashboard = Followed(self.runs, self.folder / "state")
        self.expected_from: int | None = None
        """The next line that an event has to begin with; None: the first event says it."""
        self.generation = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def pieces(self, pieces: list[str]) -> bytes:
        """Text of these pieces, in which each line end is preceded by a number that occurs once."""
        text = ""
        for character in "".join(pieces):
            self.number += 1
            text += f"#{self.number}#\n" if character == "\n" else character
        return text.encode()

    @rule(pieces=PIECES)
    def grow(self, pieces: list[str]) -> None:
        if not self.has_ended:
            self.runs.write(self.pieces(pieces))

    @rule(pieces=PIECES)
    def replace(self, pieces: list[str]) -> None:
        if not self.has_ended:
            other = self.folder / "other"
            other.write_bytes(self.pieces(pieces))
            os.replace(other, self.runs.log())
            self.look()

    @rule(part=st.floats(0, 1))
    def cut_short(self, part: float) -> None:
        if not self.has_ended and self.runs.log().exists():
            os.truncate(self.runs.log(), int(part * self.runs.log().stat().st_size))
            self.look()

    @rule(count=st.integers(1, 3), seconds=st.sampled_from([0.0, 0.02, 0.3]))
    def turn(self, count: int, seconds: float) -> None:
        self.dashboard.turns(count, seconds)
        self.check_events()

    @rule()
    def kill_and_start_again(self) -> None:
        self.begin()

    @rule()
    def half_write_the_index(self) -> None:
        index = Path(self.dashboard.store.file("run-1").path)
        if index.exists():
            os.truncate(index, max(0, index.stat().st_size - 7))
            self.begin()

    @rule()
    def end(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self.runs.end()

    @rule()
    def look(self) -> None:
        """Everything is read: what is known is what is there."""
        self.dashboard.tracker.rescan("")
        self.dashboard.turns(3, 0.6)
        self.check_events()
        lines = self.lines()
        page = self.dashboard.queries.lines(self.runs.run("run-1"), ALL, 0, 10_000)
        assert [line.message for line in page.lines] == lines
        assert page.rows == page.lines_total == len(lines)
        if self.expected_from is not None:
            assert self.expected_from == len(lines) + 1
        marks = [match for line in lines for match in re.findall(r"#\d+#", line)]
        assert self.found(r"#\d+#") == sum("#" in line for line in lines)
        for mark in marks[:: max(1, len(marks) // 4)]:
            assert self.found(mark) == 1
        assert self.found(SECRET.decode()) == 0

    def lines(self) -> list[str]:
        """The whole lines in the log, as they are shown."""
        data = self.runs.log().read_bytes() if self.runs.log().exists() else b""
        parts = data.split(b"\n")
        last = parts.pop()
        if last and self.has_ended:
            parts.append(last)
        return [redact(part[:READ_BYTES], b"").decode("utf-8", "replace") for part in parts]

    def found(self, expression: str) -> int:
        run, pattern = self.runs.run("run-1"), pattern_of(expression, True)
        page = self.dashboard.search.page(run, pattern, ALL, 10_000, seconds=60)
        assert self.dashboard.search.count(run, pattern, ALL, seconds=60).count == len(page.matches) == page.count
        return len(page.matches)

    def check_events(self) -> None:
        lines = self.lines()
        is_whole = all(
            event.generation == self.dashboard.store.table("run-1").generation for event in self.dashboard.published
        )
        for event in self.dashboard.published:
            if event.generation != self.generation:
                self.generation = event.generation
                self.expected_from = None if self.expected_from is None else 1
            assert self.expected_from in (None, event.from_seq)
            if is_whole:
                shown = [line.message.encode()[:READ_BYTES].decode("utf-8", "ignore") for line in event.lines]
                assert shown == lines[event.from_seq + event.skipped - 1 : event.to_seq]
            assert len(event.lines) + event.skipped == event.to_seq - event.from_seq + 1
            assert [line.seq for line in event.lines] == list(range(event.from_seq + event.skipped, event.to_seq + 1))
            self.expected_from = event.to_seq + 1
        self.dashboard.published.clear()


def test_rows_events_and_search_are_what_was_written(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "READ_BYTES", READ_BYTES)
    for module in (blocks, followed):
        monkeypatch.setattr(module, "SEGMENT_BYTES", 200)
    monkeypatch.setattr(followed, "AHEAD_BYTES", 600)
    monkeypatch.setattr(ahead, "_BLOCK_BYTES", 1_000)
    monkeypatch.setattr(ahead, "_SHOWN_BYTES", 800)
    run_sequences(GrowingLog, request, 25)
