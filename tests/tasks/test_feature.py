"""What the feature of the tasks gives to the app: snapshot, numbers, banner, and the findings of doctor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from kit.live import task_text
from kit.settings import settings_with
from kit.task_files import broken, task

from llm_service.feature import Finding, build_kernel
from llm_service.hub.event import ServiceReady
from llm_service.tasks import feature as module
from llm_service.tasks.feature import Tasks
from llm_service.tasks.model import TaskFile
from llm_service.web.api import Api

Made = Callable[..., Tasks]


@pytest.fixture
def made(workspace: Path) -> Made:
    """The feature, not started, with these files on its board."""

    def make(*files: TaskFile, **settings: object) -> Tasks:
        kernel = build_kernel(
            settings_with(workspace=str(workspace), **{"history": False, "journal": False} | settings)
        )
        tasks = Tasks(kernel)
        tasks.board.load({file.summary.path: file for file in files})
        return tasks

    return make


FILES = (
    task("inbox/a.yaml", priority="low"),
    task("assigned/bob/b.yaml", priority="critical"),
    task("assigned/ada/c.yaml", priority="strange"),
    task("done/ada/d.yaml", priority="low"),
    broken("done/ada/e.yaml", "e"),
)


def test_the_snapshot_has_tasks_agents_and_counts(made: Made) -> None:
    tasks = made(*FILES)
    assert tasks.snapshot() == {
        "tasks": tasks.board.tasks(),
        "agents": ["ada", "bob"],
        "counts": {"inbox": 1, "assigned": 2, "done": 2},
        "stale_after_s": 48 * 3600,
    }
    assert {task.id for task in tasks.snapshot()["tasks"]} == set("abcde")


def test_counts_are_of_all_lanes_and_of_any_tasks(made: Made) -> None:
    tasks = made(*FILES, lanes=["inbox", "assigned", "done", "later"])
    assert tasks.counts() == {"inbox": 1, "assigned": 2, "done": 2, "later": 0}
    assert tasks.counts([FILES[0].summary]) == {"inbox": 1, "assigned": 0, "done": 0, "later": 0}
    assert tasks.counts([]) == {"inbox": 0, "assigned": 0, "done": 0, "later": 0}


def test_health_stats_and_metrics_count_the_board(made: Made) -> None:
    tasks = made(*FILES)
    assert tasks.health() == {"tasks": 5}
    stats = tasks.stats()
    assert stats == {
        "tasks": {
            "inbox": 1,
            "assigned": 2,
            "done": 2,
            "total": 5,
            "invalid": 1,
            "by_priority": {"critical": 1, "normal": 1, "low": 2, "strange": 1},
            "agents": 2,
        }
    }
    assert list(stats["tasks"]["by_priority"]) == ["critical", "normal", "low", "strange"], "the usual ones first"
    (metric,) = tasks.metrics()
    assert (metric.name, metric.documentation) == ("llm_service_tasks", "Tasks on the board, by lane.")
    lanes = [(sample.labels, sample.value) for sample in metric.samples]
    assert lanes == [({"lane": "inbox"}, 1), ({"lane": "assigned"}, 2), ({"lane": "done"}, 2)]


def test_the_banner_says_what_is_loading_and_then_what_is_there(made: Made) -> None:
    tasks = made(*FILES)
    assert list(tasks.banner()) == [("tasks", "loading ...")]
    tasks.progress.done, tasks.progress.total = 1_000, 2_000
    assert list(tasks.banner()) == [("tasks", "loading 1,000 of 2,000 ...")]
    tasks.progress.complete()
    assert list(tasks.banner()) == [("tasks", "5 (1 inbox, 2 assigned, 2 done), 1 of them broken")]
    whole = made(*FILES[:4])
    whole.progress.complete()
    assert list(whole.banner()) == [("tasks", "4 (1 inbox, 2 assigned, 1 done)")]


def test_other_features_add_details(made: Made) -> None:
    tasks = made(*FILES)
    tasks.add_detail("size", lambda file: file.summary.size_bytes)
    api = Api("rest")
    tasks.routes(api)
    flask = Flask("test")
    flask.register_blueprint(api.blueprint)
    details = flask.test_client().get("/api/tasks/a").json
    assert details["size"] == FILES[0].summary.size_bytes  # type: ignore[index]
    assert details["history"][0]["time"] == tasks._started_at  # type: ignore[index]


def test_the_journal_records_the_lanes(made: Made, workspace: Path) -> None:
    assert made().lane_history is None
    kernel = build_kernel(settings_with(workspace=str(workspace)))
    kernel.start()
    tasks = Tasks(kernel)
    try:
        tasks.start()
        assert kernel.hub.progress.wait(60)
        (workspace / "work/collaboration/inbox/x.yaml").write_text(task_text("x"))
        request = tasks.followers[0].request_sync()
        assert request.reached.wait(60)
        assert kernel.journal is not None and kernel.journal.flush(60)
        assert tasks.lane_history is not None
        assert [change.path for change in tasks.lane_history.changes_of("x", None)] == ["inbox/x.yaml"]
    finally:
        tasks.stop()
        kernel.stop()
    assert not tasks.followers[0]._thread.is_alive()


def test_times_are_those_of_the_settings(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[str, float, float]] = []
    whole_board, whole_settler = module.TaskBoard, module.Settler
    monkeypatch.setattr(
        module,
        "TaskBoard",
        lambda *args: given.append(("board", *args[1:])) or whole_board(*args),  # type: ignore[func-returns-value]
    )
    monkeypatch.setattr(
        module,
        "Settler",
        lambda *args: given.append(("settler", *args)) or whole_settler(*args),  # type: ignore[func-returns-value]
    )
    made(debounce_ms=250, max_wait_ms=750)
    assert given == [("board", 0.25, 0.75), ("settler", 0.25, 0.75)]


def test_the_list_is_prepared_when_the_board_is_complete(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = build_kernel(settings_with(history=False))
    tasks = Tasks(kernel)
    asked: list[str] = []
    monkeypatch.setattr(tasks.list, "select", lambda query: asked.append(query.q))
    kernel.hub.publish(ServiceReady(tasks=0, invalid=0, load_ms=1))
    assert asked == ["-"]


# --- doctor ---


@pytest.fixture
def lanes(workspace: Path) -> Iterator[Path]:
    yield workspace / "work/collaboration"


def test_doctor_says_that_the_files_can_be_read(made: Made, lanes: Path) -> None:
    for name in ("inbox/a.yaml", "done/ada/b.yaml"):
        (lanes / name).write_text(task_text("x"))
    assert list(made().examine()) == [Finding("ok", "tasks", "2 task files can be read")]


def test_doctor_names_what_cannot_be_read_and_what_is_left_out(
    made: Made, lanes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lanes / "inbox/a.yaml").write_text(task_text("a"))
    (lanes / "inbox/b.yaml").write_text("id: b\ntitle: [x\n")
    (lanes / "inbox/c\x1b.yaml").write_text("a" * 2_000)
    (lanes / "inbox/d\x1b.yaml").write_text("- 1\n")
    (lanes / "assigned/link\x1b").symlink_to(lanes / "inbox")
    (lanes / "done/closed\x1b").mkdir()
    scandir = os.scandir

    def refusing(folder: str) -> object:
        if "closed" in str(folder):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr("os.scandir", refusing)
    monkeypatch.setattr(module, "unreported", lambda root, wants: f"{root} {wants('inbox')} {wants('other')}")
    found = list(made(max_file_bytes=1_024).examine())
    assert found == [
        Finding("ok", "tasks", "1 task file can be read"),
        Finding("problem", "tasks", "3 task files cannot be read"),
        Finding(
            "problem",
            "tasks",
            "  inbox/b.yaml:3: while parsing a flow sequence that starts in line 2: did not find expected ',' or ']'",
        ),
        Finding(
            "problem",
            "tasks",
            r"  inbox/c\x1b.yaml: inbox/c\x1b.yaml has 2,000 bytes, more than the limit of 1,024.",
        ),
        Finding("problem", "tasks", r"  inbox/d\x1b.yaml:1: a mapping was expected, but found a list"),
        Finding("problem", "tasks", r"the folder done/closed\x1b cannot be listed: Permission denied"),
        Finding(
            "problem",
            "tasks",
            rf"{lanes}/assigned/link\x1b is left out, as it is a link, and links are not followed",
        ),
        Finding("note", "watching", f"the tasks are polled as well as watched: {lanes} True False"),
    ]
