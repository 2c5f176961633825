"""Who may see what: messages, facts, metrics and jobs of a project are for its people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import request
from kit.knowledge import hide_secrets, say, with_features, write_fact
from kit.live import Live, running

from llm_service.feature import Feature, Kernel
from llm_service.knowledge.feature import Knowledge
from llm_service.knowledge.figures import JobFigures, Observation
from llm_service.knowledge.scope import Scope

PROJECTS = {"j1": "shop", "j2": "blog"}


def may_see(project: str | None) -> bool:
    """As the header of the test's request says; who sends none may see all."""
    projects = request.headers.get("X-Projects")
    return project is None or projects is None or project in projects.split(",")


@pytest.fixture
def live(workspace: Path) -> Iterator[Live]:
    def features(kernel: Kernel) -> list[Feature]:
        knowledge = Knowledge(kernel, hide_secrets, scope=Scope(PROJECTS.get, may_see))
        return with_features(kernel, knowledge)

    live = running(workspace, features=features)
    yield live
    live.stop()


def get(live: Live, path: str, projects: str = "shop") -> Any:
    return live.json(path, headers={"X-Projects": projects})


def post(live: Live, path: str, body: Any, projects: str = "shop") -> requests.Response:
    return requests.post(live.url + path, json=body, headers={"X-Projects": projects}, timeout=60)


def test_messages_about_a_job_are_for_the_people_of_its_project(live: Live) -> None:
    listener = live.listen()
    say(live.workspace, "insights", {"text": "one", "job": "j1"}, {"text": "two", "job": "j2"}, {"text": "three"})
    live.sync()
    assert [row["text"] for row in get(live, "/api/insights")["messages"]] == ["three", "one"]
    assert [row["text"] for row in get(live, "/api/insights?job=j2")["messages"]] == []
    assert listener.first("insight.created", text="two")["project"] == "blog"
    assert listener.first("insight.created", text="three")["project"] is None
    snapshot = live.json("/api/snapshot?topics=insights")["insights"]
    assert [row["project"] for row in snapshot] == ["shop", "blog", None]


def test_nobody_speaks_about_jobs_that_they_may_not_see(live: Live) -> None:
    assert post(live, "/api/streams/insights", {"text": "x", "job": "j2"}).status_code == 404
    assert post(live, "/api/streams/insights", {"text": "x", "job": "j1"}).status_code == 202


def test_facts_are_for_the_people_of_their_project_until_they_are_accepted(live: Live) -> None:
    write_fact(live.workspace, "a.yaml", "id: a\ntext: one\njob: j2\n")
    write_fact(live.workspace, "b.yaml", "id: b\ntext: two\nsources: [{source: x, job: j1}, {source: y, job: j2}]\n")
    write_fact(live.workspace, "c.yaml", "id: c\ntext: three\n")
    live.sync()
    assert {fact["id"]: fact["project"] for fact in live.json("/api/knowledge")["facts"]} == {
        "a": "blog", "b": None, "c": None,
    }  # fmt: skip
    found = get(live, "/api/knowledge")
    assert ({fact["id"] for fact in found["facts"]}, found["counts"]["proposed"]) == ({"b", "c"}, 2)
    assert live.get("/api/knowledge/a", headers={"X-Projects": "shop"}).status_code == 404
    for action in ("accept", "decline"):
        assert post(live, f"/api/knowledge/a/{action}", {}).status_code == 404
    assert post(live, "/api/knowledge/c/supersede", {"by": "a"}).status_code == 404
    listener = live.listen()
    assert post(live, "/api/knowledge/a/accept", {}, "blog").status_code == 202
    assert listener.first("knowledge.updated")["fact"]["project"] is None
    assert get(live, "/api/knowledge/a")["status"] == "accepted"


def test_lines_of_a_project_are_for_its_people(live: Live) -> None:
    listener = live.listen()
    jobs = tuple(
        JobFigures(job=job, project=project, started_at=0.0, is_alive=False) for job, project in PROJECTS.items()
    )
    live.feature(Knowledge).ticker.look(
        Observation(jobs=jobs, project_lines={"shop": 10, "blog": 20}, job_lines={"j1": 1, "j2": 2})
    )
    updates = {project: listener.first("metrics.updated", project=project) for project in ("shop", "blog", None)}
    assert {project: set(update["jobs"]) for project, update in updates.items()} == {
        "shop": {"j1"}, "blog": {"j2"}, None: set(),
    }  # fmt: skip
    assert [one["project"] for one in get(live, "/api/metrics/lines")["lines"]["projects"]] == ["shop"]


def test_the_doctor_says_nothing_of_other_peoples_jobs(live: Live) -> None:
    folder = live.workspace / "work/jobs"
    folder.mkdir()
    for job, project in PROJECTS.items():
        (folder / f"{job}.yaml").write_text(json.dumps({"project": project, "status": "in_progress"}))
    assert get(live, "/api/doctor")["job"] == "j1"
    assert get(live, "/api/doctor", "blog")["job"] == "j2"
    assert live.get("/api/doctor?job=j2", headers={"X-Projects": "shop"}).status_code == 404
