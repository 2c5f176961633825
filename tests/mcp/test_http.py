"""`/mcp` of a running dashboard: the same guard as everything else, one loop, no thread for an agent, a clean end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
from kit import mcp
from kit.live import Live, eventually, running

from llm_service.errors import Busy
from llm_service.mcp import extra
from llm_service.mcp.feature import Mcp
from llm_service.users.model import User

HELLO = {
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}  # fmt: skip
JSON = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def live(module_place: Path) -> Iterator[Live]:
    """One for all tests that leave it as it was; the first of them finds it as it started."""
    one = running(module_place)
    yield one
    one.stop()


def post(live: Live, message: Any = HELLO, **headers: str) -> requests.Response:
    return requests.post(f"{live.url}/mcp", json=message, headers=JSON | headers, timeout=60)


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def loops() -> set[threading.Thread]:
    """The event loops that serve agents in this process."""
    return {thread for thread in threading.enumerate() if thread.name == "mcp-http"}


def test_nothing_runs_before_the_first_agent_calls(live: Live) -> None:
    eventually(lambda: "mcp-http" not in threads())  # those of other tests are at their ends
    assert not live.feature(Mcp).bridge.loop.is_running
    assert post(live).json()["result"]["serverInfo"]["name"] == "llm-service"
    assert "mcp-http" in threads()


def test_an_answer_is_json_without_a_session(live: Live) -> None:
    found = post(live)
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["Cache-Control"] == "no-store"
    assert "Mcp-Session-Id" not in found.headers


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_there_is_no_stream_and_no_session_to_end(live: Live, method: str) -> None:
    found = requests.request(method, f"{live.url}/mcp", headers={"Accept": "text/event-stream"}, timeout=60)
    assert (found.status_code, found.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Forwarded-For": "1.2.3.4"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_foreign_requests_are_refused(live: Live, headers: dict[str, str], status: int) -> None:
    assert post(live, **headers).status_code == status


def test_a_body_over_the_limit_is_refused(live: Live) -> None:
    assert post(live, HELLO | {"more": "x" * 1_100_000}).status_code == 413


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"[" * 50_000, b"\xff"])
def test_nonsense_is_refused(live: Live, data: bytes) -> None:
    headers = JSON | {"Content-Type": "application/json"}
    found = requests.post(f"{live.url}/mcp", data=data, headers=headers, timeout=60)
    assert found.status_code == 400
    assert post(live).status_code == 200


def test_a_token_is_needed_where_one_is_set(place: Path) -> None:
    live = running(place, token="s" * 20)
    try:
        assert post(live).status_code == 401
        assert not live.feature(Mcp).bridge.loop.is_running
        with mcp.http(live.url, Authorization=f"Bearer {'s' * 20}") as client:
            assert client.call("list_tasks")["total"] == 1
    finally:
        live.stop()


def test_a_user_sees_what_belongs_to_their_projects(place: Path) -> None:
    (place / "generated_projects/secret").mkdir()
    (place / "generated_projects/secret/plan.md").write_text("hidden")
    users = [
        User("ada", sha256(b"ada's").hexdigest(), "user", ("shop",), None),
        User("root", sha256(b"root's").hexdigest(), "admin", (), None),
    ]
    live = running(place, users=users)
    try:
        with (
            mcp.http(live.url, Authorization="Bearer ada's") as ada,
            mcp.http(live.url, Authorization="Bearer root's") as root,
        ):
            made = {"pipeline_type": "ticket_work", "ticket_id": "T-1", "project": "secret"}
            eventually(lambda: root.call("list_artifacts")["counts"]["documentation"] == 1)
            assert root.call("create_pipeline", **made)["pipeline_id"]
            assert root.call("list_pipelines")["total"] == 1
            assert ada.call("list_pipelines")["total"] == 0
            assert ada.refusal("create_pipeline", **made)["code"] == "NOT_FOUND"
            assert {row["project"] for row in ada.call("list_artifacts")["artifacts"]} == {"shop"}
            assert ada.refusal("read_artifact", project="secret", path="plan.md")["code"] == "NOT_FOUND"
            assert ada.refusal("list_artifacts", project="secret")["code"] == "NOT_FOUND"
            refused = ada.refusal("broadcast", topic="logs", text="x", source="ada", job="j-of-another")
            assert refused["code"] == "NOT_FOUND"
            assert "hidden" in str(root.call("read_artifact", project="secret", path="plan.md"))
    finally:
        live.stop()


def test_a_further_agent_has_no_thread_of_its_own(live: Live) -> None:
    def connect() -> requests.Session:
        session = requests.Session()
        session.post(f"{live.url}/mcp", json=HELLO, headers=JSON, timeout=60)
        return session

    sessions = [connect()]
    own = {name for name in threads() if name.startswith(("mcp", "AnyIO"))}
    sessions += [connect() for _ in range(50)]
    assert {name for name in threads() if name.startswith(("mcp", "AnyIO"))} <= own | {"AnyIO worker thread"}
    for session in sessions:
        session.close()


def test_many_agents_at_once_are_answered(live: Live) -> None:
    answers: list[int] = []

    def ask(number: int) -> None:
        call = {"name": "list_tasks", "arguments": {"words": f"{number}"}}
        found = post(live, {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call}).json()
        answers.append(found["id"] if "result" in found else -1)

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for one in callers:
        one.start()
    for one in callers:
        one.join(60)
    assert sorted(answers) == list(range(40))


def test_stopping_ends_the_loop_and_later_requests_are_told(place: Path) -> None:
    before = loops()
    live = running(place)
    bridge = live.feature(Mcp).bridge
    try:
        assert post(live).status_code == 200
        assert len(loops() - before) == 1  # those of other tests may end at any time
        live.dashboard.stop()
        eventually(lambda: loops() <= before)
        found = post(live)
        assert (found.status_code, found.json()["code"]) == (503, Busy.code)
        bridge.stop()
    finally:
        live.stop()


def test_a_tool_that_hangs_is_answered_and_holds_up_nobody(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    from llm_service.mcp.board_tasks import BoardTasks

    monkeypatch.setattr(BoardTasks, "get", lambda self, task_id: {"waited": release.wait(60)})
    with mcp.http(live.url) as client:
        try:
            refused = client.refusal("get_task", task_id="T-1")
            assert refused["code"] == "TOO_SLOW" and "again" in refused["what_to_do"]
            assert client.call("list_tasks")["total"] == 1
        finally:
            release.set()


def test_a_defect_is_told_without_its_text(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    from llm_service.mcp.board_tasks import BoardTasks

    def fail(self: Any, task_id: str) -> dict[str, Any]:
        raise RuntimeError("a secret")

    monkeypatch.setattr(BoardTasks, "get", fail)
    with mcp.http(live.url) as client:
        refused = client.refusal("get_task", task_id="T-1")
        assert refused["code"] == "INTERNAL" and "secret" not in str(refused)


def test_it_can_be_switched_off(place: Path) -> None:
    live = running(place, mcp=False)
    try:
        assert post(live).status_code in (404, 405)
        assert live.json("/api/mcp/servers")["endpoint"] is None
    finally:
        live.stop()


def test_without_the_sdk_the_dashboard_runs_and_says_so(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra.importlib.util, "find_spec", lambda name: None)
    found = post(live)
    assert (found.status_code, found.json()["code"]) == (503, "MCP_NOT_INSTALLED")
    assert live.json("/health")["service"]


def test_it_does_not_configure_the_logging_of_the_process(live: Live) -> None:
    import logging

    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    post(live)
    assert (list(root.handlers), root.level) == before


def test_requests_are_counted(live: Live) -> None:
    before = live.json("/api/stats")["mcp"]["requests"]
    post(live)
    assert live.json("/api/stats")["mcp"]["requests"] == before + 1
    assert f"llm_service_mcp_requests_total {before + 1}.0" in live.get("/metrics").text
