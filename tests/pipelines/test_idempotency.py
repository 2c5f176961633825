"""Calls that are repeated with their key change nothing more, and get the same answer."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from kit.pipelines import Clock, file_of, folder_of, refused, reporter_of

from llm_service.pipelines import idempotency
from llm_service.pipelines.reporter import PipelineReporter

DAY = 86_400


def count(tmp_path: Path) -> int:
    return len(list((tmp_path / "work/pipelines").glob("*/pipeline.yaml")))


def test_a_pipeline_is_created_once(tools: PipelineReporter, tmp_path: Path, clock: Clock) -> None:
    first = tools.create_pipeline("ticket_work", ticket_id="T", meta={"a": 1, "b": 2}, idempotency_key="k")
    tools.create_pipeline_job(first["pipeline_id"], "research", "x", "y", status="running")
    clock.now += DAY
    other = reporter_of(tmp_path, clock)  # the agent was started again
    assert other.create_pipeline("ticket_work", ticket_id="T", meta={"b": 2, "a": 1}, idempotency_key="k") == first
    assert count(tmp_path) == 1
    assert tools.create_pipeline("ticket_work", ticket_id="T", idempotency_key="other") != first
    assert count(tmp_path) == 2


def test_a_key_is_of_one_call(tools: PipelineReporter, tmp_path: Path) -> None:
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T", idempotency_key="k")["pipeline_id"]
    assert refused(tools.create_pipeline, "ticket_work", ticket_id="U", idempotency_key="k").code == "KEY_REUSED"
    assert refused(tools.finish_pipeline, pipeline, idempotency_key="k").code == "KEY_REUSED"
    assert (count(tmp_path), tools.get_pipeline(pipeline)["status"]) == (1, "created")


def test_after_a_day_a_key_is_free(tools: PipelineReporter, tmp_path: Path, clock: Clock) -> None:
    made = []
    for day in range(3):
        made.append(tools.create_pipeline("ticket_work", ticket_id=f"T{day}", idempotency_key="k")["pipeline_id"])
        clock.now += DAY + 1
    assert len(set(made)) == count(tmp_path) == 3
    again = tools.create_pipeline("ticket_work", ticket_id="T3", idempotency_key="k")["pipeline_id"]
    assert tools.create_pipeline("ticket_work", ticket_id="T3", idempotency_key="k")["pipeline_id"] == again


def test_two_who_create_at_once_with_one_key_get_the_same(tmp_path: Path) -> None:
    made: list[Any] = []
    together = threading.Barrier(6)

    def create() -> None:
        tools = reporter_of(tmp_path)
        together.wait()
        made.append(tools.create_pipeline("ticket_work", ticket_id="T", idempotency_key="k"))

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [made[0]] * 6
    assert count(tmp_path) == 1


def test_a_folder_that_a_killed_writer_left_empty_is_used(tools: PipelineReporter, tmp_path: Path) -> None:
    first = tools.create_pipeline("ticket_work", ticket_id="T", idempotency_key="k")
    (folder_of(tmp_path, first["pipeline_id"]) / "pipeline.yaml").rename(tmp_path / "lost")
    assert tools.list_pipelines()["total"] == 0
    assert tools.create_pipeline("ticket_work", ticket_id="T", idempotency_key="k") == first


def test_every_tool_that_writes(tools: PipelineReporter, tmp_path: Path, clock: Clock) -> None:
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    job = tools.create_pipeline_job(pipeline, "research", "x", "y", status="running", idempotency_key="a")
    clock.now += 5
    assert tools.create_pipeline_job(pipeline, "research", "x", "y", status="running", idempotency_key="a") == job
    job_id = job["job_id"]
    tools.update_pipeline_job(job_id, status="failed")
    retried = tools.update_pipeline_job(job_id, status="running", idempotency_key="b")
    assert (retried["attempt"], tools.update_pipeline_job(job_id, status="running", idempotency_key="b")) == (
        2,
        retried,
    )
    done = tools.update_pipeline_job(job_id, status="success")
    assert tools.update_pipeline_job(job_id, status="running", idempotency_key="b") == retried, "the answer of then"
    assert tools.get_pipeline(pipeline)["steps"][0]["jobs"][0]["status"] == done["status"] == "success"
    finished = tools.finish_pipeline(pipeline, idempotency_key="c")
    clock.now += 5
    assert tools.finish_pipeline(pipeline, idempotency_key="c") == finished
    assert refused(tools.finish_pipeline, pipeline, idempotency_key="d").code == "ALREADY_FINISHED"
    assert (tmp_path / "work/pipelines/wiki-log.md").read_text().count("\n") == 1
    assert len(file_of(tmp_path, pipeline)["jobs"]) == 1


def test_what_is_refused_is_not_remembered(tools: PipelineReporter) -> None:
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    assert refused(tools.create_pipeline_job, pipeline, "x", "x", "y", idempotency_key="k").code == "UNKNOWN_STEP"
    assert tools.create_pipeline_job(pipeline, "coding", "x", "y", idempotency_key="k")["step"] == "coding"


def test_old_answers_go_and_only_so_many_are_kept(
    tools: PipelineReporter, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 8
    monkeypatch.setattr(idempotency, "MAX_REQUESTS", most)
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    job = tools.create_pipeline_job(pipeline, "coding", "x", "y")["job_id"]
    for number in range(most + 3):
        clock.now += 1
        tools.update_pipeline_job(job, score=number % 100, idempotency_key=f"k{number}")
    kept = file_of(tmp_path, pipeline)["requests"]
    assert len(kept) == most
    clock.now += DAY + 1
    tools.update_pipeline_job(job, score=1, idempotency_key="new")
    assert len(file_of(tmp_path, pipeline)["requests"]) == 1
