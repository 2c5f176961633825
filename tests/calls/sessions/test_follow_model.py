"""After any operations on logs and any interruptions of reading, the calls in the store are those of the lines written.

Random appends, truncations, rotations, replacements, restarts and store failures, on a real disk, into a real store.
Each line that was complete on disk at a check has to be counted; one that was lost before may be; nothing else is.
`--sequences N` sets the number of sequences (default 40), `--model-seed` repeats a run.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Container, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from kit.model_runs import run_sequences
from kit.session_logs import open_log_store

from llm_service.calls.model import Call
from llm_service.calls.sessions.checkpoints import Checkpoint
from llm_service.calls.sessions.log_kind import Kind
from llm_service.errors import HistoryUnavailable
from llm_service.watch.hints import Hint, HintKind

LINES, CLAUDE = ("lines/a.jsonl", "lines/deep/b.jsonl"), ("claude/p/s1.jsonl", "claude/p/s2.jsonl")
FOLDERS: tuple[Kind, ...] = ("lines", "claude")
logs, rotated_logs = st.sampled_from(LINES + CLAUDE), st.sampled_from(LINES)
JUNK = (b"nonsense\n", b"\n", b"[1]\n", b'{"usage": {}}\n', b"\xff\xfe\n", b'{"prompt_tokens": -1, "timestamp": 1}\n')

Tokens = dict[str, set[int]]
"""id -> the output token counts in complete lines"""


class Logs(RuleBasedStateMachine):
    """Agents write, logs are rotated, a follower that may stop at any time reads, and the store fails at times."""

    place: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self._end = ExitStack()
        self.root = Path(tempfile.mkdtemp(dir=self.place))
        self._end.callback(shutil.rmtree, self.root, ignore_errors=True)
        self.store = self._end.enter_context(open_log_store(self.root / "state"))
        self.ids = 0
        self.unwritten: dict[str, bytes] = {}  # the part of its last line that a writer has not written yet
        self.last: dict[str, int] = {}  # the last message of a session, which may grow
        self.output: dict[int, int] = {}
        self.written: set[bytes] = set()
        self.may_count: Tokens = {}
        self.must_count: Tokens = {}
        self.now = 1000.0
        self.failures: list[bool] = []
        for kind in FOLDERS:
            (self.root / kind).mkdir()
        self.open()

    def teardown(self) -> None:
        if not hasattr(self, "_end"):
            return
        try:
            self.look()
            self.restart()
            self.settle()
        finally:
            self._end.close()

    # What is written.

    @rule(log=logs, grow=st.booleans(), count=st.integers(1, 4), cut=st.integers(0, 200), junk=st.sampled_from(JUNK))
    def append(self, log: str, grow: bool, count: int, cut: int, junk: bytes) -> None:
        new = [self._line(log, grow and number == 0) for number in range(count)]
        if junk and cut % 7 == 0:
            new.insert(0, junk)
        data = self.unwritten.get(log, b"") + b"".join(new)
        cut = min(cut, len(new[-1]) - 1) if cut % 2 else 0
        self._write(log, data[: len(data) - cut])
        self.unwritten[log] = data[len(data) - cut :]
        self._record_on_disk()

    @rule(log=rotated_logs, between=st.booleans())
    def rotate(self, log: str, between: bool) -> None:
        if self._shift(log) and (self.root / log).exists():
            os.rename(self.root / log, self.root / f"{log}.1")
            if between:
                self.turns(1)
            self._write(f"{log}.1", self.unwritten.pop(log, b""))  # the writer has it open
            self._record_on_disk()

    @rule(log=rotated_logs)
    def copy_and_empty(self, log: str) -> None:
        if self._shift(log) and (self.root / log).exists():
            self._write(log, self.unwritten.pop(log, b""))
            self._record_on_disk()
            shutil.copyfile(self.root / log, self.root / f"{log}.1")
            os.truncate(self.root / log, 0)

    @rule(log=logs, share=st.floats(0, 1))
    def cut_short(self, log: str, share: float) -> None:
        if (self.root / log).exists():
            os.truncate(self.root / log, int((self.root / log).stat().st_size * share))
            self._record_on_disk()

    @rule(log=logs, count=st.integers(0, 30))
    def replace(self, log: str, count: int) -> None:
        beside = self.root / "beside"
        beside.write_bytes(b"".join(self._line(log, False) for _ in range(count)))
        (self.root / log).parent.mkdir(parents=True, exist_ok=True)
        os.replace(beside, self.root / log)
        self.unwritten.pop(log, None)
        self._record_on_disk()

    @rule(log=logs)
    def delete(self, log: str) -> None:
        (self.root / log).unlink(missing_ok=True)
        self.unwritten.pop(log, None)

    @rule(folder=st.sampled_from(("lines", "lines/deep", "claude", "claude/p")))
    def delete_folder(self, folder: str) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)
        (self.root / folder).mkdir(parents=True)
        self.unwritten = {log: data for log, data in self.unwritten.items() if not log.startswith(folder)}

    # What reads it.

    @rule(log=logs, complete=st.booleans())
    def hint(self, log: str, complete: bool) -> None:
        path = log.split("/", 1)[1]
        hint = Hint(HintKind.COMPLETE if complete else HintKind.CHANGED, path)
        self.folders["lines" if log in LINES else "claude"].hint(hint, self.now)

    @rule(count=st.integers(1, 5))
    def turns(self, count: int) -> None:
        for _ in range(count):
            self.now += 0.1
            for folder in self.folders.values():
                folder.turn(self.now)

    @rule()
    def scan(self) -> None:
        for folder in self.folders.values():
            folder.rescan("")

    @rule()
    def look(self) -> None:
        """Scan and read everything, and compare."""
        self.scan()
        self.settle()

    @rule()
    def restart(self) -> None:
        self.open()

    @rule(failures=st.lists(st.booleans(), min_size=1, max_size=3))
    def fail(self, failures: list[bool]) -> None:
        """The store fails for the next batches; for True, after writing them."""
        self.failures = failures

    # Helpers.

    def open(self) -> None:
        self.folders = {
            kind: self.store.folder(kind, self.root / kind, self._ingest, clock=lambda: self.now) for kind in FOLDERS
        }
        for folder in self.folders.values():
            folder.load()

    def settle(self) -> None:
        for _ in range(5000):
            if all(folder.oldest_pending() is None for folder in self.folders.values()):
                break
            self.turns(1)
        else:
            raise AssertionError("the folders are not read in time")
        for name, tokens in self._on_disk(self.written).items():
            self.must_count.setdefault(name, set()).update(tokens)
        found = {call["invocation_id"]: call["completion_tokens"] for call in self.store.calls()}
        assert not self.must_count.keys() - found.keys(), "lines were lost"
        assert not found.keys() - self.may_count.keys(), "a line was counted that nobody wrote"
        for name, tokens in found.items():
            assert max(self.must_count.get(name, {0})) <= tokens <= max(self.may_count[name]), name

    def _ingest(self, calls: Sequence[Call], checkpoints: Sequence[Checkpoint]) -> Any:
        if self.failures:
            if self.failures.pop():
                self.store.store.ingest(calls, checkpoints)
            raise HistoryUnavailable("The history database could not be written: disk full")
        return self.store.store.ingest(calls, checkpoints)

    def _line(self, log: str, grow: bool) -> bytes:
        if log in self.last and grow:
            number = self.last[log]
        else:
            self.ids += 1
            number = self.last[log] = self.ids
        self.output[number] = self.output.get(number, 0) + 10
        if log in LINES:
            value = {"id": f"id-{number}", "time": "2026-11-18T09:00:00Z", "input_tokens": 7, "output_tokens": 10}
        else:
            usage = {"input_tokens": 7, "output_tokens": self.output[number]}
            message = {"id": f"msg_{number:024}", "model": "claude-opus-4-5", "usage": usage, "content": "ü🛥" * 9}
            value = {"type": "assistant", "timestamp": "2026-11-18T09:00:00Z", "sessionId": "s", "message": message}
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        self.written.add(text)
        return text + b"\n"

    def _write(self, log: str, data: bytes) -> None:
        (self.root / log).parent.mkdir(parents=True, exist_ok=True)
        with (self.root / log).open("ab") as file:
            file.write(data)

    def _shift(self, log: str) -> bool:
        """Rename rotated logs to make room for `<log>.1`, as logrotate does, without deleting any."""
        numbers = [number for number in range(1, 50) if (self.root / f"{log}.{number}").exists()]
        for number in reversed(numbers):
            os.rename(self.root / f"{log}.{number}", self.root / f"{log}.{number + 1}")
        return len(numbers) < 49

    def _record_on_disk(self) -> None:
        for name, tokens in self._on_disk().items():
            self.may_count.setdefault(name, set()).update(tokens)

    def _on_disk(self, only: Container[bytes] | None = None) -> Tokens:
        """Reads all complete lines independently, or `only` these.

        The start of a truncated line and text that is appended later can form JSON that nobody wrote: it may be
        counted or refused.
        """
        found: Tokens = {}
        for kind in FOLDERS:
            for path in (self.root / kind).rglob("*.jsonl*"):
                for line in path.read_bytes().split(b"\n")[:-1]:
                    if only is not None and line not in only:
                        continue
                    try:
                        value = json.loads(line)
                        if kind == "claude":
                            used, name = value["message"]["usage"], f"claude:{value['message']['id']}"
                        else:
                            used, name = value, value["id"]
                        found.setdefault(name, set()).add(used["output_tokens"])
                    except (ValueError, TypeError, KeyError):
                        continue
        return found


@pytest.mark.timeout(3000)
def test_after_any_operations_on_logs_the_calls_are_those_of_the_lines_written(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.calls.sessions.follow.BATCH_CALLS", 5)
    Logs.place = tmp_path
    run_sequences(Logs, request, steps=30)
