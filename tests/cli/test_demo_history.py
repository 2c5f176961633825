"""What the demo begins with: calls that can all be counted, and done tasks that they belong to, but for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.live import eventually, running

from llm_service.calls.sessions.folders import LINES
from llm_service.cli.demo_history import make_history


def test_the_demo_shows_every_part_of_the_costs_from_the_start(workspace: Path) -> None:
    for folder in ("work/telemetry", "work/collaboration"):
        (workspace / folder).mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    make_history(workspace, now)
    live = running(workspace, timezone="UTC")
    try:
        written = (workspace / "work/telemetry/history.jsonl").read_text().count("\n")
        assert eventually(lambda: live.json("/api/telemetry")["costs"]["calls"] == written)
        (source,) = (one for one in live.json("/api/telemetry/sources")["sources"] if one["kind"] == LINES)
        assert (source["refused"], source["problems"]) == (0, [])
        assert source["calls"] == written > 150
        span = f"from={(now - timedelta(days=29)).date()}&compare=length"
        whole = live.json(f"/api/telemetry/range?{span}")
        assert whole["total"]["calls"] > 50 and whole["before"]["total"]["calls"] > 20
        assert whole["total"]["unpriced_calls"] == 0
        done = live.json("/api/telemetry/done-tasks")
        assert (done["tasks"], done["known"], done["without_calls"]) == (8, 7, 1)
        assert any(row["unnamed_calls"] for row in done["rows"])
        cache = live.json(f"/api/telemetry/cache?{span}")
        assert 0.3 < cache["total"]["hit_rate"] < 0.98 and cache["total"]["saved_usd"] > 0
        hours = {
            (day, hour)
            for day, row in enumerate(live.json("/api/telemetry/week")["calls"])
            for hour in range(24)
            if row[hour]
        }
        assert len(hours) > 15 and all(day < 5 for day, _ in hours)
    finally:
        live.stop()
