"""The REST routes of the tasks over a board that is filled by hand: whole answers, for known files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from kit.task_files import task

from llm_service.errors import HistoryUnavailable, ServiceError
from llm_service.hub.journal import Journal
from llm_service.hub.journal_segments import Bounds
from llm_service.hub.progress import LoadProgress
from llm_service.json_values import as_json
from llm_service.tasks.board import TaskBoard
from llm_service.tasks.lane_history import LaneChange, LaneHistory
from llm_service.tasks.model import LANES, TaskFile
from llm_service.tasks.queries import TaskList
from llm_service.tasks.reader import document_of
from llm_service.tasks.routes import task_routes
from llm_service.web.api import Api, reply

STARTED = "2026-11-01T08:00:00.000Z"


class Served:
    """The routes of a board, asked without a server."""

    def __init__(self, *files: TaskFile, history: LaneHistory | None = None) -> None:
        self.board = TaskBoard(document_of, 0.1, 0.5)
        self.board.load({file.summary.path: file for file in files})
        self.progress = LoadProgress()
        self.api = Api("rest")
        task_list = TaskList(self.board, (*LANES, "later"))
        task_routes(
            self.api, self.board, task_list, self.progress, lambda file: {"extra": file.digest.hex()}, history, STARTED
        )
        flask = Flask("test")
        flask.register_blueprint(self.api.blueprint)
        flask.register_error_handler(ServiceError, lambda error: reply(error.as_json(), error.http_status))
        self.client: FlaskClient = flask.test_client()

    def get(self, address: str, **query: str) -> Any:
        return self.client.get(address, query_string=query).json

    def history_of(self, task_id: str, **query: str) -> list[dict[str, Any]]:
        history: list[dict[str, Any]] = self.get(f"/api/tasks/{task_id}", **query)["history"]
        return history


@pytest.fixture
def served() -> Served:
    return Served(
        task("inbox/a.yaml", mtime_s=1, tags="[x]", dependencies="[b, zz]"),
        task("assigned/ada/b.yaml", mtime_s=2, status="in_progress", title="The second", priority="high"),
        task("assigned/ada/c.yaml", mtime_s=5, status="new", dependencies="[d]"),
        task("done/ada/d.yaml", mtime_s=4, dependencies="[b]"),
        task("assigned/bob/e.yaml", mtime_s=7),
        task("assigned/bob/f.yaml", mtime_s=6),
        task("done/cyd/g.yaml", mtime_s=8, status="in_progress"),
    )


def test_the_list_is_filtered_by_each_parameter(served: Served) -> None:
    def ids(**query: str) -> list[str]:
        return [found["id"] for found in served.get("/api/tasks", sort="id", **query)["tasks"]]

    assert ids() == list("abcdefg")
    assert ids(lane="inbox,done") == ["a", "d", "g"]
    assert ids(agent="bob") == ["e", "f"]
    assert ids(status="in_progress") == ["b", "g"]
    assert ids(priority="high") == ["b"]
    assert ids(tag="x") == ["a"]
    assert ids(flag="status_contradicts_lane") == ["c", "g"]
    assert ids(q="second") == ["b"]
    page = served.get("/api/tasks", sort="id", limit="3")
    assert [found["id"] for found in page["tasks"]] == ["a", "b", "c"]
    assert ids(limit="3", cursor=page["cursor"]) == ["d", "e", "f"]
    assert served.get("/api/tasks")["tasks"][0]["id"] == "g", "the newest first"
    assert (page["total"], page["counts"]) == (7, {"inbox": 1, "assigned": 4, "done": 2, "later": 0})


def test_the_list_says_that_the_board_is_loading(served: Served) -> None:
    served.progress.done, served.progress.total = 1, 9
    assert served.get("/api/tasks")["loading"] == {"done": 1, "total": 9}
    served.progress.complete()
    assert served.get("/api/tasks")["loading"] is None


def test_the_details_of_a_task_are_whole(served: Served) -> None:
    file = served.board.file_at("inbox/a.yaml")
    assert file is not None
    assert served.get("/api/tasks/a") == {
        "task": as_json(file.summary) | {"tags": ["x"], "dependencies": ["b", "zz"]},
        "document": {"id": "a", "tags": ["x"], "dependencies": ["b", "zz"]},
        "extra_documents": [],
        "raw": "id: a\ntags: [x]\ndependencies: [b, zz]",
        "encoding": "utf-8",
        "problem": None,
        "last_good": None,
        "extra": file.digest.hex(),
        "files": [
            {
                "key": "a",
                "title": "a",
                "lane": "inbox",
                "agent": None,
                "path": "inbox/a.yaml",
                "modified_at": "1970-01-01T00:00:01.000Z",
                "copied_by": None,
            }
        ],
        "history": [
            {
                "time": STARTED,
                "previous_lane": None,
                "lane": "inbox",
                "agent": None,
                "path": "inbox/a.yaml",
                "previous_path": None,
                "observed": "at_start",
            }
        ],
        "lane_times": [{"lane": "inbox", "seconds": 0.0, "visits": 1, "since": STARTED, "is_exact": False}],
        "dependencies": [
            {"id": "b", "lane": "assigned", "title": "The second", "met": False},
            {"id": "zz", "lane": None, "title": None, "met": None},
        ],
        "dependents": [],
    }
    assert served.get("/api/task", id="a") == served.get("/api/tasks/a")


def test_dependencies_are_met_when_done_and_dependents_are_named(served: Served) -> None:
    assert served.get("/api/tasks/c")["dependencies"] == [{"id": "d", "lane": "done", "title": "d", "met": True}]
    assert served.get("/api/tasks/b")["dependents"] == [
        {"id": "a", "lane": "inbox", "title": "a", "path": "inbox/a.yaml"},
        {"id": "d", "lane": "done", "title": "d", "path": "done/ada/d.yaml"},
    ]


def test_at_most_a_hundred_dependents_are_named() -> None:
    served = Served(task("inbox/a.yaml"), *(task(f"inbox/d{n}.yaml", dependencies="[a]") for n in range(103)))
    assert len(served.get("/api/tasks/a")["dependents"]) == 100


def test_at_most_two_hundred_files_of_an_id_are_named() -> None:
    served = Served(*(task(f"inbox/n{number:03}.yaml", "a", mtime_s=number) for number in range(203)))
    files = served.get("/api/tasks/a")["files"]
    assert len(files) == 200
    asked = served.get("/api/tasks/a", path="inbox/n007.yaml")
    assert (asked["task"]["path"], asked["files"]) == ("inbox/n007.yaml", files)


@pytest.mark.parametrize(
    ("path", "query", "status", "message"),
    [
        ("/api/tasks/" + "x" * 300, {}, 404, f"There is no task “{'x' * 200}”."),
        ("/api/task", {"id": "none", "path": "y"}, 404, "There is no task “none”."),
        ("/api/task", {}, 400, "`id` is missing: the id of the task."),
        ("/api/tasks/a", {"path": "y" * 300}, 404, f"No file at “{'y' * 200}” has the id “a”."),
        ("/api/tasks/a", {"path": "done/ada/d.yaml"}, 404, "No file at “done/ada/d.yaml” has the id “a”."),
    ],
)
def test_what_is_not_there_is_named(
    served: Served, path: str, query: dict[str, str], status: int, message: str
) -> None:
    answer = served.client.get(path, query_string=query)
    assert (answer.status_code, answer.json["error"]) == (status, message)  # type: ignore[index]


def test_a_long_id_of_which_a_file_is_missing_is_cut(served: Served) -> None:
    served.board.load({"inbox/long.yaml": task("inbox/long.yaml", "x" * 201)})
    message = served.get("/api/tasks/" + "x" * 201, path="none")["error"]
    assert message == f"No file at “none” has the id “{'x' * 200}”."


def test_details_are_json_with_a_tag_that_a_cache_has_to_ask_for(served: Served) -> None:
    answer = served.client.get("/api/tasks/a")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-cache")
    assert json.loads(answer.data)["task"]["id"] == "a"
    again = served.client.get("/api/tasks/a", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert served.client.get("/api/tasks/b", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_the_document_of_the_api_names_parameters_and_the_schema_of_a_task(served: Served) -> None:
    routes = {route.path: route for route in served.api.routes}
    assert list(routes) == ["/api/tasks", "/api/tasks/<any_text:task_id>", "/api/task"]
    filters = ["lane", "agent", "status", "priority", "tag", "flag", "q", "sort", "limit", "cursor"]
    assert [param.name for param in routes["/api/tasks"].params] == filters
    answer = routes["/api/tasks"].answer
    assert answer["type"] == "object"
    assert answer["properties"]["tasks"]["type"] == "array"
    assert "duplicate_count" in answer["properties"]["tasks"]["items"]["properties"]
    (task_id, path) = routes["/api/tasks/<any_text:task_id>"].params
    assert (task_id.name, task_id.where, task_id.meaning) == ("task_id", "path", "the task's id")
    assert (path.name, routes["/api/task"].params[1]) == ("path", path)


# --- the history of lanes ---


@pytest.fixture
def history(tmp_path: Path) -> Iterator[LaneHistory]:
    journal = Journal(str(tmp_path / "journal"), Bounds(1_000_000, 30))
    history = LaneHistory(journal)
    journal.start()
    moves = [
        LaneChange("a", "2026-01-01T00:00:00.000Z", None, "inbox", None, "inbox/a.yaml"),
        LaneChange("a", "2026-01-02T00:00:00.000Z", "inbox", "assigned", "ada", "assigned/ada/a.yaml", "inbox/a.yaml"),
    ]
    history.record(moves)
    assert journal.flush(60)
    yield history
    journal.stop()


RECORDED = [
    {
        "time": "2026-01-01T00:00:00.000Z",
        "previous_lane": None,
        "lane": "inbox",
        "agent": None,
        "path": "inbox/a.yaml",
        "previous_path": None,
        "observed": "live",
    },
    {
        "time": "2026-01-02T00:00:00.000Z",
        "previous_lane": "inbox",
        "lane": "assigned",
        "agent": "ada",
        "path": "assigned/ada/a.yaml",
        "previous_path": "inbox/a.yaml",
        "observed": "live",
    },
]


def at_start(lane: str, agent: str | None, path: str, before: dict[str, Any]) -> dict[str, Any]:
    """The entry of a file that moved while the service did not run."""
    return {
        "time": STARTED,
        "previous_lane": before["lane"],
        "lane": lane,
        "agent": agent,
        "path": path,
        "previous_path": before["path"],
        "observed": "at_start",
    }


def test_the_history_of_a_file_is_what_was_recorded(history: LaneHistory) -> None:
    assert Served(task("assigned/ada/a.yaml"), history=history).history_of("a") == RECORDED


def test_a_file_that_moved_while_nobody_watched_has_an_entry_of_the_start(history: LaneHistory) -> None:
    moved = Served(task("done/ada/a.yaml"), history=history).history_of("a")
    assert moved == [*RECORDED, at_start("done", "ada", "done/ada/a.yaml", RECORDED[-1])]
    within = Served(task("assigned/bob/a.yaml"), history=history).history_of("a")
    assert within == [*RECORDED, at_start("assigned", "bob", "assigned/bob/a.yaml", RECORDED[-1])]


def test_another_file_of_an_id_has_no_history_of_the_one_that_leads(history: LaneHistory) -> None:
    served = Served(task("assigned/ada/a.yaml"), task("done/bob/copy.yaml", "a"), history=history)
    assert served.history_of("a") == RECORDED
    nothing = {"lane": None, "path": None}
    assert served.history_of("a", path="done/bob/copy.yaml") == [at_start("done", "bob", "done/bob/copy.yaml", nothing)]


def test_another_file_of_an_id_has_its_own_history(history: LaneHistory) -> None:
    history.record([LaneChange("a", RECORDED[1]["time"], None, "done", "bob", "done/bob/copy.yaml")])
    assert history._file.flush(60)
    served = Served(task("assigned/ada/a.yaml"), task("done/bob/copy.yaml", "a"), history=history)
    (entry,) = served.history_of("a", path="done/bob/copy.yaml")
    assert (entry["lane"], entry["path"], entry["observed"]) == ("done", "done/bob/copy.yaml", "live")
    assert served.history_of("a") == RECORDED


def test_without_a_history_the_present_is_all_that_is_known(
    history: LaneHistory, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = [at_start("assigned", "ada", "assigned/ada/a.yaml", {"lane": None, "path": None})]
    assert Served(task("assigned/ada/a.yaml")).history_of("a") == nothing

    def unavailable(*arguments: Any) -> Any:
        raise HistoryUnavailable("It is damaged.")

    monkeypatch.setattr(history, "changes_of", unavailable)
    assert Served(task("assigned/ada/a.yaml"), history=history).history_of("a") == nothing
