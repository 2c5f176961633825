"""Log folders on a real disk, read into a real store: each line counts once, whatever happens to its file."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from kit.live import Live, eventually
from kit.session_logs import LogStore, drive, open_log_store

from llm_service.calls.model import Call
from llm_service.calls.sessions.checkpoints import Checkpoint
from llm_service.calls.sessions.follow import LogFolder
from llm_service.calls.sessions.kinds import reader_factory
from llm_service.calls.sessions.log_files import LogFiles
from llm_service.cli.main import cli
from llm_service.errors import HistoryUnavailable
from llm_service.tasks.model import LANES
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.root import WatchedRoot
from llm_service.watch.scan import signature_of


def line(number: int, **fields: Any) -> bytes:
    values = {"invocation_id": f"id-{number}", "timestamp": "2026-11-18T09:00:00Z", "model": "gpt-5"}
    return json.dumps(values | {"prompt_tokens": 100 + number} | fields, ensure_ascii=False).encode() + b"\n"


def lines(*numbers: int) -> bytes:
    return b"".join(map(line, numbers))


def append(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


class Place:
    """A log folder and the store that it is read into."""

    def __init__(self, path: Path, store: LogStore) -> None:
        self.path = path
        self.store = store
        self.folder = store.folder("lines", path)
        self.folder.load()

    def restart(self) -> None:
        """As after a restart: only the store is left."""
        self.folder = self.store.folder("lines", self.path)
        self.folder.load()

    def scan_and_read(self) -> list[int]:
        """Scan and read everything; the numbers of all calls in the store."""
        self.folder.rescan("")
        drive(self.folder)
        return self.numbers()

    def numbers(self) -> list[int]:
        """The numbers of the calls in the store; checks that each has its own tokens."""
        calls = self.store.calls()
        found = sorted(int(call["invocation_id"].removeprefix("id-")) for call in calls)
        assert sorted(call["prompt_tokens"] - 100 for call in calls) == found
        return found

    def read_again(self) -> int:
        """How many lines were read again that were already counted."""
        duplicates: int = self.folder.status()["duplicates"]
        return duplicates

    def problems(self) -> list[tuple[str, int | None, str]]:
        """(path, line, reason) of the refused lines and unreadable files in `status`."""
        return [(each["path"], each["line"], each["error"]) for each in self.folder.status()["problems"]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    with open_log_store(tmp_path / "state") as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, store: LogStore) -> Place:
    (tmp_path / "logs").mkdir()
    return Place(tmp_path / "logs", store)


# Lines that are being written.


def test_appended_lines_count_once_each(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1, 2))
    assert place.scan_and_read() == [1, 2]
    append(place.path / "a.jsonl", lines(3))
    assert place.scan_and_read() == [1, 2, 3]
    assert place.read_again() == 0


def test_a_line_written_in_pieces_counts_when_it_is_complete(place: Place) -> None:
    log, whole = place.path / "a.jsonl", line(2, agent="Zoë 🛥")
    cut = whole.index("🛥".encode()) + 2  # in the middle of a character
    append(log, line(1) + whole[:9])
    assert place.scan_and_read() == [1]
    append(log, whole[9:cut])
    assert place.scan_and_read() == [1]
    append(log, whole[cut:-1])
    assert place.scan_and_read() == [1]  # valid JSON, but perhaps not complete
    append(log, whole[-1:])
    assert place.scan_and_read() == [1, 2]
    assert place.problems() == []
    assert {call["agent_name"] for call in place.store.calls()} == {None, "Zoë 🛥"}


def test_an_incomplete_line_is_read_after_a_restart(place: Place) -> None:
    log, whole = place.path / "a.jsonl", line(2)
    append(log, line(1) + whole[:20])
    place.scan_and_read()
    place.restart()
    append(log, whole[20:])
    assert place.scan_and_read() == [1, 2]
    assert place.read_again() == 0


def test_a_hinted_file_is_read_when_writing_pauses(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1))
    place.folder.hint(Hint(HintKind.COMPLETE, "a.jsonl"), 0.0)
    place.folder.hint(Hint(HintKind.COMPLETE, "not-ours.txt"), 0.0)
    assert place.folder.oldest_pending() is not None
    drive(place.folder)
    assert place.numbers() == [1]


# Files that are moved, truncated and replaced.


def test_reading_a_rotated_log_continues_under_its_new_name(place: Place) -> None:
    log = place.path / "a.jsonl"
    append(log, lines(1, 2))
    place.scan_and_read()
    append(log, lines(3))  # not read yet
    log.rename(place.path / "a.jsonl.1")
    append(log, lines(4))
    assert place.scan_and_read() == [1, 2, 3, 4]
    assert place.read_again() == 0


@pytest.mark.parametrize("restarts", [False, True])
def test_reading_a_chain_of_rotated_logs_continues_without_repeating_any(place: Place, restarts: bool) -> None:
    log = place.path / "a.jsonl"
    append(log, lines(1))
    log.rename(place.path / "a.jsonl.1")
    append(log, lines(2))
    place.scan_and_read()
    append(log, lines(3))
    (place.path / "a.jsonl.1").rename(place.path / "a.jsonl.2")
    log.rename(place.path / "a.jsonl.1")
    append(log, lines(4))
    if restarts:
        place.restart()
    assert place.scan_and_read() == [1, 2, 3, 4]
    assert place.read_again() == 0


def test_a_rotated_log_renamed_back_is_still_the_same(place: Place) -> None:
    log, other = place.path / "a.jsonl", place.path / "a.jsonl.1"
    append(log, lines(1, 2))
    place.scan_and_read()
    log.rename(other)
    assert place.scan_and_read() == [1, 2]
    other.rename(log)
    append(log, lines(3))
    assert place.scan_and_read() == [1, 2, 3]
    assert place.read_again() == 0


def test_a_log_that_was_copied_and_truncated_loses_nothing(place: Place) -> None:
    log = place.path / "a.jsonl"
    append(log, lines(1, 2))
    place.scan_and_read()
    append(log, lines(3))  # not read yet: only the copy has it
    shutil.copyfile(log, place.path / "a.jsonl.1")
    log.write_bytes(b"")
    append(log, lines(4, 5, 6, 7))  # larger again than what was read
    assert place.scan_and_read() == [1, 2, 3, 4, 5, 6, 7]


def test_a_truncated_log_is_read_from_its_start(place: Place) -> None:
    log = place.path / "a.jsonl"
    append(log, lines(1, 2, 3))
    place.scan_and_read()
    log.write_bytes(lines(4))
    assert place.scan_and_read() == [1, 2, 3, 4]
    append(log, lines(5))
    assert place.scan_and_read() == [1, 2, 3, 4, 5]


def test_a_file_that_replaces_a_log_is_read_from_its_start(place: Place) -> None:
    log = place.path / "a.jsonl"
    append(log, lines(1, 2))
    place.scan_and_read()
    append(place.path / "beside", lines(3, 4, 5))
    os.replace(place.path / "beside", log)
    assert place.scan_and_read() == [1, 2, 3, 4, 5]
    assert place.read_again() == 0


def test_a_session_log_that_replaces_another_does_not_inherit_its_state(tmp_path: Path, store: LogStore) -> None:
    log = tmp_path / "logs/p/s.jsonl"
    log.parent.mkdir(parents=True)

    def answer(number: int, cwd: str) -> bytes:
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": f"msg_{number:024}", "model": "claude-opus-4-5", "usage": usage, "content": []}
        value = {"type": "assistant", "timestamp": "2026-11-18T09:00:00Z", "cwd": cwd, "message": message}
        return json.dumps(value).encode() + b"\n"

    append(log, b"nonsense\n" + answer(1, "/home/ada/quayside"))
    folder = store.read("claude", tmp_path / "logs")
    append(log.with_name("beside"), answer(2, "/home/ada/other"))
    os.replace(log.with_name("beside"), log)
    folder.rescan("")
    drive(folder)
    assert {call["project"] for call in store.calls()} == {"quayside", "other"}
    assert folder.status()["refused"] == 0


def test_a_new_log_with_the_inode_of_a_deleted_one_is_read_from_its_start(tmp_path: Path) -> None:
    append(tmp_path / "new.jsonl", lines(1, 2, 3))
    signature = signature_of(os.lstat(tmp_path / "new.jsonl"))
    gone = Checkpoint(f"{tmp_path}/old.jsonl", 1, signature.inode, 50, 2, b"of other content", "", 7)
    logs = LogFiles(str(tmp_path), reader_factory("lines", str(tmp_path), LANES), {gone.path: gone})
    file = logs.get("new.jsonl", signature)
    assert (file.source.position.offset, file.refused) == (0, 0)


def test_a_folder_that_is_deleted_and_created_again_is_read_again(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1))
    place.scan_and_read()
    shutil.rmtree(place.path)
    place.folder.rescan("")
    assert place.folder.oldest_pending() is None
    (place.path / "day").mkdir(parents=True)
    append(place.path / "day/b.jsonl", lines(2))
    append(place.path / "a.jsonl", lines(3))
    assert place.scan_and_read() == [1, 2, 3]


def test_a_log_that_is_deleted_between_two_slices_leaves_nothing_pending(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1))
    append(place.path / "b.jsonl", lines(2))
    place.folder.rescan("")
    (place.path / "a.jsonl").unlink()
    drive(place.folder)
    assert place.numbers() == [2]


def test_a_root_that_was_missing_during_a_scan_is_watched_again(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    hints: list[Hint] = []
    root = WatchedRoot(str(folder), lambda path: True, hints.append, optional=True)
    try:
        assert root.check(1000.0)
        assert root.watch("")
        root.scan_finished(1000.0, 0.0, {})
        folder.rmdir()
        assert not root.watch("")
        folder.mkdir()  # most file systems reuse the inode number
        assert root.check(1001.0)
        append(folder / "a.jsonl", lines(1))
        assert eventually(lambda: any(hint.path == "a.jsonl" for hint in hints))
    finally:
        root.stop()


# Restarts, and an unavailable store.


def test_after_a_restart_reading_continues_after_the_counted_lines(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1, 2))
    place.scan_and_read()
    append(place.path / "a.jsonl", lines(3))
    place.restart()
    drive(place.folder)
    assert place.numbers() == [1, 2, 3]
    assert (place.folder.status()["calls"], place.read_again()) == (1, 0)


@pytest.mark.parametrize("slices", [0, 1, 2, 3])
def test_a_restart_between_two_slices_reads_nothing_twice(
    place: Place, slices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.calls.sessions.follow.BATCH_CALLS", 2)
    for name in ("a", "b"):
        append(place.path / f"{name}.jsonl", lines(*range(10 * (name == "b"), 10 * (name == "b") + 5)))
    place.folder.rescan("")
    for _ in range(slices):
        place.folder.turn(0.0)
    counted_before = place.numbers()
    assert bool(counted_before) == bool(slices)
    place.restart()
    drive(place.folder)
    assert place.numbers() == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14]
    assert (place.folder.status()["calls"], place.read_again()) == (10 - len(counted_before), 0)


def test_old_logs_are_read_after_what_is_being_written_now(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.calls.sessions.follow.BATCH_CALLS", 2)
    append(place.path / "old.jsonl", lines(1, 2, 3, 4))
    place.restart()
    assert place.folder.progress() == (0, (place.path / "old.jsonl").stat().st_size)
    append(place.path / "new.jsonl", lines(9))
    place.folder.rescan("")
    place.folder.turn(0.0)
    assert 9 in place.numbers()
    drive(place.folder)
    assert place.numbers() == [1, 2, 3, 4, 9]
    assert len(set(place.folder.progress())) == 1


class Faulty:
    """A store that fails for a number of batches, either before or after writing them."""

    def __init__(self, store: LogStore, refusals: int, after_writing: bool = False) -> None:
        self._store, self._after_writing = store, after_writing
        self.refusals = refusals
        self.calls_made = 0

    def __call__(self, calls: Sequence[Call], checkpoints: Sequence[Checkpoint]) -> Any:
        self.calls_made += 1
        if self.refusals:
            self.refusals -= 1
            if self._after_writing:
                self._store.store.ingest(calls, checkpoints)
            raise HistoryUnavailable("The history database could not be written: disk full")
        return self._store.store.ingest(calls, checkpoints)


class Clock:
    """A clock that the test advances."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def with_faulty_store(place: Place, refusals: int, after_writing: bool = False) -> tuple[LogFolder, Clock, Faulty]:
    clock, faulty = Clock(), Faulty(place.store, refusals, after_writing)
    folder = place.store.folder("lines", place.path, faulty, clock=clock)
    return folder, clock, faulty


@pytest.mark.parametrize("after_writing", [False, True])
def test_a_batch_that_cannot_be_stored_is_retried_and_counts_once(place: Place, after_writing: bool) -> None:
    append(place.path / "a.jsonl", lines(1, 2) + b"nonsense\n")
    folder, clock, faulty = with_faulty_store(place, 3, after_writing)
    folder.load()
    pauses = []
    while folder.oldest_pending() is not None:
        before = faulty.calls_made
        folder.turn(clock.now)
        folder.turn(clock.now)  # not retried before it is due
        assert faulty.calls_made <= before + 1
        due = folder.next_due()
        if folder.oldest_pending() is not None and due is not None:
            pauses.append(due - clock.now)
            clock.now = due
    assert pauses == [0.5, 1.0, 2.0]
    assert place.numbers() == [1, 2]
    assert folder.status()["refused"] == 1


def test_without_a_store_at_most_one_batch_is_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.calls.sessions.follow.BATCH_CALLS", 3)
    append(place.path / "a.jsonl", lines(*range(20)))
    folder, clock, _ = with_faulty_store(place, 5)
    folder.load()
    for _ in range(5):
        folder.turn(clock.now)
        clock.now += 60
        append(place.path / "a.jsonl", line(20 + _))
        folder.rescan("")
        done, _total = folder.progress()
        assert done <= len(lines(0, 1, 2))
    drive_with(folder, clock)
    assert place.numbers() == list(range(25))


def drive_with(folder: LogFolder, clock: Clock) -> None:
    """Call `turn` and advance the clock until nothing is pending."""
    for _ in range(1000):
        if folder.oldest_pending() is None:
            return
        folder.turn(clock.now)
        clock.now += 0.1
    raise AssertionError("the folder is not read in time")


def test_a_restart_without_a_store_loses_nothing(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1, 2))
    folder, clock, _ = with_faulty_store(place, 1)
    folder.load()
    folder.turn(clock.now)
    assert place.numbers() == []
    place.restart()
    drive(place.folder)
    assert place.numbers() == [1, 2]


def test_content_is_pending_until_it_is_counted(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1))
    folder, clock, _ = with_faulty_store(place, 1)
    folder.load()
    folder.turn(clock.now)
    assert folder.oldest_pending() == 1000.0
    drive_with(folder, clock)
    assert place.numbers() == [1]


def test_a_stopping_folder_ends_its_slice(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1))
    place.folder.rescan("")
    place.folder.interrupt()
    place.folder.turn(0.0)
    assert place.numbers() == []


# Lines and files that cannot be read.


def test_malformed_lines_are_reported_with_path_line_and_reason_also_after_a_restart(place: Place) -> None:
    (place.path / "day").mkdir()
    append(place.path / "day/a.jsonl", line(1) + b"nonsense\n" + line(2, prompt_tokens=-5) + line(3))
    assert place.scan_and_read() == [1, 3]
    expected = [("day/a.jsonl", 2, "This line is not JSON"), ("day/a.jsonl", 3, "A token count is negative.")]
    for _ in range(2):
        assert [(path, number) for path, number, _ in place.problems()] == [each[:2] for each in expected]
        assert all(reason.startswith(start[2]) for (*_, reason), start in zip(place.problems(), expected, strict=True))
        assert place.folder.status()["refused"] == 2
        place.restart()
        place.scan_and_read()


def test_many_malformed_lines_are_counted_and_the_last_are_reported(place: Place) -> None:
    append(place.path / "a.jsonl", b"nonsense\n" * 500)
    place.scan_and_read()
    assert place.folder.status()["refused"] == 500
    assert [number for _, number, _ in place.problems()] == list(range(401, 501))


def test_a_file_name_with_control_characters_is_reported_without_them(place: Place) -> None:
    append(place.path / "a\x1b[2J\udcff.jsonl", b"nonsense\n" + line(1))
    assert place.scan_and_read() == [1]
    ((path, _, _),) = place.problems()
    assert "\x1b" not in path
    path.encode()
    place.restart()
    place.scan_and_read()
    assert place.read_again() == 0


def test_links_are_not_followed_and_only_regular_files_are_opened(place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    append(secret / "a.jsonl", lines(1))
    (place.path / "link.jsonl").symlink_to(secret / "a.jsonl")
    (place.path / "folder").symlink_to(secret)
    (place.path / "named.jsonl").mkdir()
    os.mkfifo(place.path / "fifo.jsonl")
    append(place.path / "b.jsonl", lines(2))
    assert place.scan_and_read() == [2]
    problems = sorted(place.problems())
    assert [path for path, _, _ in problems] == ["fifo.jsonl", "link.jsonl", "named.jsonl"]
    assert all(reason for _, _, reason in problems)
    with pytest.raises(OSError, match="No such device or address"):  # no process has it open for reading
        os.open(place.path / "fifo.jsonl", os.O_WRONLY | os.O_NONBLOCK)
    os.unlink(place.path / "fifo.jsonl")
    append(place.path / "fifo.jsonl", lines(3))
    assert place.scan_and_read() == [2, 3]
    assert sorted(path for path, _, _ in place.problems()) == ["link.jsonl", "named.jsonl"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_log_is_reported_and_read_once_it_is_readable(place: Place) -> None:
    append(place.path / "a.jsonl", lines(1))
    (place.path / "a.jsonl").chmod(0)
    assert place.scan_and_read() == []
    ((path, number, _),) = place.problems()
    assert (path, number) == ("a.jsonl", None)
    (place.path / "a.jsonl").chmod(0o600)
    append(place.path / "a.jsonl", lines(2))
    assert place.scan_and_read() == [1, 2]
    assert place.problems() == []


def test_a_line_of_100_megabytes_is_refused_in_little_memory(place: Place) -> None:
    log = place.path / "a.jsonl"
    append(log, line(1))
    with log.open("ab") as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    try:
        assert place.scan_and_read() == [1]
        append(log, b"\n" + line(2))
        assert place.scan_and_read() == [1, 2]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    assert place.problems() == [("a.jsonl", 2, "This line has more than 16,777,216 bytes.")]


def test_many_long_lines_are_read_in_little_memory(place: Place) -> None:
    padding = "x" * 1_000_000
    with (place.path / "a.jsonl").open("wb") as file:
        for number in range(80):
            file.write(line(number, padding=padding))
    tracemalloc.start()
    try:
        assert place.scan_and_read() == list(range(80))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000


# In a dashboard.


def test_the_dashboard_and_the_doctor_report_file_and_line(
    start: Callable[..., Live], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = workspace / "work/telemetry"
    logs.mkdir()
    append(logs / "a.jsonl", line(1) + b"nonsense\n" + line(2))
    live = start()

    def row() -> dict[str, Any]:
        found: dict[str, Any] = live.json("/api/telemetry/sources")["sources"][0]
        return found

    assert eventually(lambda: row()["calls"] == 2)
    assert (row()["kind"], row()["folder"], row()["files"], row()["refused"]) == ("lines", str(logs), 1, 1)
    ((problem),) = row()["problems"]
    assert (problem["path"], problem["line"]) == ("a.jsonl", 2)
    assert problem["error"].startswith("This line is not JSON")
    assert live.json("/api/telemetry")["problems"] == 1
    append(logs / "a.jsonl", b'{"prompt_tokens": -1, "timestamp": 1}\n' + line(3))
    assert eventually(lambda: [each["line"] for each in row()["problems"]] == [2, 4])
    monkeypatch.chdir(workspace)
    output = CliRunner().invoke(cli, ["doctor"]).output
    assert "a.jsonl:2: This line is not JSON" in output
    assert "a.jsonl:4: A token count is negative." in output


def test_a_call_appended_to_a_log_is_published_and_a_folder_created_later_is_found(
    start: Callable[..., Live], workspace: Path
) -> None:
    live = start()
    listener = live.listen()
    logs = workspace / "work/telemetry"
    logs.mkdir()
    append(logs / "a.jsonl", line(1, model="gpt-5", prompt_tokens=1_000_000))
    assert listener.costs(calls=1)["costs"]["total"] == 1.25
    invocation = listener.first("telemetry.update")["invocation"]
    assert invocation == live.json("/api/telemetry/calls")["calls"][0]
    shutil.rmtree(logs)
    logs.mkdir()
    append(logs / "a.jsonl", line(2, prompt_tokens=2_000_000))
    assert eventually(lambda: live.json("/api/stats")["costs"]["total"] == 3.75)
    listener.wait(lambda got: any(name == "cost.update" and body["costs"]["total"] == 3.75 for name, body in got))


def test_a_call_in_a_log_and_by_rest_with_one_id_counts_once(live: Live, workspace: Path) -> None:
    requests.post(f"{live.url}/api/telemetry", json=json.loads(line(1)), timeout=60)
    (workspace / "work/telemetry").mkdir()
    append(workspace / "work/telemetry/a.jsonl", lines(1, 2))
    assert eventually(lambda: live.json("/api/stats")["costs"]["calls"] == 2)

    def counted() -> tuple[int, int]:
        row = next(row for row in live.json("/api/telemetry/sources")["sources"] if row["kind"] == "lines")
        return row["calls"], row["duplicates"]

    eventually(lambda: counted() == (1, 1))  # a moment after they are in the database
