"""Agents that report at once, also in processes that are killed: what was acknowledged is there, every read parses."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from kit.live import eventually
from kit.pipeline_agents import Agent, agents
from kit.pipelines import file_of, folder_of, refused, reporter_of

from llm_service.pipelines import folder
from llm_service.pipelines.folder import locked
from llm_service.pipelines.log_page import HEADER

pytestmark = pytest.mark.timeout(600)


def a_job(workspace: Path, name: str = "x") -> str:
    tools = reporter_of(workspace)
    pipeline = tools.create_pipeline("ticket_work", ticket_id="T")["pipeline_id"]
    return str(tools.create_pipeline_job(pipeline, "research", name, "y", status="running")["job_id"])


def entries(workspace: Path, job: str) -> list[str]:
    """The entries of a page, each as it was given."""
    data = (folder_of(workspace, f"{job[:-4]}0000") / f"logs/{job}.md").read_bytes()
    assert data.startswith(HEADER) and data.count(HEADER) == 1
    first, *others = data.removeprefix(HEADER).decode().split("\n\n---\n\n")
    for other in others:
        assert re.match(r"\*\*\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\]\*\*\n\n", other), other
    return [first, *(other.partition("\n\n")[2] for other in others)]


def until_all_end(running: list[Agent], check: Callable[[], Any]) -> None:
    while any(agent.process.poll() is None for agent in running):
        check()
        time.sleep(0.005)  # the agents need the processor too
    for agent in running:
        assert agent.join(60) == b"", "it complained"


def test_agents_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    job = a_job(tmp_path)
    tools = reporter_of(tmp_path)
    with agents(tmp_path, job, "append", 60, 4) as running:
        until_all_end(running, lambda: tools.get_pipeline_job_log(job))
        said = [text for agent in running for text in agent.acknowledged()]
    assert len(said) == 240
    found = entries(tmp_path, job)
    assert sorted(found) == sorted(f"<{text}>" for text in said)
    for agent in running:
        own = [entry for entry in found if agent.name in entry]
        assert own == sorted(own), "each one's entries are in its order"


def test_agents_that_update_at_once_lose_nothing(tmp_path: Path) -> None:
    job = a_job(tmp_path)
    tools = reporter_of(tmp_path)

    def read() -> None:
        shown = tools.get_pipeline(f"{job[:-4]}0000")
        assert shown["problem"] is None
        assert [one["id"] for one in shown["steps"][0]["jobs"]] == [job]

    with agents(tmp_path, job, "create", 25, 4) as running:
        until_all_end(running, read)
        said = [text for agent in running for text in agent.acknowledged()]
    pipeline = file_of(tmp_path, f"{job[:-4]}0000")
    names = [one["name"] for one in pipeline["jobs"][1:]]
    assert sorted(names) == sorted(f"<{text}>" for text in said)
    assert len({one["id"] for one in pipeline["jobs"]}) == 101


@pytest.mark.parametrize("work", ["append", "update", "create"])
def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path, work: str) -> None:
    job = a_job(tmp_path)
    path = folder_of(tmp_path, f"{job[:-4]}0000") / "pipeline.yaml"
    with agents(tmp_path, job, work, 100_000, 4) as running:
        for agent in running:
            assert eventually(lambda one=agent: len(one.acknowledged()) >= 5, 60)
            agent.process.kill()
            agent.process.wait()
            assert isinstance(yaml.safe_load(path.read_bytes()), dict)
        said = {agent.name: agent.acknowledged() for agent in running}
    tools = reporter_of(tmp_path)
    assert tools.get_pipeline(path.parent.name)["problem"] is None
    if work == "append":
        whole = (path.parent / f"logs/{job}.md").read_text()
        assert all(f"<{text}>" in whole for texts in said.values() for text in texts)
    elif work == "create":
        names = {one["name"] for one in file_of(tmp_path, path.parent.name)["jobs"]}
        assert names >= {f"<{text}>" for texts in said.values() for text in texts}
    else:
        last = file_of(tmp_path, path.parent.name)["jobs"][0]["summary"]
        last_ones = {f"<{texts[-1]}>" for texts in said.values()}
        begun = {f"<{name}-{len(texts):05}>" for name, texts in said.items()}
        assert last in last_ones | begun, "the last one that was acknowledged, or one that was being written"
    assert tools.update_pipeline_job(job, score=3)["score"] == 3, "no lock is left"
    tools.append_job_log(job, "after that")
    left = {one.name for one in path.parent.iterdir()}
    assert left <= {"pipeline.yaml", "logs"}, "nothing half-written is left after the next write"


def test_first_entries_at_once_make_one_page(tmp_path: Path) -> None:
    job = a_job(tmp_path)
    together, tools = threading.Barrier(8), reporter_of(tmp_path)
    answers: list[str] = []

    def append(number: int) -> None:
        together.wait()
        answers.append(tools.append_job_log(job, f"entry {number}")["message"])

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entries(tmp_path, job)) == [f"entry {number}" for number in range(8)]
    assert answers.count("The log page was created.") == 1


def test_who_waits_too_long_is_told_to_call_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job(tmp_path)
    monkeypatch.setattr(folder.time, "monotonic", iter(range(10**6)).__next__)
    tools = reporter_of(tmp_path)
    with locked(str(tmp_path / "work/pipelines"), f"{job[:-4]}0000"):
        for call in (lambda: tools.update_pipeline_job(job, score=1), lambda: tools.append_job_log(job, "x")):
            error = refused(call)
            assert (error.code, error.what_to_do) == ("BUSY", "Call again.")
    assert tools.update_pipeline_job(job, score=1)["score"] == 1


def test_a_lock_is_on_what_is_at_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = a_job(tmp_path)
    pipeline = folder_of(tmp_path, f"{job[:-4]}0000")
    real = folder._try_lock

    def remove_meanwhile(handle: int) -> bool:
        pipeline.rename(tmp_path / "moved")
        return real(handle)

    monkeypatch.setattr(folder, "_try_lock", remove_meanwhile)
    before = (pipeline / "pipeline.yaml").read_bytes()
    assert refused(reporter_of(tmp_path).update_pipeline_job, job, score=1).code == "NOT_FOUND"
    assert (tmp_path / "moved/pipeline.yaml").read_bytes() == before
