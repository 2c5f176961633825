"""How long a hostile workspace can make anybody wait: `python -m benchmarks hostile`.

Looks at the board, at health and at the artifacts while 5,000 files of one id, a hostile `.gitignore` and links out
are read. The limit is one second.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import psutil
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
        # The port is bound before the service is loaded: the first answer tells how long the start took.
        while not _answers(f"http://127.0.0.1:{port}/health"):
            time.sleep(0.05)
        start_s, start_cpu_s = time.monotonic() - began, _cpu_s(process.pid)
        began = time.monotonic()
        while time.monotonic() < began + SECONDS:
            for path in LOOKS:
                asked = time.monotonic()
                requests.get(f"http://127.0.0.1:{port}{path}", timeout=60)
                slowest[path] = max(slowest[path], time.monotonic() - asked)
        looking_cpu_s = _cpu_s(process.pid) - start_cpu_s
        process.terminate()
        process.wait(30)
        hostile.close()
    print(f"start until the first answer: {start_s:.2f} s, of which {start_cpu_s:.2f} s computing")
    for path, seconds in slowest.items():
        print(f"{path}: slowest look {seconds:.2f} s")
    print(f"computing during {SECONDS} s of looks: {looking_cpu_s:.2f} s")


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=60).ok
    except requests.ConnectionError:
        return False


def _cpu_s(pid: int) -> float:
    """What the process and its children have computed."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)
