"""Pipelines: each tool with 5,000 of them on the disk, the list of the dashboard, and agents that report at once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import requests
import socketio
from kit.pipeline_agents import agents
from kit.pipelines import file_of, folder_of, reporter_of
from kit.processes import Server, dashboard
from kit.tables import spread, table
from kit.workspaces import workspace

from llm_service.pipelines import rules
from llm_service.pipelines.ids import job_id, new_pipeline_id
from llm_service.pipelines.model import Job, Pipeline
from llm_service.pipelines.reporter import PipelineReporter
from llm_service.pipelines.templates import BUILT_IN
from llm_service.pipelines.writer import bytes_of
from llm_service.times import iso_time

PIPELINES = 5_000
CALLS = 200
KILLS = 6


def fill(root: Path) -> list[str]:
    """Write 5,000 pipelines with three jobs each, of three days; their ids."""
    ids, began = [], time.time() - 3 * 86_400
    for number in range(PIPELINES):
        now = iso_time(began + number * 50)
        pipeline = Pipeline(
            id=new_pipeline_id(), project=f"project-{number % 7}", pipeline_type="ticket_work",
            ticket_id=f"2026-11-01T{number:04d}-task", sprint_id=None, branch=f"task-{number}", triggered_by="bench",
            meta={"sprint_id": f"S{number // 100}"}, status="created", created_at=now, started_at=None,
            finished_at=None, updated_at=now, steps=BUILT_IN[0].new_steps(),
        )  # fmt: skip
        for position, step in enumerate(("research", "coding", "wrap-up"), 1):
            job = Job(
                id=job_id(pipeline.id, position), step=step, name=f"The {step} of task {number}", agent_type="backend",
                description="What has to be done, in a sentence or two. " * 3, attempt=1, score=80, created_at=now,
                summary="What was done, in a sentence or two, as agents write it. " * 4,
            )  # fmt: skip
            pipeline = rules.add_job(
                pipeline, job, "running" if number % 10 == 0 and step == "wrap-up" else "success", now
            )
        if number % 10:
            pipeline, _ = rules.finish(pipeline, None, now)
        folder = folder_of(root, pipeline.id)
        folder.mkdir(parents=True)
        (folder / "pipeline.yaml").write_bytes(bytes_of(pipeline))
        ids.append(pipeline.id)
    return ids


def times(call: Callable[[], Any], calls: int = CALLS) -> tuple[list[float], list[float]]:
    """(milliseconds of each call, milliseconds of computing): on a busy machine the first say more about the others."""
    took, computed = [], []
    for _ in range(calls):
        began, computing = time.perf_counter(), time.thread_time()
        call()
        computed.append((time.thread_time() - computing) * 1000)
        took.append((time.perf_counter() - began) * 1000)
    return took, computed


def tools(root: Path, ids: list[str]) -> None:
    """Print how long each tool takes in a process without a dashboard."""
    reporter = reporter_of(root, time.time)
    began = time.perf_counter()
    reporter.list_pipelines()
    cold = (time.perf_counter() - began) * 1000
    chosen, numbers = random.Random(1), count()
    running = ids[::10]
    jobs = [job_id(one, 3) for one in running]
    new: list[str] = []

    def create() -> None:
        new.append(reporter.create_pipeline("ticket_work", ticket_id=f"T-{next(numbers)}")["pipeline_id"])

    def key() -> str:
        return f"key {next(numbers)}"

    finished = _each(new)
    sprints = _each([f"S{number}" for number in range(50)] * (CALLS // 50 + 1))
    work: dict[str, Callable[[], Any]] = {
        "create_pipeline": create,
        "create_pipeline, with a key": lambda: reporter.create_pipeline(
            "ticket_work", ticket_id="T", idempotency_key=key()
        ),
        "create_pipeline_job": lambda: reporter.create_pipeline_job(chosen.choice(running), "wrap-up", "x", "y"),
        "update_pipeline_job": lambda: reporter.update_pipeline_job(chosen.choice(jobs), status="running", score=5),
        "update_pipeline_job, with a key": lambda: reporter.update_pipeline_job(
            chosen.choice(jobs), score=5, idempotency_key=key()
        ),
        "append_job_log, 300 bytes": lambda: reporter.append_job_log(chosen.choice(jobs), "An entry. " * 30),
        "append_job_log, with a key": lambda: reporter.append_job_log(
            chosen.choice(jobs), "An entry. " * 30, idempotency_key=key()
        ),
        "append_job_log, 256 KiB": lambda: reporter.append_job_log(chosen.choice(jobs), "x" * 262_144),
        "finish_pipeline": lambda: reporter.finish_pipeline(next(finished)),
        "list_pipelines": reporter.list_pipelines,
        "list_pipelines, filtered": lambda: reporter.list_pipelines("project-3", "running", "ticket_work"),
        "get_pipeline": lambda: reporter.get_pipeline(chosen.choice(ids)),
        "get_pipeline_job_log": lambda: reporter.get_pipeline_job_log(chosen.choice(jobs)),
        "clean_pipeline_logs, 100 pipelines of a sprint": lambda: reporter.clean_pipeline_logs(next(sprints)),
        "a job that does not exist": lambda: _unknown(reporter, "00000000-0000-8000-8000-000000000000"),
        "the same, if the id is not one of ours": lambda: _unknown(reporter, "00000000-0000-4000-8000-000000000000"),
    }
    rows = []
    for name, call in work.items():
        took, computed = times(call, 50 if "256 KiB" in name or "not one of ours" in name else CALLS)
        figures = (*spread(took)[:2], max(took), *spread(computed)[:2])
        rows.append([name, *(f"{value:.2f}" for value in figures)])
    rows.append(["the first list of a process, which reads all", f"{cold:.0f}", "", "", "", ""])
    time.sleep(1.1)
    rows.append(
        ["a list that compares all, once a second", f"{times(reporter.list_pipelines, 1)[0][0]:.0f}", "", "", "", ""]
    )
    table(
        f"Each tool, {PIPELINES:,} pipelines (ms)", ["tool", "median", "p95", "most", "computing, median", "p95"], rows
    )


def _each(names: list[str]) -> Iterator[str]:
    """The names, also those that are added later."""
    number = 0
    while True:
        yield names[number]
        number += 1


def _unknown(reporter: PipelineReporter, job: str) -> None:
    from llm_service.pipelines.tool_error import ToolError

    try:
        reporter.update_pipeline_job(job, score=1)
    except ToolError:
        return
    raise AssertionError("it was found")


def served(server: Server, root: Path, ids: list[str]) -> None:
    """Print how long the dashboard's list takes, and an event from the tool's answer to a client."""
    session = requests.Session()
    url = server.url
    until = time.monotonic() + 60
    while session.get(f"{url}/api/pipelines", timeout=20).json()["total"] < PIPELINES:
        assert time.monotonic() < until, "it does not read them all"
        time.sleep(0.1)
    rows = []
    for name, path in {
        "page 1": "/api/pipelines",
        "page 1, filtered": "/api/pipelines?project=project-3&status=running&type=ticket_work",
        "page 200": "/api/pipelines?page=200",
        "one": f"/api/pipelines/{ids[0]}",
        "the floor: /api/me": "/api/me",
    }.items():
        found = times(partial(session.get, url + path, timeout=20))[0]
        rows.append([name, *(f"{value:.1f}" for value in spread(found))])
    table(f"The dashboard, {PIPELINES:,} pipelines (ms, with HTTP)", ["", "median", "p95", "p99"], rows)
    arrived: dict[str, float] = {}
    client = socketio.Client()
    client.on(
        "pipeline.updated",
        lambda event: arrived.setdefault(event["pipeline"]["id"], time.perf_counter()),
        namespace="/dashboard",
    )
    client.connect(url, namespaces=["/dashboard"], transports=["websocket"], auth={"topics": ["pipelines"]})
    reporter, found = reporter_of(root, time.time), []
    for _ in range(100):
        pipeline = reporter.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
        answered = time.perf_counter()
        while pipeline not in arrived:
            time.sleep(0.0005)
        found.append((arrived[pipeline] - answered) * 1000)
        time.sleep(0.05)
    client.disconnect()
    rows = [[*(f"{value:.1f}" for value in spread(found))]]
    table("A new pipeline: answer of the tool → Socket.IO client (ms)", ["median", "p95", "p99"], rows)


def at_once(root: Path, work: str, each: int) -> list[Any]:
    """Eight agents that report `each` times, while others that do the same are killed: what was lost."""
    reporter = reporter_of(root, time.time)
    pipeline = reporter.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    job = reporter.create_pipeline_job(pipeline, "research", "x", "y", status="running")["job_id"]
    place = root / work
    place.mkdir()
    (place / "work").symlink_to(root / "work")
    reads = broken = 0
    began = time.perf_counter()
    with agents(place, job, work, each, 8) as running:
        victims: list[tuple[str, list[str]]] = []
        while any(agent.process.poll() is None for agent in running):
            reads += 1
            broken += reporter.get_pipeline(pipeline)["problem"] is not None
            if len(victims) < KILLS and reads % 200 == 0:
                with agents(root, job, work, 10**6, 1, f"victim{len(victims)}") as [victim]:
                    while not victim.acknowledged():
                        time.sleep(0.01)
                    victim.process.kill()
                    victims.append((victim.name, victim.acknowledged()))
        took = time.perf_counter() - began
        said = [text for agent in running for text in agent.acknowledged()]
        killed = [text for _, texts in victims for text in texts]
    if work == "append":
        there = (folder_of(root, pipeline) / f"logs/{job}.md").read_text()
        lost = sum(f"<{text}>" not in there for text in (*said, *killed))
    else:
        last = {f"<{agent.acknowledged()[-1]}>" for agent in running} | {f"<{texts[-1]}>" for _, texts in victims}
        begun = {f"<{name}-{len(texts):05}>" for name, texts in victims}
        lost = int(file_of(root, pipeline)["jobs"][0]["summary"] not in last | begun)
    return [f"8 × {each} {work}", len(said), len(killed), lost, broken, reads, f"{took:.1f}", f"{8 * each / took:.0f}"]


def main() -> None:
    """Print the tables."""
    with workspace(117) as root:
        ids = fill(root)
        tools(root, ids)
        with dashboard(root) as server:
            served(server, root, ids)
        rows = [at_once(root, "append", 500), at_once(root, "update", 200)]
    head = ["", "acknowledged", "of killed ones", "lost", "reads that fail", "reads", "s", "calls a second"]
    table("Agents that report at once, others killed meanwhile", head, rows)
