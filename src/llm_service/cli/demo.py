"""`llm-service demo`: a temporary workspace with a dashboard, three jobs, a plan and a pipeline, gone at Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..errors import ServiceError, StartFailed
from ..jobs.demo.profile import SECONDS
from ..server.launcher import print_line
from .client import Client, in_path
from .demo_history import make_history
from .demo_pipelines import DemoPipeline
from .demo_plans import PLAN, make_plans
from .init import create_task_folder

_READY_WITHIN_S = 180.0
_STOP_WITHIN_S = 15.0
_POLL_S = 0.1
_JOBS = {
    "quayside-office": "# An office board for the harbour\n\nArrivals, departures and free berths at a glance.\n",
    "quayside-deposits": "# Deposits at booking\n\nA fifth of the price, in whole cents, back within a week.\n",
    "quayside-waiting": "# A waiting list\n\nWho skips keeps the place once.\n\ndemo: fail\n",
}
"""project -> specification; the last one ends with a test that fails."""


@click.command()
@click.option("--port", type=int, default=8080, metavar="N", help="Port to listen on, or the next free one.")
@click.option("--open/--no-open", "open_browser", default=None, help="Open the browser. Default: if there is one.")
@click.option("--seconds", type=float, default=90.0, metavar="S", help="How long a job takes. Default: 90.")
def demo(port: int, open_browser: bool | None, seconds: float) -> None:
    """Show a dashboard with three jobs, a plan and a pipeline, in a temporary folder, until Ctrl-C. No AI account."""
    folder = Path(tempfile.mkdtemp(prefix="llm-service-demo-"))
    try:
        Demo(folder, port, open_browser, seconds).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        print_line("The demo has ended, and its folder is removed.")


class Demo:
    """The demo in a folder: `workspace`, and `config` as the folder of the user, so that theirs is not touched."""

    def __init__(self, folder: Path, port: int, open_browser: bool | None, seconds: float) -> None:
        self.workspace = folder / "workspace"
        self._config = folder / "config"
        self._seconds = seconds
        self._options = ["--port", str(port)]
        if open_browser is not None:
            self._options.append("--open" if open_browser else "--no-open")
        own = {name: value for name, value in os.environ.items() if not name.startswith("LLM_SERVICE_")}
        self._environment = own | {
            "XDG_CONFIG_HOME": str(self._config),
            "LLM_SERVICE_CONTROL": "1",
            "LLM_SERVICE_MAX_CONCURRENT": "3",
            "LLM_SERVICE_CLAUDE_FOLDERS": "work/sessions",
            SECONDS: str(seconds),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._pipeline: DemoPipeline | None = None

    def run(self) -> None:
        """Until it is interrupted, or the dashboard ends."""
        self._make_workspace()
        command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--workspace", str(self.workspace)]
        # In a session of its own: Ctrl-C is for us, who stop the jobs first.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, *self._options], env=self._environment, start_new_session=True
        )
        try:
            # SIGINT too: a shell that starts us in the background has it ignored.
            with _interrupted_by(signal.SIGINT), _interrupted_by(signal.SIGTERM):
                client = self._client()
                for project, specification in _JOBS.items():
                    body = {"specification": specification, "profile": "demo"}
                    client.post(f"/api/projects/{in_path(project)}/jobs", body)
                self._start_plan(client)
                self._pipeline = DemoPipeline(self.workspace, self._seconds)
                self._pipeline.start()
                print_line("Three jobs and a plan have started. Ctrl-C ends the demo and removes its folder.")
                self._process.wait()
        except KeyboardInterrupt:
            print_line("")
        finally:
            self._end()

    def _make_workspace(self) -> None:
        (self.workspace / "work/generated_projects").mkdir(parents=True)
        (self.workspace / "work/telemetry").mkdir()
        (self.workspace / "work/sessions").mkdir()
        create_task_folder(str(self.workspace / "work/collaboration"))
        make_history(self.workspace, datetime.now(UTC))
        make_plans(self.workspace, self._config / "llm-service", self._seconds)

    def _start_plan(self, client: Client) -> None:
        """Once its file was read. Raises ServiceError."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and all(row["name"] != PLAN for row in client.get("/api/plans")["data"]):
            time.sleep(_POLL_S)
        client.post(f"/api/plans/{PLAN}/start", {"mode": "batch"})

    def _client(self) -> Client:
        """Of the dashboard, once it answers. Raises StartFailed."""
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            with suppress(ServiceError):
                return Client.of(str(self.workspace), None)
            time.sleep(_POLL_S)
        raise StartFailed("The dashboard of the demo did not start.")

    def _end(self) -> None:
        """Stop what reports, the orchestrator and the jobs, wait until they are gone, then the dashboard."""
        if self._pipeline is not None:
            self._pipeline.stop()
        with suppress(ServiceError, KeyboardInterrupt):
            client = Client.of(str(self.workspace), None)
            with suppress(ServiceError):
                client.post(f"/api/plans/{PLAN}/stop", {"force": True})
            deadline = time.monotonic() + _STOP_WITHIN_S
            while (active := _active(client)) and time.monotonic() < deadline:
                for job in active:
                    with suppress(ServiceError):
                        client.post(f"/api/jobs/{in_path(job['id'])}/stop")
                time.sleep(_POLL_S)
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _active(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/jobs?status=in_progress,pending")["jobs"]
    return found


class _interrupted_by:
    """While inside, a signal interrupts as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        self._before = signal.signal(self._number, signal.default_int_handler)

    def __exit__(self, *reason: object) -> None:
        signal.signal(self._number, self._before)
