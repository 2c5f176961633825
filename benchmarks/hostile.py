"""How long a hostile workspace can make anybody wait: `python -m benchmarks hostile`.

Looks at the board, at health and at the artifacts while 5,000 files of one id, a hostile `.gitignore` and links out
are read. The limit is one second.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import requests
from kit.hostile_workspace import HostileWorkspace, python
from kit.paths import SRC
from kit.processes import free_port

LOOKS = ("/health", "/api/snapshot", "/api/tasks?limit=50", "/api/projects")
SECONDS = 30


def main() -> None:
    """Print the slowest look of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        hostile = HostileWorkspace(Path(folder))
        port = free_port()
        command = [*python(), "dashboard", "start", "--no-open", "--port", str(port)]
        environ = hostile.environment(PYTHONPATH=str(SRC))
        process = subprocess.Popen(command, cwd=hostile.place, env=environ, stdout=subprocess.DEVNULL)
        slowest = dict.fromkeys(LOOKS, 0.0)
        began = time.monotonic()
        while time.monotonic() < began + SECONDS:
            for path in LOOKS:
                asked = time.monotonic()
                try:
                    requests.get(f"http://127.0.0.1:{port}{path}", timeout=60)
                except requests.ConnectionError:
                    time.sleep(0.05)  # not listening yet
                    continue
                slowest[path] = max(slowest[path], time.monotonic() - asked)
        process.terminate()
        process.wait(30)
        hostile.close()
    for path, seconds in slowest.items():
        print(f"{path}: slowest look {seconds:.2f} s")
