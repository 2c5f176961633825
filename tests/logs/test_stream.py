"""The lines of a job as they are printed, over Socket.IO and as Server-Sent Events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import Live, eventually, running
from kit.run_logs import FakeRuns

from llm_service.feature import Feature, Kernel
from llm_service.logs.feature import Logs


@pytest.fixture
def runs(workspace: Path) -> FakeRuns:
    made = FakeRuns(workspace)
    made.add("run-1", "job:one")
    made.add("run-2", "job:two")
    return made


@pytest.fixture
def live(workspace: Path, runs: FakeRuns) -> Iterator[Live]:
    def features(kernel: Kernel) -> list[Feature]:
        kernel.hub.progress.complete()
        return [Logs(kernel, runs)]

    made = running(workspace, features=features)
    yield made
    made.stop()


@pytest.mark.parametrize("topic", ["logs:one", "job:one"])
def test_a_client_in_the_room_of_a_job_gets_its_lines_only(live: Live, runs: FakeRuns, topic: str) -> None:
    listener = live.listen(topics=[topic])
    assert set(listener.first("snapshot")) == {"epoch", "seq"}
    runs.write(b"of two\n", "run-2")
    runs.write(b"of one\n", "run-1")
    event = listener.first("run.output")
    assert (event["job"], [line["message"] for line in event["lines"]]) == ("one", ["of one"])
    live.sync()
    assert [body["job"] for _, body in listener.numbered()] == ["one"]


@pytest.mark.parametrize("path", ["/jobs/one/logs/stream", "/api/jobs/one/logs/stream", "/streams/logs:one"])
def test_the_lines_of_a_job_are_a_stream(live: Live, runs: FakeRuns, path: str) -> None:
    since = live.dashboard.hub.seq
    with requests.get(f"{live.url}{path}?since={since}", stream=True, timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        runs.write(b"of two\n", "run-2")
        live.sync()
        runs.write(b"first\nlast", "run-1")
        runs.end("run-1")
        shown: list[str] = []
        for line in answer.iter_lines(chunk_size=1):
            if line.startswith(b"data: "):
                event = json.loads(line.removeprefix(b"data: "))
                assert (event["type"], event["job"]) == ("run.output", "one")
                shown += [each["message"] for each in event["lines"]]
            if len(shown) == 2:
                break
    assert shown == ["first", "last"]


def test_everything_that_is_printed_is_shown_or_said_to_be_skipped(live: Live, runs: FakeRuns) -> None:
    listener = live.listen(topics=["logs"])
    listener.first("snapshot")
    for number in range(20):
        runs.write(b"".join(b"%d %d\n" % (number, line) for line in range(300)), "run-1")
        if number % 5 == 0:
            live.sync()
    runs.end("run-1")
    eventually(lambda: live.json("/api/jobs/one/logs?run=run-1&limit=0")["is_complete"])

    def batches() -> list[dict[str, Any]]:
        return [body for _, body in listener.numbered()]

    # The last batch is published up to half a second after the index has it.
    eventually(lambda: sum(len(event["lines"]) + event["skipped"] for event in batches()) == 6_000)
    events = batches()
    following = 1
    for event in events:
        assert event["from_seq"] == following
        assert [line["seq"] for line in event["lines"]] == list(
            range(event["from_seq"] + event["skipped"], event["to_seq"] + 1)
        )
        assert len(event["lines"]) <= 500
        following = event["to_seq"] + 1
