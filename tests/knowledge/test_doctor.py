"""The doctor: each of the four stages says where data is stuck, why, and what to do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.knowledge import features_with_knowledge, hide_secrets, with_features
from kit.live import Live, running
from kit.settings import settings_with

from llm_service.cli import doctor_stages, stream_check
from llm_service.cli.client import Client
from llm_service.cli.main import cli
from llm_service.errors import ServiceError
from llm_service.feature import Feature, Kernel
from llm_service.knowledge.buffers import looks_buffered
from llm_service.knowledge.doctor import doctor as doctor_module
from llm_service.knowledge.doctor.file_stages import FileStages, stages_of_files
from llm_service.knowledge.doctor.job_files import JobFacts, RunFacts, job_in_question, read_jobs
from llm_service.knowledge.doctor.log_stage import reading_stage
from llm_service.knowledge.doctor.probe import Prober, probed_folder, write_probe
from llm_service.knowledge.doctor.stages import artifacts_stage
from llm_service.knowledge.feature import Knowledge
from llm_service.server.instance import Instance, Sighting
from llm_service.times import iso_time

NOW = 1_790_000_000.0


class Workspace:
    """Files of jobs and runs as the other features write them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders = [str(root / "generated_projects"), str(root / "work/generated_projects")]

    def job(self, job_id: str = "j1", **fields: Any) -> None:
        path = self.root / f"work/jobs/{job_id}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {
            "id": job_id, "project": "shop", "status": "in_progress", "created_at": iso_time(NOW - 600),
            "started_at": iso_time(NOW - 600),
        }  # fmt: skip
        path.write_text(json.dumps(values | fields))

    def run(
        self, log: bytes | None = b"hello\n", age_s: float = 5, end: dict[str, Any] | None = None, **fields: Any
    ) -> None:
        folder = self.root / f"work/runs/{fields.get('run_id', 'r1')}"
        folder.mkdir(parents=True)
        values = {
            "run_id": "r1", "owner": "job:j1", "pid": os.getpid(), "cwd": "/srv/elsewhere",
            "started_at": iso_time(NOW - 600),
        }  # fmt: skip
        (folder / "run.json").write_text(json.dumps(values | fields))
        if log is not None:
            (folder / "output.log").write_bytes(log)
            os.utime(folder / "output.log", (NOW - age_s, NOW - age_s))
        if end is not None:
            (folder / "exit.json").write_text(json.dumps(end))

    def generate(self, path: str = "shop/spec.md", age_s: float = 3, base: str = "generated_projects") -> None:
        target = self.root / base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("x\n")
        os.utime(target, (NOW - age_s, NOW - age_s))

    def job_now(self, job_id: str | None = None) -> JobFacts | None:
        return job_in_question(read_jobs(str(self.root)), job_id)

    def stages(self, job_id: str | None = None) -> FileStages:
        return stages_of_files(str(self.root), self.folders, self.job_now(job_id), NOW)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


# --- (1) did the script generate files? ---


def first(place: Workspace, job_id: str | None = None) -> tuple[str, str, str]:
    stage = place.stages(job_id).stages[0]
    assert (stage.number, stage.name) == (1, "files")
    return stage.level, stage.reason, stage.next_step or ""


def test_without_a_job_there_is_nothing_to_find_out(place: Workspace) -> None:
    assert first(place)[:2] == ("note", "There is no job yet.")


@pytest.mark.parametrize("base", ["generated_projects", "work/generated_projects"])
def test_files_that_were_written_are_counted(place: Workspace, base: str) -> None:
    place.job()
    place.generate(base=base)
    place.generate("shop/node_modules/x.js", base=base)
    place.generate("shop/old.md", age_s=3_600, base=base)
    assert first(place)[:2] == ("ok", "1 files of shop were written, the last one 3 s ago: spec.md.")


def test_a_job_that_wrote_elsewhere_is_told_where_it_works(place: Workspace) -> None:
    place.job()
    place.run()
    place.generate(age_s=3_600)
    level, reason, step = first(place)
    assert level == "problem"
    assert "the project shop has 1 files, all older than the job" in reason
    assert "It works in /srv/elsewhere." in reason
    assert "generated_projects/shop/" in step


def test_a_project_without_a_folder(place: Workspace) -> None:
    place.job(project="../../etc")
    assert "the project ../../etc has no folder" in first(place)[1]


def test_a_job_that_just_started_has_time(place: Workspace) -> None:
    place.job(started_at=iso_time(NOW - 59))
    assert first(place)[0] == "note"
    place.job(started_at=iso_time(NOW - 61))
    assert first(place)[0] == "problem"


def test_a_pending_job_says_why_it_waits(place: Workspace) -> None:
    place.job(status="pending", queue_reason="2 jobs are running")
    assert first(place)[:2] == ("note", "The job has not started: 2 jobs are running.")


def test_a_failed_job_says_why(place: Workspace) -> None:
    place.job(status="failed", error_message="claude: not found")
    assert first(place)[:2] == ("problem", "The job failed before it wrote a file: claude: not found")


@pytest.mark.parametrize("content", ["- a\n", "x: [", ""])
def test_a_job_file_that_cannot_be_read(place: Workspace, content: str) -> None:
    place.job()
    (place.root / "work/jobs/j1.yaml").write_text(content)
    level, reason, _ = first(place, "j1")
    assert level == "problem"
    assert "cannot be read: j1.yaml" in reason


def test_the_job_in_question_is_the_newest_that_runs(place: Workspace) -> None:
    place.job("a", status="completed", created_at=iso_time(NOW - 10))
    place.job("b", status="in_progress", created_at=iso_time(NOW - 100))
    place.job("c", status="in_progress", created_at=iso_time(NOW - 50))
    assert (place.job_now() or JobFacts(id="")).id == "c"
    (place.root / "work/jobs/b.yaml").unlink()
    (place.root / "work/jobs/c.yaml").unlink()
    assert (place.job_now() or JobFacts(id="")).id == "a"
    assert (place.job_now("a") or JobFacts(id="")).id == "a"
    assert place.job_now("d") is None


# --- (2) was its output captured? ---


def second(place: Workspace) -> tuple[str, str, str]:
    stage = place.stages().stages[1]
    assert (stage.number, stage.name) == (2, "logs")
    return stage.level, stage.reason, stage.next_step or ""


def test_output_that_comes_is_captured(place: Workspace) -> None:
    place.job()
    place.run()
    assert second(place)[:2] == ("ok", "6 bytes were captured, the last ones 5 s ago.")


def test_the_latest_run_counts(place: Workspace) -> None:
    place.job()
    place.run(b"", run_id="r1", started_at=iso_time(NOW - 600))
    place.run(b"hello\n", run_id="r2", started_at=iso_time(NOW - 60))
    place.run(b"", run_id="r3", owner="job:j2", started_at=iso_time(NOW - 6))
    assert second(place)[0] == "ok"


def test_a_job_without_a_run(place: Workspace) -> None:
    place.job()
    assert second(place)[0] == "problem"
    assert "no run" in second(place)[1]
    place.job(status="pending")
    assert second(place)[0] == "note"


def test_a_run_without_a_log(place: Workspace) -> None:
    place.job()
    place.run(None, pid=None)
    assert second(place)[:2] == ("problem", "The run r1 has no output.log.")


@pytest.mark.parametrize(
    ("fields", "level", "text"),
    [
        ({}, "problem", "was removed, and the run goes on"),
        ({"pid": 2**22 + 1}, "problem", "was removed, and the run is not supervised any more"),
        ({"end": {"code": 0, "reason": "exited"}}, "note", "Its log is gone; the program ended with code 0."),
        ({"end": {"code": None, "reason": "not found"}}, "problem", "has no output.log"),
    ],
)
def test_a_log_that_was_removed_is_not_a_run_that_did_not_start(
    place: Workspace, fields: dict[str, Any], level: str, text: str
) -> None:
    place.job()
    place.run(None, **fields)
    found = second(place)
    assert found[0] == level and text in found[1]
    assert ("did not start" in found[2]) == ("not found" in str(fields))


def test_a_log_that_is_a_link_is_not_read(place: Workspace) -> None:
    place.job()
    place.run(None)
    (place.root / "work/runs/r1/output.log").symlink_to("/etc/passwd")
    level, reason, step = second(place)
    assert level == "problem"
    assert "links are not followed" in reason
    assert "if it was replaced, try the job again" in step


def test_nothing_for_long_is_buffering(place: Workspace) -> None:
    place.job()
    place.run(b"")
    level, reason, step = second(place)
    assert (level, reason) == ("problem", "Nothing was printed for 10 min: buffering?")
    assert "pty: true" in step


def test_nothing_yet_is_no_problem(place: Workspace) -> None:
    place.job()
    place.run(b"", started_at=iso_time(NOW - 20))
    assert second(place)[:2] == ("note", "Nothing was printed yet.")


def test_whole_blocks_and_then_silence_is_buffering(place: Workspace) -> None:
    place.job()
    place.run(b"x" * 8_192, age_s=29)
    assert second(place)[0] == "ok"
    os.utime(place.root / "work/runs/r1/output.log", (NOW - 31, NOW - 31))
    assert second(place)[:2] == (
        "problem",
        "8,192 bytes were captured, whole blocks of a buffer, and nothing for 31 s: buffering?",
    )


def test_what_python_collects_is_less_than_whole_blocks(place: Workspace) -> None:
    place.job()
    written = subprocess.run(
        [sys.executable, "-c", "for number in range(5_000): print('line', number)\nimport os; os._exit(0)"],
        stdout=subprocess.PIPE, env={}, check=True,
    ).stdout  # fmt: skip
    assert written and len(written) % 4_096 != 0
    place.run(written, age_s=31)
    assert second(place)[0] == "problem"
    assert "whole blocks of a buffer" in second(place)[1]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, False), (1, False), (4_096, True), (5_000, False), (8_064, True), (8_063, False), (65_536, True),
     (8 * 8_192 - 1_024, True), (8 * 8_192 - 1_025, False), (9 * 8_192 - 1, False)],
)  # fmt: skip
def test_which_sizes_are_those_of_a_buffer(size: int, expected: bool) -> None:
    assert looks_buffered(size) is expected


def test_a_program_that_falls_silent_is_not_just_fine(place: Workspace) -> None:
    place.job()
    place.run(b"hello\n", age_s=59)
    assert second(place)[0] == "ok"
    os.utime(place.root / "work/runs/r1/output.log", (NOW - 120, NOW - 120))
    level, reason, step = second(place)
    assert (level, reason) == ("note", "6 bytes were captured, and nothing for 2 min.")
    assert "waits, or hangs" in step and "pty: true" in step
    place.generate(age_s=3)
    assert second(place)[:2] == (
        "problem", "6 bytes were captured, and nothing for 2 min, while its files changed: buffering?",
    )  # fmt: skip
    place.generate(age_s=119)  # written with its last output
    assert second(place)[0] == "note"


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ({"code": 0}, "6 bytes were captured; the program ended with code 0."),
        ({"code": None, "signal": 9}, "6 bytes were captured; the program ended by signal 9."),
        ({"reason": "timeout"}, "6 bytes were captured; the program ended (timeout)."),
    ],
)
def test_a_run_that_ended(place: Workspace, end: dict[str, Any], text: str) -> None:
    place.job()
    place.run(end=end)
    assert second(place)[:2] == ("ok", text)


def test_a_run_that_ended_without_a_word(place: Workspace) -> None:
    place.job()
    place.run(b"", end={"code": 127})
    assert second(place)[:2] == ("note", "The program printed nothing; it ended with code 127.")


def test_a_run_whose_shim_is_gone(place: Workspace) -> None:
    place.job()
    place.run(pid=2**22 + 1)  # above the largest number of a process
    level, reason, _ = second(place)
    assert level == "problem"
    assert "is gone" in reason


def test_files_of_runs_that_are_nonsense_are_left_out(place: Workspace) -> None:
    place.job()
    runs = place.root / "work/runs"
    for name, content in (("a", "[1]"), ("b", "{"), ("c", '{"owner": 3, "pid": "x"}'), ("d", "[" * 100_000)):
        (runs / name).mkdir(parents=True)
        (runs / name / "run.json").write_text(content)
    (runs / "e").mkdir()
    os.mkfifo(runs / "e/run.json")
    place.run()
    assert second(place)[0] == "ok"


def test_a_long_log_without_a_phase_is_remarked(place: Workspace) -> None:
    place.job()
    place.run(b"x" * 20_000)
    (remark,) = place.stages().remarks
    assert (remark.what, remark.level) == ("phases", "note")
    place.job(current_phase="plan")
    assert place.stages().remarks == ()


# --- (3) did the dashboard see the files? ---


@pytest.mark.parametrize(
    ("seen", "is_watched", "level", "text"),
    [
        (3, True, "ok", "The dashboard knows 3 files of shop."),
        (1, True, "ok", "The dashboard knows 1 files of shop."),
        (0, True, "problem", "The dashboard knows no file of shop, which has 1 files on the disk."),
        (None, True, "problem", "The dashboard knows nothing of shop, which has 1 files on the disk."),
        (None, False, "problem", "The dashboard does not watch artifacts."),
    ],
)
def test_whether_the_dashboard_saw_the_files(
    place: Workspace, seen: int | None, is_watched: bool, level: str, text: str
) -> None:
    place.job()
    place.generate()
    found = place.stages()
    stage = artifacts_stage(place.job_now(), found.files, seen, is_watched)
    assert (stage.number, stage.level, stage.reason) == (3, level, text)


def test_files_that_the_dashboard_does_not_know_are_said(place: Workspace) -> None:
    place.job()
    place.generate()
    place.generate("shop/plan.md")
    found = place.stages()
    stage = artifacts_stage(place.job_now(), found.files, 1, True)
    assert (stage.level, stage.reason) == ("note", "The dashboard knows 1 of the 2 files of shop on the disk.")


def test_without_files_there_is_nothing_to_see(place: Workspace) -> None:
    place.job()
    found = place.stages()
    assert artifacts_stage(place.job_now(), found.files, None, True).level == "note"


@pytest.mark.parametrize(
    ("size", "read", "age_s", "text"),
    [
        (200_000, 200_000, 60, None),
        (200_000, 100_000, 60, None),  # a line that has not ended
        (200_000, None, 60, None),
        (200_000, 1_000, 1, None),  # it has just come
        (200_000, 1_000, 60, "The dashboard has not read the last 199,000 bytes of the log, written 1 min ago."),
        (40_000_000, 1_000_000, 0, "The log grows faster than it is read: 1,000,000 of 40,000,000 bytes are read."),
        (40_000_000, 1_000_000, 60, "The log is still being read: 1,000,000 of 40,000,000 bytes."),
    ],
)
def test_a_log_that_is_not_read_is_stuck_here(size: int, read: int | None, age_s: float, text: str | None) -> None:
    run = RunFacts(id="r1", job="j1", log_bytes=size, log_changed_at=NOW - age_s)
    found = reading_stage(run, read, NOW)
    assert (found and (found.number, found.level, found.reason)) == (text and (3, "problem", text))


# --- (4) are the streams live? ---


@pytest.fixture
def live(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr(doctor_module, "_PROBE_TIMEOUT_S", 50)  # the machine may be busy

    def features(kernel: Kernel) -> list[Feature]:
        knowledge = Knowledge(kernel, hide_secrets, seen_files={"shop": 2}.get, read_bytes={"r1": 6, "r2": 1}.get)
        return with_features(kernel, knowledge)

    live = running(workspace, features=features)
    yield live
    live.stop()


def test_the_page_gets_the_same_from_the_service(live: Live) -> None:
    place = Workspace(live.workspace)
    place.job()
    place.run()
    place.generate()
    live.listen(topics=["insights"]).first("snapshot")
    found = live.json("/api/doctor?job=j1")
    assert [stage["name"] for stage in found["stages"]] == ["files", "logs", "artifacts", "streams"]
    assert (found["job"], found["stages"][2]["figures"]) == ("j1", {"files": 1, "seen": 2})
    last = found["stages"][3]
    assert (last["level"], last["figures"]["subscribers"]) == ("ok", {"insights": 1})
    assert last["figures"]["hub_ms"] >= 0
    assert {remark["what"] for remark in found["remarks"]} == {"clock", "cors"}
    assert not (live.workspace / "work/streams").exists(), "it was made for the probe"
    assert live.get("/api/doctor?job=other").status_code == 404
    place.run(b"x" * 200_000, run_id="r2", started_at=iso_time(time.time()), age_s=NOW - time.time() + 60)
    place.job("j2")
    (live.workspace / "work/runs/r2/run.json").write_text(json.dumps({"run_id": "r2", "owner": "job:j2"}))
    third = live.json("/api/doctor?job=j2")["stages"][2]
    assert (third["level"], third["figures"]["read"]) == ("problem", 1)


def test_a_probe_arrives_at_clients_of_both_kinds(live: Live) -> None:
    arrivals = stream_check.measure(live.url, None, str(live.workspace / "work/streams"), 60)
    assert [(one.kind, one.problem) for one in arrivals] == [("Socket.IO", None), ("SSE", None)]
    assert all(one.latency_ms is not None and one.latency_ms >= 0 for one in arrivals)


def test_clients_that_are_refused_say_so(workspace: Path) -> None:
    live = running(workspace, features=features_with_knowledge(), token="correct-horse")
    try:
        streams = str(workspace / "work/streams")
        wrong = {one.kind: one for one in stream_check.measure(live.url, "wrong", streams, 60)}
        assert wrong["SSE"].problem == "the stream was refused with status 401"
        assert (wrong["Socket.IO"].problem or "").startswith("Socket.IO refused the connection: ")
        assert all(one.problem is None for one in stream_check.measure(live.url, "correct-horse", streams, 60))
    finally:
        live.stop()


def test_a_change_that_is_not_reported_is_a_problem(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "_PROBE_TIMEOUT_S", 0.2)
    monkeypatch.setattr(Prober, "on_seen", lambda self, nonce: None)
    last = live.json("/api/doctor")["stages"][3]
    assert last["level"] == "problem"
    assert "was not reported within 0.2 s" in last["reason"]


def test_a_probe_that_cannot_be_written_is_a_problem(live: Live) -> None:
    (live.workspace / "work/streams").write_text("a file")
    last = live.json("/api/doctor")["stages"][3]
    assert (last["level"], last["reason"].split(":")[0]) == ("problem", "The probe cannot be written")


def test_a_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    streams = tmp_path / "streams"
    with probed_folder(str(streams)) as is_new, write_probe(str(streams), "a" * 32):
        assert is_new
        assert [path.name for path in streams.iterdir()] == [f".probe-{'a' * 32}"]
    assert list(tmp_path.iterdir()) == []
    streams.mkdir()
    with probed_folder(str(streams)) as is_new, write_probe(str(streams), "a" * 32):
        assert not is_new
    assert list(streams.iterdir()) == []


def test_a_probe_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / f".probe-{'a' * 32}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError), write_probe(str(tmp_path), "a" * 32):
        pass
    assert not (tmp_path / "elsewhere").exists()


# --- the command ---


@pytest.fixture
def command(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.chdir(workspace)

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["doctor", *words])
        return result.exit_code, result.output

    return run


def test_a_workspace_where_nobody_waits_is_healthy(command: Callable[..., tuple[int, str]]) -> None:
    code, output = command()
    assert code == 0
    assert "➖ 4. Are the streams live?" in output


def test_without_a_dashboard_a_job_is_stuck(command: Callable[..., tuple[int, str]], workspace: Path) -> None:
    place = Workspace(workspace)
    place.job(started_at=iso_time(time.time() - 60))
    place.run()
    place.generate(age_s=NOW - time.time())
    code, output = command("--json")
    assert code == 1
    rows = {row["stage"]: row for row in json.loads(output) if "stage" in row}
    assert [(rows[number]["level"], rows[number]["job"]) for number in (1, 3, 4)] == [
        ("ok", "j1"), ("problem", "j1"), ("problem", "j1"),
    ]  # fmt: skip
    assert rows[4]["next_step"] == "Start it: llm-service dashboard start"


def test_a_job_that_is_not_there_is_exit_code_1(command: Callable[..., tuple[int, str]]) -> None:
    code, output = command("--job-id", "nowhere")
    assert code == 1
    assert "❌ 1. Did the script generate files?    There is no job “nowhere” in work/jobs." in output
    assert "-> See: llm-service jobs list" in output


def test_the_running_dashboard_and_clients_are_asked(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Instance(os.getpid(), "", live.url, "127.0.0.1", live.port, str(live.workspace), 0.0, "")
    monkeypatch.setattr(doctor_stages, "_running", lambda settings: record)
    monkeypatch.setattr(stream_check, "TIMEOUT_S", 60)
    settings = settings_with(workspace=str(live.workspace))
    found = doctor_stages.diagnose(settings)
    assert found.is_healthy, found
    last = found.stages[3]
    assert last.reason.startswith("A change on the disk arrives at clients after ")
    assert {"hub_ms", "socketio_ms", "sse_ms", "clients"} <= set(last.figures)
    assert [remark.text for remark in found.remarks if remark.what == "port"] == [
        live.url
    ]  # it has no list of settings
    missing = doctor_stages.diagnose(settings, "nowhere")
    assert not missing.is_healthy
    assert [stage.level for stage in missing.stages] == ["problem", "note", "note", "ok"]
    assert missing.stages[0].reason == "There is no job “nowhere” in work/jobs."


def test_the_port_is_compared_with_the_one_that_the_dashboard_was_asked_for(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = running(workspace)
    record = Instance(os.getpid(), "", live.url, "127.0.0.1", live.port, str(workspace), 0.0, "")
    monkeypatch.setattr(doctor_stages, "_running", lambda settings: record)
    try:
        found = doctor_stages.diagnose(settings_with(workspace=str(workspace), port=live.port))
    finally:
        live.stop()
    taken = live.dashboard.settings.port
    assert [one.text for one in found.remarks if one.what == "port"] == [f"{live.url}, as port {taken} was taken"]


def test_a_dashboard_that_asks_for_a_token(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = running(workspace, token="a-token-of-some-length")
    record = Instance(os.getpid(), "", live.url, "127.0.0.1", live.port, str(workspace), 0.0, "")
    monkeypatch.setattr(doctor_stages, "_running", lambda settings: record)
    try:
        for token in (None, "another-token-of-some-length"):
            found = doctor_stages.diagnose(settings_with(workspace=str(workspace), token=token))
            assert [stage.level for stage in found.stages[2:]] == ["problem", "problem"]
            assert "asks for a token" in found.stages[3].reason
            assert "LLM_SERVICE_TOKEN" in str(found.stages[3].next_step)
            with pytest.raises(ServiceError, match="LLM_SERVICE_TOKEN"):
                Client(record, token).get("/api/jobs")
        assert Client(record, "a-token-of-some-length").get("/api/jobs")["jobs"] == []
    finally:
        live.stop()


def test_a_dashboard_that_does_not_answer(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Instance(os.getpid(), "", "http://127.0.0.1:9", "127.0.0.1", 9, str(workspace), 0.0, "")
    monkeypatch.setattr(doctor_stages, "_running", lambda settings: record)
    found = doctor_stages.diagnose(settings_with(workspace=str(workspace)))
    assert [stage.level for stage in found.stages] == ["note", "note", "problem", "problem"]
    assert found.stages[3].reason == "http://127.0.0.1:9 does not answer: nothing came back"


def test_a_dashboard_that_is_stopped_is_not_started_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Instance(os.getpid(), "", "http://127.0.0.1:9", "127.0.0.1", 9, str(workspace), 0.0, "")
    monkeypatch.setattr(doctor_stages, "look", lambda folder: Sighting("running", record, record.pid))
    found = doctor_stages.diagnose(settings_with(workspace=str(workspace)))
    assert [stage.level for stage in found.stages[2:]] == ["problem", "problem"]
    assert "does not answer: it hangs" in found.stages[3].reason
    assert str(found.stages[3].next_step).startswith("Restart it: llm-service dashboard stop")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        halted = replace(record, pid=process.pid)
        monkeypatch.setattr(doctor_stages, "look", lambda folder: Sighting("running", halted, halted.pid))
        process.send_signal(signal.SIGSTOP)
        try:
            os.waitpid(process.pid, os.WUNTRACED)
            last = doctor_stages.diagnose(settings_with(workspace=str(workspace))).stages[3]
        finally:
            process.kill()
    assert last.reason.endswith("does not answer: it was stopped, as by Ctrl-Z.")
    assert last.next_step == f"Let it go on: kill -CONT {process.pid}"
    monkeypatch.setattr(doctor_stages, "look", lambda folder: Sighting("unclear", None, 7))
    assert (
        "Process 7 has locked this workspace"
        in doctor_stages.diagnose(settings_with(workspace=str(workspace))).stages[3].reason
    )


def test_clients_that_get_no_answer_are_not_waited_for_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that accepts and says nothing: as one whose process is stopped."""
    waits: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        real = stream_check.Listening

        def listening(kind: str, timeout_s: float, listen: Callable[[Any], None]) -> Any:
            client = real(kind, timeout_s, listen)
            client.arrived.wait = lambda timeout=None: waits.append(kind)  # type: ignore[method-assign, assignment]
            return client

        monkeypatch.setattr(stream_check, "Listening", listening)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        arrivals = stream_check.measure(url, None, str(tmp_path), 2)
    assert [(one.latency_ms, one.problem) for one in arrivals] == [(None, "nothing came within 2 s")] * 2
    assert waits == []
