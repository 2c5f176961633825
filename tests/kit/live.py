"""Helpers of the tests: a running dashboard, a Socket.IO listener, task files. Nothing here sleeps blindly."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
import socketio
from kit.settings import settings_with
from kit.whole_files import put
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from llm_service.app import Dashboard, build_features
from llm_service.feature import Feature, Kernel
from llm_service.json_values import as_json
from llm_service.tasks.board import TaskBoard
from llm_service.tasks.model import LANES
from llm_service.tasks.reader import TaskSource, document_of
from llm_service.watch.observer import MakeObserver, RootObserver
from llm_service.watch.scan import walk

F = TypeVar("F")


class _QuietHandler(WSGIRequestHandler):
    """No line per request; a cut connection is what many tests are about."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""


class Live:
    """A dashboard served over a real socket from this process."""

    def __init__(self, dashboard: Dashboard, workspace: Path, server: BaseWSGIServer) -> None:
        self.dashboard = dashboard
        self.workspace = workspace
        self.root = workspace / "work/collaboration"
        self.port = server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = server
        self._listeners: list[Listener] = []
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def feature(self, kind: type[F]) -> F:
        """The feature of that class."""
        return next(feature for feature in self.dashboard.features if isinstance(feature, kind))

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET a path."""
        return requests.get(self.url + path, timeout=60, **options)

    def json(self, path: str, **options: Any) -> Any:
        """The JSON of a GET that must succeed."""
        response = self.get(path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def sync(self) -> int:
        """Wait until everything written has been applied."""
        seq: int = self.json("/api/sync?timeout_ms=60000")["seq"]
        return seq

    def listen(self, *, wait_for_snapshot: bool = True, **auth: Any) -> Listener:
        """A connected Socket.IO listener. With nothing in `auth` but `topics` it has its snapshot: what happens
        from then on are events."""
        listener = Listener(self.url, auth)
        self._listeners.append(listener)
        if wait_for_snapshot and not auth.keys() - {"topics"}:
            listener.first("snapshot")
        return listener

    def write(self, path: str, **fields: Any) -> Path:
        """Write a task file below the root atomically."""
        return self.put(path, task_text(Path(path).stem, **fields))

    def put(self, path: str, text: str) -> Path:
        """Write a text to a file below the root atomically: nobody ever reads half of it, or nothing."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return put(target, text, aside=target.parent)  # which may be a file system of its own

    def stop(self) -> None:
        """Stop dashboard and server."""
        for listener in self._listeners:
            listener.close()
        self.dashboard.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=60)


def running(
    workspace: Path,
    make_observer: MakeObserver = RootObserver,
    port: int = 0,
    features: Callable[[Kernel], list[Feature]] = build_features,
    *,
    wait_for_history: bool = True,
    **settings: object,
) -> Live:
    """Start a dashboard on a workspace and wait until its board is complete, and until it is known whether its
    database can be used unless told otherwise: it is opened beside the board, and on a busy machine after it."""
    dashboard = Dashboard(settings_with(workspace=str(workspace), **settings), make_observer, features)
    server = make_server("127.0.0.1", port, dashboard.wsgi, threaded=True, request_handler=_QuietHandler)
    server.daemon_threads = True
    dashboard.start()
    assert dashboard.wait_ready(60), "the board did not become ready"
    if wait_for_history and dashboard.database is not None:
        assert dashboard.database._tried.wait(60), "the database was neither opened nor given up"
    return Live(dashboard, workspace, server)


def task_text(task_id: str, **fields: Any) -> str:
    """The text of a small valid task file."""
    values = {"id": task_id, "title": f"Task {task_id}", "status": "new", "priority": "normal"} | fields
    return "".join(f"{key}: {value}\n" for key, value in values.items())


class Listener:
    """A Socket.IO client of `/dashboard` that records all messages it gets, in order."""

    def __init__(self, url: str, auth: dict[str, Any] | None = None, **options: Any) -> None:
        self.got: list[tuple[str, Any]] = []
        self._numbers: set[int] = set()
        self._since = (auth or {}).get("since", 0)
        self._received = threading.Condition()
        self.client = socketio.Client(reconnection=False, **options)
        self.client.on("*", self._on_message, namespace="/dashboard")
        self._trigger = self.client.eio._trigger_event
        self.client.eio._trigger_event = self._trigger_in_order
        self.client.connect(url, namespaces=["/dashboard"], transports=["websocket"], auth=auth or {}, wait_timeout=60)
        self._connection = self.client.eio.ws  # engineio drops its reference in `disconnect`
        self._socket = self._connection.sock if self._connection is not None else None

    def _trigger_in_order(self, event: str, *given: Any, run_async: bool = False, **options: Any) -> Any:
        """The client would run the handler of each event in a thread of its own, in any order."""
        is_event = event == "message" and isinstance(given[0], str) and given[0].startswith("2")
        return self._trigger(event, *given, run_async=run_async and not is_event, **options)

    def _on_message(self, name: str, body: Any = None) -> None:
        with self._received:
            self.got.append((name, body))
            if isinstance(body, dict) and "type" in body:
                self._numbers.add(body["seq"])
            self._received.notify_all()

    def wait(self, found: Callable[[list[tuple[str, Any]]], Any], timeout_s: float = 60.0) -> Any:
        """The first true result of `found(messages)`; fails with the messages if there is none in time."""
        with self._received:
            result = self._received.wait_for(lambda: found(self.got), timeout_s)
            assert result, f"not seen within {timeout_s} s; got {[name for name, _ in self.got][-30:]}"
            return result

    def first(self, name: str, timeout_s: float = 60.0, **match: Any) -> Any:
        """The first message of that name whose body (or task) has these values."""

        def find(got: list[tuple[str, Any]]) -> Any:
            for kind, body in got:
                if kind == name and all(value_of(body, key) == value for key, value in match.items()):
                    return body
            return None

        return self.wait(find, timeout_s)

    def costs(self, **match: Any) -> Any:
        """The first `cost.update` whose sums have these values. One without any comes first where the database was
        opened after the board."""

        def find(got: list[tuple[str, Any]]) -> Any:
            updates = (body for name, body in got if name == "cost.update")
            return next((body for body in updates if match.items() <= body["costs"].items()), None)

        return self.wait(find)

    def upto(self, seq: int, timeout_s: float = 60.0) -> list[tuple[str, Any]]:
        """All numbered events, once those up to number `seq` have arrived without a gap."""

        def complete(got: list[tuple[str, Any]]) -> bool:
            snapshots = [body["seq"] for name, body in got if name == "snapshot"]
            begin = max(snapshots) if snapshots else self._since
            return seq <= begin or self._numbers.issuperset(range(begin + 1, seq + 1))

        if seq:
            self.wait(complete, timeout_s)
        return self.numbered()

    def numbered(self) -> list[tuple[str, Any]]:
        """The events that carry a number (not the acknowledgement, not snapshots), in the order of the numbers."""
        with self._received:
            events = [(name, body) for name, body in self.got if isinstance(body, dict) and "type" in body]
        return sorted(events, key=lambda event: event[1]["seq"])

    def types(self, task_id: str) -> list[str]:
        """The names of the events about one task, in order, each once: one may be repeated after the snapshot."""
        events = [(name, body) for name, body in self.numbered() if (body.get("task") or {}).get("id") == task_id]
        return list({body["seq"]: name for name, body in events}.values())

    def close(self) -> None:
        """Disconnect. Not with `disconnect`, which waits 3 s for an answer that its own reading thread has taken."""
        connection, reading = self._connection, self.client.eio.read_loop_task
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        if reading is not None:
            reading.join(timeout=60)
        if connection is not None:
            connection.shutdown()
        if self._socket is not None:
            self._socket.close()


def value_of(body: Any, key: str) -> Any:
    """`body[key]`, else `body["task"][key]`."""
    if key in body:
        return body[key]
    return (body.get("task") or {}).get(key)


def fresh(root: Path) -> dict[str, Any]:
    """The board of a service that starts now: an independent scan of the disk."""
    source = TaskSource(str(root), LANES, 1_048_576)
    board = TaskBoard(document_of, removal_grace_s=0.0, duplicate_grace_s=0.0)
    listing = walk(str(root), source.filter)
    with source.folders:
        files = {path: source.read(path, None, 0.0) for path in listing.files}
    board.load({path: file for path, file in files.items() if file is not None})
    return said_by_files({task.key: as_json(task) for task in board.tasks()})


def said_by_files(board: dict[str, Any]) -> dict[str, Any]:
    """A board without what is not in the files: when they came to their lanes."""
    return {key: {name: value for name, value in task.items() if name != "lane_since"} for key, task in board.items()}


def facts_by_path(board: dict[str, Any]) -> dict[str, Any]:
    """Path -> what a card says of its own file, without what depends on which file of its id leads."""
    facts = {}
    for task in said_by_files(board).values():
        own = {name: value for name, value in task.items() if name not in ("key", "duplicates", "duplicate_count")}
        facts[task["path"]] = own | {"flags": [flag for flag in task["flags"] if flag != "duplicate_id"]}
    return facts


def check_groups(board: dict[str, Any]) -> None:
    """Of the cards that share an id exactly one leads; it has the id as its key and names the others."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for key, task in board.items():
        assert key == task["key"]
        by_id.setdefault(task["id"], []).append(task)
    for task_id, tasks in by_id.items():
        leads = [task for task in tasks if task["key"] == task_id]
        assert len(leads) == 1, (task_id, [task["path"] for task in tasks])
        others = {task["path"] for task in tasks if task["key"] != task_id}
        named = {place["path"] for place in leads[0]["duplicates"]}
        assert (named <= others, len(named)) == (True, min(len(others), 20))
        assert leads[0]["duplicate_count"] == len(others)
        assert all(("duplicate_id" in task["flags"]) == bool(others) for task in tasks)
        named_so = [task for task in tasks if "id_differs_from_file" not in task["flags"]]
        assert not named_so or leads[0] in named_so, (task_id, leads[0]["path"])


def differences(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Where two boards differ: task id -> {field: (left, right)}, or (left, right) for a task on one side only."""
    found: dict[str, Any] = {}
    for key in left.keys() | right.keys():
        one, other = left.get(key), right.get(key)
        if one != other and one and other:
            found[key] = {name: (one[name], other[name]) for name in one if one[name] != other[name]}
        elif one != other:
            found[key] = (one, other)
    return found


def apply(board: dict[str, Any], name: str, body: Any) -> None:
    """Apply an event to a board as a client does: the whole rule of the protocol."""
    if name == "snapshot":
        board.clear()
        board.update({task["key"]: task for task in body["tasks"]})
    elif name.startswith("task."):
        if body["previous_key"] is not None:
            del board[body["previous_key"]]
        if name == "task.removed":
            del board[body["task"]["key"]]
        else:
            board[body["task"]["key"]] = body["task"]


def apply_by_id(board: dict[str, Any], name: str, body: Any) -> None:
    """Apply an event as clients do that do not know keys: they have the file that leads of each id."""
    if name == "snapshot":
        board.clear()
        board.update({task["id"]: task for task in body["tasks"]})
    elif name == "task.removed":
        board.pop(body["task"]["id"], None)
    elif name.startswith("task."):
        board[body["task"]["id"]] = body["task"]


def eventually(check: Callable[[], Any], timeout_s: float = 60.0) -> Any:
    """The first true result of `check()`; fails if there is none in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = check()
        if result or time.monotonic() > deadline:
            assert result, "did not become true in time"
            return result
        threading.Event().wait(0.01)


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, source: str) -> None:
    """Put a module in the place of an optional package, for this test only."""
    (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setitem(sys.modules, name, types.ModuleType(name))  # so that the undoing takes it out again
    del sys.modules[name]
