"""Whatever a request has in its path, its parameters and its body: an answer below 500, and errors in the one form."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.live import Live, running
from werkzeug.test import Client

NESTED = "[" * 100_000
CURSORS = [
    base64.urlsafe_b64encode(text.encode()).decode()
    for text in (
        NESTED, "[" * 2_000, '["newest",' + "[" * 1_500, "[]", "{}", '["newest",1e999,"x"]', '["id",null]', "\x00", "/",
    )
]  # fmt: skip
TEXTS = [
    *CURSORS, "", "\x00", "a" * 70_000, "..", "../../etc/passwd", "%", "9" * 5_000, "-1", "1e999", "NaN", "Infinity",
    "0x10", "²", "٣", "1.1", "99999999999999999999.1", "0.99999999999999999999", "{}", "[]", "null", "__proto__", "*",
    "constructor", "(", "[", "(?P<a>", "(" * 5_000, "a{1000}{1000}", "\\", "'; DROP TABLE calls; --", "\ud800",
    "\u202e", "é", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45",
    "2026-01-01T25:00", "2026-W01", "10000-01-01", "1970-01-01", "2262-04-12", "20260101", "1" * 18,
    "2026-01-01T00:00:00+99:99", str(2**63), str(2**53),
]  # fmt: skip
GOOD = ["inbox", "t1", "ada", "newest", "id", "shop", "readme.md", "1", "500", "day", "model", "2026-01-01", "json"]
VALUES = st.sampled_from(TEXTS) | st.sampled_from(GOOD) | st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["invocation_id", "timestamp", "model_name", "prompt_tokens", "completion_tokens", "cost_usd", "latency_ms",
     "status", "agent_name", "task_id", "error_message", "path", "sha256"]
)  # fmt: skip
BODIES = (
    st.one_of(JSON, st.dictionaries(FIELDS, JSON, max_size=6), st.lists(st.dictionaries(FIELDS, JSON, max_size=4))).map(
        lambda value: json.dumps(value).encode()
    )
    | st.binary(max_size=20)
    | st.just(NESTED.encode())
)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A dashboard with a task, an artifact and a call."""
    workspace = tmp_path_factory.mktemp("workspace")
    for folder in ("work/collaboration/inbox", "generated_projects/shop"):
        (workspace / folder).mkdir(parents=True)
    (workspace / "generated_projects/shop/readme.md").write_text("# Shop\n")
    live = running(workspace)
    live.write("inbox/t1.yaml")
    live.sync()
    yield live
    live.stop()


@pytest.fixture(scope="module")
def routes(live: Live) -> list[tuple[str, str, list[str]]]:
    """(method, path, names of the query parameters) of every operation that OpenAPI lists."""
    paths = live.json("/api/openapi.json")["paths"]
    found = [
        (method.upper(), path, [param["name"] for param in operation.get("parameters", ()) if param["in"] == "query"])
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
    assert len(found) > 20
    return found


def encoded(value: str) -> str:
    return quote_from_bytes(value.encode(errors="surrogatepass"), safe="")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_every_route_answers_below_500_whatever_it_is_sent(
    live: Live, routes: list[tuple[str, str, list[str]]], caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    method, path, names = data.draw(st.sampled_from(routes))
    while "{" in path:
        before, _, after = path.partition("{")
        path = before + encoded(data.draw(VALUES) or "x") + after.partition("}")[2]
    sent = data.draw(st.lists(st.tuples(st.sampled_from([*names, "other"]), VALUES), max_size=3))
    query = "&".join(f"{name}={encoded(value)}" for name, value in sent)
    body = data.draw(BODIES) if method != "GET" else b""
    kind = data.draw(st.sampled_from(["application/json", "application/json", "text/plain", ""]))
    check(live, method, f"{path}?{query}", body, kind)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("value", TEXTS, ids=range(len(TEXTS)))
def test_every_parameter_takes_every_hostile_value(
    live: Live, routes: list[tuple[str, str, list[str]]], value: str
) -> None:
    good = {"{project}": "shop", "{task_id}": "t1"}
    for method, path, names in routes:
        for placeholder, name in good.items():
            path = path.replace(placeholder, name)
        for name in names if method == "GET" else ():
            check(live, method, f"{path}?{name}={encoded(value)}", b"", "")


@pytest.mark.parametrize(
    "path", ["/streams/tasks", "/streams/%00", "/api/streams/x", "/ws/tasks", "/ws/%00", "/metrics"]
)
def test_the_other_addresses_take_every_hostile_value(live: Live, path: str) -> None:
    for value in TEXTS:
        check(live, "GET", f"{path}?since={encoded(value)}&epoch={encoded(value)}", b"", "")


def check(live: Live, method: str, address: str, body: bytes, kind: str) -> None:
    """Make a request in this process, and judge the answer."""
    client = Client(live.dashboard.wsgi)
    headers = {"Host": f"127.0.0.1:{live.port}"} | ({"Content-Type": kind} if kind else {})
    answer = client.open(address, method=method, data=body, headers=headers, buffered=False)
    try:
        assert answer.status_code < 500, (address[:300], body[:300], answer.get_data()[:300])
        if answer.status_code >= 400:
            error = json.loads(answer.get_data())
            assert error.keys() == {"success", "error", "code", "details"}, address[:300]
            assert error["success"] is False
            assert len(error["error"]) < 1_000, address[:300]
        else:
            next(iter(answer.response), None)  # a stream does not end
    finally:
        answer.close()
