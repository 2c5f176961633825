"""The official TypeScript client from npm, which shares nothing with the SDK that we use, calls every tool."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, running
from kit.mcp import texts_outside_marks
from kit.paths import ROOT
from kit.plain_mcp import server_command

from llm_service.mcp.tools import TOOLS

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def live(module_place: Path) -> Iterator[Live]:
    one = running(module_place)
    one.sync()
    yield one
    one.stop()


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_it_drives_every_tool(live: Live, transport: str) -> None:
    subprocess.run(["make", "--silent", "node_modules/.installed"], cwd=ROOT, check=True)
    place = [f"{live.url}/mcp"] if transport == "http" else server_command(live.workspace)
    script = Path(__file__).with_name("npm_client.mjs")
    printed = subprocess.run(["node", str(script), *place], cwd=ROOT, check=True, capture_output=True, timeout=120)
    found = json.loads(printed.stdout)
    assert found["server"]["name"] == "llm-service"
    names = {entry.name for entry in TOOLS}
    assert (set(found["tools"]), {name for name, _, _ in found["answers"]}) == (names, names)
    refused = [(name, answer["code"]) for name, is_error, answer in found["answers"] if is_error]
    assert refused == [("finish_pipeline", "ALREADY_FINISHED")]  # the second time
    answers: dict[str, Any] = {name: answer for name, is_error, answer in found["answers"] if not is_error}
    assert answers["update_pipeline_job"]["score"] == 90
    assert "# Found it" in answers["get_pipeline_job_log"]["content"]
    assert answers["finish_pipeline"]["status"] == "success"
    assert answers["get_pipeline"]["id"] in [row["id"] for row in answers["list_pipelines"]["pipelines"]]
    assert answers["clean_pipeline_logs"]["deleted"] == [answers["append_job_log"]["log_path"]]
    assert answers["record_call"]["accepted"] == 1
    assert "Mend the pump" not in " ".join(texts_outside_marks(answers["list_tasks"]))
