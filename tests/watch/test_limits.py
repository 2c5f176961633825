"""The limits of the operating system: lost hints, no watches left, no watchers left. Real ones, not simulated."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.live import differences, eventually, fresh, said_by_files, task_text
from kit.paths import SRC

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


@contextmanager
def served(workspace: Path, *prefix: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """(process, url) of a dashboard started by its command, with a command in front of it."""
    command = [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"]
    source = str(SRC)
    process = subprocess.Popen(
        [*prefix, *command, "--workspace", str(workspace)],
        env=os.environ | {"PYTHONPATH": source} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    record = workspace / ".llm-service/dashboard.json"
    try:
        eventually(lambda: record.exists() or process.poll() is not None, 60)
        assert process.poll() is None, process.stdout.read().decode() if process.stdout else ""
        url = json.loads(record.read_text())["url"]
        eventually(lambda: health(url)["loading"] is None, 60)
        yield process, url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if process.stdout:
            process.stdout.close()


def health(url: str) -> Any:
    return requests.get(f"{url}/health", timeout=90).json()


def board(url: str) -> dict[str, Any]:
    requests.get(f"{url}/api/sync?timeout_ms=60000", timeout=70).raise_for_status()
    return {task["id"]: task for task in requests.get(f"{url}/api/snapshot", timeout=60).json()["tasks"]}


def write(workspace: Path, path: str) -> None:
    (workspace / "work/collaboration" / path).write_text(task_text(Path(path).stem))


@linux_only
@pytest.mark.timeout(600)
def test_more_writes_than_the_queue_holds_while_the_process_is_stopped_and_none_is_missed(
    workspace: Path,
) -> None:
    with served(workspace, LLM_SERVICE_SWEEP_INTERVAL_S="3600") as (process, url):
        import psutil

        everyone = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for one in everyone:
            one.suspend()
        queue = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        for turn in range(queue // 1000 + 2):
            for number in range(1000):
                write(workspace, f"inbox/t{number if turn else f'{number}-first'}.yaml")
        for number in range(1000, 2000):
            write(workspace, f"inbox/t{number}.yaml")
        for one in everyone:
            one.resume()
        # Without a call of sync: the overflow itself has to bring the board to the truth.
        total = eventually(lambda: requests.get(f"{url}/api/stats", timeout=60).json()["tasks"]["total"] == 3000, 120)
        assert total
        write(workspace, "done/ada/after.yaml")
        eventually(lambda: requests.get(f"{url}/api/tasks/after", timeout=60).status_code == 200, 60)


def without_privilege(limit: str, value: int) -> list[str]:
    """A command that runs another one in a user namespace of its own, where an inotify limit is this low."""
    script = f'echo {value} > /proc/sys/user/{limit} && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]


def namespaces_work() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = [*without_privilege("max_inotify_watches", 5), "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(not namespaces_work(), reason="user namespaces are not allowed here")


@linux_only
@needs_namespaces
@pytest.mark.parametrize(("limit", "value"), [("max_inotify_watches", 4), ("max_inotify_instances", 0)])
def test_when_watches_run_out_the_root_is_polled_and_it_is_said(workspace: Path, limit: str, value: int) -> None:
    prefix = without_privilege(limit, value)
    with served(workspace, *prefix, LLM_SERVICE_POLL_INTERVAL_S="0.2") as (_, url):
        watcher = health(url)["watchers"][0]
        assert (watcher["mode"], "limit reached" in watcher["error"]) == ("polling", True)
        assert health(url)["status"] == "degraded"
        write(workspace, "inbox/t1.yaml")
        eventually(lambda: requests.get(f"{url}/api/tasks/t1", timeout=60).status_code == 200)
        assert differences(said_by_files(board(url)), fresh(workspace / "work/collaboration")) == {}


@linux_only
@needs_namespaces
def test_watches_that_run_out_later_are_noticed(workspace: Path) -> None:
    prefix = without_privilege("max_inotify_watches", 12)
    with served(workspace, *prefix, LLM_SERVICE_POLL_INTERVAL_S="0.2") as (_, url):
        assert health(url)["watchers"][0]["mode"] == "inotify"
        for number in range(20):
            folder = workspace / f"work/collaboration/assigned/agent-{number}"
            folder.mkdir()
            write(workspace, f"assigned/agent-{number}/t{number}.yaml")
        eventually(lambda: health(url)["watchers"][0]["mode"] == "polling")
        eventually(lambda: len(board(url)) == 20)
