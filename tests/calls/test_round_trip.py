"""An export that is imported into an empty workspace and exported again is the same file, and the totals are equal."""

from __future__ import annotations

import csv
import io
import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_service.calendar_days import Calendar
from llm_service.calls.exports import FORMATS
from llm_service.calls.model import MAX_COST_NANOS, MAX_LATENCY_MS, MAX_TOKENS, Call, validate
from llm_service.calls.prices.book import PriceBook
from llm_service.calls.sessions.import_logs import read_logs
from llm_service.calls.store.queries import CallFilter
from llm_service.calls.store.store import CallStore
from llm_service.costs.queries import CostQueries
from llm_service.database.database import Database
from llm_service.tasks.model import LANES

NOW_MS = int(time.time() * 1000)
LAST_MS = 253_402_300_799_000  # 9999-12-31T23:59:59Z


class Books:
    """A store with its prices and queries."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(str(folder / "history.db"))
        self.database.start()
        assert self.database.wait_open(60)
        calendar = Calendar(UTC)
        self.store = CallStore(self.database, PriceBook().cost_nanos, calendar)
        self.queries = CostQueries(self.database, calendar)

    def export(self, kind: str) -> bytes:
        return "".join(FORMATS[kind][1](self.queries.calls.every(CallFilter()))).encode()

    def load(self, path: Path) -> list[Any]:
        """Import a file; what was refused."""
        refused = []
        for portion in read_logs(str(path), None, LANES):
            self.store.ingest(portion.calls)
            refused += portion.refused
        return refused

    def totals(self) -> dict[str, Any]:
        names = {each: self.queries.by_name(each) for each in ("model", "agent", "task", "project")}
        return {
            "all": self.queries.totals(NOW_MS // 1000),
            **{each: sorted(rows, key=repr) for each, rows in names.items()},
            "days": self.queries.daily_costs(NOW_MS // 1000 - 86_400 * 400, NOW_MS // 1000 + 86_400),
            "spending": sorted(self.queries.spending(), key=repr),
        }


@contextmanager
def books() -> Iterator[Books]:
    with tempfile.TemporaryDirectory() as folder:
        opened = Books(Path(folder))
        try:
            yield opened
        finally:
            opened.database.stop()


def check(calls: list[Call], kinds: tuple[str, ...] = tuple(FORMATS)) -> None:
    with books() as first, tempfile.TemporaryDirectory() as folder:
        first.store.ingest([validate(call, NOW_MS) for call in calls])
        for kind in kinds:
            exported = first.export(kind)
            path = Path(folder) / f"calls.{kind}"
            path.write_bytes(exported)
            with books() as second:
                assert second.load(path) == []
                assert second.export(kind) == exported
                assert second.totals() == first.totals()
                assert second.load(path) == []  # again: all known
                assert second.export(kind) == exported


tricky = st.sampled_from(
    ["=1+1", "'=1+1", "''@x", "+", "-5", "@a", "\tx", "\rx", "a\r\nb", "a\nb", 'say "no"', ",", "'", "a\x00b", "\x1a",
     " lead", "trail ", "null", "true", "1e5", "0", "𝕏 ü", "\u2028", "\ufeffx", "[", "]", "{", "}],\n[", "x" * 512]
)  # fmt: skip
texts = st.one_of(tricky, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
names = st.one_of(st.none(), texts)
models = st.one_of(
    names, st.sampled_from(["claude-opus-5", "gpt-5.6-sol", "claude-haiku-4-5", "gpt-5", "nobody-knows"])
)
costs = st.one_of(
    st.tuples(st.none(), st.sampled_from([None, "unknown"])),
    st.tuples(
        st.one_of(st.sampled_from([0, 1, 10, 999_999_999, MAX_COST_NANOS]), st.integers(0, MAX_COST_NANOS)),
        st.sampled_from([None, "priced", "reported"]),
    ),
)


@st.composite
def any_call(draw: st.DrawFn) -> Call:
    read, write = draw(st.integers(0, 10**7)), draw(st.integers(0, 10**7))
    cost, source = draw(costs)
    moments = st.one_of(
        st.sampled_from([0, 1, LAST_MS - 1, LAST_MS]), st.integers(0, LAST_MS), st.integers(NOW_MS - 10**10, NOW_MS)
    )
    return Call(
        draw(texts),
        draw(moments),
        agent_name=draw(names),
        tool_name=draw(names),
        model_name=draw(models),
        provider=draw(st.one_of(names, st.sampled_from(["anthropic", "openai"]))),
        task_id=draw(names),
        job_id=draw(names),
        run_id=draw(names),
        session_id=draw(names),
        project=draw(names),
        prompt_tokens=read + write + draw(st.integers(0, 10**7)),
        completion_tokens=draw(st.sampled_from([0, 5, MAX_TOKENS])),
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_1h_tokens=draw(st.integers(0, write)),
        web_searches=draw(st.sampled_from([0, 0, 1, 7, 100_000])),
        service_tier=draw(st.sampled_from([None, "fast", "priority", "flex", "batch", "ultrafast", "scale"])),
        inference_geo=draw(st.sampled_from([None, "us", "eu"])),
        unconfirmed=draw(st.booleans()),
        cost_nanos=cost,
        latency_ms=draw(st.one_of(st.none(), st.integers(0, MAX_LATENCY_MS))),
        status=draw(st.sampled_from(["success", "error", "timeout"])),
        error_message=draw(names),
        privacy_level=draw(names),
        cost_source=source,
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(any_call(), max_size=25, unique_by=lambda call: call.invocation_id))
def test_any_calls_come_back_as_they_were(calls: list[Call]) -> None:
    check(calls)


def realistic(count: int, seed: int = 1) -> list[Call]:
    """Calls of every kind in shares as they occur."""
    pick = random.Random(seed)
    found = []
    for number in range(count):
        read, write, fresh = pick.randrange(400_000), pick.randrange(30_000), pick.randrange(5_000)
        model, provider = pick.choice(
            [("claude-opus-5", "anthropic"), ("claude-haiku-4-5", "anthropic"), ("gpt-5.6-sol", "openai"),
             ("quay-local-32b", "ollama"), (None, None)]
        )  # fmt: skip
        cost, source = pick.choice(
            [
                (None, None),
                (None, None),
                (None, "unknown"),
                (pick.randrange(10**10), None),
                (pick.randrange(10**10), "priced"),
            ]
        )
        found.append(
            Call(
                f"id-{number}",
                NOW_MS - pick.randrange(300 * 86_400_000),
                agent_name=pick.choice([None, "ada", "Größe", "=cmd"]),
                model_name=model,
                provider=provider,
                task_id=pick.choice([None, f"task-{number % 80}"]),
                session_id=f"session-{number // 50}",
                project=pick.choice([None, "quayside"]),
                prompt_tokens=read + write + fresh,
                completion_tokens=pick.randrange(4_000),
                cache_read_tokens=read,
                cache_write_tokens=write,
                cache_write_1h_tokens=pick.choice([0, write, pick.randrange(write + 1)]),
                web_searches=pick.choice([0, 0, 0, 3]),
                service_tier=pick.choice([None, None, "fast", "priority", "batch", "flex"]),
                inference_geo=pick.choice([None, None, "us"]),
                unconfirmed=pick.random() < 0.2,
                cost_nanos=cost,
                latency_ms=pick.choice([None, pick.randrange(60_000)]),
                status=pick.choice(["success", "success", "success", "error", "timeout"]),
                error_message=pick.choice([None, "Overloaded\n(529), “try again”"]),
                privacy_level=pick.choice([None, "internal"]),
                cost_source=source,
            )
        )
    return found


@pytest.mark.parametrize("kind", FORMATS)
def test_ten_thousand_calls_of_every_kind_come_back_as_they_were(kind: str) -> None:
    check(realistic(10_000), (kind,))


def test_every_form_carries_every_field_that_a_call_has() -> None:
    """Each field has another value than its default in this call, and is found in each form."""
    call = Call(
        "id-1", NOW_MS, "ada", "chat", "claude-opus-5", "anthropic", "t1", "j1", "r1", "s1", "quayside", 100, 20, 30,
        40, 15, 7, "fast", "us", True, 123_456_789, 900, "error", "no", "internal",
    )  # fmt: skip
    with books() as opened:
        opened.store.ingest([call])
        (row,) = json.loads(opened.export("json"))
        (line,) = map(json.loads, opened.export("jsonl").splitlines())
        (cells,) = csv.DictReader(io.StringIO(opened.export("csv").decode()))
        ((listed,), _) = opened.queries.calls.page(CallFilter(), 10, None)
    assert row == line == listed
    assert row | {"timestamp": None} == {
        "invocation_id": "id-1", "timestamp": None, "agent_name": "ada", "tool_name": "chat",
        "model_name": "claude-opus-5", "provider": "anthropic", "task_id": "t1", "job_id": "j1", "run_id": "r1",
        "session_id": "s1", "project": "quayside", "prompt_tokens": 100, "completion_tokens": 20,
        "cache_read_tokens": 30, "cache_write_tokens": 40, "cache_write_1h_tokens": 15, "total_tokens": 120,
        "web_searches": 7, "service_tier": "fast", "inference_geo": "us", "unconfirmed": True, "cost_usd": 0.123456789,
        "cost_source": "reported", "latency_ms": 900, "status": "error", "error_message": "no",
        "privacy_level": "internal", "flags": [],
    }  # fmt: skip
    assert list(cells) == list(row)
    assert cells["cost_usd"] == "0.123456789"
    assert (cells["unconfirmed"], cells["cache_write_1h_tokens"], cells["web_searches"]) == ("true", "15", "7")


def test_the_view_of_the_database_has_the_same_fields() -> None:
    call = Call("id-1", NOW_MS, cache_write_1h_tokens=15, cache_write_tokens=40, prompt_tokens=50, web_searches=7)
    with books() as opened:
        opened.store.ingest([call._replace(service_tier="fast", inference_geo="us", unconfirmed=True)])
        with opened.database.read_transaction() as connection:
            cursor = connection.execute("SELECT * FROM invocations")
            view = dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))
        (row,) = opened.queries.calls.every(CallFilter())
    assert set(row) - set(view) == {"flags"}
    assert {name: view[name] for name in row if name != "flags"} == {
        name: value for name, value in row.items() if name != "flags"
    }


def test_the_smallest_cost_is_a_decimal_number_in_csv() -> None:
    with books() as opened:
        opened.store.ingest([Call("id-1", NOW_MS, cost_nanos=1), Call("id-2", NOW_MS, cost_nanos=MAX_COST_NANOS)])
        cells = [row["cost_usd"] for row in csv.DictReader(io.StringIO(opened.export("csv").decode()))]
    assert cells[0] == "0.000000001"
    assert Decimal(cells[1]) == 100_000


def test_a_cost_from_an_export_stays_until_it_is_priced_again(tmp_path: Path) -> None:
    row = {
        "invocation_id": "id-1",
        "timestamp": "2026-11-20T10:00:00Z",
        "model_name": "claude-opus-5",
        "prompt_tokens": 1_000_000,
    }
    (tmp_path / "old.jsonl").write_text(json.dumps(row | {"cost_usd": 9.5, "cost_source": "priced"}))
    with books() as opened:
        opened.load(tmp_path / "old.jsonl")
        assert [(call["cost_usd"], call["cost_source"]) for call in opened.queries.calls.every(CallFilter())] == [
            (9.5, "priced")
        ]
        opened.store.reprice()
        assert [(call["cost_usd"], call["cost_source"]) for call in opened.queries.calls.every(CallFilter())] == [
            (5.0, "priced")
        ]


def read_file(path: Path, content: str) -> tuple[list[str], list[Any]]:
    path.write_bytes(content.encode())
    portions = list(read_logs(str(path), None, LANES))
    return (
        [call.invocation_id for portion in portions for call in portion.calls],
        [refusal for portion in portions for refusal in portion.refused],
    )


ONE = {"invocation_id": "a", "timestamp": "2026-11-20T10:00:00Z", "prompt_tokens": 5}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([ONE]),
        json.dumps([ONE], indent=4),
        "\ufeff" + json.dumps([ONE]),
        json.dumps({"calls": [ONE], "cursor": "1.2"}),
        json.dumps({"calls": [ONE], "cursor": None}, indent=1),
        "invocation_id,timestamp,prompt_tokens\r\na,2026-11-20T10:00:00Z,5\r\n",
        "timestamp,prompt_tokens,invocation_id\n2026-11-20T10:00:00Z,5,a",
        "\ufeffinvocation_id,timestamp,prompt_tokens,unheard_of\n\na,2026-11-20T10:00:00Z,5,x\n",
    ],
)
def test_other_spellings_of_the_forms_are_read_too(tmp_path: Path, content: str) -> None:
    assert read_file(tmp_path / "file", content) == (["a"], [])


def test_an_empty_export_is_no_call(tmp_path: Path) -> None:
    with books() as opened:
        for kind in FORMATS:
            assert read_file(tmp_path / f"file.{kind}", opened.export(kind).decode()) == ([], [])


def test_what_is_wrong_is_refused_with_its_line_and_the_rest_counts(tmp_path: Path) -> None:
    header = "invocation_id,timestamp,prompt_tokens,cost_usd\n"
    day = "2026-11-20T10:00:00Z"
    rows = f"a,{day},5,\nb,{day},five,\nc,{day}\nd,{day},5,dear\n"
    calls, refused = read_file(tmp_path / "calls.csv", header + rows + "e,2026-11-20T10:00:00Z,5,0.5\n")
    assert calls == ["a", "e"]
    assert refused == [
        (3, "prompt_tokens has to be a whole number, not “five”."),
        (4, "This line has 2 columns, the header 4."),
        (5, "cost_usd has to be a number, not “dear”."),
    ]
    calls, refused = read_file(tmp_path / "calls.json", json.dumps([ONE, 7, ONE | {"timestamp": "soon"}], indent=1))
    assert calls == ["a"]
    assert refused == [(7, "A call has to be a JSON object."), (8, "“soon” is not a time in ISO 8601.")]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([ONE])[:-9],
        json.dumps([ONE]).replace("5}", "5 oops}"),
        'invocation_id,timestamp\na,"2026\n',
        "[nonsense]",
    ],
)
def test_a_file_that_ends_or_breaks_within_a_call_is_refused_from_there(tmp_path: Path, content: str) -> None:
    calls, ((line, reason),) = read_file(tmp_path / "file", content)
    assert calls == []
    assert line is None
    assert "cannot be read" in reason


def test_objects_across_the_chunks_of_a_large_file_are_whole(tmp_path: Path) -> None:
    rows = [ONE | {"invocation_id": f"id-{number}", "error_message": "x" * 1_999} for number in range(1_500)]
    calls, refused = read_file(tmp_path / "large.json", json.dumps(rows))  # three megabytes
    assert calls == [row["invocation_id"] for row in rows]
    assert refused == []
