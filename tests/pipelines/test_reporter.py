"""The nine tools: what they answer, what they write, and what they refuse, with what to do instead."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from kit.pipelines import NOON, Clock, file_of, folder_of, refused, reporter_of, write_pipeline

from llm_service.pipelines.reporter import PipelineReporter

STARTED = "2025-11-30T12:00:00.000Z"


def new(tools: PipelineReporter, **more: Any) -> str:
    return str(tools.create_pipeline("ticket_work", ticket_id="T-1", **more)["pipeline_id"])


def job_in(tools: PipelineReporter, pipeline: str, step: str = "research", **more: Any) -> str:
    return str(tools.create_pipeline_job(pipeline, step, "Read the source", "backend", **more)["job_id"])


def test_a_pipeline_from_its_beginning_to_its_end(tools: PipelineReporter, tmp_path: Path, clock: Clock) -> None:
    made = tools.create_pipeline(
        "ticket_work", ticket_id="T-1", branch="ical", project="quayside", meta={"triggered_by": "ada", "n": 1}
    )
    assert made == {
        "pipeline_id": made["pipeline_id"],
        "status": "created",
        "steps": [
            {"name": "research", "position": 1, "status": "pending"},
            {"name": "coding", "position": 2, "status": "pending"},
            {"name": "wrap-up", "position": 3, "status": "pending"},
        ],
    }
    pipeline = made["pipeline_id"]
    job = tools.create_pipeline_job(pipeline, "research", "Read", "backend", description="The RFC", status="running")
    assert job == {"job_id": job["job_id"], "status": "running", "step": "research"}
    assert str(uuid.UUID(pipeline)) == pipeline and str(uuid.UUID(job["job_id"])) == job["job_id"]
    clock.now += 90
    assert tools.update_pipeline_job(job["job_id"], status="success", score=90, summary="Read.\nDone.") == {
        "job_id": job["job_id"],
        "status": "success",
        "attempt": 1,
        "score": 90,
        "started_at": STARTED,
        "finished_at": "2025-11-30T12:01:30.000Z",
    }
    log = tools.append_job_log(job["job_id"], "What I read")
    assert log == {
        "log_path": f"work/pipelines/{pipeline}/logs/{job['job_id']}.md",
        "message": "The log page was created.",
    }
    tree = tools.get_pipeline(pipeline)
    assert (tree["status"], tree["project"], tree["branch"], tree["triggered_by"]) == (
        "running", "quayside", "ical", "ada",
    )  # fmt: skip
    assert (tree["duration_s"], tree["is_stale"], tree["meta"]) == (90.0, False, {"triggered_by": "ada", "n": 1})
    [research, coding, _] = tree["steps"]
    assert (research["status"], research["duration_s"], coding["duration_s"]) == ("success", 90.0, None)
    [shown] = research["jobs"]
    assert (shown["summary"], shown["score"], shown["duration_s"], shown["description"]) == (
        "Read.\nDone.", 90, 90.0, "The RFC",
    )  # fmt: skip
    assert (shown["log_path"], shown["log"]["size_bytes"]) == (
        log["log_path"],
        (tmp_path / log["log_path"]).stat().st_size,
    )
    clock.now += 10
    finished = tools.finish_pipeline(pipeline)
    assert finished == {
        "pipeline_id": pipeline,
        "status": "success",
        "finished_at": "2025-11-30T12:01:40.000Z",
        "steps": {"research": "success", "coding": "skipped", "wrap-up": "skipped"},
        "skipped_steps": [{"name": "coding", "was": "pending"}, {"name": "wrap-up", "was": "pending"}],
        "message": "The pipeline is finished: success. Not done: coding (was pending), wrap-up (was pending).",
    }
    clock.now += 1_000
    assert tools.get_pipeline(pipeline)["duration_s"] == 100.0, "it does not go on"
    wiki = (tmp_path / "work/pipelines/wiki-log.md").read_text()
    assert wiki == f"- [2025-11-30 12:01] Pipeline ticket_work {pipeline[:8]} - status success\n"


def test_what_is_written_is_yaml_that_anybody_reads(tools: PipelineReporter, tmp_path: Path) -> None:
    pipeline = new(tools, meta={"text": "a: b # no comment\n- ‚nel\u0085\u2028 😀 \ud800'\""})
    job = job_in(tools, pipeline, description="key: [value\n\ttab")
    found = file_of(tmp_path, pipeline)
    assert found["meta"] == {"text": "a: b # no comment\n- ‚nel\u0085\u2028 😀 ?'\""}
    assert [step["name"] for step in found["steps"]] == ["research", "coding", "wrap-up"]
    assert (found["jobs"][0]["id"], found["jobs"][0]["description"]) == (job, "key: [value\n\ttab")
    assert (found["id"], found["created_at"], found["finished_at"]) == (pipeline, STARTED, None)
    assert tools.get_pipeline(pipeline)["meta"] == found["meta"]


def test_a_reporter_in_another_process_sees_the_same(tools: PipelineReporter, tmp_path: Path) -> None:
    pipeline = new(tools)
    other = reporter_of(tmp_path)
    job = job_in(other, pipeline)
    assert tools.update_pipeline_job(job, status="failure")["status"] == "failed", "`failure` is `failed`"
    assert other.get_pipeline(pipeline)["status"] == "failed"
    assert other.list_pipelines()["pipelines"][0]["step_statuses"]["research"] == "failed"


TYPES = [
    pytest.param({"pipeline_type": "ticket_work"}, "needs a ticket_id", id="ticket_work without its ticket"),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "sprint_id": "S"},
        "no sprint_id",
        id="ticket_work in a sprint",
    ),
    pytest.param({"pipeline_type": "sprint_close"}, "needs a sprint_id", id="sprint_close without its sprint"),
    pytest.param(
        {"pipeline_type": "sprint_close", "ticket_id": "T", "sprint_id": "S"},
        "no ticket_id",
        id="sprint_close of a ticket",
    ),
    pytest.param({"pipeline_type": "deploy"}, "no pipeline type 'deploy'", id="an unknown type"),
    pytest.param({"pipeline_type": None}, "no pipeline type", id="no type"),
    pytest.param({"pipeline_type": "ticket_work", "ticket_id": " \n "}, "needs a ticket_id", id="a blank ticket"),
    pytest.param({"pipeline_type": "ticket_work", "ticket_id": 7}, "ticket_id has to be a text", id="a number"),
    pytest.param({"pipeline_type": "ticket_work", "ticket_id": "T" * 301}, "301 characters", id="a long ticket"),
    pytest.param({"pipeline_type": "ticket_work", "ticket_id": "T", "project": "../x"}, "project", id="a path"),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": [1]}, "meta has to be an object", id="a list"
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": {"a": float("nan")}}, "not plain JSON", id="nan"
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": {"a": object()}}, "not plain JSON", id="an object"
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": {"a": "x" * 17_000}}, "17,009 bytes", id="much meta"
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": {"a": 2**60}}, "2^53", id="a number JSON has not"
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": {"k" * 201: 1}}, "key of meta", id="a long key"
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "meta": {"a": [[[[[[[[[1]]]]]]]]]}},
        "deeper than 8",
        id="deep",
    ),
    pytest.param(
        {"pipeline_type": "ticket_work", "ticket_id": "T", "idempotency_key": ""}, "idempotency_key", id="an empty key"
    ),
]


@pytest.mark.parametrize(("given", "said"), TYPES)
def test_what_is_refused_of_a_new_pipeline(
    tools: PipelineReporter, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    error = refused(tools.create_pipeline, **given)
    assert error.code == "INVALID"
    assert said in error.sentence
    assert not (tmp_path / "work/pipelines").exists(), "nothing was written"


def test_the_sprint_of_a_ticket_goes_into_meta(tools: PipelineReporter) -> None:
    error = refused(tools.create_pipeline, "ticket_work", ticket_id="T", sprint_id="S")
    assert "meta.sprint_id" in error.what_to_do


def test_templates_of_the_settings(tmp_path: Path) -> None:
    from llm_service.pipelines.templates import Template

    tools = reporter_of(
        tmp_path, pipeline_templates=[Template("release", ("build", "ship")), Template("x", ("y",), "sprint_id")]
    )
    made = tools.create_pipeline("release", ticket_id="T", sprint_id="S")
    assert [step["name"] for step in made["steps"]] == ["build", "ship"]
    assert tools.create_pipeline("release")["status"] == "created", "it needs nothing"
    assert "needs a sprint_id" in refused(tools.create_pipeline, "x").sentence
    assert "release, sprint_close, ticket_work, x" in refused(tools.create_pipeline, "y").what_to_do


def test_an_unknown_step_is_refused_with_those_there_are(tools: PipelineReporter) -> None:
    error = refused(tools.create_pipeline_job, new(tools), "testing", "x", "y")
    assert error.code == "UNKNOWN_STEP"
    assert "testing" in error.sentence
    assert "research, coding, wrap-up" in error.sentence
    assert error.what_to_do == "Give one of the steps that it has.", "their names may be an agent's: not for this line"


@pytest.mark.parametrize("score", [150, -1, 101, 0.5, "90", True])
def test_a_score_is_from_0_to_100(tools: PipelineReporter, score: Any) -> None:
    job = job_in(tools, new(tools))
    error = refused(tools.update_pipeline_job, job, score=score)
    assert error.code == "INVALID"
    assert "0 to 100" in error.what_to_do
    for fine in (0, 100):
        assert tools.update_pipeline_job(job, score=fine)["score"] == fine


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "nothing to change"),
        ({"status": "done"}, "cannot be 'done'"),
        ({"attempt": 0}, "attempt cannot be 0"),
        ({"summary": 3}, "summary has to be a text"),
        ({"summary": "x" * 8_001}, "8,001 characters"),
        ({"status": "running", "idempotency_key": "k" * 201}, "idempotency_key"),
    ],
)
def test_what_is_refused_of_a_job(tools: PipelineReporter, given: dict[str, Any], said: str) -> None:
    job = job_in(tools, new(tools))
    error = refused(tools.update_pipeline_job, job, **given)
    assert (error.code, said in error.sentence) == ("INVALID", True)


def test_what_an_update_does_not_name_stays(tools: PipelineReporter) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    tools.update_pipeline_job(job, score=70, summary="so far")
    assert tools.update_pipeline_job(job, status="success") | {"job_id": ""} == {
        "job_id": "", "status": "success", "attempt": 1, "score": 70, "started_at": STARTED, "finished_at": STARTED,
    }  # fmt: skip
    assert tools.get_pipeline(pipeline)["steps"][0]["jobs"][0]["summary"] == "so far"


@pytest.mark.parametrize("name", ["", "   ", None, 5, "x" * 201])
def test_a_job_has_a_name(tools: PipelineReporter, name: Any) -> None:
    pipeline = new(tools)
    assert refused(tools.create_pipeline_job, pipeline, "research", name, "backend").code == "INVALID"
    assert refused(tools.create_pipeline_job, pipeline, "research", "x", name).code == "INVALID"


def test_names_are_single_lines(tools: PipelineReporter) -> None:
    pipeline = new(tools, branch="a\x00b\nc")
    tools.create_pipeline_job(pipeline, "research", " Read\r\nit \x1b[31m", "x")
    tree = tools.get_pipeline(pipeline)
    assert (tree["branch"], tree["steps"][0]["jobs"][0]["name"]) == ("a b c", "Read it [31m")


@pytest.mark.parametrize("unknown", ["", "x", "../../etc", None, 7, "00000000-0000-8000-8000-000000000000", "logs"])
def test_what_does_not_exist_is_said_and_nothing_is_made(tools: PipelineReporter, tmp_path: Path, unknown: Any) -> None:
    for call in (
        lambda: tools.get_pipeline(unknown),
        lambda: tools.finish_pipeline(unknown),
        lambda: tools.create_pipeline_job(unknown, "research", "x", "y"),
        lambda: tools.update_pipeline_job(unknown, status="running"),
        lambda: tools.append_job_log(unknown, "x"),
        lambda: tools.get_pipeline_job_log(unknown),
    ):
        assert refused(call).code == "NOT_FOUND"
    assert list(tmp_path.rglob("*")) == []


def test_a_job_of_another_pipeline_is_none_of_this_one(tools: PipelineReporter, tmp_path: Path) -> None:
    one, other = new(tools), new(tools)
    job = job_in(tools, one)
    stranger = f"{other[:-4]}{job[-4:]}"  # as the other pipeline would number its first job
    assert refused(tools.update_pipeline_job, stranger, status="running").code == "NOT_FOUND"
    assert refused(tools.append_job_log, stranger, "x").code == "NOT_FOUND"
    assert not (folder_of(tmp_path, other) / "logs").exists()


def test_jobs_that_were_written_by_hand_are_found(tools: PipelineReporter, tmp_path: Path) -> None:
    job = "11111111-2222-4333-8444-555555555555"
    write_pipeline(
        tmp_path,
        f"pipeline_type: ticket_work\nsteps: [{{name: research}}]\njobs:\n- {{id: {job}, step: research, name: x}}\n",
    )
    assert tools.update_pipeline_job(job, status="running")["status"] == "running"
    assert tools.append_job_log(job, "x")["log_path"].endswith(f"{job}.md")
    [shown] = tools.get_pipeline("0b8f3c52-7a41-4d06-9c1e-5f20a4d3aaaa")["steps"][0]["jobs"]
    assert (shown["id"], shown["log"]["size_bytes"] > 0) == (job, True)
    added = job_in(tools, "0b8f3c52-7a41-4d06-9c1e-5f20a4d3aaaa")
    assert tools.update_pipeline_job(added, status="success")["status"] == "success"


def test_a_list_has_the_newest_first_and_20_a_page(tools: PipelineReporter, clock: Clock) -> None:
    ids = []
    for number in range(45):
        clock.now += 1
        ids.append(new(tools, project=f"p{number % 2}"))
    first = tools.list_pipelines()
    assert [row["id"] for row in first["pipelines"]] == ids[:24:-1]
    assert (first["total"], first["page"], first["total_pages"]) == (45, 1, 3)
    assert [row["id"] for row in tools.list_pipelines(page=3)["pipelines"]] == ids[4::-1]
    beyond = tools.list_pipelines(page=4)
    assert (beyond["pipelines"], beyond["total"], beyond["total_pages"]) == ([], 45, 3)
    assert tools.list_pipelines(project="p1")["total"] == 22
    assert tools.list_pipelines(project="none") == {"pipelines": [], "total": 0, "page": 1, "total_pages": 0}
    tools.finish_pipeline(ids[0])
    assert [row["id"] for row in tools.list_pipelines(status="success")["pipelines"]] == [ids[0]]
    assert tools.list_pipelines(status="created", project="p0")["total"] == 22
    assert tools.list_pipelines(pipeline_type="sprint_close")["total"] == 0
    row = tools.list_pipelines(status="success")["pipelines"][0]
    assert row["step_statuses"] == {"research": "skipped", "coding": "skipped", "wrap-up": "skipped"}


@pytest.mark.parametrize(
    ("given", "said"), [({"page": 0}, "page"), ({"page": "1"}, "page"), ({"status": "x"}, "status")]
)
def test_what_is_refused_of_a_list(tools: PipelineReporter, given: dict[str, Any], said: str) -> None:
    error = refused(tools.list_pipelines, **given)
    assert (error.code, said in error.sentence) == ("INVALID", True)


def test_a_list_sees_what_others_write_and_remove(tmp_path: Path) -> None:
    import shutil

    from kit.live import eventually

    one, other = reporter_of(tmp_path), reporter_of(tmp_path)
    assert one.list_pipelines()["total"] == 0
    pipeline = new(other)
    assert eventually(lambda: one.list_pipelines()["total"] == 1)
    other.finish_pipeline(pipeline)
    assert eventually(lambda: one.list_pipelines(status="success")["total"] == 1)
    shutil.rmtree(folder_of(tmp_path, pipeline))
    assert eventually(lambda: one.list_pipelines()["total"] == 0)


HOUR = 3600


def test_a_running_pipeline_is_stale_after_more_than_six_hours(tools: PipelineReporter, clock: Clock) -> None:
    pipeline = new(tools)
    clock.now += 50 * HOUR
    assert not tools.get_pipeline(pipeline)["is_stale"], "it does not run"
    job = job_in(tools, pipeline, status="running")
    began = clock.now
    clock.now = began + 6 * HOUR
    assert not tools.get_pipeline(pipeline)["is_stale"], "six hours exactly"
    clock.now = began + 6 * HOUR + 1
    assert tools.get_pipeline(pipeline)["is_stale"]
    [row] = tools.list_pipelines()["pipelines"]
    assert (row["is_stale"], row["status"]) == (True, "running")
    tools.update_pipeline_job(job, score=1)
    assert not tools.get_pipeline(pipeline)["is_stale"], "any change counts"


def test_an_entry_in_a_log_is_a_sign_of_life(tools: PipelineReporter, clock: Clock) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    tools.append_job_log(job, "first")
    clock.now += 5 * HOUR
    tools.append_job_log(job, "second")
    at = clock.now
    clock.now = at + 6 * HOUR
    assert not tools.get_pipeline(pipeline)["is_stale"]
    assert tools.get_pipeline(pipeline)["active_at"] == "2025-11-30T17:00:00.000Z"
    assert not tools.list_pipelines()["pipelines"][0]["is_stale"]
    clock.now = at + 6 * HOUR + 1
    assert tools.get_pipeline(pipeline)["is_stale"]
    assert tools.list_pipelines()["pipelines"][0]["is_stale"]


def test_a_log_from_the_future_is_no_sign_of_life(tools: PipelineReporter, tmp_path: Path, clock: Clock) -> None:
    import os

    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    log = tmp_path / tools.append_job_log(job, "x")["log_path"]
    os.utime(log, (NOON + 10**8, NOON + 10**8))
    clock.now += 7 * HOUR
    assert tools.get_pipeline(pipeline)["is_stale"]


@pytest.mark.parametrize(("hours", "after_s"), [(0.5, 1800), (24, 86_400)])
def test_when_it_is_stale_can_be_set(tmp_path: Path, hours: float, after_s: float) -> None:
    clock = Clock()
    tools = reporter_of(tmp_path, clock, pipeline_stale_after_h=hours)
    pipeline = new(tools)
    job_in(tools, pipeline, status="running")
    clock.now += after_s
    assert not tools.get_pipeline(pipeline)["is_stale"]
    clock.now += 0.001
    assert tools.get_pipeline(pipeline)["is_stale"]


def test_what_has_ended_is_not_stale(tools: PipelineReporter, clock: Clock) -> None:
    failed, finished = new(tools), new(tools)
    job_in(tools, failed, status="failed")
    tools.finish_pipeline(finished)
    clock.now += 100 * HOUR
    assert not any(tools.get_pipeline(one)["is_stale"] for one in (failed, finished))


def test_a_finished_pipeline_is_finished(tools: PipelineReporter, clock: Clock) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline, status="running")
    assert tools.finish_pipeline(pipeline, "failure")["status"] == "failed"
    clock.now += 60
    error = refused(tools.finish_pipeline, pipeline, "success")
    assert error.code == "ALREADY_FINISHED"
    assert STARTED in error.sentence and "failed" in error.sentence
    assert refused(tools.update_pipeline_job, job, status="success").code == "ALREADY_FINISHED"
    assert refused(tools.create_pipeline_job, pipeline, "coding", "x", "y").code == "ALREADY_FINISHED"
    assert tools.update_pipeline_job(job, score=50, summary="late")["status"] == "skipped", "a score may come later"
    assert "created" in tools.append_job_log(job, "late too")["message"]
    assert tools.get_pipeline(pipeline)["status"] == "failed"


@pytest.mark.parametrize("status", ["running", "created", "skipped", "x", 1])
def test_a_pipeline_ends_well_badly_or_not_at_all(tools: PipelineReporter, status: Any) -> None:
    pipeline = new(tools)
    error = refused(tools.finish_pipeline, pipeline, status)
    assert (error.code, "success, failed, canceled" in error.what_to_do) == ("INVALID", True)
    assert tools.get_pipeline(pipeline)["finished_at"] is None


def test_the_wiki_log_is_best_effort(tools: PipelineReporter, tmp_path: Path) -> None:
    pipeline = new(tools)
    wiki = tmp_path / "work/pipelines/wiki-log.md"
    wiki.mkdir()
    assert tools.finish_pipeline(pipeline)["status"] == "success"
    wiki.rmdir()
    wiki.write_text("# Log\n\nno end of line")
    other = new(tools)
    tools.finish_pipeline(other, "canceled")
    lines = wiki.read_text().splitlines()
    assert lines[:3] == ["# Log", "", "no end of line"]
    assert re.fullmatch(rf"- \[2025-11-30 12:00\] Pipeline ticket_work {other[:8]} - status canceled", lines[3])


def test_what_is_about_other_projects_does_not_exist(tmp_path: Path) -> None:
    everybody = reporter_of(tmp_path)
    shop, blog, none = new(everybody, project="shop"), new(everybody, project="blog"), new(everybody)
    job = job_in(everybody, blog)
    everybody.append_job_log(job, "SECRET")
    tools = reporter_of(tmp_path, may_see=lambda project: project in (None, "shop"))
    assert {row["id"] for row in tools.list_pipelines()["pipelines"]} == {shop, none}
    for call in (
        lambda: tools.get_pipeline(blog),
        lambda: tools.finish_pipeline(blog),
        lambda: tools.create_pipeline_job(blog, "research", "x", "y"),
        lambda: tools.update_pipeline_job(job, status="running"),
        lambda: tools.append_job_log(job, "x"),
        lambda: tools.get_pipeline_job_log(job),
        lambda: tools.create_pipeline("ticket_work", ticket_id="T", project="blog"),
    ):
        error = refused(call)
        assert (error.code, "SECRET" in str(error)) == ("NOT_FOUND", False)
    assert tools.get_pipeline(shop)["project"] == "shop"


def test_who_calls_is_named(tmp_path: Path) -> None:
    from kit.settings import settings_with

    settings = settings_with(workspace=str(tmp_path))
    tools = PipelineReporter(str(tmp_path), settings, Clock(), caller=lambda: "codex")
    assert tools.get_pipeline(new(tools))["triggered_by"] == "codex"
    assert tools.get_pipeline(new(tools, meta={"triggered_by": "ada"}))["triggered_by"] == "ada"
