"""All the ways in which agents write: each event is published, in order, and the last state is that of the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from kit.live import Live, apply, fresh, said_by_files, task_text

from llm_service.watch.limits import WatchesExhausted

N = 20
RESTED_S = 0.08
"""Less than `debounce_ms`, after which a file counts as written."""


def pause(seconds: float) -> None:
    """The pause of a writer between two writes, which is part of what is tested."""
    threading.Event().wait(seconds)


def is_timely(write: Callable[[], object], rested_s: float = RESTED_S) -> bool:
    """Write; False if the machine held the writer up for so long that what it had written first had come to rest."""
    since = time.monotonic()
    write()
    return time.monotonic() - since < rested_s


def board_of(live: Live) -> dict[str, object]:
    return {task["id"]: task for task in live.json("/api/snapshot")["tasks"]}


def outside(live: Live, name: str, text: str) -> Path:
    path = live.workspace / f"{name}.tmp"
    path.write_text(text)
    return path


def arrive_in_one_write(live: Live, name: str) -> None:
    (live.root / f"inbox/{name}.yaml").write_text(task_text(name))


def arrive_by_rename_within_the_lane(live: Live, name: str) -> None:
    temporary = live.root / f"inbox/.{name}.yaml.tmp"
    temporary.write_text(task_text(name))
    os.rename(temporary, live.root / f"inbox/{name}.yaml")


def arrive_by_rename_from_elsewhere(live: Live, name: str) -> None:
    os.rename(outside(live, name, task_text(name)), live.root / f"inbox/{name}.yaml")


def arrive_with_a_pause(live: Live, name: str) -> None:
    with (live.root / f"inbox/{name}.yaml").open("w") as file:
        pause(0.02)
        file.write(task_text(name))


def arrive_as_a_hard_link(live: Live, name: str) -> None:
    os.link(outside(live, name, task_text(name)), live.root / f"inbox/{name}.yaml")


@pytest.mark.parametrize(
    "arrive",
    [
        arrive_in_one_write,
        arrive_by_rename_within_the_lane,
        arrive_by_rename_from_elsewhere,
        arrive_with_a_pause,
        arrive_as_a_hard_link,
    ],
)
def test_each_way_of_creating_a_file_publishes_one_created(live: Live, arrive: Callable[[Live, str], None]) -> None:
    listener = live.listen()
    names = [name for number in range(N) if is_timely(partial(arrive, live, name := f"t{number}"))]
    listener.upto(live.sync())
    assert names
    assert {name: listener.types(name) for name in names} == {name: ["task.created"] for name in names}


def rename(live: Live, old: str, new: str) -> None:
    os.rename(live.root / old, live.root / new)


def copy_then_delete(live: Live, old: str, new: str) -> None:
    shutil.copy(live.root / old, live.root / new)
    (live.root / old).unlink()


@pytest.mark.parametrize("move", [rename, copy_then_delete])
@pytest.mark.parametrize("gap_s", [0.0, 0.003, 0.06])
def test_a_chain_through_the_lanes_publishes_created_assigned_completed(
    start: Callable[..., Live], move: Callable[[Live, str, str], None], gap_s: float
) -> None:
    live = start(max_wait_ms=60_000)  # a busy machine may hold up a move of two steps
    listener = live.listen()
    names = [f"t{number}" for number in range(N)]
    for name in names:
        arrive_by_rename_from_elsewhere(live, name)
        pause(gap_s)
        move(live, f"inbox/{name}.yaml", f"assigned/ada/{name}.yaml")
        pause(gap_s)
        move(live, f"assigned/ada/{name}.yaml", f"done/ada/{name}.yaml")
    for name in names:
        # A scan, as for `sync`, may overtake hints that the system has not delivered yet: it sees only the last lane.
        listener.first("task.completed", id=name)
    listener.upto(live.sync())
    expected = ["task.created", "task.assigned", "task.completed"]
    assert {name: listener.types(name) for name in names} == dict.fromkeys(names, expected)
    final = listener.first("task.completed", id="t0")
    assert (final["lane"], final["previous_lane"], final["task"]["agent"]) == ("done", "assigned", "ada")


def edit_in_place(live: Live, path: Path, text: str) -> None:
    path.write_text(text)


def edit_with_a_pause(live: Live, path: Path, text: str) -> None:
    with path.open("w") as file:
        file.flush()
        pause(0.02)
        file.write(text)


def edit_twice(live: Live, path: Path, text: str) -> None:
    path.write_text(task_text(path.stem, title="between"))
    pause(0.03)
    path.write_text(text)


def edit_by_rename_over(live: Live, path: Path, text: str) -> None:
    temporary = path.with_suffix(".swp")
    temporary.write_text(text)
    os.replace(temporary, path)


def edit_as_vim_does(live: Live, path: Path, text: str) -> None:
    (path.parent / "4913").write_text("")
    (path.parent / "4913").unlink()
    os.rename(path, f"{path}~")
    path.write_text(text)
    Path(f"{path}~").unlink()


def edit_with_the_same_size_and_no_pause(live: Live, path: Path, text: str) -> None:
    for filler in ("x", "y", "z"):
        path.write_text(text.replace("final", filler * 5))
    path.write_text(text)


@pytest.mark.parametrize(
    "edit",
    [
        edit_in_place,
        edit_with_a_pause,
        edit_twice,
        edit_by_rename_over,
        edit_as_vim_does,
        edit_with_the_same_size_and_no_pause,
    ],
)
def test_the_last_content_of_each_way_of_editing_is_published(
    live: Live, edit: Callable[[Live, Path, str], None]
) -> None:
    names = [f"t{number}" for number in range(N)]
    for name in names:
        live.write(f"inbox/{name}.yaml")
    live.sync()
    listener = live.listen()
    timely = [
        name
        for name in names
        if is_timely(partial(edit, live, live.root / f"inbox/{name}.yaml", task_text(name, title="final")))
    ]
    assert timely
    listener.upto(live.sync())
    board: dict[str, dict[str, object]] = {}
    for kind, body in listener.got:
        apply(board, kind, body)
    assert {task["title"] for task in board.values()} == {"final"}
    for name in timely:
        assert set(listener.types(name)) == {"task.updated"}
    assert "title" in listener.first("task.updated", id="t0")["changed"]


def test_a_move_made_of_two_steps_never_shows_a_duplicate(start: Callable[..., Live]) -> None:
    live = start(max_wait_ms=60_000)  # a busy machine may hold it up between them
    live.write("inbox/t1.yaml")
    live.sync()
    listener = live.listen()
    shutil.copy(live.root / "inbox/t1.yaml", live.root / "assigned/ada/t1.yaml")
    pause(0.15)
    (live.root / "inbox/t1.yaml").unlink()
    listener.upto(live.sync())
    assert listener.types("t1") == ["task.assigned"]
    assert all(not body["task"]["duplicates"] for _, body in listener.numbered())


def test_a_copy_is_a_card_of_its_own_until_it_is_deleted(live: Live) -> None:
    live.write("inbox/t1.yaml")
    live.sync()
    listener = live.listen()
    live.put("done/ada/t1.yaml", (live.root / "inbox/t1.yaml").read_text())
    copy = listener.first("task.created", path="done/ada/t1.yaml")["task"]
    assert (copy["id"], copy["key"], copy["duplicates"]) == ("t1", "t1\ndone/ada/t1.yaml", [])
    shown = listener.first("task.updated", id="t1")
    assert (shown["changed"], shown["path"]) == (["duplicates"], "inbox/t1.yaml")
    assert shown["task"]["duplicates"] == [{"lane": "done", "agent": "ada", "path": "done/ada/t1.yaml"}]
    assert "duplicate_id" in shown["task"]["flags"]
    assert "duplicate_id" in copy["flags"]
    (live.root / "done/ada/t1.yaml").unlink()
    listener.upto(live.sync())
    assert listener.types("t1") == ["task.created", "task.updated", "task.removed", "task.updated"]
    task = live.json("/api/tasks/t1")["task"]
    assert (task["lane"], task["duplicates"], task["flags"]) == ("inbox", [], [])


def test_a_backup_beside_a_task_never_stands_for_it_and_has_events_of_its_own(live: Live) -> None:
    live.write("assigned/ada/soup.yaml", title="Soup")
    live.sync()
    listener = live.listen()
    live.put("assigned/ada/soup-backup.yaml", (live.root / "assigned/ada/soup.yaml").read_text())
    listener.first("task.created", path="assigned/ada/soup-backup.yaml")
    live.put("assigned/ada/soup-backup.yaml", task_text("soup", title="Old soup"))
    changed = listener.first("task.updated", path="assigned/ada/soup-backup.yaml")
    assert (changed["task"]["title"], changed["changed"]) == ("Old soup", ["title"])
    live.put("assigned/ada/soup-backup.yaml", "id: soup\ntitle: [broken\n")
    listener.first("task.invalid", path="assigned/ada/soup-backup.yaml")
    live.sync()
    task = live.json("/api/tasks/soup")["task"]
    assert (task["title"], task["path"], task["error"]) == ("Soup", "assigned/ada/soup.yaml", None)
    assert (live.json("/api/stats")["tasks"]["total"], live.json("/api/stats")["tasks"]["invalid"]) == (2, 1)
    assert "task.moved" not in listener.types("soup")


def test_files_of_one_template_are_as_many_cards(live: Live) -> None:
    for number in range(30):
        (live.root / f"inbox/task-{number:02}.yaml").write_text(task_text("TODO-ID", title=f"Task {number}"))
    live.sync()
    assert sorted(task["title"] for task in live.json("/api/snapshot")["tasks"]) == sorted(
        f"Task {n}" for n in range(30)
    )
    assert live.json("/api/snapshot")["counts"]["inbox"] == 30
    page = live.json("/api/tasks?limit=7&sort=id")
    seen = page["tasks"]
    while page["cursor"]:
        page = live.json(f"/api/tasks?limit=7&sort=id&cursor={page['cursor']}")
        seen += page["tasks"]
    assert len({task["key"] for task in seen}) == len(seen) == page["total"] == 30


@pytest.mark.parametrize("has_id", [True, False])
def test_a_temporary_file_beside_its_target_is_never_shown(live: Live, has_id: bool) -> None:
    listener = live.listen()
    names = [f"t{number}" for number in range(N)]
    late: set[str] = set()

    def write(name: str) -> None:
        text = task_text(name) if has_id else f"title: Task {name}\n"
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=live.root / "inbox", delete=False) as file:
            late.add(f"inbox/{Path(file.name).name}")
            file.write(text[:9])
            file.flush()
            pause(0.005)
            file.write(text[9:])
        pause(0.005)
        os.replace(file.name, live.root / f"inbox/{name}.yaml")

    for name in [*names, *names[:5]]:
        before = set(late)
        if is_timely(partial(write, name)):
            late = before
    listener.upto(live.sync())
    shown = {body["path"] for _, body in listener.numbered() if "path" in body}
    assert shown - late == {f"inbox/{name}.yaml" for name in names}
    assert len(late) < len(names)
    assert set(board_of(live)) == set(names)


def test_moves_back_and_between_agents_are_moves(live: Live) -> None:
    live.write("assigned/ada/t1.yaml")
    live.sync()
    listener = live.listen()
    rename(live, "assigned/ada/t1.yaml", "assigned/bob/t1.yaml")
    live.sync()
    rename(live, "assigned/bob/t1.yaml", "inbox/t1.yaml")
    live.sync()
    (live.root / "inbox/t1.yaml").unlink()
    listener.upto(live.sync())
    assert listener.types("t1") == ["task.moved", "task.moved", "task.removed"]


def test_a_file_that_stops_parsing_is_published_and_recovers(live: Live) -> None:
    live.write("inbox/t1.yaml", title="whole")
    live.sync()
    listener = live.listen()
    live.put("inbox/t1.yaml", "id: t1\ntitle: [broken\n")
    broken = listener.first("task.invalid", id="t1")
    assert broken["error"]["line"] is not None
    detail = live.json("/api/tasks/t1")
    assert detail["last_good"]["document"]["title"] == "whole"
    assert any(line["is_error"] for line in detail["problem"]["context"])
    live.write("inbox/t1.yaml", title="whole again")
    healed = listener.first("task.updated", id="t1")
    assert (healed["task"]["error"], "error" in healed["changed"]) == (None, True)


def test_a_file_that_is_broken_only_while_it_is_written_is_never_shown_as_broken(start: Callable[..., Live]) -> None:
    live = start(debounce_ms=2_000, max_wait_ms=60_000)
    listener = live.listen()

    def write(name: str) -> None:
        path = live.root / f"inbox/{name}.yaml"
        path.write_text(f"id: {name}\ntitle: [a,")
        pause(0.04)
        path.write_text(task_text(name))

    # On a busy machine it may take several to write one in time.
    name = next(name for number in range(N) if is_timely(partial(write, name := f"t{number}"), rested_s=1.5))
    listener.upto(live.sync())
    assert listener.types(name) == ["task.created"]


def test_a_lane_that_is_renamed_and_renamed_back_is_followed(live: Live) -> None:
    for number in range(N):
        live.write(f"assigned/ada/t{number}.yaml")
    live.sync()
    rename(live, "assigned", "assigned.bak")
    live.sync()
    assert board_of(live) == {} == fresh(live.root)
    rename(live, "assigned.bak", "assigned")
    live.sync()
    assert len(board_of(live)) == N
    live.write("assigned/ada/after.yaml")
    live.sync()
    assert said_by_files(board_of(live)) == fresh(live.root)


def test_a_root_that_is_deleted_and_created_again_is_followed(start: Callable[..., Live]) -> None:
    live = start(debounce_ms=2_000, max_wait_ms=2_000)  # a busy machine deletes it slowly
    live.write("inbox/t1.yaml")
    live.sync()
    listener = live.listen()
    shutil.rmtree(live.root)
    listener.first("service.degraded", mode="missing")
    assert live.json("/health")["status"] == "degraded"
    live.sync()
    assert set(board_of(live)) == {"t1"}, "what was known stays, until it is known to be gone"
    live.write("inbox/t2.yaml")
    listener.first("service.recovered", mode="inotify")
    listener.first("task.created", id="t2")
    listener.first("task.removed", id="t1")
    live.write("done/ada/t3.yaml")
    listener.first("task.completed", id="t3")
    assert live.json("/health")["status"] == "healthy"


def test_a_root_that_is_missing_at_the_start_is_followed_once_it_exists(
    start: Callable[..., Live], workspace: Path
) -> None:
    shutil.rmtree(workspace / "work")
    live = start()
    assert live.json("/health")["watchers"][0]["mode"] == "missing"
    listener = live.listen()
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")


def test_a_root_that_is_replaced_while_it_exists_is_followed(live: Live) -> None:
    live.write("inbox/t1.yaml")
    live.sync()
    other = live.workspace / "work/other"
    (other / "inbox").mkdir(parents=True)
    (other / "inbox/t2.yaml").write_text(task_text("t2"))
    listener = live.listen()
    rename(live, "../collaboration", "../old")
    os.rename(other, live.root)
    listener.first("task.created", id="t2")
    live.write("inbox/t3.yaml")
    listener.first("task.created", id="t3")
    live.sync()
    assert set(board_of(live)) == {"t2", "t3"}


def test_git_checkout_of_another_branch_is_followed(live: Live) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *identity, *words], cwd=live.workspace, check=True, capture_output=True)

    git("init")
    for number in range(60):
        live.write(f"inbox/t{number}.yaml", title="main")
    git("add", "work")
    git("commit", "-m", "main")
    git("checkout", "-b", "other")
    for number in range(60):
        if number % 3:
            rename(live, f"inbox/t{number}.yaml", f"done/ada/t{number}.yaml")
        else:
            live.write(f"inbox/t{number}.yaml", title="other")
    git("add", "-A", "work")
    git("commit", "-m", "other")
    live.sync()
    for branch in ("main", "other", "main"):
        git("checkout", branch)
        live.sync()
        assert said_by_files(board_of(live)) == fresh(live.root)
    assert len(board_of(live)) == 60


def test_without_watches_the_root_is_polled_which_is_reported(start: Callable[..., Live]) -> None:
    def exhausted(*arguments: object) -> None:
        raise WatchesExhausted(28, "inotify watch limit reached")

    live = start(make_observer=exhausted, poll_interval_s=0.2)
    watcher = live.json("/health")["watchers"][0]
    assert (watcher["mode"], "inotify watch limit reached" in watcher["error"]) == ("polling", True)
    listener = live.listen()
    assert listener.first("connection_ack")["degraded"][0]["mode"] == "polling"
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    rename(live, "inbox/t1.yaml", "done/ada/t1.yaml")
    listener.first("task.completed", id="t1")


def test_unreadable_and_other_files_do_not_affect_the_others(live: Live) -> None:
    listener = live.listen()
    os.mkfifo(live.root / "inbox/fifo.yaml")
    os.symlink("/etc/passwd", live.root / "inbox/link.yaml")
    (live.root / "inbox/folder.yaml").mkdir()
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    live.sync()
    board = live.json("/api/tasks")["tasks"]
    assert {task["id"]: (task["error"] or {}).get("code") for task in board} == {
        "fifo": "NOT_REGULAR",
        "link": "NOT_REGULAR",
        "folder": "NOT_REGULAR",
        "t1": None,
    }
