"""What happens to the files of a workspace while its dashboard runs: cleaned by git, moved, copied, forged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from kit.live import eventually
from kit.processes import Service, run_command


def post(service: Service, name: str) -> int:
    call = {"invocation_id": name, "timestamp": "2026-11-01T10:00:00Z", "cost_usd": 0.5, "prompt_tokens": 10}
    return requests.post(f"{service.url}/api/telemetry", json=call, timeout=60).status_code


def stored(workspace: Path) -> set[str]:
    with closing(sqlite3.connect(workspace / ".llm-service/history.db")) as connection:
        return {row[0] for row in connection.execute("SELECT invocation_id FROM calls")}


def health(service: Service) -> dict[str, Any]:
    body: dict[str, Any] = requests.get(f"{service.url}/health", timeout=60).json()
    return body


def pid_of(workspace: Path) -> int:
    answer = run_command("dashboard", "status", "--json", "--workspace", str(workspace))
    assert answer.returncode == 0, answer.stderr
    pid: int = json.loads(answer.stdout)["pid"]
    return pid


@contextmanager
def posting(service: Service) -> Iterator[tuple[set[str], set[str]]]:
    """Calls are posted all the time; (accepted, refused)."""
    accepted: set[str] = set()
    refused: set[str] = set()
    stopping = threading.Event()

    def run() -> None:
        number = 0
        while not stopping.is_set():
            name = f"call-{number}"
            (accepted if post(service, name) == 200 else refused).add(name)
            number += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        eventually(lambda: len(accepted) > 3)
        yield accepted, refused
        before = len(accepted)
        eventually(lambda: len(accepted) > before + 3)
    finally:
        stopping.set()
        thread.join()


def test_git_clean_loses_nothing_and_lets_no_second_dashboard_start(service: Service, workspace: Path) -> None:
    git = ["git", "-C", str(workspace)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    service.start()
    pid = pid_of(workspace)
    with posting(service) as (accepted, refused):
        for _ in range(3):
            # git fails if the folder is there again before it has removed all of it.
            subprocess.run([*git, "clean", "-fdxq", "--exclude", "work"], capture_output=True, check=False)
            second = run_command("dashboard", "start", "--workspace", str(workspace), "--port", "0", "--no-open")
            assert "is already running" in second.stdout
        body = eventually(lambda: (body := health(service))["history"].get("restored") and body)
        assert "was removed while it was in use" in body["history"]["restored"]
    assert not refused
    eventually(lambda: health(service)["status"] == "healthy")
    assert pid_of(workspace) == pid
    service.kill()
    assert stored(workspace) >= accepted


def test_a_workspace_that_is_moved_and_comes_back_loses_nothing(service: Service, workspace: Path) -> None:
    service.start()
    moved = workspace.with_name("moved")
    with posting(service) as (accepted, refused):
        workspace.rename(moved)
        body = eventually(
            lambda: "was moved or removed" in str((body := health(service))["history"]["problem"]) and body
        )
        assert body["status"] == "degraded"
        eventually(lambda: refused)
        assert stored(moved) >= accepted
        status = run_command("dashboard", "status", "--workspace", str(moved))
        assert f"It was started for {workspace}; the workspace was moved since." in status.stdout
        start = run_command("dashboard", "start", "--workspace", str(moved), "--no-open")
        assert (start.returncode, "stop it with" in start.stderr) == (3, True)
        assert not workspace.exists()
        moved.rename(workspace)
    eventually(lambda: health(service)["history"]["ok"])
    service.kill()
    assert stored(workspace) >= accepted


def test_a_copy_of_a_workspace_is_a_workspace_of_its_own(service: Service, workspace: Path, tmp_path: Path) -> None:
    service.start()
    copy = tmp_path.with_name("copy")
    subprocess.run(["cp", "-a", str(workspace), str(copy)], check=True)
    for command in ("status", "stop", "open"):
        answer = run_command("dashboard", command, "--workspace", str(copy))
        assert (answer.returncode, answer.stderr) == (4, f"Error: No dashboard is running for {copy}.\n")
    own = Service(copy)
    own.start()
    assert own.url != service.url
    assert run_command("dashboard", "stop", "--workspace", str(copy)).returncode == 0
    own.stop()
    assert post(service, "after") == 200


class Stranger(BaseHTTPRequestHandler):
    """A listener that is not ours, and what it was sent."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(f"{self.path} {dict(self.headers)}")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"proof": "", "status": "healthy"}')

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def stranger() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_forged_record_neither_stops_a_stranger_nor_gets_the_token(
    service: Service, workspace: Path, stranger: int
) -> None:
    service.start()
    pid = pid_of(workspace)
    record = workspace / ".llm-service/dashboard.json"
    forged = json.loads(record.read_text()) | {"url": f"http://127.0.0.1:{stranger}", "port": stranger}
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        from llm_service.server.instance import process_start_time

        forged |= {"pid": bystander.pid, "process_start_time": process_start_time(bystander.pid)}
        # With the dashboard stopped, nobody can make the true record again.
        os.kill(pid, signal.SIGSTOP)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGSTOP)
        record.write_text(json.dumps(forged))
        for command in ("status", "stop", "open"):
            answer = run_command("dashboard", command, "--workspace", str(workspace), LLM_SERVICE_TOKEN="s3cret-token")
            assert answer.returncode == 1, answer
            assert f"Process {pid} has locked this workspace" in answer.stderr
        assert bystander.poll() is None
        record.write_text(json.dumps(forged | {"pid": pid, "process_start_time": process_start_time(pid)}))
        answer = run_command("dashboard", "status", "--workspace", str(workspace), LLM_SERVICE_TOKEN="s3cret-token")
        assert "does not answer" in answer.stdout
        assert Stranger.seen
        assert not any("s3cret-token" in request for request in Stranger.seen)
    finally:
        bystander.kill()
        bystander.wait()


def test_a_changed_record_is_made_true_again(service: Service, workspace: Path) -> None:
    service.start()
    pid = pid_of(workspace)
    record = workspace / ".llm-service/dashboard.json"
    true = record.read_text()
    record.write_text(true.replace("127.0.0.1", "127.0.0.9"))
    eventually(lambda: record.read_text() == true)
    (workspace / ".llm-service/dashboard.key").unlink()
    assert pid_of(workspace) == pid
    assert run_command("dashboard", "stop", "--workspace", str(workspace)).returncode == 0
    assert not record.exists()


def test_after_a_crash_of_the_serving_process_the_lock_is_held_again(service: Service, workspace: Path) -> None:
    service.start()
    pid = pid_of(workspace)
    shutil.rmtree((workspace / ".llm-service").rename(workspace.parent / "removed"))
    eventually(lambda: (workspace / ".llm-service/dashboard.json").exists())
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(int(worker), signal.SIGKILL)
    eventually(lambda: run_command("dashboard", "status", "--workspace", str(workspace)).stdout.endswith("healthy\n"))
    assert pid_of(workspace) == pid


@pytest.mark.parametrize(
    "text",
    ["state_dir: elsewhere\nprot: 1\n", "state_dir: 'elsewhere'\nthreads: [\n"],
)
def test_stop_finds_the_state_folder_in_settings_that_were_broken_since(
    service: Service, workspace: Path, text: str
) -> None:
    settings = workspace / "llm-service.yaml"
    settings.write_text("state_dir: elsewhere\n")
    background = run_command("dashboard", "start", "--background", "--port", "0", "--workspace", str(workspace))
    assert background.returncode == 0, background.stderr
    settings.write_text(text)
    assert run_command("dashboard", "start", "--workspace", str(workspace)).returncode == 2
    stopped = run_command("dashboard", "stop", "--workspace", str(workspace))
    assert (stopped.returncode, stopped.stdout[:22]) == (0, "Stopped the dashboard ")
