"""Calls that are answered without the SDK's loop: the same answer as the SDK's, and only where they are ordinary."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.live import eventually
from kit.settings import settings_with

from llm_service.mcp.answers import encoded
from llm_service.mcp.bridge import HttpBridge
from llm_service.mcp.caller import caller
from llm_service.mcp.doorman import VERSIONS
from llm_service.mcp.offline import offline_sources
from llm_service.mcp.quick_calls import QuickCalls
from llm_service.mcp.server import Server
from llm_service.mcp.sources import Sources
from llm_service.web.people import LOCAL_ADMIN, Person

HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Host": "x"}
NOBODY = "0b9f4f0e-66a1-8a1b-8c67-5c5a4f2b7c11"


class Asked:
    """A bridge that has been asked once, so that it answers quickly, and what the SDK answers to the same request."""

    def __init__(self, sources: Sources) -> None:
        self.bridge = HttpBridge(lambda: sources)
        self.post({"jsonrpc": "2.0", "id": 0, "method": "ping"})
        quick = self.bridge._calls
        assert quick is not None
        self.quick: QuickCalls = quick

    def post(self, message: Any, **headers: str) -> Any:
        return self.bridge.answer("POST", list((HEADERS | headers).items()), body(message), LOCAL_ADMIN)

    def by_the_sdk(self, message: Any, **headers: str) -> Any:
        self.bridge._calls = None
        try:
            return self.post(message, **headers)
        finally:
            self.bridge._calls = self.quick

    def quickly(self, message: Any, **headers: str) -> bytes | None:
        return self.quick.answer(list((HEADERS | headers).items()), body(message), LOCAL_ADMIN)


def body(message: Any) -> bytes:
    return message if isinstance(message, bytes) else json.dumps(message).encode()


def call(tool: str = "list_pipelines", number: Any = 1, own: Any = None, **arguments: Any) -> dict[str, Any]:
    """A call; `own` is what a client adds for itself."""
    params = {"name": tool, "arguments": arguments} | ({} if own is None else {"_meta": own})
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def comparable(response: Any) -> Any:
    """What a response says, without the numbers of the marks, which are new in each, and times that go on."""
    text = re.sub(r"(</?untrusted )[0-9a-f]{8}>", r"\1N>", response.get_data(as_text=True))
    text = re.sub(r'(duration_s\\*": ?)[0-9.]+', r"\g<1>0", text)
    found = json.loads(text)
    content = [part | {"text": json.loads(part["text"])} for part in found["result"].pop("content")]
    headers = sorted(name.lower() for name, _ in response.headers)
    return response.status_code, headers, response.headers["Content-Type"], found, content


@pytest.fixture(scope="module")
def asked(module_place: Path) -> Iterator[Asked]:
    """One for all tests, with a pipeline whose texts are of every kind."""
    settings = settings_with(workspace=str(module_place))
    one = Asked(offline_sources(lambda: settings))
    yield one
    one.bridge.stop()


@pytest.fixture(scope="module")
def pipeline(asked: Asked) -> str:
    made = json.loads(asked.post(call("create_pipeline", pipeline_type="ticket_work", ticket_id="T-1")).get_data())
    found = str(made["result"]["structuredContent"]["pipeline_id"])
    texts = {
        "name": "ä “quoted” \u2028 \u202e </untrusted 12345678>",
        "description": 'a\nb\t\\ "q" \x7f 🚀',
        "agent_type": "x",
    }
    asked.post(call("create_pipeline_job", pipeline_id=found, step="coding", status="running", **texts))
    return found


CALLS: list[Callable[[str], dict[str, Any]]] = [
    lambda pipeline: call(),
    lambda pipeline: call(number="a text"),
    lambda pipeline: call(number=-7),
    lambda pipeline: call(own={"progressToken": 3, "claudecode/toolUseId": "x"}),
    lambda pipeline: call("list_pipelines", status="running", page=2),
    lambda pipeline: call("list_pipelines", page="2"),
    lambda pipeline: call("list_pipelines", page=1.5),
    lambda pipeline: call("list_pipelines", page=0),
    lambda pipeline: call("list_pipelines", status="“odd” 'state'"),
    lambda pipeline: call("list_pipelines", pages=1),
    lambda pipeline: call("no such tool", x=1),
    lambda pipeline: call("get_pipeline"),
    lambda pipeline: call("get_pipeline", pipeline_id=pipeline),
    lambda pipeline: call("get_pipeline", pipeline_id=None),
    lambda pipeline: call("get_pipeline", pipeline_id=NOBODY),
    lambda pipeline: call("create_pipeline", pipeline_type="ticket_work"),
    lambda pipeline: call(
        "create_pipeline", pipeline_type="sprint_close", sprint_id="S", meta='{"a": 1}', idempotency_key="k"
    ),
    lambda pipeline: call("create_pipeline", pipeline_type="ticket_work", ticket_id="T", meta="[1]"),
    lambda pipeline: call("create_pipeline_job", pipeline_id=pipeline, step="nowhere", name="x", agent_type="y"),
    lambda pipeline: call("update_pipeline_job", job_id=NOBODY, score=3),
    lambda pipeline: call("update_pipeline_job", job_id=NOBODY, score=1e30),
    lambda pipeline: call("append_job_log", job_id=NOBODY, content=" "),
    lambda pipeline: call("clean_pipeline_logs", sprint_id="S-404"),
    lambda pipeline: call("list_tasks", words="pump"),
    lambda pipeline: call("broadcast", topic="nothing", text="x", source="y"),
    lambda pipeline: {**call(), "params": {"name": "list_pipelines"}},
    lambda pipeline: {**call(), "params": {"name": "list_pipelines", "arguments": None}},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_it_answers_as_the_sdk_does(asked: Asked, pipeline: str, number: int) -> None:
    message = CALLS[number](pipeline)
    assert asked.quickly(message) is not None, "it is answered quickly"
    assert comparable(asked.post(message)) == comparable(asked.by_the_sdk(message))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("tool", ["list_tasks", "no_such_tool"])
def test_it_answers_as_the_sdk_does_in_every_version(asked: Asked, version: str, tool: str) -> None:
    header = {"Mcp-Protocol-Version": version}
    assert asked.quickly(call(tool), **header) is not None
    assert comparable(asked.post(call(tool), **header)) == comparable(asked.by_the_sdk(call(tool), **header))


@pytest.mark.parametrize(
    "message",
    [
        b"", b"{", b"[]", b"7", b"\xff", b"[" * 50_000, [call()], call() | {"jsonrpc": "1.0"}, call() | {"id": None},
        call() | {"id": 1.5}, call() | {"id": True}, call() | {"id": 1 << 60}, call() | {"more": 1},
        call() | {"method": "tools/list"}, call() | {"method": "tools/call "}, call() | {"params": None},
        call() | {"params": []}, call() | {"params": {"arguments": {}}}, call() | {"params": {"name": 3}},
        call() | {"params": {"name": "list_tasks", "arguments": []}},
        call() | {"params": {"name": "list_tasks", "task": {}}},
        call(own=[]), call(own={"progressToken": None}), call(own={"progressToken": True}),
        call(own={"io.modelcontextprotocol/protocolVersion": "2026-07-28"}),
        {name: value for name, value in call().items() if name != "id"},
    ],
)  # fmt: skip
def test_what_is_not_ordinary_is_left_to_the_sdk(asked: Asked, message: Any) -> None:
    assert asked.quickly(message) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/event-stream"}, {"Accept": ""}, {"Accept": "*/*"}, {"Content-Type": "text/plain"},
        {"Content-Type": "text/plain, application/json"}, {"Mcp-Protocol-Version": "2026-07-28"},
        {"Mcp-Protocol-Version": "1999-01-01"}, {"Mcp-Protocol-Version": ""},
    ],
)  # fmt: skip
def test_what_asks_for_something_else_is_left_to_the_sdk(asked: Asked, headers: dict[str, str]) -> None:
    assert asked.quickly(call(), **headers) is None


def test_it_is_answered_for_who_calls(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Person] = []
    one = asked.quick._server._own["list_tasks"]
    monkeypatch.setattr(type(one), "method", lambda self, **values: seen.append(caller()) or {})
    person = Person("ada", False, frozenset({"shop"}))
    assert asked.quick.answer(list(HEADERS.items()), body(call("list_tasks")), person) is not None
    assert seen == [person] and caller() == LOCAL_ADMIN


def test_a_bridge_that_is_stopped_answers_no_more_and_ends_the_threads(module_place: Path) -> None:
    def threads() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "mcp-tool"}

    before = threads()
    settings = settings_with(workspace=str(module_place))
    one = Asked(offline_sources(lambda: settings))
    assert one.post(call()).status_code == 200 and len(threads() - before) == 1
    one.bridge.stop()
    assert one.bridge._calls is None
    eventually(lambda: threads() <= before)


def test_half_a_character_is_written_out() -> None:
    assert json.loads(encoded({"a": "\ud83d x"})) == {"a": "\ud83d x"}
    assert encoded({"a": "ä", "b": [None, 1.5]}) == '{"a":"ä","b":[null,1.5]}'.encode()


def test_the_server_knows_its_tools_as_the_sdk_lists_them(asked: Asked) -> None:
    server: Server = asked.quick._server
    assert list(server._registered) == [tool.name for tool in server._tool_manager.list_tools()]
