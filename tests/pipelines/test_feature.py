"""Pipelines in a running dashboard: what agents report is seen live, listed, and shown, to those who may see it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.hostile_markdown import MARKDOWN
from kit.live import Live, eventually
from kit.pipelines import HAND_MADE, TickingClock, folder_of, reporter_of, write_pipeline
from kit.settings import settings_with
from kit.whole_files import put

from llm_service.app import Dashboard
from llm_service.needs_you.feature import NeedsYou
from llm_service.overview.feature import OverviewFeature
from llm_service.pipelines.feature import Pipelines
from llm_service.pipelines.follow import FILTER
from llm_service.pipelines.links import Links, Worktrees, sessions_of
from llm_service.pipelines.model import Job
from llm_service.pipelines.reporter import PipelineReporter
from llm_service.users.model import User, hash_of
from llm_service.watch import scan

ADA = "ada-token-0123456789"
ROOT = "root-token-0123456789"
USERS = [User("root", hash_of(ROOT), "admin"), User("ada", hash_of(ADA), "user", ("shop",))]
JOB = "33333333-2222-4222-8222-222222222222"


@pytest.fixture
def tools(workspace: Path) -> PipelineReporter:
    """An agent's tools, in no connection with the dashboard."""
    return reporter_of(workspace, TickingClock())


def new(tools: PipelineReporter, ticket: str = "T-1", **more: Any) -> str:
    return str(tools.create_pipeline("ticket_work", ticket_id=ticket, **more)["pipeline_id"])


def job_in(tools: PipelineReporter, pipeline: str, **more: Any) -> str:
    return str(tools.create_pipeline_job(pipeline, "research", "Read", "backend", **more)["job_id"])


def test_the_steps_that_are_reported_as_running_are_known(live: Live, tools: PipelineReporter) -> None:
    pipeline = new(tools, project="shop")
    job = job_in(tools, pipeline)
    feature = live.feature(Pipelines)
    tools.update_pipeline_job(job, "running")
    (step,) = eventually(feature.running_steps)
    assert (step.pipeline, step.title, step.step) == (pipeline, "ticket_work T-1", "research")
    assert (step.job, step.agent, step.session, step.project) == (job, "backend", None, "shop")
    assert str(step.active_at) >= str(step.started_at)
    tools.update_pipeline_job(job, "success")
    eventually(lambda: feature.running_steps() == ())


def ids(live: Live, query: str = "", **options: Any) -> list[str]:
    return [row["id"] for row in live.json(f"/api/pipelines{query}", **options)["pipelines"]]


def test_what_agents_report_is_seen_live(live: Live, tools: PipelineReporter) -> None:
    listener = live.listen()
    pipeline = new(tools, project="shop")

    def row(**match: Any) -> Any:
        return listener.wait(
            lambda got: next(
                (
                    body["pipeline"]
                    for name, body in got
                    if name == "pipeline.updated"
                    and body["pipeline"]["id"] == pipeline
                    and all(body["pipeline"][key] == value for key, value in match.items())
                ),
                None,
            )
        )

    assert row()["status"] == "created"
    job = job_in(tools, pipeline, status="running")
    assert row(status="running")["step_statuses"]["research"] == "running"
    before = row(jobs=1)["active_at"]
    tools.append_job_log(job, "first")
    live.sync()
    tools.append_job_log(job, "a sign of life")
    listener.wait(lambda got: any(n == "pipeline.updated" and b["pipeline"]["active_at"] > before for n, b in got))
    tools.update_pipeline_job(job, status="failed")
    assert row(status="failed")["finished_at"] is None
    tools.finish_pipeline(pipeline)
    finished = listener.first("pipeline.finished")["pipeline"]
    assert (finished["id"], finished["status"], finished["finished_at"] is not None) == (pipeline, "failed", True)
    shutil.rmtree(folder_of(live.workspace, pipeline))
    gone = listener.first("pipeline.removed")
    assert (gone["id"], gone["project"]) == (pipeline, "shop")
    assert len([name for name, _ in listener.numbered() if name == "pipeline.finished"]) == 1
    assert ids(live) == []


def test_the_list_is_filtered_and_paged(live: Live, tools: PipelineReporter) -> None:
    made = [new(tools, project=("shop", "blog")[number % 2]) for number in range(21)]
    close = tools.create_pipeline("sprint_close", sprint_id="S1")["pipeline_id"]
    tools.finish_pipeline(close)
    tools.finish_pipeline(made[0], "failed")
    live.sync()
    found = live.json("/api/pipelines")
    assert (len(found["pipelines"]), found["total"], found["page"], found["total_pages"]) == (20, 22, 1, 2)
    assert found["counts"] == {"created": 20, "running": 0, "success": 1, "failed": 1, "canceled": 0, "broken": 0}
    assert (found["projects"], found["types"]) == (["blog", "shop"], ["sprint_close", "ticket_work"])
    assert found["stale_after_s"] == 21_600
    assert found["pipelines"][0]["id"] == close, "the newest first"
    assert len(ids(live, "?page=2")) == 2
    assert ids(live, "?status=failed") == [made[0]]
    assert sorted(ids(live, "?status=failed,success")) == sorted([made[0], close])
    assert ids(live, "?type=sprint_close") == [close]
    assert len(ids(live, "?project=blog")) == 10
    ticket = new(tools, "T-9, the last")
    live.sync()
    assert ids(live, "?ticket=T-9%5C, the last") == [ticket]
    assert ids(live, "?ticket=T-9") == []
    counted = live.json("/api/pipelines?project=shop&status=failed")
    assert (counted["total"], counted["counts"]["created"]) == (1, 10)
    for query in ("?page=0", "?status=done", "?statuz=failed"):
        assert live.get(f"/api/pipelines{query}").status_code == 400


def test_one_is_shown_with_its_tree_its_logs_and_its_links(
    start: Callable[..., Live], workspace: Path, tools: PipelineReporter
) -> None:
    live = start()
    live.write("assigned/ada/T-1.yaml")
    source = workspace / "generated_projects/shop/app.py"
    source.parent.mkdir(parents=True)
    source.write_text("x = 1\n")
    (workspace / ".git/worktrees/one").mkdir(parents=True)
    (workspace / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (workspace / ".git/worktrees/one/HEAD").write_text("ref: refs/heads/feature/ical\n")
    (workspace / ".git/worktrees/one/gitdir").write_text(f"{workspace}/trees/ical/.git\n")
    pipeline = new(tools, project="shop", branch="feature/ical", meta={"session_id": "s-1"})
    job = job_in(tools, pipeline, status="running", description="The RFC", session_id="s-2")
    tools.append_job_log(job, "# What I read")
    for call in (
        {"session_id": "s-2", "cost_usd": 0.25},
        {"session_id": "s-2", "model_name": "unheard-of"},
        {"session_id": "s-3", "cost_usd": 9},
    ):
        call = {"model_name": "claude-sonnet-4-5", "prompt_tokens": 10, "completion_tokens": 1} | call
        assert requests.post(f"{live.url}/api/telemetry", json=call, timeout=60).ok
    other = new(tools, "T-9", project="nothing", branch="gone")
    live.sync()
    links = {
        "task": {"id": "T-1", "key": "T-1", "title": "Task T-1", "lane": "assigned"},
        "branch": {"name": "feature/ical", "worktree": "trees/ical"},
        "project": {"name": "shop", "files": 1},
        "sessions": ["s-1", "s-2"],
        "costs": {"s-2": {"calls": 2, "cost_usd": 0.25, "unpriced_calls": 1}},
    }
    eventually(lambda: live.json(f"/api/pipelines/{pipeline}")["links"] == links)
    found = live.json(f"/api/pipelines/{pipeline}")
    assert found["stale_after_s"] == 21_600
    shown = found["pipeline"]
    assert (shown["id"], shown["status"], shown["meta"]) == (pipeline, "running", {"session_id": "s-1"})
    [one] = shown["steps"][0]["jobs"]
    assert (one["id"], one["description"], one["attempt"], one["session_id"]) == (job, "The RFC", 1, "s-2")
    assert one["log"]["url"] == f"/api/pipelines/{pipeline}/jobs/{job}/log"
    log = live.json(one["log"]["url"])
    assert (log["content"], log["truncated"], log["job_id"]) == ("# What I read", False, job)
    assert log["size_bytes"] == one["log"]["size_bytes"]
    assert live.json(f"/api/pipelines/{other}")["links"] == {
        "task": None, "branch": {"name": "gone", "worktree": None}, "project": None, "sessions": [], "costs": {},
    }  # fmt: skip


def test_what_does_not_exist_is_not_found(live: Live, tools: PipelineReporter) -> None:
    pipeline, other = new(tools), new(tools)
    job = job_in(tools, pipeline)
    tools.append_job_log(job, "x")
    live.sync()
    for path in (
        "/api/pipelines/unknown",
        f"/api/pipelines/{HAND_MADE}",
        f"/api/pipelines/{other}/jobs/{job}/log",
        f"/api/pipelines/{pipeline}/jobs/{HAND_MADE}/log",
        f"/api/pipelines/{pipeline}/jobs/..%2f..%2fpipeline-logi/log",
        f"/api/pipelines/{HAND_MADE}/jobs/{job}/log",
        f"/api/pipelines/..%2f{pipeline}",
    ):
        assert live.get(path).status_code == 404, path
    waiting = job_in(tools, pipeline)
    live.sync()
    assert live.get(f"/api/pipelines/{pipeline}/jobs/{waiting}/log").status_code == 404, "no page yet"


def test_a_long_log_comes_in_parts(live: Live, tools: PipelineReporter) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline)
    for number in range(3):
        tools.append_job_log(job, f"part {number}\n" + "0123456789\n" * 12_000)
    live.sync()
    url, parts, query = f"/api/pipelines/{pipeline}/jobs/{job}/log", [], ""
    while True:
        part = live.json(url + query)
        assert len(part["content"].encode()) == part["end"] - part["start"] <= 262_144
        parts.insert(0, part["content"])
        if not part["truncated"]:
            break
        query = f"?before={part['start']}"
    whole = "".join(parts)
    last = live.json(url)["last_entry"]
    tools.append_job_log(job, "one more")
    more = live.json(f"{url}?after={last}")
    assert (more["start"], more["content"].count("part 2"), more["content"].endswith("one more")) == (last, 1, True)
    assert (more["last_entry"] > last, "part 1" in more["content"]) == (True, False)
    assert live.get(f"{url}?after=x").status_code == 400
    assert (len(parts), whole.count("0123456789\n"), whole.startswith("part 0\n")) == (2, 36_000, True)


def test_hostile_markdown_is_only_ever_a_text_in_json(live: Live, tools: PipelineReporter) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline)
    for text in MARKDOWN:
        tools.append_job_log(job, text)
    live.sync()
    answer = live.get(f"/api/pipelines/{pipeline}/jobs/{job}/log", headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    content = answer.json()["content"]
    assert all(text.replace("\0", "\ufffd") in content for text in MARKDOWN)


def test_secrets_in_logs_are_not_shown(live: Live, tools: PipelineReporter) -> None:
    pipeline = new(tools)
    job = job_in(tools, pipeline)
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    tools.append_job_log(job, f"I used GITHUB_TOKEN={secret}\n")
    live.sync()
    answer = live.get(f"/api/pipelines/{pipeline}/jobs/{job}/log").text
    assert secret not in answer and "I used" in answer


def test_an_error_is_shown_with_line_and_column_and_the_project_it_had(live: Live, tools: PipelineReporter) -> None:
    listener = live.listen()
    pipeline = new(tools, project="shop")
    live.sync()
    path = folder_of(live.workspace, pipeline) / "pipeline.yaml"
    good = path.read_text()
    put(path, good.replace('status: "created"', "status: [oops"))
    broken = listener.wait(
        lambda got: next((b["pipeline"] for n, b in got if n == "pipeline.updated" and b["pipeline"]["problem"]), None)
    )
    assert (broken["status"], broken["project"], broken["problem"]["line"]) == ("broken", "shop", 10)
    assert broken["problem"]["column"] > 0
    shown = live.json(f"/api/pipelines/{pipeline}")
    assert (shown["pipeline"]["problem"], shown["pipeline"]["steps"]) == (broken["problem"], None)
    assert ids(live, "?status=broken") == [pipeline]
    path.write_text(good)
    assert eventually(lambda: ids(live, "?status=created") == [pipeline])


def test_what_is_there_at_the_start_is_in_the_snapshot(start: Callable[..., Live], tools: PipelineReporter) -> None:
    made = [new(tools) for _ in range(25)]
    live = start()
    live.sync()
    found = live.json("/api/snapshot?topics=pipelines")["pipelines"]
    assert [row["id"] for row in found["rows"]] == made[:4:-1]
    assert (found["total"], found["counts"]["created"], found["stale_after_s"]) == (25, 25, 21_600)
    assert live.json("/api/stats")["pipelines"]["created"] == 25
    assert 'llm_service_pipelines{status="created"} 25.0' in live.get("/metrics").text


def test_pipelines_of_others_do_not_exist(start: Callable[..., Live], tools: PipelineReporter) -> None:
    live = start(users=USERS)
    headers = {"Authorization": f"Bearer {ADA}"}
    ada, root = live.listen(token=ADA), live.listen(token=ROOT)
    ada.first("snapshot")
    root.first("snapshot")
    blog, shop, none = new(tools, project="blog"), new(tools, project="shop"), new(tools)
    job = job_in(tools, blog)
    tools.append_job_log(job, "x")
    for one in (blog, shop, none):
        root.wait(lambda got, one=one: any(n == "pipeline.updated" and b["pipeline"]["id"] == one for n, b in got))
    for one in (shop, none):  # the client handles each event in a thread of its own, so in any order
        ada.wait(lambda got, one=one: any(n == "pipeline.updated" and b["pipeline"]["id"] == one for n, b in got))
    seen = {body["pipeline"]["id"] for name, body in ada.numbered() if name == "pipeline.updated"}
    assert seen == {shop, none}
    assert set(ids(live, headers=headers)) == {shop, none}
    assert live.json("/api/pipelines", headers=headers)["projects"] == ["shop"]
    for path in (f"/api/pipelines/{blog}", f"/api/pipelines/{blog}/jobs/{job}/log"):
        assert live.get(path, headers=headers).status_code == 404
        assert live.get(path, headers={"Authorization": f"Bearer {ROOT}"}).status_code in (200, 404)
    live.get("/api/sync", headers=headers)
    assert live.get(f"/api/pipelines/{blog}", headers={"Authorization": f"Bearer {ROOT}"}).status_code == 200
    snapshot = live.json("/api/snapshot?topics=pipelines", headers=headers)["pipelines"]
    assert ({row["id"] for row in snapshot["rows"]}, snapshot["total"]) == ({shop, none}, 2)


def test_a_broken_pipeline_of_others_does_not_exist_either(
    start: Callable[..., Live], tools: PipelineReporter, workspace: Path
) -> None:
    write_pipeline(workspace, "project: 'blog' # theirs\nsteps: [\n")
    shop = write_pipeline(workspace, "steps: [\nproject: shop\n", HAND_MADE[:-1] + "b").parent.name
    none = write_pipeline(workspace, "project: null\nsteps: [\n", HAND_MADE[:-1] + "c").parent.name
    live = start(users=USERS)
    headers = {"Authorization": f"Bearer {ADA}"}
    live.get("/api/sync", headers=headers)
    assert set(ids(live, headers=headers)) == {shop, none}
    assert live.get(f"/api/pipelines/{HAND_MADE}", headers=headers).status_code == 404
    shown = live.json(f"/api/pipelines/{HAND_MADE}", headers={"Authorization": f"Bearer {ROOT}"})["pipeline"]
    assert (shown["status"], shown["project"]) == ("broken", "blog")
    theirs = reporter_of(workspace, may_see=lambda project: project != "blog")
    assert HAND_MADE not in [row["id"] for row in theirs.list_pipelines()["pipelines"]]


def test_a_new_pipeline_is_no_reason_to_scan_all_others(
    start: Callable[..., Live], tools: PipelineReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start(sweep_interval_s=3600)
    new(tools)
    live.sync()
    scanned: list[str] = []
    real = scan.walk

    def walk(root: str, wanted: Any, start: str = "", watch: Any = None) -> Any:
        if root.endswith("pipelines"):
            scanned.append(start)
        return real(root, wanted, start, watch)

    monkeypatch.setattr(scan, "walk", walk)
    pipeline = new(tools)
    tools.append_job_log(job_in(tools, pipeline), "x")
    eventually(lambda: pipeline in ids(live))
    eventually(lambda: scanned)  # with the pipeline its logs, where they were there already
    assert set(scanned) <= {pipeline, f"{pipeline}/logs"}


def test_a_report_reads_the_logs_of_its_own_pipeline_only(
    start: Callable[..., Live], tools: PipelineReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = start(sweep_interval_s=3600)
    running, other, failed = new(tools), new(tools), new(tools)
    job = job_in(tools, running, status="running")
    job_in(tools, other, status="running")
    tools.finish_pipeline(failed, "failed")
    live.sync()
    feature, read = live.feature(Pipelines), list[str]()
    needs, overview = live.feature(NeedsYou), live.feature(OverviewFeature)
    eventually(lambda: len(feature.running_steps()) == 2)
    eventually(lambda: [one.title for one in needs.board.needs()] == ["ticket_work T-1 failed"])
    real = feature._store.log_times

    def log_times(pipeline_id: str) -> dict[str, tuple[int, str]]:
        read.append(pipeline_id)
        return real(pipeline_id)

    monkeypatch.setattr(feature._store, "log_times", log_times)

    def active_at() -> str | None:
        (step,) = (one for one in feature.running_steps() if one.job == job)
        return step.active_at

    before = active_at()
    tools.append_job_log(job, "a sign of life")
    eventually(lambda: str(active_at()) > str(before))
    live.sync()
    overview.board.overview()
    assert set(read) == {running}
    feature._clock = lambda: time.time() + 7 * 3_600
    rows = [feature.as_of_now(row) for row in feature.rows()]
    assert {row.id for row in rows if row.is_stale} == {running, other}
    page = folder_of(live.workspace, running) / f"logs/{job}.md"
    os.utime(page, (time.time() + 6 * 3_600, time.time() + 6 * 3_600))
    live.sync()
    rows = [feature.as_of_now(row) for row in feature.rows()]
    assert {row.id for row in rows if row.is_stale} == {other}
    assert set(read) == {running}


def test_a_get_writes_nothing(live: Live) -> None:
    for path in ("/api/pipelines", f"/api/pipelines/{HAND_MADE}", f"/api/pipelines/{HAND_MADE}/jobs/{JOB}/log"):
        live.get(path)
    live.sync()
    assert not (live.workspace / "work/pipelines").exists()


def test_the_reporter_of_the_dashboard_sees_as_the_caller_does(live: Live, tools: PipelineReporter) -> None:
    blog = new(tools, project="blog")
    inside = live.feature(Pipelines).reporter(lambda project: project != "blog", lambda: "codex")
    assert inside.list_pipelines()["total"] == 0
    made = inside.create_pipeline("sprint_close", sprint_id="S")["pipeline_id"]
    live.sync()
    assert set(ids(live)) == {made, blog}
    assert live.json(f"/api/pipelines/{made}")["pipeline"]["triggered_by"] == "codex"


def test_doctor_names_the_files_with_errors(workspace: Path, tools: PipelineReporter) -> None:
    new(tools)
    write_pipeline(workspace, "steps: [\n")
    feature = next(
        one for one in Dashboard(settings_with(workspace=str(workspace))).features if isinstance(one, Pipelines)
    )
    found = [(finding.level, finding.text) for finding in feature.examine()]
    assert found[0] == ("ok", "1 pipelines can be read")
    assert found[1][0] == "problem" and found[1][1].startswith("1 files of pipelines have errors")
    assert f"work/pipelines/{HAND_MADE}/pipeline.yaml: line 2, column 1:" in found[2][1]


@pytest.mark.parametrize(
    ("path", "folder", "file"),
    [
        ("", True, False),
        ("x", True, False),
        ("x/logs", True, False),
        ("x/other", False, False),
        ("x/logs/deep", False, False),
        (".git", False, False),
        (".git/logs", False, False),
        ("x/pipeline.yaml", False, True),
        ("x/.pipeline.yaml.new", False, False),
        ("x/logs/a.md", False, True),
        ("x/logs/.a.md", False, False),
        ("x/logs/a.txt", False, False),
        (".x/pipeline.yaml", False, False),
        ("wiki-log.md", True, False),
    ],
)
def test_what_is_followed(path: str, folder: bool, file: bool) -> None:
    assert (FILTER.folder(path), FILTER.file(path)) == (folder, file)


def test_worktrees_are_read_without_a_program(tmp_path: Path) -> None:
    found = Worktrees(str(tmp_path), clock=iter(range(0, 1000, 10)).__next__)
    assert found.of("main") is None
    git = tmp_path / ".git"
    (git / "worktrees/a").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert found.of("main") == "."
    (git / "worktrees/a/HEAD").write_text("0123456789abcdef\n")
    (git / "worktrees/a/gitdir").write_text("/elsewhere/a/.git\n")
    assert found.of("0123456789abcdef") is None, "it is on no branch"
    (git / "worktrees/a/HEAD").write_text("ref: refs/heads/x/y\n")
    assert found.of("x/y") == "/elsewhere/a"
    (git / "worktrees/a/gitdir").unlink()
    os.mkfifo(git / "worktrees/a/gitdir")
    assert found.of("x/y") is None
    (git / "HEAD").unlink()
    (git / "HEAD").symlink_to("/etc/passwd")
    assert found.of("main") is None


def test_the_sessions_of_a_pipeline_are_those_it_names(workspace: Path, tools: PipelineReporter) -> None:
    from llm_service.pipelines.store import PipelineStore

    pipeline = new(tools, meta={"session_id": "a"})
    file = PipelineStore(str(workspace / "work/pipelines"), "x").read(pipeline)
    assert file is not None and file.pipeline is not None
    jobs = tuple(
        Job(id=str(n), step="x", name="x", agent_type="x", session_id=s) for n, s in enumerate(["b", None, "a"])
    )
    assert sessions_of(replace(file.pipeline, jobs=jobs)) == ["a", "b"]
    by_hand = replace(jobs[1], more={"meta": {"session_id": "c"}})
    assert sessions_of(replace(file.pipeline, jobs=(by_hand, replace(by_hand, more={"meta": "d"})))) == ["a", "c"]
    assert sessions_of(replace(file.pipeline, meta={"session_id": 7})) == []
    nothing = {"task": None, "branch": None, "project": None, "sessions": [], "costs": None}
    assert Links().of(None) == nothing


def test_events_are_plain_json_with_all_of_a_row(live: Live, tools: PipelineReporter) -> None:
    listener = live.listen()
    pipeline = new(tools)
    event = listener.first("pipeline.updated")
    live.sync()
    row = live.json("/api/pipelines")["pipelines"][0]
    assert event["pipeline"] == row
    assert json.loads(json.dumps(event, allow_nan=False))["pipeline"]["id"] == pipeline
