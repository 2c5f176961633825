"""`llm-service jobs` and `llm-service demo`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from kit.live import eventually
from kit.paths import ROOT
from kit.processes import Service, run_command

from llm_service.cli.jobs import print_agent, row_of
from llm_service.jobs.agent_work import AgentWork
from llm_service.jobs.demo.profile import SECONDS
from llm_service.logs.model import Fact


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder, outside of the workspace."""
    folder = Path(tempfile.mkdtemp(prefix="llm-service-tests-"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("LLM_SERVICE_CONTROL", "1")
    monkeypatch.setenv(SECONDS, "1")
    return folder


def test_a_job_from_the_command_line(own: Path, service: Service, workspace: Path) -> None:
    service.start()
    (workspace / "brief.md").write_text("# A board\n")

    def jobs(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_command("jobs", *arguments, "--workspace", str(workspace))

    assert jobs("list").stdout == "There are no jobs yet.\n"
    started = jobs("start", "quay", str(workspace / "brief.md"), "--profile", "demo")
    assert started.returncode == 0, started.stderr
    job_id = started.stdout.split()[0]

    def is_done() -> bool:
        return bool(requests.get(f"{service.url}/api/jobs/{job_id}", timeout=60).json()["job"]["output_ready"])

    eventually(is_done, 60)
    (found,) = json.loads(jobs("list", "--json").stdout)["jobs"]
    assert (found["id"], found["status"]) == (job_id, "completed")
    assert "completed" in jobs("list", "--status", "completed", "--project", "quay").stdout
    assert jobs("list", "--status", "failed").stdout == "There are no such jobs.\n"
    shown = jobs("show", job_id).stdout
    assert "review" in shown
    assert "A job is charged for" in shown
    stopped = jobs("stop", job_id)
    assert (stopped.returncode, "has ended already" in stopped.stderr) == (1, True)
    refused = jobs("start", "../quay", "# A board", "--profile", "demo")
    assert (refused.returncode, "“../quay” is not the name of a project" in refused.stderr) == (1, True)
    assert jobs("show", "no-such-job").stderr.startswith("Error: There is no job")
    assert "pending" in jobs("retry", job_id).stdout
    eventually(is_done, 60)


def test_a_row_says_what_a_person_has_to_know() -> None:
    job = {
        "id": "one", "status": "in_progress", "current_phase": "test", "lines_written": 60, "shared_lines": True,
        "cost_usd": 0.5, "survivors": 0, "queue_reason": None, "error_message": None, "problem": None,
        "waiting_for_input": "Which\nport?", "rate_limit": {"status": "allowed_warning"},
    }  # fmt: skip
    row = row_of(job)
    assert row.count("\n") == 0
    for text in ("60 lines (shared)", "$0.50", "It waits for your input: Which", "Its rate limit: allowed warning."):
        assert text in row
    assert "rate limit" not in row_of(job | {"status": "failed"})


def test_what_an_agent_reports_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    work = AgentWork(agent="codex", turns=2, todos=[{"text": "Plan", "status": "completed"}])
    for fact in (
        Fact("command", {"command": "make", "exit_code": 2, "is_error": True}),
        Fact("files", {"changes": [{"path": "a.py", "kind": "add"}]}),
        Fact("result", {"is_error": True, "text": "limit", "denied": ["Bash"]}),
    ):
        work.learn(1, fact)
    print_agent(work.as_json())
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert printed == [
        ["agent", "codex,", "2", "turns"], ["to-do", "completed", "Plan"], ["command", "exit", "code", "2", "make"],
        ["file", "add", "a.py"], ["not", "permitted", "Bash"], ["result", "failed:", "limit"],
    ]  # fmt: skip


def test_without_a_dashboard_it_says_so(workspace: Path) -> None:
    answer = run_command("jobs", "list", "--workspace", str(workspace))
    assert (answer.returncode, answer.stderr.startswith("Error: No dashboard is running")) == (4, True)


def until_line(process: subprocess.Popen[str], find: Callable[[str], object]) -> str:
    """What the process printed, up to the first line that is looked for."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if find(line):
            return text
    raise AssertionError(text)


def test_the_demo_is_alive_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LLM_SERVICE_")}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "llm_service", "demo", "--no-open", "--port", "0", "--seconds", "600"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        said = until_line(process, lambda line: "Three jobs and a plan have started" in line)
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        assert address is not None, said
        url = f"{address[0]}/api/jobs"
        eventually(lambda: requests.get(url, timeout=60).json()["counts"]["in_progress"] == 3, 60)
        eventually(lambda: all(job["log_lines"] for job in requests.get(url, timeout=60).json()["jobs"]), 60)
        pipelines = f"{address[0]}/api/pipelines"
        eventually(lambda: [row["status"] for row in requests.get(pipelines, timeout=60).json()["pipelines"]], 60)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        assert "The demo has ended" in rest
        assert process.returncode == 0
        assert list(tmp_path.glob("llm-service-demo-*")) == []
    finally:
        process.kill()
        process.communicate()
