"""In every time zone of the database, the bucket of each day of 2026 and 2027 is the sum of the calls on that date."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from llm_service.calendar_days import DAY, Calendar
from llm_service.calls.model import Call
from llm_service.calls.store.store import CallStore
from llm_service.costs.queries import CostQueries
from llm_service.database.database import Database

FIRST, DAYS = date(2026, 1, 1), 730
START = int(datetime.combine(FIRST, time(), UTC).timestamp())
EACH_DAY = [START + 86_400 * number for number in range(-1, DAYS + 2)]


def zones() -> list[ZoneInfo]:
    """One of all zones that have the same offset in each hour of the two years: a calendar depends on nothing else."""
    by_changes: dict[tuple[object, ...], ZoneInfo] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        offsets = [(at, datetime.fromtimestamp(at, zone).utcoffset()) for at in EACH_DAY]
        changes = [later for one, later in itertools.pairwise(offsets) if one[1] != later[1]]
        exact = [
            (at, datetime.fromtimestamp(at, zone).utcoffset())
            for day, _ in changes
            for at in range(day - 86_400, day + 1, 900)
        ]
        by_changes.setdefault((offsets[0][1], *exact), zone)
    return list(by_changes.values())


def moments(zone: ZoneInfo) -> list[int]:
    """Every quarter of an hour around each change of the clocks, and both ends of every fifth date."""
    found = set()
    offsets = [(at, datetime.fromtimestamp(at, zone).utcoffset()) for at in EACH_DAY]
    for (_, before), (at, after) in itertools.pairwise(offsets):
        if before != after:
            found |= set(range(at - 2 * 86_400, at + 86_400, 900))
    for number in range(0, DAYS, 5):
        midnight = datetime.combine(FIRST + timedelta(days=number), time(), zone).timestamp()
        found |= {int(midnight) - 1, int(midnight), int(midnight) + 43_200}
    return sorted(found)


def test_in_every_zone_the_bucket_of_a_day_is_the_sum_of_its_calls(tmp_path: Path) -> None:
    chosen = zones()
    assert len(chosen) > 40
    for number, zone in enumerate(chosen):
        database = Database(str(tmp_path / f"{number}.db"))
        database.start()
        assert database.wait_open(60)
        calendar = Calendar(zone)
        store, queries = CallStore(database, lambda call: None, calendar), CostQueries(database, calendar)
        cost: Counter[str] = Counter()
        calls: Counter[str] = Counter()
        batch = []
        for place, at in enumerate(moments(zone), start=1):
            batch.append(Call(f"id-{place}", at * 1000 + 999, cost_nanos=place))
            day = datetime.fromtimestamp(at, zone).date().isoformat()
            cost[day] += place
            calls[day] += 1
        store.ingest(batch)
        first, end = calendar.parse("2025-12-30"), calendar.parse("2028-01-02")
        found = {
            datetime.fromtimestamp(start, zone).date().isoformat(): nanos
            for start, nanos in queries.daily_costs(first, end)
        }
        assert {day: nanos for day, nanos in found.items() if nanos} == cost, zone.key
        (starts, ((_, _, totals),)) = queries.trends(DAY, first, end)
        shown = {
            datetime.fromtimestamp(start, zone).date().isoformat(): one.calls
            for start, one in zip(starts, totals, strict=True)
        }
        assert {day: count for day, count in shown.items() if count} == calls, zone.key
        database.stop()
