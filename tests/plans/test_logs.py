"""Logs of orchestrators: the last lines, their times, and following a file whatever becomes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.live import Live
from kit.plans import PlanFiles

from llm_service.plans.log_file import PlanLogs
from llm_service.plans.log_follow import LogFollow
from llm_service.plans.log_stream import log_events
from llm_service.plans.log_times import times_of_lines
from llm_service.plans.log_watch import LogBell, LogTracker, log_filter
from llm_service.plans.settings import log_templates_problem
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.root import WatchedRoot
from llm_service.web.client_presence import ClientPresence

SECRET = "sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 3
TEMPLATES = ("orchestrator-{plan}.log", ".claude/orchestrator-{plan}.log")


@pytest.fixture
def files(workspace: Path) -> PlanFiles:
    files = PlanFiles(workspace)
    files.plan("tide")
    return files


def test_the_last_lines_are_shown_without_secrets(live: Live, files: PlanFiles) -> None:
    files.log("tide", "".join(f"10:00:{number:02} [INFO] line {number}\n" for number in range(50)))
    files.log("tide", f"10:01:00 [INFO] key {SECRET}\nnot ended")
    body = live.json("/api/plans/tide/logs?lines=3")
    assert (body["plan"], body["logFile"], body["lineCount"]) == ("tide", "orchestrator-tide.log", 3)
    assert body["logs"][:2] == ["10:00:48 [INFO] line 48", "10:00:49 [INFO] line 49"]
    assert SECRET not in body["logs"][2] and body["logs"][2].startswith("10:01:00 [INFO] key ")
    assert len(live.json("/api/plans/tide/logs")["logs"]) == 51


def test_a_plan_without_a_log_has_no_lines(live: Live) -> None:
    assert live.json("/api/plans/tide/logs") == {"plan": "tide", "logFile": None, "lineCount": 0, "logs": []}
    assert live.get("/api/plans/tide/logs?since=tomorrow").status_code == 400
    assert live.get("/api/plans/tide/logs?lines=-1").status_code == 400
    assert live.get("/api/plans/tide/logs?follow=true&since=tomorrow").status_code == 400


def test_lines_since_a_time_are_those_of_the_day_of_the_file(live: Live, files: PlanFiles) -> None:
    path = files.log(
        "tide", "23:59:00 [INFO] before midnight\n  more of it\n00:01:00 [INFO] after\n00:02:00 [INFO] last\n"
    )
    written = datetime(2026, 11, 20, 0, 2, 1).astimezone()
    os.utime(path, (written.timestamp(), written.timestamp()))
    midnight = datetime(2026, 11, 20).astimezone().astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert live.json(f"/api/plans/tide/logs?since={midnight}")["logs"] == [
        "00:01:00 [INFO] after",
        "00:02:00 [INFO] last",
    ]
    stream = events(live, f"&lines=1&since={midnight}")
    assert next(stream)["content"] == "00:02:00 [INFO] last"
    stream = events(live, f"&since={midnight}")
    assert [next(stream)["content"] for _ in range(2)] == ["00:01:00 [INFO] after", "00:02:00 [INFO] last"]
    files.log("tide", "to come\n")
    assert next(stream)["content"] == "to come"


def test_times_without_a_date_are_worked_out_from_the_end() -> None:
    written = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)
    lines = [
        "no time",
        "22:00:00 a",
        "21:00:00 b",
        "  of b",
        "23:59:59 c",
        "00:05:30 d",
        "2026-11-20 00:04:00 e",
        "25:00:00 x",
    ]
    found = times_of_lines(lines, written.timestamp(), UTC)
    shown = [None if at is None else datetime.fromtimestamp(at, UTC).strftime("%d %H:%M:%S") for at in found]
    assert shown[0] is None
    assert shown[1:] == [
        "17 22:00:00", "18 21:00:00", "18 21:00:00", "18 23:59:59", "19 00:05:30", "20 00:04:00", "20 00:04:00",
    ]  # fmt: skip


def test_the_newest_of_several_logs_counts(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/orchestrator-p.log").write_text("a\n")
    logs = PlanLogs(str(tmp_path), TEMPLATES, lambda plan: f"more/{plan}.log")
    assert logs.find("p") == ".claude/orchestrator-p.log"
    (tmp_path / "orchestrator-p.log").write_text("b\n")
    os.utime(tmp_path / "orchestrator-p.log", (2e9, 2e9))
    assert logs.find("p") == "orchestrator-p.log"
    assert logs.candidates("p")[-1] == "more/p.log"
    (tmp_path / "orchestrator-l.log").symlink_to(tmp_path / "orchestrator-p.log")
    assert logs.find("l") is None


def test_a_further_log_counts_until_there_is_one_of_the_settings(tmp_path: Path) -> None:
    logs, bell = PlanLogs(str(tmp_path), TEMPLATES, lambda plan: "output.log" if plan == "p" else None), LogBell()
    assert (logs.find("p"), logs.find("q")) == (None, None)
    (tmp_path / "output.log").write_text("printed\n")
    assert (logs.find("p"), logs.find("q")) == ("output.log", None)
    stream = log_events(logs, bell, "p", 10, ClientPresence({}))
    assert [next(stream) for _ in range(2)][1] == 'data: {"type":"log","content":"printed"}\n\n'
    (tmp_path / "orchestrator-p.log").write_text("its own\n")
    os.utime(tmp_path / "orchestrator-p.log", (1, 1))
    assert (logs.find("p"), logs.still_counts("p", "output.log")) == ("orchestrator-p.log", False)
    assert next(stream) == 'data: {"type":"log","content":"its own"}\n\n'
    bell.close()


def test_a_secret_key_that_began_above_the_lines_is_not_shown(tmp_path: Path) -> None:
    body = "".join("MIIEpAIBAAKCAQEA" + "x1Y2z3A4" * 6 + "\n" for _ in range(40))
    text = f"begin\n-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\nend\n"
    (tmp_path / "orchestrator-p.log").write_text(text)
    lines = PlanLogs(str(tmp_path), TEMPLATES).last("orchestrator-p.log", 5).lines
    assert lines[-1] == "end"
    assert not any("MIIEpAIBAAKCAQEA" in line for line in lines)


PIECES = st.lists(st.text(alphabet="ab\n", max_size=6), max_size=12)


class Followed:
    """A log that is followed in a folder."""

    def __init__(self, folder: Path, count: int = 0) -> None:
        self.path = folder / "orchestrator-p.log"
        self.follow = LogFollow(str(folder))
        if self.path.exists():
            self.follow.start(self.path.name, count)

    def read(self) -> list[str]:
        """The new lines."""
        return self.follow.read(self.path.name if self.path.exists() else None)

    def add(self, text: str) -> None:
        """Add to the file."""
        with self.path.open("a") as file:
            file.write(text)


def test_a_line_in_two_pieces_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "orchestrator-p.log").write_text("old\nlast\n")
    log = Followed(tmp_path, count=1)
    assert log.read() == ["last"]
    log.add("one ")
    assert log.read() == []
    log.add("line\nnext\n")
    assert log.read() == ["one line", "next"]
    log.follow.close()


def test_a_file_that_was_rotated_is_read_to_its_end_first(tmp_path: Path) -> None:
    log = Followed(tmp_path)
    log.add("a\n")
    assert log.read() == ["a"]
    log.add("b\nno end")
    log.path.rename(tmp_path / "orchestrator-p.log.1")
    log.add("c\n")
    assert log.read() == ["b", "no end", "c"]
    log.path.unlink()
    assert log.read() == []
    log.add("d\n")
    assert log.read() == ["d"]
    log.follow.close()


@pytest.mark.parametrize("text", ["x\n", "other content that is longer than before\nand more\n"])
def test_a_file_that_was_cut_short_is_read_from_its_start(tmp_path: Path, text: str) -> None:
    log = Followed(tmp_path)
    log.add("first line\nsecond line\n")
    assert log.read() == ["first line", "second line"]
    log.path.write_text(text)
    assert log.read() == text.splitlines()
    log.follow.close()


@given(PIECES)
def test_whatever_the_pieces_are_each_line_comes_once(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    log = Followed(tmp_path_factory.mktemp("log"))
    lines: list[str] = []
    for piece in pieces:
        log.add(piece)
        lines += log.read()
    assert lines == "".join(pieces).split("\n")[:-1]
    log.follow.close()


def events(live: Live, query: str = "") -> Iterator[dict[str, Any]]:
    """The events of a stream, as they come."""
    with live.get(f"/api/plans/tide/logs?follow=true{query}", stream=True) as stream:
        for line in stream.iter_lines(chunk_size=1):
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


def test_a_log_is_followed_by_server_sent_events(live: Live, files: PlanFiles) -> None:
    files.log("tide", "before\nold\n")
    stream = events(live, "&lines=1")
    assert next(stream) == {"type": "log", "content": "old"}
    files.log("tide", "in two ")
    files.log("tide", f"pieces\n{SECRET}\n")
    assert next(stream) == {"type": "log", "content": "in two pieces"}
    assert SECRET not in next(stream)["content"]
    path = files.workspace / "orchestrator-tide.log"
    path.rename(path.with_suffix(".log.1"))
    files.log("tide", "after the rotation\n")
    assert next(stream) == {"type": "log", "content": "after the rotation"}
    path.write_text("cut short\n")
    assert next(stream) == {"type": "log", "content": "cut short"}


def test_a_log_that_is_not_there_yet_is_waited_for(live: Live, files: PlanFiles) -> None:
    stream = events(live)
    folder = files.workspace / ".claude"
    folder.mkdir()
    (folder / "orchestrator-tide.log").write_text("here\n")
    assert next(stream) == {"type": "log", "content": "here"}


def test_there_is_a_heartbeat_and_the_stream_ends_with_the_service(tmp_path: Path) -> None:
    bell = LogBell()
    stream = log_events(PlanLogs(str(tmp_path), TEMPLATES), bell, "p", 10, ClientPresence({}), heartbeat_s=0.01)
    assert next(stream) == "retry: 1000\n\n"
    assert next(stream) == 'data: {"type":"heartbeat"}\n\n'
    bell.close()
    assert list(stream) == []


def test_only_files_that_fit_a_template_are_watched() -> None:
    files = log_filter(["orchestrator-{plan}.log", "a/b/{plan}.txt"])
    assert [path for path in ("", "a", "a/b", "c", "a/c") if files.folder(path)] == ["", "a", "a/b"]
    wanted = ("orchestrator-x.log", "orchestrator-.log", "a/b/y.txt", "a/y.txt", "other.log", "c/orchestrator-x.log")
    assert [path for path in wanted if files.file(path)] == ["orchestrator-x.log", "a/b/y.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "/tmp/{plan}.log",
        "../{plan}.log",
        "{plan}/x.log",
        "no-plan.log",
        "{plan}{plan}.log",
        "a/{x}/{plan}.log",
        "~/{plan}",
    ],
)
def test_templates_that_lead_elsewhere_are_refused(text: str) -> None:
    assert log_templates_problem([text]) is not None
    assert log_templates_problem(["logs/{plan}.log"]) is None


def test_a_log_that_was_reported_is_no_news_to_the_next_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = WatchedRoot(str(tmp_path), log_filter(TEMPLATES).folder, lambda hint: None, force_polling=True)
    found: list[str] = []
    monkeypatch.setattr(root, "scan_found", found.extend)
    tracker = LogTracker(root, log_filter(TEMPLATES), LogBell())
    tracker.load()
    path = tmp_path / "orchestrator-tide.log"
    path.write_text("begun\n")
    tracker.hint(Hint(HintKind.COMPLETE, path.name, 0.0), 0.0)
    tracker.rescan("")
    path.unlink()
    tracker.hint(Hint(HintKind.GONE, path.name, 0.0), 0.0)
    tracker.rescan("")
    assert found == []
    path.write_text("nobody reports it\n")
    tracker.rescan("")
    assert found == [path.name]
