"""The pipeline of the demo: its story can be reported, as a whole or until it is stopped."""

from __future__ import annotations

from pathlib import Path

from kit.live import eventually
from kit.pipelines import TickingClock, reporter_of

from llm_service.cli.demo_pipelines import TICKET, DemoPipeline, tell


def test_the_story_ends_with_a_finished_pipeline(tmp_path: Path) -> None:
    reporter, shares = reporter_of(tmp_path, TickingClock()), list[float]()
    tell(reporter, lambda share: bool(shares.append(share)))
    (row,) = reporter.list_pipelines()["pipelines"]
    assert (row["status"], row["project"]) == ("success", TICKET)
    assert round(sum(shares), 6) == 15
    tree = reporter.get_pipeline(row["id"])
    assert [step["status"] for step in tree["steps"]] == ["success"] * 3
    jobs = [job for step in tree["steps"] for job in step["jobs"]]
    assert len(jobs) == 5 and all(job["summary"] and job["score"] for job in jobs)


def test_it_is_alive_from_the_start_and_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "work/collaboration/inbox").mkdir(parents=True)
    reporter = reporter_of(tmp_path, TickingClock())
    pipeline = DemoPipeline(tmp_path, 3_600)
    pipeline.start()
    eventually(lambda: [row["status"] for row in reporter.list_pipelines()["pipelines"]] == ["running"])
    pipeline.stop()
    assert [row["status"] for row in reporter.list_pipelines()["pipelines"]] == ["running"]
    DemoPipeline(tmp_path, 1).stop()  # one that was never started
