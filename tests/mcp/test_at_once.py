"""Agents over stdio and over HTTP report to the same job at once, and some are killed: nothing acknowledged is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from kit.live import eventually, running
from kit.mcp_agents import mcp_agents
from kit.plain_mcp import Http

pytestmark = pytest.mark.timeout(600)


def test_stdio_and_http_mixed_with_killed_writers(place: Path, tmp_path: Path) -> None:
    live = running(place)
    try:
        client = Http(live.url)
        pipeline = client.call("create_pipeline", pipeline_type="ticket_work", ticket_id="T-1")["pipeline_id"]
        made = {"pipeline_id": pipeline, "step": "coding", "name": "x", "agent_type": "y", "status": "running"}
        job = client.call("create_pipeline_job", **made)["job_id"]
        folder = place / "work/pipelines" / pipeline
        with (
            mcp_agents(tmp_path, [live.url, str(place)], job, "both", 100_000, "victim") as victims,
            mcp_agents(tmp_path, [live.url, live.url, str(place)], job, "both", 30, "agent") as agents,
        ):
            for victim in victims:
                assert eventually(lambda one=victim: len(one.acknowledged()) >= 5, 90)
                victim.kill()
                assert isinstance(yaml.safe_load((folder / "pipeline.yaml").read_bytes()), dict)
            while any(agent.process.poll() is None for agent in agents):
                assert client.call("get_pipeline", pipeline_id=pipeline)["problem"] is None
            for agent in agents:
                assert (agent.join(60), agent.process.returncode) == (b"", 0)
            said = {agent.name: agent.acknowledged() for agent in (*agents, *victims)}
        assert all(said.values())
        found = re.findall("<(.*)>", (folder / f"logs/{job}.md").read_text())
        assert set(found) >= {text for texts in said.values() for text in texts}
        assert len(found) == len(set(found)), "none is there twice"
        for texts in said.values():
            own = [text for text in found if text in set(texts)]
            assert own == texts, "each one's are in its order, but for those that took too long to be answered"
        summary = yaml.safe_load((folder / "pipeline.yaml").read_text())["jobs"][0]["summary"].strip("<>")
        who = summary.rpartition("-")[0]
        assert summary not in said[who][:-1], "the last one of somebody, or one that was not acknowledged"
        client.close()
    finally:
        live.stop()
