"""Calls in the database: each is counted once, totals equal a recount, prices can change."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_service.calendar_days import Calendar
from llm_service.calls.model import FLAG_FUTURE, Call
from llm_service.calls.sessions.checkpoints import Checkpoint
from llm_service.calls.store.duplicates import id_hash
from llm_service.calls.store.queries import CallFilter
from llm_service.calls.store.store import CallStore, IngestResult, StoredBatch
from llm_service.calls.store.totals import SPAN_CODES
from llm_service.costs.queries import CostQueries
from llm_service.database.database import Database
from llm_service.database.migrations import MIGRATIONS
from llm_service.errors import BadRequest, HistoryUnavailable

ZONE = ZoneInfo("America/New_York")
NOON = int(datetime(2026, 3, 8, 12, tzinfo=ZONE).timestamp())  # the day when clocks go forward


class PricedStore:
    """A call store with a new database and prices that a test can change."""

    def __init__(self, path: Path, zone: ZoneInfo = ZONE) -> None:
        self.prices: dict[str | None, int] = {"dear": 1_000_000, "cheap": 1_000}
        self.database = Database(str(path / "history.db"))
        self.database.start()
        assert self.database.wait_open(60)
        self.batches: list[StoredBatch] = []
        self.calendar = Calendar(zone)
        self.store = CallStore(self.database, self.price, self.calendar, self.batches.append)
        self.queries = CostQueries(self.database, self.calendar)

    def price(self, call: Call) -> int | None:
        per_token = self.prices.get(call.model_name)
        return None if per_token is None else per_token * (call.prompt_tokens + call.completion_tokens)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[PricedStore]:
    made = PricedStore(tmp_path)
    yield made
    made.database.stop()


def call(number: int, at_s: int = NOON, **fields: object) -> Call:
    values = {"model_name": "dear", "agent_name": "pedro", "prompt_tokens": 10, "completion_tokens": 5} | fields
    return Call(f"id-{number}", at_s * 1000, **values)  # type: ignore[arg-type]


def recount(book: PricedStore) -> Counter[tuple[int, int, int, int, str]]:
    """All totals, computed from the calls one by one."""
    found: Counter[tuple[int, int, int, int, str]] = Counter()
    with book.database.read_transaction() as connection:
        rows = connection.execute(
            "SELECT timestamp_ms, model, agent, task, project, prompt_tokens, completion_tokens, cache_read_tokens,"
            " cache_write_tokens, cost_nanos, cost_source, status, unconfirmed FROM calls"
        ).fetchall()
    for time_ms, model, agent, task, project, prompt, output, read, write, cost, source, status, unsure in rows:
        local = datetime.fromtimestamp(time_ms // 1000, ZONE)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        starts = (
            int(local.timestamp()) - local.minute * 60 - local.second,
            int(day.timestamp()),
            int(day.replace(day=1).timestamp()),
            0,
        )
        values = {
            "calls": 1,
            "unpriced": source == 2,
            "unconfirmed": unsure,
            "reported": source == 1,
            "errors": status == 1,
            "timeouts": status == 2,
            "input": prompt - read - write,
            "output": output,
            "cache_read": read,
            "cache_write": write,
            "cost_nanos": cost or 0,
        }
        for span, start in enumerate(starts):
            for dimension, key in enumerate((0, model or 0, agent or 0, task or 0, project or 0)):
                for name, value in values.items():
                    found[span, dimension, start, key, name] += int(value)
    return +found


def stored_totals(book: PricedStore) -> Counter[tuple[int, int, int, int, str]]:
    """The totals in the database."""
    found: Counter[tuple[int, int, int, int, str]] = Counter()
    with book.database.read_transaction() as connection:
        cursor = connection.execute("SELECT * FROM rollups")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            span, dimension, start, key, *values = row
            for name, value in zip(names[4:], values, strict=True):
                if name != "last_ms":
                    found[span, dimension, start, key, name] += value
    return +found


def calls_strategy() -> st.SearchStrategy[list[list[Call]]]:
    names = st.sampled_from([None, "a", "b"])
    tokens = st.integers(0, 50)

    @st.composite
    def one(draw: st.DrawFn) -> Call:
        read, write = draw(tokens), draw(tokens)
        return Call(
            f"id-{draw(st.integers(0, 12))}",
            (NOON + draw(st.integers(-40 * 86_400, 40 * 86_400))) * 1000 + draw(st.integers(0, 999)),
            agent_name=draw(names),
            model_name=draw(st.sampled_from([None, "dear", "cheap", "unknown"])),
            task_id=draw(names),
            project=draw(names),
            service_tier=draw(st.sampled_from([None, "fast", "batch"])),
            unconfirmed=draw(st.booleans()),
            prompt_tokens=read + write + draw(tokens),
            completion_tokens=draw(tokens),
            cache_read_tokens=read,
            cache_write_tokens=write,
            cost_nanos=draw(st.sampled_from([None, None, 0, 7])),
            latency_ms=draw(st.sampled_from([None, 0, 1, 900])),
            status=draw(st.sampled_from(["success", "error", "timeout"])),
            supersedes=draw(st.booleans()),
        )

    return st.lists(st.lists(one(), max_size=6), max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=calls_strategy(), repricing=st.booleans())
def test_totals_equal_a_recount_after_any_batches_duplicates_updates_and_new_prices(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Call]], repricing: bool
) -> None:
    book = PricedStore(tmp_path_factory.mktemp("book"))
    try:
        for batch in batches:
            result = book.store.ingest(batch)
            assert result.accepted + result.duplicates + result.updated == len(batch)
        if repricing:
            book.prices = {"dear": 5, "unknown": 3}
            book.store.reprice()
        assert stored_totals(book) == recount(book)
        ids = {one.invocation_id for batch in batches for one in batch}
        assert book.queries.totals(NOON)["total"].calls == len(ids)
        before = stored_totals(book)
        book.database.write(lambda connection: connection.execute("DELETE FROM facts") and None)
        assert book.store.ensure_zone("again")
        assert stored_totals(book) == before
    finally:
        book.database.stop()


def test_a_repeated_call_is_counted_once_also_after_a_restart(book: PricedStore, tmp_path: Path) -> None:
    assert book.store.ingest([call(1), call(2), call(1)]) == IngestResult(2, 1, 0)
    assert book.store.ingest([call(2), call(3)]) == IngestResult(1, 1, 0)
    book.database.stop()
    again = PricedStore(tmp_path)
    assert again.store.ingest([call(number) for number in range(1, 5)]) == IngestResult(1, 3, 0)
    assert again.queries.totals(NOON)["total"].calls == 4
    again.database.stop()


def test_a_streamed_call_counts_its_last_tokens_and_keeps_its_agent_and_task(book: PricedStore) -> None:
    book.store.ingest([call(1, completion_tokens=1, supersedes=True, task_id="t1")])
    later = call(1, NOON + 60, completion_tokens=400, supersedes=True, task_id="t2", agent_name="other")
    assert book.store.ingest([later]) == IngestResult(0, 0, 1)
    assert book.store.ingest([call(1, completion_tokens=399, supersedes=True)]) == IngestResult(0, 1, 0)
    (row,), _ = book.queries.calls.page(CallFilter(), 10, None)
    assert (row["completion_tokens"], row["task_id"], row["agent_name"]) == (400, "t1", "pedro")
    assert book.queries.by_task_id(["t1", "t2"]).keys() == {"t1"}
    assert book.queries.totals(NOON)["total"].cost_nanos == 410 * 1_000_000


def test_a_repeated_call_that_does_not_supersede_changes_nothing(book: PricedStore) -> None:
    book.store.ingest([call(1, completion_tokens=1)])
    assert book.store.ingest([call(1, completion_tokens=400)]) == IngestResult(0, 1, 0)
    assert book.queries.totals(NOON)["total"].output == 1


def test_a_withdrawn_call_is_in_no_total_and_may_come_again(book: PricedStore) -> None:
    book.store.ingest([call(1, task_id="t1", model_name="cheap", latency_ms=9), call(2), call(3)])
    result = book.store.ingest([call(4), call(2)], withdrawn=["id-1", "id-3", "id-99"])
    assert result == IngestResult(1, 1, 0, withdrawn=2)
    assert stored_totals(book) == recount(book)
    assert [row["model"] for row in book.queries.models()] == ["dear"]
    assert book.batches[-1].tasks == {"t1"}
    assert book.store.ingest([], withdrawn=["id-4"]) == IngestResult(0, 0, 0, withdrawn=1)
    assert (book.batches[-1].newest, book.batches[-1].calls) == (None, 0)
    assert book.store.ingest([call(1)]) == IngestResult(1, 0, 0)
    assert stored_totals(book) == recount(book)


def test_a_reported_cost_is_used_and_an_unknown_cost_is_not_zero(book: PricedStore) -> None:
    book.store.ingest([call(1, cost_nanos=42), call(2, model_name="unknown"), call(3)])
    rows, _ = book.queries.calls.page(CallFilter(), 10, None)
    assert [(row["cost_usd"], row["cost_source"]) for row in rows] == [
        (0.015, "priced"),
        (None, "unknown"),
        (4.2e-8, "reported"),
    ]
    models = {row["model"]: row for row in book.queries.models()}
    assert (models["unknown"]["cost_usd"], models["unknown"]["unpriced"], models["unknown"]["share"]) == (None, 1, None)
    assert book.queries.unpriced_models() == [{"model": "unknown", "provider": None, "calls": 1, "tokens": 15}]


def test_repricing_returns_what_changed_and_leaves_reported_costs_alone(book: PricedStore) -> None:
    book.store.ingest([call(1), call(2, model_name="unknown"), call(3, cost_nanos=42), call(4, model_name="cheap")])
    book.prices = {"dear": 2_000_000, "unknown": 10, "cheap": 1_000}
    progress: list[int] = []
    repriced = book.store.reprice(progress.append)
    assert (repriced.examined, repriced.changed, repriced.newly_priced, progress) == (3, 2, 1, [3])
    assert (repriced.before_nanos, repriced.after_nanos) == (15_000_000, 30_000_150)
    assert repriced.by_model == {"dear": (1, 15_000_000, 30_000_000), "unknown": (1, 0, 150)}
    assert book.store.reprice().changed == 0
    total = book.queries.totals(NOON)["total"]
    assert (total.cost_nanos, total.unpriced, total.reported) == (30_000_150 + 42 + 15_000, 0, 1)


def test_repricing_mends_a_reported_cost_of_nothing_that_was_believed_before(book: PricedStore) -> None:
    unused = call(3, cost_nanos=0, prompt_tokens=0, completion_tokens=0, status="error")
    book.store.ingest([call(1, cost_nanos=0), call(2, cost_nanos=0, model_name="unknown"), unused])
    repriced = book.store.reprice()
    assert (repriced.examined, repriced.changed, repriced.after_nanos) == (2, 2, 15_000_000)
    rows, _ = book.queries.calls.page(CallFilter(), 10, None)
    assert [(row["cost_usd"], row["cost_source"]) for row in rows] == [
        (0.0, "reported"),
        (None, "unknown"),
        (0.015, "priced"),
    ]
    assert stored_totals(book) == recount(book)
    assert book.store.reprice().changed == 0


def test_a_day_is_a_day_of_the_users_calendar_also_when_the_clocks_change(book: PricedStore) -> None:
    midnight = int(datetime(2026, 3, 8, tzinfo=ZONE).timestamp())
    book.store.ingest([call(1, midnight - 1), call(2, midnight), call(3, midnight + 23 * 3600 - 1)])
    book.store.ingest([call(4, midnight + 23 * 3600)])
    assert book.queries.totals(midnight)["today"].calls == 2
    starts, ((_, _, sums),) = book.queries.trends("day", midnight - 1, midnight + 23 * 3600 + 1)
    assert [total.calls for total in sums] == [1, 2, 1]
    assert [book.calendar.format(start)[:19] for start in starts] == [f"2026-03-0{day}T00:00:00" for day in (7, 8, 9)]
    hours, _ = book.queries.trends("hour", midnight, midnight + 23 * 3600)
    assert len(hours) == 23


def test_another_time_zone_rebuilds_the_totals_once(book: PricedStore, tmp_path: Path) -> None:
    at = int(datetime(2026, 5, 1, 3, tzinfo=UTC).timestamp())
    assert book.store.ensure_zone("America/New_York")
    book.store.ingest([call(1, at)])
    assert book.queries.totals(at - 6 * 3600)["today"].calls == 1  # in New York it is still April
    book.database.stop()
    other = PricedStore(tmp_path, ZoneInfo("Asia/Kolkata"))
    assert other.store.ensure_zone("Asia/Kolkata")
    assert not other.store.ensure_zone("Asia/Kolkata")
    assert other.queries.totals(at)["today"].calls == 1
    assert other.queries.totals(at - 9 * 3600)["today"].calls == 0
    other.database.stop()


def test_checkpoints_are_stored_with_the_calls_or_not_at_all(book: PricedStore) -> None:
    checkpoint = Checkpoint("/logs/a.jsonl", 1, 2, 300, 4, b"abc", "{}", 0)
    book.store.ingest([call(1)], [checkpoint])
    assert book.store.checkpoints() == {"/logs/a.jsonl": checkpoint}
    beyond = Checkpoint("/logs/a.jsonl", 1, 2, 600, 8, b"abc", "{}", 0)

    def fail(one: Call) -> int | None:
        raise ArithmeticError

    book.store._price = fail
    with pytest.raises(ArithmeticError):
        book.store.ingest([call(2)], [beyond])
    assert book.store.checkpoints() == {"/logs/a.jsonl": checkpoint}


def test_names_from_a_failed_transaction_are_not_cached(book: PricedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    store = book.store
    ready, _ = store._prepare([call(1, agent_name="ghost")])

    def ingest_and_fail(connection: sqlite3.Connection) -> None:
        store._ingest(connection, ready, [], (), None)
        full(connection)

    with pytest.raises(HistoryUnavailable, match="disk is full"):
        book.database.write(ingest_and_fail)
    store.ingest([call(1, agent_name="new")])
    store.ingest([call(2, agent_name="ghost")])
    rows, _ = book.queries.calls.page(CallFilter(), 10, None)
    assert {row["invocation_id"]: row["agent_name"] for row in rows} == {"id-1": "new", "id-2": "ghost"}


def test_two_ids_with_the_same_hash_are_two_calls(book: PricedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.calls.store.store.id_hash", lambda invocation_id: 7)
    assert book.store.ingest([call(1), call(2)]) == IngestResult(2, 0, 0)
    assert book.store.ingest([call(2), call(3)]) == IngestResult(1, 1, 0)


def test_calls_are_paged_newest_first_without_a_gap_or_a_repeat(book: PricedStore) -> None:
    randomly = random.Random(3)
    book.store.ingest([call(number, NOON + randomly.randrange(5)) for number in range(57)])
    seen: list[str] = []
    times: list[str] = []
    cursor = None
    while True:
        page, cursor = book.queries.calls.page(CallFilter(), 10, cursor)
        seen += [row["invocation_id"] for row in page]
        times += [row["timestamp"] for row in page]
        if cursor is None:
            break
    assert (len(seen), len(set(seen))) == (57, 57)
    assert times == sorted(times, reverse=True)
    with pytest.raises(BadRequest):
        book.queries.calls.page(CallFilter(), 10, "1; DROP TABLE calls")


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (CallFilter(names=(("agent", frozenset({"ann"})),)), {2}),
        (CallFilter(names=(("agent", frozenset({"nobody"})),)), set()),
        (CallFilter(names=(("task", frozenset({""})),)), {1, 2, 4}),
        (CallFilter(names=(("task", frozenset({"", "t"})),)), {1, 2, 3, 4}),
        (CallFilter(status=frozenset({"error", "timeout"})), {4}),
        (CallFilter(cost=frozenset({"unknown"})), {3}),
        (CallFilter(first=NOON + 1), {2, 3, 4}),
        (CallFilter(first=NOON + 1, end=NOON + 2), {2}),
    ],
)
def test_calls_are_filtered(book: PricedStore, wanted: CallFilter, numbers: set[int]) -> None:
    book.store.ingest(
        [
            call(1),
            call(2, NOON + 1, agent_name="ann"),
            call(3, NOON + 2, model_name="unknown", task_id="t"),
            call(4, NOON + 3, status="error"),
        ]
    )
    page, _ = book.queries.calls.page(wanted, 10, None)
    assert {row["invocation_id"] for row in page} == {f"id-{number}" for number in numbers}
    assert [row["invocation_id"] for row in book.queries.calls.every(wanted)] == [f"id-{n}" for n in sorted(numbers)]


HALF_AN_HOUR_BACK = ZoneInfo("Australia/Lord_Howe")  # from 2:00 to 1:30, so that one hour lasts 90 minutes
BACK_S = int(datetime(2026, 4, 4, 15, tzinfo=UTC).timestamp()) - NOON
some_calls = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 3599, 3600, 3601, 7200, 80_000, 86_400, 400_000, 40_000_000])
        | st.integers(BACK_S - 7200, BACK_S + 7200),
        st.sampled_from([None, "ann", "bob"]),
        st.sampled_from([None, "dear", "cheap", "unheard-of"]),
        st.sampled_from([None, "t1", "t2"]),
        st.sampled_from(["success", "error", "timeout"]),
    ),
    max_size=40,
)
some_names = st.sets(st.sampled_from(["", "ann", "bob", "dear", "unheard-of", "t1", "never"]), min_size=1, max_size=3)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some_calls,
    st.dictionaries(st.sampled_from(["agent", "model", "task", "session"]), some_names, max_size=2),
    st.sets(st.sampled_from(["success", "error"]), max_size=2),
    st.sampled_from([None, NOON, NOON + 3600, NOON + 90_000]),
    st.integers(1, 7),
    st.sampled_from([ZONE, HALF_AN_HOUR_BACK]),
)
def test_pages_contain_every_matching_call_once_and_newest_first(
    tmp_path: Path,
    made: list[tuple[int, str | None, str | None, str | None, str]],
    names: dict[str, set[str]],
    states: set[str],
    first: int | None,
    limit: int,
    zone: ZoneInfo,
) -> None:
    book = PricedStore(Path(tempfile.mkdtemp(dir=tmp_path)), zone)
    book.store.ingest(
        [
            call(number, NOON + later_s, agent_name=agent, model_name=model, task_id=task, status=status)
            for number, (later_s, agent, model, task, status) in enumerate(made)
        ]
    )
    wanted = CallFilter(
        tuple((column, frozenset(each)) for column, each in names.items()), frozenset(states), first=first
    )
    pages, cursor = book.queries.calls.page(wanted, limit, None)
    while cursor is not None:
        page, cursor = book.queries.calls.page(wanted, limit, cursor)
        assert len(page) <= limit
        pages += page
    book.database.stop()
    expected = [
        (later_s, number)
        for number, (later_s, agent, model, task, status) in enumerate(made)
        if all(
            ({"agent": agent, "model": model, "task": task, "session": None}[column] or "") in each
            for column, each in names.items()
        )
        and (not states or status in states)
        and (first is None or NOON + later_s >= first)
    ]
    assert [row["invocation_id"] for row in pages] == [f"id-{number}" for _, number in sorted(expected, reverse=True)]


def insert_as_version_3(connection: sqlite3.Connection) -> None:
    """The calls 1, of task t, and 2, with their totals, as the version with three migrations stored them."""
    connection.execute("INSERT INTO names (id, text) VALUES (1, 'dear'), (2, 'pedro'), (3, 't')")
    connection.execute("INSERT INTO facts (name, value) VALUES ('time zone', 'none yet')")
    for number, task in ((1, 3), (2, None)):
        connection.execute(
            "INSERT INTO calls (id, id_hash, invocation_id, timestamp_ms, model, agent, task, prompt_tokens,"
            " completion_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, cost_nanos, cost_source,"
            " status, flags) VALUES (?, ?, ?, ?, 1, 2, ?, 10, 5, 0, 0, 0, 15000000, 0, 0, 0)",
            (number, id_hash(f"id-{number}"), f"id-{number}", (NOON + number - 1) * 1000, task),
        )


def test_a_database_of_an_earlier_version_keeps_its_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("llm_service.database.file.MIGRATIONS", MIGRATIONS[:3])
        old = PricedStore(tmp_path)
        old.database.write(insert_as_version_3)
        old.database.stop()
    book = PricedStore(tmp_path)
    book.store.ensure_zone("America/New_York")
    assert book.store.ingest([call(2, NOON + 1), call(3, NOON + 2, task_id="t")]) == IngestResult(1, 1, 0)
    assert stored_totals(book) == recount(book)
    page, _ = book.queries.calls.page(CallFilter((("task", frozenset({"t"})),)), 10, None)
    assert [row["invocation_id"] for row in page] == ["id-3", "id-1"]
    assert [(row["web_searches"], row["service_tier"], row["unconfirmed"]) for row in page] == [(0, None, False)] * 2
    assert book.queries.totals(NOON)["total"].calls == 3
    book.database.stop()


def test_the_other_series_of_a_trend_are_one_and_all_add_up(book: PricedStore) -> None:
    book.store.ingest([call(n, NOON + n * 3600, agent_name=f"agent-{n % 5}", prompt_tokens=n) for n in range(40)])
    starts, series = book.queries.trends("hour", NOON, NOON + 40 * 3600, by="agent", top=2)
    assert [(name, rest) for name, rest, _ in series] == [("agent-4", False), ("agent-3", False), (None, True)]
    assert sum(total.calls for _, _, sums in series for total in sums) == 40
    assert len(starts) == 40


def test_too_many_buckets_are_refused_and_a_very_old_call_makes_no_endless_chart(book: PricedStore) -> None:
    with pytest.raises(BadRequest, match="buckets"):
        book.queries.trends("hour", NOON - 10 * 366 * 86_400, NOON)
    book.store.ingest([call(1, 100)])
    starts, _ = book.queries.trends("month", None, NOON)
    assert len(starts) <= 122


def test_percentiles_are_within_two_and_a_half_percent(book: PricedStore) -> None:
    randomly = random.Random(5)
    latencies = [round(10 ** randomly.uniform(1, 5)) for _ in range(2_000)]
    book.store.ingest([call(n, latency_ms=latency) for n, latency in enumerate(latencies)])
    (row,) = book.queries.models()
    latencies.sort()
    assert row["latency_p50_ms"] == pytest.approx(latencies[999], rel=0.03)
    assert row["latency_p95_ms"] == pytest.approx(latencies[1899], rel=0.03)


def test_models_and_totals_of_a_range_count_only_that_range(book: PricedStore) -> None:
    days = [call(n, NOON + n * 86_400, task_id=f"t{n}", latency_ms=100) for n in range(90)]
    book.store.ingest(days)
    midnight = book.calendar.start("day", NOON)
    first, end = book.calendar.end("day", midnight), book.calendar.start("day", NOON + 80 * 86_400)
    (row,) = book.queries.models(first, end)
    assert row["calls"] == 79
    assert len(book.queries.by_name("task", first, end)) == 79
    assert len(book.queries.by_name("task")) == 90
    assert [cost for _, cost in book.queries.daily_costs(first, end)] == [15_000_000] * 79


def test_calls_with_a_future_date_are_stored_and_flagged(book: PricedStore) -> None:
    book.store.ingest([call(1, NOON + 10**8, flags=FLAG_FUTURE), call(2)])
    assert book.queries.calls.flagged() == {"future": 1, "skewed": 0}
    sums = book.queries.totals(NOON)
    assert (sums["today"].calls, sums["month"].calls, sums["total"].calls) == (1, 1, 2)


def test_the_database_file_has_the_documented_table(book: PricedStore, tmp_path: Path) -> None:
    book.store.ingest([call(1, tool_name="edit", task_id="t", session_id="s", privacy_level="team")])
    book.database.stop()
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM invocations").fetchone())
    connection.close()
    assert (row["invocation_id"], row["timestamp"]) == ("id-1", "2026-03-08T16:00:00.000Z")
    assert (row["agent_name"], row["tool_name"], row["task_id"], row["session_id"]) == ("pedro", "edit", "t", "s")
    assert (row["total_tokens"], row["cost_usd"], row["cost_source"]) == (15, 0.015, "priced")
    assert (row["status"], row["privacy_level"]) == ("success", "team")


def test_the_listener_is_called_once_per_batch(book: PricedStore) -> None:
    book.store.ingest([call(1, task_id="t1"), call(2, NOON + 5, task_id="t2"), call(3, NOON - 5)])
    book.store.ingest([call(1)])
    (batch,) = book.batches
    assert (batch.calls, batch.tasks, batch.newest and batch.newest.invocation_id) == (3, {"t1", "t2"}, "id-2")


def test_spans_have_the_codes_in_the_database() -> None:
    assert SPAN_CODES == {"hour": 0, "day": 1, "month": 2, "ever": 3}
