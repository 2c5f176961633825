"""The journal: every event on the disk, whatever happens to process, disk and folder; publishing never notices."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from kit.live import eventually

from llm_service.errors import HistoryUnavailable
from llm_service.hub import journal as module
from llm_service.hub import journal_segments
from llm_service.hub.event import Event, ServiceProgress, ServiceReady
from llm_service.hub.journal import Journal
from llm_service.hub.journal_queue import JournalQueue
from llm_service.hub.journal_segments import Bounds, SegmentWriter, segments
from llm_service.hub.ring import Hub

BOUNDS = Bounds(100_000_000, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """An event of these tests."""

    type: ClassVar[str] = "note"
    topic: ClassVar[str] = "notes"

    text: str


class Written:
    """A hub with a journal."""

    def __init__(self, folder: Path, bounds: Bounds = BOUNDS, clock: Callable[[], float] | None = None) -> None:
        self.folder = folder
        self.troubles: list[str | None] = []
        self.reclaim: Callable[[], str | None] = self._remake
        self.hub = Hub(clock=clock or (lambda: 1_800_000_000.0))
        self.journal = Journal(str(folder), bounds, self.troubles.append, lambda: self.reclaim())
        self.hub.subscribe(self.journal.on_event)

    def _remake(self) -> str | None:
        self.folder.parent.mkdir(exist_ok=True)
        return None

    def note(self, *texts: str) -> None:
        for text in texts:
            self.hub.publish(Note(text=text))

    def texts(self) -> list[str]:
        assert self.journal.flush(60)
        return [event["text"] for event in self.journal.read(limit=100_000).events if event["type"] == "note"]

    def files(self) -> list[Path]:
        return [self.folder / segment.name for segment in segments(str(self.folder))]


def remove(path: Path) -> None:
    """Remove a folder in one moment: file by file, the writer would make some again before the last is removed."""
    shutil.rmtree(path.rename(path.parent / "removed"))


@pytest.fixture
def open_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Written]]:
    monkeypatch.setattr(module, "CHECK_INTERVAL_S", 0.02)
    made: list[Written] = []

    def begin(**options: Any) -> Written:
        made.append(Written(tmp_path / "state/journal", **options))
        made[-1].journal.start()
        return made[-1]

    yield begin
    for written in made:
        written.journal.stop()


@pytest.fixture
def written(open_journal: Callable[..., Written]) -> Written:
    return open_journal()


def test_every_event_is_a_line_as_it_was_sent(written: Written) -> None:
    envelopes = [written.hub.publish(Note(text=text)) for text in ("one", "zwei ü 🎈", 'three\n"')]
    assert written.journal.flush(60)
    (file,) = written.files()
    assert file.read_text().splitlines() == [envelope.text for envelope in envelopes]
    assert file.name == "2027-01-15.00000001.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.folder.stat().st_mode) == 0o700
    health = written.journal.health()
    assert health == {
        "path": str(written.folder), "ok": True, "problem": None, "dropped": 0, "pending": 0, "segments": 1,
        "size_bytes": file.stat().st_size,
    }  # fmt: skip
    assert written.troubles == []


def test_classes_can_be_left_out(written: Written) -> None:
    assert (Note.journaled, ServiceReady.journaled, ServiceProgress.journaled) == (True, True, False)
    written.hub.publish(ServiceProgress(done=1, total=2))
    written.hub.publish(ServiceReady(tasks=1, invalid=0, load_ms=1))
    assert written.journal.flush(60)
    assert [event["type"] for event in written.journal.read().events] == ["service.ready"]


def test_stopping_writes_what_is_queued_and_a_second_start_continues(open_journal: Callable[..., Written]) -> None:
    first = open_journal()
    first.note(*map(str, range(500)))
    first.journal.stop()
    first.journal.stop()
    first.note("after the end")
    second = open_journal()
    second.note("next")
    assert second.texts() == [*map(str, range(500)), "next"]
    assert len(second.files()) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "journal-writer" and not thread.daemon]


def test_without_a_start_nothing_is_kept(tmp_path: Path) -> None:
    written = Written(tmp_path / "state/journal")
    written.note("one")
    assert written.journal.flush(0)
    assert (written.journal.health()["pending"], written.folder.exists()) == (0, False)
    with pytest.raises(HistoryUnavailable, match="not open"):
        written.journal.call(lambda: None, 1)


def test_a_kill_loses_at_most_what_was_not_written_and_leaves_a_journal_that_goes_on(
    tmp_path: Path, open_journal: Callable[..., Written]
) -> None:
    script = (
        "import sys, itertools\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from llm_service.hub.event import ServiceReady\n"
        "from llm_service.hub.journal import Journal\n"
        "from llm_service.hub.journal_segments import Bounds\n"
        "from llm_service.hub.ring import Hub\n"
        "hub, journal = Hub(), Journal(sys.argv[1], Bounds(100_000_000, 30))\n"
        "hub.subscribe(journal.on_event)\n"
        "journal.start()\n"
        "for number in itertools.count():\n"
        "    hub.publish(ServiceReady(tasks=number, invalid=0, load_ms=0))\n"
        "    if number == 3000:\n"
        "        assert journal.flush(60)\n"
        "        print('there', flush=True)\n"
    )
    folder = tmp_path / "state/journal"
    folder.parent.mkdir()
    command = [sys.executable, "-c", script, str(folder), str(Path(__file__).parents[2] / "src")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGKILL)
    with open(folder / segments(str(folder))[-1].name, "ab") as file:
        file.write(b'{"seq":1,"epoch":"1","type":"note","time":"20')
    again = open_journal(clock=time.time)
    again.note("next")
    assert again.texts() == ["next"]
    tasks = [event["tasks"] for event in again.journal.read(limit=1_000_000).events if "tasks" in event]
    assert tasks == list(range(len(tasks)))
    assert len(tasks) >= 3_001
    assert all(json.loads(line) for file in again.files() for line in file.read_bytes().splitlines())


def test_a_full_disk_is_said_and_nothing_is_lost(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    written.note("one")
    assert written.texts() == ["one"]
    write = os.write

    def full(handle: int, data: Any) -> int:
        if threading.current_thread().name != "journal-writer":
            return write(handle, data)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    written.note("two")
    problem = "the journal cannot be written: No space left on device"
    assert eventually(lambda: written.journal.trouble) == problem
    written.note("three")
    assert not written.journal.flush(0.1)
    health = written.journal.health()
    assert (health["ok"], health["problem"], health["pending"], health["dropped"]) == (False, problem, 2, 0)
    monkeypatch.setattr(os, "write", write)
    assert written.texts() == ["one", "two", "three"]
    eventually(lambda: written.troubles == [problem, None])  # a moment after the last of them is written
    assert written.journal.trouble is None


def test_what_does_not_fit_into_the_queue_is_dropped_and_counted(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.journal._queue._max_items = 10
    written.note("one")
    assert written.texts() == ["one"]
    written.reclaim = lambda: "the workspace was moved or removed"
    remove(written.folder.parent)
    assert eventually(lambda: written.journal.trouble) is not None
    written.note(*map(str, range(15)))
    assert (written.journal.health()["dropped"], written.journal.health()["pending"]) == (5, 10)
    written.reclaim = written._remake
    assert written.texts() == ["one", *map(str, range(10))]
    assert written.journal.health()["dropped"] == 5


@pytest.mark.parametrize("removed", ["state", "state/journal"])
def test_a_removed_folder_is_made_again_with_what_was_open(
    written: Written, tmp_path: Path, removed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.settings.troubles.SHOWN_S", 0.05)
    written.note("one", "two")
    assert written.texts() == ["one", "two"]
    remove(tmp_path / removed)
    eventually(lambda: written.files())
    written.note("three")
    assert written.texts() == ["one", "two", "three"]
    eventually(lambda: written.troubles[-1:] == [None])
    assert "was removed while it was in use" in str(written.troubles[0])
    assert "was removed" in written.journal.health()["restored"]


def test_a_folder_that_may_not_be_made_again_is_not(written: Written, tmp_path: Path) -> None:
    written.note("one")
    assert written.texts() == ["one"]
    written.reclaim = lambda: "another process has locked it"
    remove(tmp_path / "state")
    assert eventually(lambda: written.journal.trouble) == "the journal cannot be written: another process has locked it"
    assert not (tmp_path / "state").exists()


def test_a_link_in_the_place_of_the_folder_is_not_followed(
    tmp_path: Path, open_journal: Callable[..., Written]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "state/journal").symlink_to(tmp_path / "elsewhere")
    written = open_journal()
    written.note("one")
    assert eventually(lambda: written.journal.trouble)
    assert os.listdir(tmp_path / "elsewhere") == []
    (tmp_path / "state/journal").unlink()
    assert written.texts() == ["one"]


def test_publishing_does_not_wait_for_the_disk(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    write, may_write = os.write, threading.Event()

    def slow(handle: int, data: Any) -> int:
        if threading.current_thread().name == "journal-writer":
            assert may_write.wait(60)
        return write(handle, data)

    monkeypatch.setattr(os, "write", slow)
    written.note(*map(str, range(100)))  # would never return
    assert written.hub.seq == 100
    may_write.set()
    assert len(written.texts()) == 100


def test_segments_are_by_day_and_size_and_the_oldest_are_removed(open_journal: Callable[..., Written]) -> None:
    now = [1_800_000_000.0]
    written = open_journal(bounds=Bounds(80_000, 30), clock=lambda: now[0])
    for number in range(100):
        written.note(f"{number} " + "x" * 2_000)
        assert written.journal.flush(60)
    sizes = [file.stat().st_size for file in written.files()]
    assert sum(sizes) <= 80_000 + 2_200
    assert max(sizes) <= 10_000 + 2_200
    texts = [text.split()[0] for text in written.texts()]
    assert texts == [str(number) for number in range(100 - len(texts), 100)]
    assert len(texts) >= 30
    now[0] += 86_400
    written.note("the next day")
    assert written.texts()[-1] == "the next day"
    assert written.files()[-1].name.startswith("2027-01-16.")


def test_a_full_segment_is_not_continued(open_journal: Callable[..., Written]) -> None:
    bounds = Bounds(80_000, 30)
    first = open_journal(bounds=bounds)
    first.note("x" * 20_000)
    first.journal.stop()
    second = open_journal(bounds=bounds)
    second.note("next")
    assert second.texts()[-1] == "next"
    assert len(second.files()) == 2


def test_a_journal_that_cannot_be_read_says_so(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    written.note("one")
    assert written.texts() == ["one"]

    def broken(*arguments: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("llm_service.hub.lines.read_at", broken)
    with pytest.raises(HistoryUnavailable, match="cannot be read"):
        written.journal.read()


def test_old_segments_are_removed(tmp_path: Path, open_journal: Callable[..., Written]) -> None:
    folder = tmp_path / "state/journal"
    folder.mkdir(parents=True)
    for name in ("2020-01-01.00000001.jsonl", "2020-01-02.00000002.jsonl", "other.txt"):
        (folder / name).write_text("{}\n")
    written = open_journal()
    written.note("now")
    assert written.texts() == ["now"]
    assert sorted(os.listdir(folder)) == ["2027-01-15.00000003.jsonl", "other.txt"]


def test_times_in_a_segment_do_not_go_back_when_the_clock_does(open_journal: Callable[..., Written]) -> None:
    now = [1_800_000_000.0]
    written = open_journal(clock=lambda: now[0])
    for seconds in (0, 10, -3_600, 20, 30):
        now[0] = 1_800_000_000.0 + seconds
        written.note(str(seconds))
    assert written.texts() == ["0", "10", "-3600", "20", "30"]
    assert len(written.files()) == 2
    written.journal.stop()
    now[0] = 1_800_000_000.0
    again = open_journal(clock=lambda: now[0])
    again.note("after a restart")
    assert (again.texts()[-1], len(again.files())) == ("after a restart", 3)


def test_a_segment_that_ends_in_something_else_is_not_continued(
    tmp_path: Path, open_journal: Callable[..., Written]
) -> None:
    folder = tmp_path / "state/journal"
    folder.mkdir(parents=True)
    (folder / "2027-01-15.00000007.jsonl").write_text("what is this?\n")
    written = open_journal()
    written.note("one")
    assert written.texts() == ["one"]
    assert [file.name for file in written.files()] == ["2027-01-15.00000007.jsonl", "2027-01-15.00000008.jsonl"]
    assert (folder / "2027-01-15.00000007.jsonl").read_text() == "what is this?\n"


def test_an_empty_segment_is_continued(tmp_path: Path, open_journal: Callable[..., Written]) -> None:
    folder = tmp_path / "state/journal"
    folder.mkdir(parents=True)
    (folder / "2027-01-15.00000007.jsonl").write_text("")
    written = open_journal()
    written.note("one")
    assert (written.texts(), len(written.files())) == (["one"], 1)


def test_the_writer_counts_what_was_written_when_the_disk_is_full_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(str(tmp_path), Bounds(800, 30))
    texts = [f'{{"seq":{n},"epoch":"1","type":"n","time":"2027-01-15T00:00:0{n}.000Z"}}' for n in range(6)]
    write, calls = os.write, []

    def full(handle: int, data: Any) -> int:
        calls.append(1)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "full")
        return write(handle, data)

    monkeypatch.setattr(os, "write", full)
    counted = 0
    with pytest.raises(OSError, match="full"):
        for count in writer.write(texts):
            counted += count
    files = len(segments(str(tmp_path)))
    assert 0 < counted < 6
    for count in writer.write(texts[counted:]):
        counted += count
    writer.close()
    lines = [line for one in segments(str(tmp_path)) for line in (tmp_path / one.name).read_text().splitlines()]
    assert (counted, lines) == (6, texts)
    assert files <= len(segments(str(tmp_path)))
    assert journal_segments.segments(str(tmp_path / "none")) == []


def test_records_are_in_a_file_of_their_own_that_is_compacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECK_INTERVAL_S", 0.02)
    (tmp_path / "state").mkdir()
    journal = Journal(str(tmp_path / "state/journal"), BOUNDS)
    kept = journal.record_file("marks.jsonl", lambda lines: [line for line in lines() if b"keep" in line], 2_000)
    journal.start()
    path = tmp_path / "state/journal/marks.jsonl"
    for number in range(30):
        kept.append({"mark": f"{'keep' if number % 10 == 0 else 'drop'} {number} {'x' * 60}"})
    assert journal.flush(60)
    eventually(lambda: len(path.read_text().splitlines()) < 30)
    kept.append({"mark": "keep \ud800"})
    kept.rewrite(lambda lines: [b'"first"\n', *lines()])
    assert json.loads(path.read_text().splitlines()[0]) == "first"
    assert json.loads(path.read_text().splitlines()[-1]) == {"mark": "keep \ud800"}
    with pytest.raises(ZeroDivisionError):
        journal.call(lambda: 1 // 0, 60)  # type: ignore[arg-type, return-value]
    journal.stop()
    with pytest.raises(HistoryUnavailable, match="not open"):
        kept.rewrite(lambda lines: [])


def test_a_file_of_records_is_rewritten_with_all_that_was_added_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir()
    journal = Journal(str(tmp_path / "state/journal"), BOUNDS)
    kept = journal.record_file("marks.jsonl", lambda lines: lines(), 1_000_000)
    has_written, goes_on, turn = threading.Event(), threading.Event(), journal._writer.turn

    def held(troubles: Any) -> None:
        turn(troubles)
        has_written.set()
        assert goes_on.wait(60)

    monkeypatch.setattr(journal._writer, "turn", held)
    journal.start()
    assert has_written.wait(60)
    kept.append({"mark": 1})
    rewriting = threading.Thread(target=kept.rewrite, args=(lambda lines: [*lines(), b'"end"\n'], 60))
    rewriting.start()
    eventually(lambda: journal._calls.qsize())
    goes_on.set()
    rewriting.join(60)
    assert (tmp_path / "state/journal/marks.jsonl").read_text().splitlines() == ['{"mark":1}', '"end"']
    journal.stop()


def test_who_waits_for_a_broken_journal_is_refused(written: Written, tmp_path: Path) -> None:
    written.reclaim = lambda: "gone"
    remove(tmp_path / "state")
    eventually(lambda: written.journal.trouble)
    with pytest.raises(HistoryUnavailable, match=r"gone|no answer"):
        written.journal.call(lambda: None, 5)


def test_the_queue_is_bounded_by_bytes_too() -> None:
    queue: JournalQueue[str] = JournalQueue(max_bytes=100, max_items=1_000)
    for number in range(5):
        queue.add(str(number), 30)
    assert (queue.waiting, queue.dropped) == (3, 2)
    assert queue.take(31) == [("0", 30), ("1", 30)]
    queue.add("5", 30)
    assert queue.dropped == 3  # what was taken still waits to be written
    queue.done(2, 60)
    queue.add("6", 30)
    assert (queue.take(1_000), queue.take(1_000)) == ([("2", 30), ("6", 30)], [])
    assert not queue.flush(0)
    queue.done(2, 60)
    assert queue.flush(0)
