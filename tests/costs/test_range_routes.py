"""A range of time: compared with the one before, by hour of the week, what caches saved, what done tasks cost."""

from __future__ import annotations

import random
import sqlite3
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from kit.live import Live, running

ZONE = ZoneInfo("Europe/Zurich")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def post(live: Live, calls: list[dict[str, Any]]) -> None:
    answer = requests.post(f"{live.url}/api/telemetry", json=calls, timeout=60).json()
    assert answer["accepted"] == len(calls), answer


def call(number: int, at: datetime | str, **fields: Any) -> dict[str, Any]:
    time = at if isinstance(at, str) else at.astimezone(UTC).isoformat()
    values = {"invocation_id": f"id-{number}", "timestamp": time, "model_name": "made-up", "prompt_tokens": 100}
    return values | fields


@pytest.fixture
def live(workspace: Path) -> Any:
    """In a zone whose clocks go back on 25 October 2026."""
    started = running(workspace, timezone=ZONE.key)
    yield started
    started.stop()


def test_each_hour_of_the_week_is_the_sum_of_its_calls_and_leads_to_them(live: Live) -> None:
    randomly = random.Random(15)
    begin = datetime(2026, 10, 12, tzinfo=UTC)
    times = [begin + timedelta(minutes=randomly.randrange(40 * 24 * 60)) for _ in range(600)]
    times += [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in range(4)]  # 02:30 is there twice
    calls = [
        call(number, at, cost_usd=None if number % 7 == 0 else number / 1000, agent_name=f"a{number % 3}")
        for number, at in enumerate(times)
    ]
    post(live, calls)
    count: Counter[tuple[int, int]] = Counter()
    dollars: Counter[tuple[int, int]] = Counter()
    ids: dict[tuple[int, int], set[str]] = {}
    for one, at in zip(calls, times, strict=True):
        local = at.astimezone(ZONE)
        if not datetime(2026, 10, 14, tzinfo=ZONE) <= local < datetime(2026, 11, 12, tzinfo=ZONE):
            continue
        slot = local.weekday(), local.hour
        count[slot] += 1
        dollars[slot] += one["cost_usd"] or 0
        ids.setdefault(slot, set()).add(one["invocation_id"])
    span = "from=2026-10-14&to=2026-11-11"
    week = live.json(f"/api/telemetry/week?{span}")
    assert (week["timezone"], tuple(week["weekdays"])) == (ZONE.key, DAYS)
    assert {(d, h): n for d, day in enumerate(week["calls"]) for h, n in enumerate(day) if n} == count
    for (day, hour), amount in dollars.items():
        found = week["cost_usd"][day][hour]
        assert (found or 0) == pytest.approx(amount), (day, hour)
        assert (found is None) == (week["unpriced_calls"][day][hour] == week["calls"][day][hour])
    assert sum(map(sum, week["tokens"])) == 100 * count.total()
    for day, hour in [(6, 2), *randomly.sample(sorted(ids), 12)]:
        path = f"/api/telemetry/calls?{span}&weekday={DAYS[day]}&hour={hour}&limit=500"
        assert {one["invocation_id"] for one in live.json(path)["calls"]} == ids[day, hour]
        assert {one["invocation_id"] for one in live.json(f"{path}&sort=cost")["calls"]} == ids[day, hour]
    # A whole day, with a filter by name, page by page, and as an export.
    wanted = {
        one["invocation_id"]
        for one, at in zip(calls, times, strict=True)
        if at.astimezone(ZONE).weekday() == 1 and one["agent_name"] == "a1"
    }
    seen, cursor = set[str](), ""
    while True:
        page = live.json(f"/api/telemetry/calls?weekday=tue&agent=a1&limit=7{cursor}")
        seen |= {one["invocation_id"] for one in page["calls"]}
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert seen == wanted
    exported = live.json("/api/telemetry/export?format=json&weekday=tue&agent=a1")
    assert {one["invocation_id"] for one in exported} == wanted


def test_ranges_and_their_rows_are_compared_with_the_range_before(live: Live) -> None:
    post(
        live,
        [
            call(1, "2026-11-10T12:00:00Z", cost_usd=1, agent_name="ann"),
            call(2, "2026-11-11T12:00:00Z", cost_usd=2, agent_name="ann", status="error"),
            call(3, "2026-11-12T12:00:00Z", cost_usd=4, agent_name="bob"),
            call(4, "2026-11-17T12:00:00Z", cost_usd=8, agent_name="ann"),
            call(5, "2026-11-18T12:00:00Z", cost_usd=16, agent_name="new"),
            call(6, "2026-11-18T13:00:00Z", model_name="nobody-knows", agent_name="new"),
            call(7, "2026-11-02T13:00:00Z", cost_usd=64, agent_name="ann"),  # two weeks before: in neither
        ],
    )
    span = "from=2026-11-16&to=2026-11-22&compare=length"
    whole = live.json(f"/api/telemetry/range?{span}")
    assert (whole["total"]["cost_usd"], whole["total"]["calls"], whole["total"]["unpriced_calls"]) == (24, 3, 1)
    assert (whole["before"]["from"], whole["before"]["to"]) == (
        "2026-11-09T00:00:00+01:00",
        "2026-11-16T00:00:00+01:00",
    )
    assert (whole["before"]["total"]["cost_usd"], whole["before"]["total"]["errors"]) == (7, 1)
    rows = {row["key"]: row for row in live.json(f"/api/telemetry/totals?by=agent&{span}")["totals"]}
    assert {
        name: (row["cost_usd"], row["before"]["cost_usd"], row["before"]["calls"]) for name, row in rows.items()
    } == {
        "ann": (8, 3, 2),
        "new": (16, 0, 0),
    }
    models = {row["model"]: row["before"]["calls"] for row in live.json(f"/api/telemetry/models?{span}")["models"]}
    assert models == {"made-up": 3, "nobody-knows": 0}
    trends = live.json(f"/api/telemetry/trends?{span}&by=agent")
    assert trends["before"]["series"]["cost_usd"] == [0, 1, 2, 4, 0, 0, 0]
    assert len(trends["before"]["buckets"]) == len(trends["buckets"]) == 7
    assert trends["before"]["buckets"][0] == "2026-11-09T00:00:00+01:00"
    # Without a start there is nothing before, and nothing is compared unless that is asked for.
    assert live.json("/api/telemetry/range?compare=length")["before"] is None
    plain = live.json("/api/telemetry/totals?by=agent&from=2026-11-16")
    assert plain["before"] is None
    assert "before" not in plain["totals"][0]
    answer = live.get("/api/telemetry/range?compare=week")
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


def test_what_caches_saved_is_the_difference_of_the_prices(workspace: Path) -> None:
    (workspace / "llm-service.yaml").write_text(
        "timezone: UTC\nprices:\n"
        "  - {model: cached, input_per_mtok: 10, output_per_mtok: 50, cache_read_per_mtok: 1,"
        " cache_write_per_mtok: 12.5, since: 2026-01-01}\n"
        "  - {model: cached, input_per_mtok: 20, output_per_mtok: 50, cache_read_per_mtok: 2,"
        " cache_write_per_mtok: 25, since: 2026-11-18}\n"
        "  - {model: plain, input_per_mtok: 10, output_per_mtok: 50}\n"
    )
    from llm_service.calls.settings import CallSettings
    from llm_service.cli.sections import load_settings

    prices = load_settings(str(workspace), environ={}).of(CallSettings).prices
    live = running(workspace, timezone="UTC", prices=prices)
    try:
        tokens = {"prompt_tokens": 1_000_000, "cache_read_tokens": 600_000, "cache_write_tokens": 100_000}
        post(
            live,
            [
                call(1, "2026-11-17T12:00:00Z", **tokens | {"model_name": "cached"}),
                call(2, "2026-11-18T12:00:00Z", **tokens | {"model_name": "cached"}),
                call(3, "2026-11-18T12:00:00Z", **tokens | {"model_name": "plain"}),
                call(4, "2026-11-18T13:00:00Z", **tokens | {"model_name": "nobody-knows"}),
                call(5, "2026-11-10T13:00:00Z", **tokens | {"model_name": "cached"}),
            ],
        )
        answer = live.json("/api/telemetry/cache?from=2026-11-16&to=2026-11-19&compare=length")
        models = {row["model"]: row for row in answer["models"]}
        # 0.6 M read at 1 instead of 10, then at 2 instead of 20; 0.1 M written for 2.5, then 5 more.
        saved = 0.6 * 9 - 0.1 * 2.5 + 0.6 * 18 - 0.1 * 5
        assert models["cached"]["saved_usd"] == pytest.approx(saved)
        assert models["cached"]["read_saved_usd"] == pytest.approx(0.6 * 9 + 0.6 * 18)
        assert models["cached"]["write_extra_usd"] == pytest.approx(0.1 * 2.5 + 0.1 * 5)
        assert models["plain"]["saved_usd"] == 0  # no price for caches: they cost what input costs
        assert models["nobody-knows"]["saved_usd"] is None
        assert answer["total"]["saved_usd"] == pytest.approx(saved)
        assert answer["total"]["unpriced_tokens"] == 700_000
        assert answer["total"]["hit_rate"] == pytest.approx(0.6)
        assert [day["saved_usd"] and round(day["saved_usd"], 6) for day in answer["series"]] == [0, 5.15, 10.3, 0]
        assert [day["hit_rate"] for day in answer["series"]] == [None, 0.6, 0.6, None]
        assert answer["before"] is not None and answer["before"]["total"]["hit_rate"] is None  # 12 to 15: no calls
        hours = live.json("/api/telemetry/cache?bucket=hour&from=2026-11-18&to=2026-11-18")
        assert sum(hour["cache_read"] for hour in hours["series"]) == 1_800_000
        assert hours["total"]["saved_usd"] == pytest.approx(10.3)
    finally:
        live.stop()


def done(live: Live, name: str, at: str, **fields: Any) -> None:
    live.write(f"done/ann/{name}.yaml", title=f"Task {name}", status="done", completed_at=f'"{at}"', **fields)


def test_done_tasks_cost_what_their_calls_cost_and_none_is_taken_for_free(workspace: Path) -> None:
    root = workspace / "work/collaboration"
    when = "2026-11-18T12:00:00Z"
    names = ("one", "two", "three", "free", "untold", "mystery")
    for name in names:
        folder = root / "done/ann"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(f'id: {name}\ntitle: Task {name}\nstatus: done\ncompleted_at: "{when}"\n')
    (root / "done/ann/early.yaml").write_text(
        'id: early\ntitle: Early\nstatus: done\ncompleted_at: "2026-11-01T12:00:00Z"\n'
    )
    (root / "inbox").mkdir(exist_ok=True)
    (root / "inbox/open.yaml").write_text("id: open\ntitle: Open\n")
    live = running(workspace, timezone="UTC")
    try:
        at = "2026-11-10T12:00:00Z"  # before the range: a task cost what it cost, whenever
        post(
            live,
            [
                call(1, at, cost_usd=1, task_id="one", session_id="s1"),
                call(2, at, cost_usd=2, session_id="s1"),  # by its session
                call(3, at, cost_usd=10, task_id="two", session_id="s2"),
                call(4, at, cost_usd=100, task_id="three", session_id="s2"),
                call(5, at, cost_usd=1000, session_id="s2"),  # of two tasks: nobody's
                call(6, at, cost_usd=5, task_id="three", run_id="r1"),
                call(7, at, cost_usd=6, run_id="r1"),  # by its run
                call(8, at, cost_usd=7, run_id="r1", session_id="s9"),  # its session decides, and names no task
                call(9, at, task_id="mystery"),
                call(10, at, task_id="two", session_id="s3"),
                call(11, at, cost_usd=0.0, task_id="free", prompt_tokens=0, completion_tokens=0),
                call(12, at, cost_usd=50, task_id="early"),
                call(13, at, cost_usd=70, task_id="open"),
            ],
        )
        answer = live.json("/api/telemetry/done-tasks?from=2026-11-16&to=2026-11-20&compare=length")
        rows = {row["id"]: row for row in answer["rows"]}
        known = {"one": 3.0, "two": 10.0, "three": 111.0, "free": 0.0}
        assert {name: row["cost_usd"] for name, row in rows.items() if row["cost_usd"] is not None} == known
        assert (rows["one"]["calls"], rows["one"]["unnamed_calls"]) == (2, 1)
        assert (rows["three"]["unnamed_calls"], rows["two"]["unpriced_calls"]) == (1, 1)
        assert [row["id"] for row in answer["rows"]][:3] == ["three", "two", "one"]
        assert (answer["tasks"], answer["known"], answer["without_calls"], answer["unpriced"]) == (6, 4, 1, 1)
        assert answer["partly_unpriced"] == 1
        assert answer["median_usd"] == statistics.median(known.values())
        assert answer["mean_usd"] == statistics.fmean(known.values())
        assert answer["quartiles_usd"] == statistics.quantiles(known.values(), n=4, method="inclusive")[::2]
        assert sum(one["tasks"] for one in answer["bins"]) == 4
        assert all(one["from_usd"] < one["to_usd"] for one in answer["bins"])
        assert answer["before"]["tasks"] == 0 and answer["before"]["median_usd"] is None
        assert live.json("/api/telemetry/done-tasks?from=2026-11-01&to=2026-11-01")["median_usd"] == 50
        nothing = live.json("/api/telemetry/done-tasks?from=2026-12-24&to=2026-12-24")
        assert (nothing["tasks"], nothing["median_usd"], nothing["bins"], nothing["rows"]) == (0, None, [], [])
        # A call that is withdrawn, or names another task of the session, changes whose the unnamed ones are.
        post(live, [call(20, at, cost_usd=9, task_id="free", session_id="s1")])
        again = live.json("/api/telemetry/done-tasks?from=2026-11-16&to=2026-11-20")
        assert {row["id"]: row["cost_usd"] for row in again["rows"]}["one"] == 1
        assert again["before"] is None
    finally:
        live.stop()


def test_the_table_of_sessions_is_the_recount_of_the_calls_after_a_migration_and_a_change_of_zone(
    workspace: Path,
) -> None:

    live = running(workspace, timezone="UTC")
    try:
        randomly = random.Random(3)
        post(
            live,
            [
                call(
                    number, datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number),
                    cost_usd=randomly.choice([None, 0.5]),
                    task_id=randomly.choice([None, "a", "b"]), session_id=randomly.choice([None, "s", "t"]),
                    run_id=randomly.choice([None, "r"]),
                )
                for number in range(300)
            ],
        )  # fmt: skip
    finally:
        live.stop()
    path = workspace / ".llm-service/history.db"
    recount = (
        "SELECT CASE WHEN session IS NOT NULL THEN 2 * session ELSE 2 * run + 1 END, COALESCE(task, 0), COUNT(*),"
        " SUM(cost_source = 2), COALESCE(SUM(cost_nanos), 0) FROM calls"
        " WHERE session IS NOT NULL OR run IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    stored = "SELECT * FROM session_tasks ORDER BY unit, task"
    with sqlite3.connect(path) as connection:
        wanted = connection.execute(recount).fetchall()
        assert connection.execute(stored).fetchall() == wanted
        assert len(wanted) == 9
        connection.execute("DROP TABLE session_tasks")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {version - 1}")
    connection.close()
    for zone in ("UTC", "Asia/Kolkata"):  # migrated, then rebuilt
        again = running(workspace, timezone=zone)
        again.json("/api/telemetry")
        again.stop()
        connection = sqlite3.connect(path)
        assert connection.execute(stored).fetchall() == wanted
        connection.close()
