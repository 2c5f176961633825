"""Which child of ours a server is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from llm_service.mcp.server_usage import UsageMeter, child_with

NAME = "LLM_SERVICE_TEST_MARK"


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, env={**os.environ, NAME: "this"}) as process:
        yield process
        process.kill()


def test_a_child_that_has_no_environment_yet_is_asked_again(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux has it empty between closing the parent's pipe and filling it: two of 1,500 on a busy machine."""
    asked: list[int] = []
    environ = psutil.Process.environ

    def late(process: psutil.Process) -> dict[str, str]:
        asked.append(process.pid)
        return environ(process) if asked.count(process.pid) > 2 else {}

    monkeypatch.setattr(psutil.Process, "environ", late)
    found = child_with(NAME, "this")
    assert found is not None and found.pid == child.pid


def test_a_child_that_has_ended_is_none(child: subprocess.Popen[bytes]) -> None:
    process = child_with(NAME, "this")
    assert process is not None
    meter = UsageMeter(process)
    usage = meter.read()
    assert usage is not None and usage.pid == child.pid and usage.memory_bytes > 0
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie from now on
    assert child_with(NAME, "this") is None
    assert child_with(NAME, "another") is None
