"""Agents in processes of their own, which report at the same time and may be killed: `agents(...)`.

As a program, `python pipeline_agents.py WORKSPACE JOB WORK COUNT NAME` reports COUNT times and writes a line to stdout
for each answer that it got, at once: what is there was acknowledged, whatever happens to the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]


class Agent:
    """One that runs."""

    def __init__(self, workspace: Path, job: str, work: str, count: int, name: str) -> None:
        self.name = name
        self._acknowledged = workspace / f"{name}.acknowledged"
        with self._acknowledged.open("wb") as output:
            command = [sys.executable, __file__, str(workspace), job, work, str(count), name]
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE)

    def acknowledged(self) -> list[str]:
        """What it got an answer for, so far; without a line that it was killed in."""
        return self._acknowledged.read_text().split("\n")[:-1]

    def join(self, timeout_s: float) -> bytes:
        """Wait for its end; what it complained of."""
        return self.process.communicate(timeout=timeout_s)[1] or b""


@contextmanager
def agents(workspace: Path, job: str, work: str, count: int, number: int, name: str = "") -> Iterator[list[Agent]]:
    """So many agents that do `work` ("append", "update" or "create") `count` times; who is left is killed."""
    started = [Agent(workspace, job, work, count, f"{name or work}{one}") for one in range(number)]
    try:
        yield started
    finally:
        for agent in started:
            if agent.process.poll() is None:
                agent.process.kill()
            agent.process.wait()
            if agent.process.stderr is not None:
                agent.process.stderr.close()


def _main(workspace: str, job: str, work: str, count: int, name: str) -> None:
    from kit.pipelines import reporter_of

    from llm_service.pipelines.tool_error import ToolError

    tools = reporter_of(Path(workspace), clock=__import__("time").time)
    number = 0
    while number < count:
        text = f"{name}-{number:05}"
        try:
            if work == "append":
                tools.append_job_log(job, f"<{text}>")
            elif work == "update":
                tools.update_pipeline_job(job, score=number % 101, summary=f"<{text}>")
            else:
                pipeline = f"{job[:-4]}0000"
                tools.create_pipeline_job(pipeline, "coding", f"<{text}>", name, idempotency_key=text)
        except ToolError as problem:
            if problem.code != "BUSY":
                raise
            continue
        os.write(1, f"{text}\n".encode())
        number += 1


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
