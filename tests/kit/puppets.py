"""Jobs whose program prints what a test says: `Stage`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import requests
from kit.live import Live, eventually, running

from llm_service.processes.model import Profile

# Prints what is appended to a file, as soon as it is there; a line `\0 N` ends it with exit code N.
PUPPET = r"""
import os, sys, time
path, at = os.path.join(*sys.argv[1:3]), 0
while True:
    data = b""
    if os.path.exists(path):
        with open(path, "rb") as file:
            file.seek(at)
            data = file.read()
    data = data[: data.rfind(b"\n") + 1]
    at += len(data)
    text, _, code = data.partition(b"\0")
    os.write(1, text) if len(text) < 4096 else (sys.stdout.buffer.write(text), sys.stdout.buffer.flush())
    if code:
        sys.exit(int(code))
    time.sleep(0.01)
"""


def puppet(folder: Path, name: str = "puppet", **options: Any) -> Profile:
    """The profile of a program that prints what is appended to `folder/<job>`."""
    argv = (sys.executable, "-I", "-S", "-c", PUPPET, str(folder), "{job}")
    return Profile(**{"name": name, "argv": argv, "origin": "user", "grace_s": 60, **options})


class Stage:
    """A dashboard that may start puppets."""

    def __init__(self, workspace: Path, **settings: Any) -> None:
        self.folder = workspace / "says"
        self.folder.mkdir()
        (workspace / "work/generated_projects").mkdir()
        values = {"control": True, "min_disk_space_mb": 0, "profiles": [puppet(self.folder)], **settings}
        self.live: Live = running(workspace, **values)
        self.live.sync()

    def job(self, project: str = "quay", specification: str = "Do it.", profile: str = "puppet") -> str:
        """Ask for a job; its id, once its program runs."""
        body = {"specification": specification, "profile": profile}
        answer = requests.post(f"{self.live.url}/api/projects/{project}/jobs", json=body, timeout=60)
        assert answer.status_code == 201, answer.text
        job: str = answer.json()["job"]["id"]
        eventually(lambda: self.state(job)["runs"])
        return job

    def state(self, job: str) -> dict[str, Any]:
        """The job, as clients see it."""
        found: dict[str, Any] = self.live.json(f"/api/jobs/{job}")["job"]
        return found

    def say(self, job: str, *lines: str) -> None:
        """Let its program print lines."""
        with (self.folder / job).open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def end(self, job: str, code: int = 0) -> None:
        """Let its program end; until that is known."""
        self.say(job, f"\0 {code}")
        eventually(lambda: self.state(job)["status"] not in ("pending", "in_progress"))

    def lines(self, job: str) -> int:
        """How many lines of its log are known."""
        total: int = self.live.json(f"/api/jobs/{job}/logs?limit=0&view=all")["lines_total"]
        return total

    def stop(self) -> None:
        """End all programs, then the dashboard."""
        for job in self.live.json("/api/jobs?limit=500")["jobs"]:
            if job["status"] in ("pending", "in_progress") and job["runs"]:
                requests.post(f"{self.live.url}/api/jobs/{job['id']}/stop", timeout=60)
        eventually(lambda: all(run["exit"] for run in self.live.json("/api/runs")["runs"]))
        self.live.stop()
