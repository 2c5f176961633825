"""Agents in processes of their own, each with its MCP client, which report at the same time and may be killed:
`mcp_agents(...)`.

As a program, `python mcp_agents.py PLACE JOB WORK COUNT NAME` reports COUNT times, over HTTP if PLACE is an address and
else by a server that it starts on that workspace, and writes a line to stdout for each answer that it got, at once:
what is there was acknowledged, whatever happens to the process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]


WORK = {
    "append": ("append_job_log",),
    "update": ("update_pipeline_job",),
    "both": ("append_job_log", "update_pipeline_job"),
}


class McpAgent:
    """One that runs, with the server that it started."""

    def __init__(self, folder: Path, place: str, job: str, work: str, count: int, name: str) -> None:
        self.name, self.place = name, place
        self._acknowledged = folder / f"{name}.acknowledged"
        with self._acknowledged.open("wb") as output:
            command = [sys.executable, __file__, place, job, work, str(count), name]
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, start_new_session=True)

    def acknowledged(self) -> list[str]:
        """What it got an answer for, so far; without a line that it was killed in."""
        return self._acknowledged.read_text().split("\n")[:-1]

    def join(self, timeout_s: float) -> bytes:
        """Wait for its end; what it complained of."""
        return self.process.communicate(timeout=timeout_s)[1] or b""

    def kill(self) -> None:
        """Kill it with its server, in the middle of whatever they do."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


@contextmanager
def mcp_agents(
    folder: Path, places: Sequence[str], job: str, work: str, count: int, name: str = ""
) -> Iterator[list[McpAgent]]:
    """An agent for each place, which does `work` (of `WORK`) `count` times; who is left is killed. `folder` takes what
    they got answers for."""
    started = [
        McpAgent(folder, place, job, work, count, f"{name or work}{number}") for number, place in enumerate(places)
    ]
    try:
        yield started
    finally:
        for agent in started:
            agent.kill()


def _main(place: str, job: str, work: str, count: int, name: str) -> None:
    from kit.plain_mcp import Http, PlainClient, Stdio, server_command

    client: PlainClient = Http(place) if place.startswith("http") else Stdio(server_command(Path(place)))
    number = 0
    while number < count:
        text = f"{name}-{number:05}"
        calls: dict[str, dict[str, Any]] = {
            "append_job_log": {"content": f"<{text}>"},
            "update_pipeline_job": {"score": number % 101, "summary": f"<{text}>"},
        }
        is_done = True
        for tool in WORK[work]:
            answer = client.ask("tools/call", {"name": tool, "arguments": {"job_id": job} | calls[tool]})["result"]
            is_done = is_done and not answer.get("isError")
            if answer.get("isError") and answer["structuredContent"]["code"] not in ("BUSY", "TOO_SLOW"):
                raise SystemExit(json.dumps(answer))
        if is_done:  # what was refused may have taken effect nevertheless: its number is not used again
            os.write(1, f"{text}\n".encode())
        number += 1
    client.close()


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
