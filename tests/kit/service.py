"""The dashboard as a user starts it: in its own process, with the production server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests


class Service:
    """The dashboard as a user starts it, in a process group that can be killed as a whole."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--workspace", str(self._workspace)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        record = self._workspace / ".llm-service/dashboard.json"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                facts = json.loads(record.read_text())
                self.url = facts["url"]
                answer = requests.get(self.url + "/health", timeout=5).json()
                if answer["workspace"] == str(self._workspace) and answer["history"]["ok"]:
                    return
            except (OSError, ValueError, KeyError, requests.RequestException):
                pass
            time.sleep(0.02)
        raise TimeoutError("the service did not start")

    def kill(self) -> None:
        """Kill the server and its worker with SIGKILL."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def stop(self) -> None:
        """Kill the processes that still run."""
        if self._process is not None:
            self.kill()
