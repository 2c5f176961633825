"""What cannot be read for a while is not gone: it stays on the board, that is said, and it is read again.

The errors are those that open(2), readdir(3) and lstat(2) list beside ENOENT and ENOTDIR; only these two prove absence.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kit.failing_files import FailingFiles
from kit.live import Live, differences, eventually, fresh, said_by_files

from llm_service.tasks import follow
from llm_service.watch import file_systems, probe, sweep
from llm_service.watch.events import Sink, WantsFolder
from llm_service.watch.observer import RootObserver

Start = Callable[..., Live]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> FailingFiles:
    return FailingFiles(monkeypatch, str(workspace / "work"))


@pytest.fixture
def live(failing: FailingFiles, start: Start) -> Live:
    return start(sweep_interval_s=3600)


def move(live: Live, path: str, target: str) -> None:
    (live.root / target).parent.mkdir(parents=True, exist_ok=True)
    os.rename(live.root / path, live.root / target)


def board_of(live: Live) -> dict[str, Any]:
    return {task["id"]: task for task in live.json("/api/snapshot")["tasks"]}


def degraded(live: Live) -> dict[str, str]:
    return {one["root"]: one["mode"] for one in live.dashboard.degraded()}


@contextmanager
def said_and_healed(live: Live) -> Iterator[None]:
    """While the block's fault is there that is said (how soon: `benchmarks survival`); afterwards all is well without a
    restart."""
    eventually(lambda: live.json("/health")["status"] == "degraded")
    yield
    eventually(lambda: live.json("/health")["status"] == "healthy")
    assert degraded(live) == {}


def test_too_many_open_files_for_a_second_while_tasks_are_moved(live: Live, failing: FailingFiles) -> None:
    for number in range(70):
        live.write(f"{'inbox' if number % 2 else 'assigned/ada'}/t{number}.yaml")
    live.sync()
    listener = live.listen()
    failing.begin(errno.EMFILE, ("open", "scandir"))
    for number in range(70):
        move(live, f"{'inbox' if number % 2 else 'assigned/ada'}/t{number}.yaml", f"done/ada/t{number}.yaml")
    with said_and_healed(live):
        assert "Too many open files" in live.json("/health")["watchers"][0]["error"]
        failing.end()
    seq = live.sync()
    assert failing.failed
    assert differences(said_by_files(board_of(live)), fresh(live.root)) == {}
    events = [(name, body["task"]["id"]) for name, body in listener.upto(seq) if name.startswith("task.")]
    assert sorted(task for name, task in events if name == "task.completed") == sorted(f"t{n}" for n in range(70))
    assert {name for name, _ in events} <= {"task.completed", "task.invalid", "task.updated"}


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE], ids=errno.errorcode.get)
def test_a_file_that_cannot_be_read_stays_and_is_read_again_without_any_hint(
    live: Live, failing: FailingFiles, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_UNREAD_GRACE_S", 0.05)
    live.write("assigned/ada/t1.yaml", title="before")
    live.sync()
    listener = live.listen()
    with failing.during(number, "open"):
        live.write("assigned/ada/t1.yaml", title="after")
        live.write("inbox/t2.yaml")
        invalid = listener.first("task.invalid", id="t1")
        assert (invalid["task"]["title"], invalid["error"]["code"]) == ("before", "UNREADABLE")
        assert os.strerror(number) in invalid["error"]["message"]
        assert listener.first("task.created", id="t2")["task"]["error"]["code"] == "UNREADABLE"
        listener.first("service.degraded", mode="unreadable")
    listener.first("task.updated", id="t1", title="after")
    listener.first("task.updated", id="t2", title="Task t2")
    listener.first("service.recovered", mode="inotify")
    assert listener.types("t1") == ["task.invalid", "task.updated"]


def test_what_cannot_be_read_only_for_a_moment_makes_no_event_but_its_own(
    live: Live, failing: FailingFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_UNREAD_GRACE_S", 60.0)  # on a busy machine the moment may be long
    live.write("inbox/t1.yaml", title="before")
    live.sync()
    listener = live.listen()
    with failing.during(errno.EIO, "open"):
        live.write("inbox/t1.yaml", title="after")
        live.write("done/ada/t2.yaml")
        eventually(lambda: failing.failed > 2)
    seq = live.sync()
    events = [name for name, _ in listener.upto(seq)]
    assert events.count("task.updated") == 1
    assert sorted(events) == ["task.completed", "task.created", "task.updated"]


def test_sync_reads_at_once_what_could_not_be_read(live: Live, failing: FailingFiles) -> None:
    with failing.during(errno.EACCES, "open"):
        live.write("inbox/t1.yaml")
        live.sync()
        for _ in range(3):  # the pauses become longer
            live.dashboard.followers[0].request_sync().reached.wait(60)
        assert board_of(live)["t1"]["error"]
    live.sync()
    assert board_of(live)["t1"]["error"] is None


@pytest.mark.parametrize("polled", [False, True], ids=["watched", "polled"])
@pytest.mark.parametrize("calls", [("scandir", "lstat"), ("scandir", "lstat", "open"), ("lstat",), ("scandir",)])
def test_a_folder_that_cannot_be_read_counts_as_it_was(
    failing: FailingFiles, start: Start, polled: bool, calls: tuple[str, ...]
) -> None:
    live = start(force_polling=polled, poll_interval_s=0.1, sweep_interval_s=3600)
    for number in range(5):
        live.write(f"done/ada/t{number}.yaml")
    live.sync()
    before = board_of(live)
    listener = live.listen()
    failing.begin(errno.EACCES, calls, only=lambda path: "/done/ada" in path)
    for number in range(5):
        os.utime(live.root / f"done/ada/t{number}.yaml", ns=(0, 10**18 + number))
    os.utime(live.root / "done/ada")
    live.write("inbox/other.yaml")
    listener.first("task.created", id="other")
    if "scandir" in calls:
        # Of the files it may be said first, by the root.
        listener.first("service.degraded", mode="unreadable", root=str(live.root / "done/ada"))
        assert degraded(live)[str(live.root / "done/ada")] == "unreadable"
        watcher = live.json("/health")["watchers"][0]
        assert "done/ada" in watcher["unreadable"]
        assert any("done/ada" in text for _, text in live.dashboard.banner())
    elif not polled:
        listener.first("service.degraded", mode="unreadable")
    live.get("/api/sync?timeout_ms=60000")
    assert set(board_of(live)) == {*before, "other"}
    failing.end()
    seq = live.sync()
    eventually(lambda: str(live.root / "done/ada") not in degraded(live))
    assert differences(said_by_files(board_of(live)), fresh(live.root)) == {}
    events = [(name, body) for name, body in listener.upto(seq) if name.startswith("task.")]
    assert {name for name, _ in events} <= {"task.created", "task.updated", "task.invalid"}
    assert [body["task"]["id"] for name, body in events if name == "task.created"] == ["other"]


def test_what_was_removed_while_its_folder_could_not_be_read_is_removed_then(live: Live, failing: FailingFiles) -> None:
    for name in ("t1", "t2"):
        live.write(f"done/ada/{name}.yaml")
    live.sync()
    listener = live.listen()
    with failing.during(errno.EACCES, "scandir", "lstat", only=lambda path: "/done/ada" in path):
        (live.root / "done/ada/t1.yaml").unlink()
        live.sync()
        assert set(board_of(live)) == {"t1", "t2"}
    listener.first("task.removed", id="t1")
    live.sync()
    assert set(board_of(live)) == {"t2"}


def test_a_task_that_goes_where_nothing_can_be_read_is_not_removed_before(
    live: Live, failing: FailingFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "_MAX_HOLDING_S", 60.0)  # on a busy machine the moment may be long
    live.write("assigned/ada/t1.yaml")
    live.sync()
    listener = live.listen()
    with failing.during(errno.EACCES, "scandir", "lstat", "open", only=lambda path: "/done/ada" in path):
        move(live, "assigned/ada/t1.yaml", "done/ada/t1.yaml")
        eventually(lambda: failing.failed > 2)
    listener.first("task.completed", id="t1")
    assert listener.types("t1") == ["task.completed"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ENOTCONN], ids=errno.errorcode.get)
def test_a_root_of_which_the_system_says_nothing_is_kept(live: Live, failing: FailingFiles, number: int) -> None:
    live.write("done/ada/t1.yaml")
    live.sync()
    listener = live.listen()
    failing.begin(number, ("stat", "lstat", "scandir", "open"))
    with said_and_healed(live):
        eventually(lambda: degraded(live).get(str(live.root)) == "unreadable")
        move(live, "done/ada/t1.yaml", "inbox/t1.yaml")
        assert live.get("/api/sync?timeout_ms=60000").status_code == 200
        failing.end()
    listener.first("task.moved", id="t1")
    assert listener.types("t1") == ["task.moved"]


@pytest.mark.parametrize("polled", [False, True], ids=["watched", "polled"])
def test_a_root_that_goes_away_is_missing_and_no_task_is_removed(
    failing: FailingFiles, start: Start, polled: bool
) -> None:
    live = start(force_polling=polled, poll_interval_s=0.1)
    for number in range(31):
        live.write(f"done/ada/t{number}.yaml")
    live.sync()
    listener = live.listen()
    aside = live.root.with_name("aside")
    os.rename(live.root, aside)
    assert listener.first("service.degraded", mode="missing")["root"] == str(live.root)
    live.sync()
    assert len(board_of(live)) == 31
    (aside / "done/ada/t7.yaml").unlink()
    os.rename(aside, live.root)
    listener.first("task.removed", id="t7")
    seq = live.sync()
    assert len(board_of(live)) == 30
    events = [(name, body["task"]["id"]) for name, body in listener.upto(seq) if name.startswith("task.")]
    assert events == [("task.removed", "t7")]


def test_a_root_that_is_deleted_with_all_in_it_is_missing_and_no_task_is_removed(start: Start) -> None:
    live = start(sweep_interval_s=3600, debounce_ms=2_000, max_wait_ms=2_000)  # a busy machine deletes it slowly
    for number in range(31):
        live.write(f"done/ada/t{number}.yaml")
    live.sync()
    listener = live.listen()
    subprocess.run(["rm", "-rf", str(live.root)], check=True)
    listener.first("service.degraded", mode="missing")
    live.sync()
    assert len(board_of(live)) == 31
    live.write("done/ada/t3.yaml")
    listener.first("service.recovered", root=str(live.root))
    seq = live.sync()
    assert set(board_of(live)) == {"t3"}
    assert {name for name, body in listener.upto(seq) if name.startswith("task.")} <= {"task.removed", "task.updated"}


@contextmanager
def mounted(point: Path, *how: str) -> Iterator[Callable[[], None]]:
    """A file system at a point, unmounted by what this gives; skips the test where that is not allowed."""

    def mount() -> None:
        subprocess.run(["mount", *how, str(point)], check=True, capture_output=True)

    def unmount() -> None:
        subprocess.run(["umount", "--lazy", str(point)], check=True)

    try:
        mount()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting needs more rights than this process has")
    try:
        yield unmount
    finally:
        while os.path.ismount(point) or str(point) in Path("/proc/self/mountinfo").read_text():
            unmount()


def test_a_root_whose_file_system_is_unmounted_is_missing_until_it_is_mounted_again(
    start: Start, workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = tmp_path_factory.mktemp("store")
    point = workspace / "work/collaboration"  # with empty lanes in it, as `init` makes them
    with mounted(point, "--bind", str(store)) as unmount:
        live = start(history=False)
        live.write("assigned/ada/t1.yaml")
        live.write("assigned/ada/t2.yaml")
        live.sync()
        listener = live.listen()
        unmount()
        with said_and_healed(live):
            assert degraded(live) == {str(live.root): "missing"}
            os.makedirs(store / "done/ada")
            os.rename(store / "assigned/ada/t1.yaml", store / "done/ada/t1.yaml")
            live.sync()
            assert set(board_of(live)) == {"t1", "t2"}
            subprocess.run(["mount", "--bind", str(store), str(point)], check=True)
        listener.first("task.completed", id="t1")
        seq = live.sync()
        assert [name for name, _ in listener.upto(seq) if name.startswith("task.")] == ["task.completed"]
        live.stop()


def test_a_lane_whose_file_system_is_unmounted_keeps_its_tasks(start: Start, workspace: Path) -> None:
    point = workspace / "work/collaboration/done"
    for folder in point.iterdir():
        folder.rmdir()
    with mounted(point, "-t", "tmpfs", "none") as unmount:
        live = start(history=False)
        live.write("done/ada/t1.yaml")
        live.sync()
        listener = live.listen()
        unmount()
        live.sync()
        assert (set(board_of(live)), degraded(live)) == ({"t1"}, {str(point): "unreadable"})
        live.write("done/ada/t2.yaml")
        listener.first("task.removed", id="t1")
        live.sync()
        assert (set(board_of(live)), degraded(live)) == ({"t2"}, {})
        live.stop()


# What is left out


def linked(live: Live, folder: str) -> None:
    (live.workspace / "elsewhere").mkdir()
    (live.workspace / "elsewhere/t1.yaml").write_text("id: t1\n")
    (live.root / folder).parent.mkdir(parents=True, exist_ok=True)
    os.symlink(live.workspace / "elsewhere", live.root / folder)


def make(live: Live, folder: str) -> None:
    (live.root / folder).mkdir(parents=True)
    (live.root / folder / "t1.yaml").write_text("id: t1\n")


def make_file(live: Live, path: str) -> None:
    (live.root / path).write_text("")


@pytest.mark.parametrize(
    ("how", "path", "reason"),
    [
        (linked, "assigned", "a link"),
        (linked, "inbox", "a link"),
        (linked, "assigned/ada", "a link"),
        (linked, "done/böb", "a link"),
        (linked, "Done", "not named exactly “done”"),
        (make, "Inbox", "not named exactly “inbox”"),
        (make, "INBOX", "not named exactly “inbox”"),
        (make, "assigned ", "not named exactly “assigned”"),
        (make, "ｄｏｎｅ", "not named exactly “done”"),
        (make_file, "done", "not a folder"),
    ],
)
def test_a_folder_that_is_left_out_is_named(
    start: Start, workspace: Path, how: Callable[[Live, str], None], path: str, reason: str
) -> None:
    for lane in ("inbox", "assigned", "done"):
        shutil.rmtree(workspace / "work/collaboration" / lane)
    live = start(poll_interval_s=0.1)
    listener = live.listen()
    how(live, path)
    live.sync()
    place = str(live.root / path)
    assert reason in listener.first("service.degraded", mode="skipped", root=place)["reason"]
    assert board_of(live) == {}
    health = live.json("/health")
    assert (health["status"], reason in health["watchers"][0]["skipped"][path]) == ("degraded", True)
    assert reason in next(text for label, text in live.dashboard.banner() if label == "skipped")
    tasks = next(feature for feature in live.dashboard.features if feature.name == "tasks")
    assert any(one.level == "problem" and reason in one.text and place in one.text for one in tasks.examine())
    if how is make_file or (how is linked):
        os.unlink(place)
    else:
        os.rename(place, place + ".archive")
    listener.first("service.recovered", root=place)


def test_other_files_and_links_are_nothing_to_speak_of(start: Start, workspace: Path) -> None:
    live = start()
    root = live.root
    for folder in ("archive", "assigned/ada", "done"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for path in ("README.md", "assigned/INDEX.md", "done/.gitkeep", "assigned/ada/notes.md"):
        (root / path).write_text("")
    os.symlink(root / "README.md", root / "assigned/link.md")
    os.symlink(root / "nowhere", root / "assigned/broken")
    os.symlink(root / "archive", root / "assigned/.hidden")
    os.symlink(root / "archive", root / "old")
    live.sync()
    assert degraded(live) == {}


def test_everything_is_read_at_the_start_what_could_not_be_read_a_little_later(
    failing: FailingFiles, workspace: Path, start: Start
) -> None:
    root = workspace / "work/collaboration/inbox"
    root.mkdir(parents=True, exist_ok=True)
    for number in range(30):
        (root / f"t{number}.yaml").write_text(f"id: t{number}\n")
    with failing.during(errno.EMFILE, "open"):
        live = start(sweep_interval_s=3600)
        assert all(task["error"]["code"] == "UNREADABLE" for task in board_of(live).values())
    eventually(lambda: not any(task["error"] for task in board_of(live).values()))
    assert len(board_of(live)) == 30


# Where the system does not report


class DeafObserver(RootObserver):
    """An observer whose hints about what is below the root do not arrive, as where another system writes."""

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None = None) -> None:
        super().__init__(root, wants_folder, lambda hint: None, max_watches)


class RemotelyDeafObserver(DeafObserver):
    """Our own probe is reported, what others do is not."""

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None = None) -> None:
        heard = sink if root.endswith(".llm-service") else (lambda hint: None)
        RootObserver.__init__(self, root, wants_folder, heard, max_watches)


def fuse(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    table = workspace / "mountinfo"
    table.write_text(f"1 0 0:1 / / rw - ext4 /dev/x rw\n2 1 0:2 / {workspace} rw - fuse.sshfs host: rw\n")
    monkeypatch.setattr(file_systems, "_MOUNTS", str(table))


def test_on_fuse_it_is_said_and_changes_of_others_are_seen(
    start: Start, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse(monkeypatch, workspace)
    live = start(make_observer=RemotelyDeafObserver, poll_interval_s=0.2)
    listener = live.listen()
    assert {"polling"} == {one["mode"] for one in listener.first("connection_ack")["degraded"]}
    assert "(fuse.sshfs)" in live.json("/health")["watchers"][0]["error"]
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    move(live, "inbox/t1.yaml", "done/ada/t1.yaml")
    listener.first("task.completed", id="t1")
    tasks = next(feature for feature in live.dashboard.features if feature.name == "tasks")
    assert any("polled as well as watched" in one.text for one in tasks.examine())


def test_a_system_that_reports_nothing_is_found_out_at_the_start(
    start: Start, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "_TIMEOUT_S", 0.2)
    (workspace / ".llm-service").mkdir()
    live = start(make_observer=DeafObserver, poll_interval_s=0.2)
    listener = live.listen()
    assert "was not reported" in live.json("/health")["watchers"][0]["error"]
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    assert not [name for name in os.listdir(workspace / ".llm-service") if "probe" in name]


def test_a_system_that_does_not_report_what_others_do_is_found_out_by_the_first_change(
    start: Start, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "_SWEEP_SHARE", 1.0)
    (workspace / ".llm-service").mkdir()
    live = start(make_observer=RemotelyDeafObserver, poll_interval_s=0.2, sweep_interval_s=1)
    assert live.json("/health")["watchers"][0]["mode"] == "inotify"
    listener = live.listen()
    live.write("inbox/t1.yaml")
    listener.first("task.created", id="t1")
    assert "(inbox/t1.yaml)" in listener.first("service.degraded", mode="polling")["reason"]


def test_what_is_written_into_a_layer_of_an_overlay_is_seen(
    start: Start, workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    layers = tmp_path_factory.mktemp("layers")
    for name in ("lower/inbox", "lower/done/ada", "upper", "work"):
        (layers / name).mkdir(parents=True)
    options = f"lowerdir={layers}/lower,upperdir={layers}/upper,workdir={layers}/work"
    with mounted(workspace / "work/collaboration", "-t", "overlay", "overlay", "-o", options):
        live = start(poll_interval_s=0.2, history=False)
        listener = live.listen()
        assert "(overlay)" in live.json("/health")["watchers"][0]["error"]
        (layers / "lower/inbox/t1.yaml").write_text("id: t1\n")  # inotify(7) reports nothing of this
        listener.first("task.created", id="t1")
        live.write("inbox/t2.yaml")
        listener.first("task.created", id="t2")
        live.stop()
