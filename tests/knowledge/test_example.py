"""The example that follows insights with `static/lib/use-event-source.js`, run as a user runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.knowledge import dashboard_with_knowledge, say
from kit.live import Live, eventually
from kit.paths import ROOT


@pytest.fixture
def live(workspace: Path) -> Iterator[Live]:
    live = dashboard_with_knowledge(workspace, token="correct-horse")
    yield live
    live.stop()


def test_the_example_prints_insights(live: Live) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    process = subprocess.Popen(
        [node, str(ROOT / "examples/follow_insights.mjs"), live.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"LLM_SERVICE_TOKEN": "correct-horse"},
    )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()
    try:
        eventually(lambda: "open\n" in lines)
        say(live.workspace, "insights", {"text": "The tests pass.", "severity": "info", "job": "j1"})
        eventually(lambda: any(re.fullmatch(r"\d+ info j1 The tests pass\.\n", line) for line in lines))
    finally:
        process.kill()
        process.wait(timeout=60)
        reader.join(timeout=60)
        process.stdout.close()
