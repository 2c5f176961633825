"""The demo program behaves like a spec-kit script."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kit.paths import ROOT

from llm_service.files import parse_mapping
from llm_service.jobs.demo.profile import SECONDS, demo_profile
from llm_service.jobs.demo.texts import PARTS
from llm_service.sessions.formats.claude import ClaudeFormat
from llm_service.sessions.model import Glance


def run(workspace: Path, specification: str) -> subprocess.CompletedProcess[str]:
    project = workspace / "work/generated_projects/quay"
    project.mkdir(parents=True, exist_ok=True)
    (workspace / "work/telemetry").mkdir(exist_ok=True)
    (workspace / "work/sessions").mkdir(exist_ok=True)
    (workspace / "spec.md").write_text(specification)
    profile = demo_profile()
    values = {"job": "job-1", "project_dir": str(project), "specification": str(workspace / "spec.md")}
    argv = [argument.format(**values) for argument in profile.argv]
    environment = dict(profile.env) | {SECONDS: "0.1", "PATH": os.environ["PATH"]}
    return subprocess.run(argv, capture_output=True, text=True, env=environment, cwd=project, timeout=60)


@pytest.fixture
def done(workspace: Path) -> subprocess.CompletedProcess[str]:
    return run(workspace, "# A board\n\nFor the office.\n")


def test_it_goes_through_the_phases_in_order(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    phases = ["specify", "plan", "tasks", "implement", "test", "review"]
    said = [line for line in lines if line.startswith("Running ")]
    assert [line.rpartition(".")[2].rpartition(" ")[2] for line in said] == phases
    assert any(line.startswith("FACT: ") for line in lines)
    assert any("Traceback" in line for line in lines)
    assert any("sqlalchemy" in line for line in lines)


def test_it_writes_documents_and_code_whose_tests_pass(done: subprocess.CompletedProcess[str], workspace: Path) -> None:
    project = workspace / "work/generated_projects/quay"
    assert (project / "spec.md").read_text().startswith("# A board\n")
    assert (project / "tasks.md").read_text().count("- [x]") == len(PARTS)
    assert "For the office." in (project / "spec.md").read_text()
    assert (project / "plan.md").is_file()
    # pytest itself would take seconds to start.
    code = (
        "import pathlib, runpy\n"
        "found = [value for path in sorted(pathlib.Path('tests').glob('test_*.py'))\n"
        "         for name, value in runpy.run_path(str(path)).items() if name.startswith('test_')]\n"
        "[test() for test in found]\n"
        "print(len(found), 'passed')"
    )
    tests = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=60)
    assert tests.stdout.strip() == f"{len(PARTS)} passed", tests.stderr


def test_it_moves_its_tasks_through_the_lanes(done: subprocess.CompletedProcess[str], workspace: Path) -> None:
    lanes = workspace / "work/collaboration"
    files = sorted((lanes / "done/demo").iterdir())
    assert len(files) == len(PARTS)
    assert not list((lanes / "inbox").iterdir())
    task = parse_mapping(files[0].read_bytes()).value
    assert (task["status"], task["agent"], task["project"]) == ("done", "demo", "quay")


def test_its_calls_are_lines_that_are_counted(done: subprocess.CompletedProcess[str], workspace: Path) -> None:
    text = (workspace / "work/telemetry/job-1.jsonl").read_text()
    calls = [json.loads(line) for line in text.splitlines()]
    assert len(calls) > 5
    assert {call["job_id"] for call in calls} == {"job-1"}
    assert len({call["invocation_id"] for call in calls}) == len(calls)


def test_its_session_is_a_transcript_without_usage(done: subprocess.CompletedProcess[str], workspace: Path) -> None:
    text = (workspace / "work/sessions/quay/job-1-session.jsonl").read_text()
    reader, glance, tools, files = ClaudeFormat(), Glance(), set[str](), set[str]()
    for line in map(json.loads, text.splitlines()):
        facts = reader.facts(line)
        glance = glance.with_line(facts)
        tools |= {*facts.tools}
        files |= {path.rpartition("/")[2] for path, _ in facts.files}
    assert "usage" not in text
    assert (glance.session, glance.title, glance.turn) == ("job-1-session", "A board", "ended")
    assert tools == {"TodoWrite", "Write", "Bash"}
    assert "spec.md" in files


def test_a_test_fails_where_the_specification_wants_it(workspace: Path) -> None:
    failed = run(workspace, "# A board\n\ndemo: fail\n")
    assert failed.returncode == 1
    assert "1 failed" in failed.stdout


def test_it_imports_nothing_from_the_folder_where_it_is_started(workspace: Path) -> None:
    project = workspace / "work/generated_projects/quay"
    (project / "llm_service").mkdir(parents=True)
    (project / "llm_service/__init__.py").write_text("raise SystemExit(99)")
    (project / "argparse.py").write_text("raise SystemExit(98)")
    assert run(workspace, "# A board\n").returncode == 0


def test_nothing_but_the_standard_library_is_imported() -> None:
    code = (
        "import sys, llm_service.jobs.demo.script; print([m for m in ('flask', 'click', 'yaml') if m in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert found.stdout.strip() == "[]", found.stderr
