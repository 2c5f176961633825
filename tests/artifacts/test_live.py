"""Artifacts tracked on a real folder: what is published and when, floods and overflow, ignored folders, roots that go
and come, watches that run out."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from kit.artifact_trees import TrackedArtifacts, mirrored, on_disk, real_projects, recounted, summed
from kit.live import Live, eventually, running
from kit.model_runs import WatchdogsOwnObserver
from kit.whole_files import put

from llm_service.artifacts import updater as updater_module
from llm_service.artifacts.events import ArtifactBatch, ArtifactCreated, ArtifactRemoved, ArtifactUpdated
from llm_service.artifacts.feature import Artifacts
from llm_service.artifacts.tree.folder import Change
from llm_service.artifacts.tree.listing import FolderListing, list_folder
from llm_service.hub.event import ServiceDegraded, ServiceRecovered
from llm_service.watch import root as watched_root
from llm_service.watch.events import Sink, WantsFolder
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.inotify import InotifyQueue
from llm_service.watch.observer import RootObserver
from llm_service.watch.probe import Probe

Track = Callable[..., TrackedArtifacts]
NEVER_S = 3_600


@pytest.fixture
def track(tmp_path: Path) -> Iterator[Track]:
    """Track the artifacts of a workspace; nothing but hints finds changes, unless `sweep_interval_s` says so."""
    started: list[TrackedArtifacts] = []

    def begin(**more: Any) -> TrackedArtifacts:
        tracked = TrackedArtifacts(tmp_path, **{"sweep_interval_s": NEVER_S, **more})
        started.append(tracked)
        return tracked.start()

    (tmp_path / "generated_projects/shop/src").mkdir(parents=True)
    yield begin
    for tracked in started:
        tracked.stop()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return tmp_path / "generated_projects/shop"


def published(tracked: TrackedArtifacts, kind: Any, path: str) -> Any:
    """The event of a kind about a file."""

    def find(events: Sequence[Any]) -> Any:
        return next((event for event in events if isinstance(event, kind) and event.artifact.path == path), None)

    return tracked.wait_for(find)


def seen(tracked: TrackedArtifacts, path: str) -> None:
    """Wait until a file of the project is in the tree, published by itself or in a batch."""
    eventually(lambda: tracked.tree.find("shop", path))


def complete(tracked: TrackedArtifacts) -> bool:
    """True if what was announced, what is in the tree and what is on the disk are the same number of files."""
    there = dict(Counter(path.partition("/")[0] for path in on_disk(tracked.root)[0]))
    listed = {name: project.files for name, project in real_projects(tracked) if project.files}
    return there == listed == tracked.announced()


# What is published


def test_a_file_that_is_written_is_published_at_once_with_its_lines_and_its_digest(track: Track, shop: Path) -> None:
    tracked = track()
    put(shop / "src/app.py", "one\ntwo\n")
    artifact = published(tracked, ArtifactCreated, "src/app.py").artifact
    assert (artifact.project, artifact.type, artifact.language, artifact.lines) == ("shop", "code", "python", 2)
    assert artifact.sha256 == hashlib.sha256(b"one\ntwo\n").hexdigest()
    put(shop / "src/app.py", "one\ntwo\nthree\n")
    assert published(tracked, ArtifactUpdated, "src/app.py").artifact.lines == 3
    (shop / "src/app.py").unlink()
    assert published(tracked, ArtifactRemoved, "src/app.py").artifact.lines == 3


def test_after_what_was_published_file_by_file_the_totals_follow(track: Track, shop: Path) -> None:
    tracked = track()
    (shop / "src/app.py").write_text("one\ntwo\n")
    published(tracked, ArtifactCreated, "src/app.py")
    batch = tracked.wait_for(
        lambda events: next(
            (e for e in events if isinstance(e, ArtifactBatch) and e.totals and e.totals.lines == 2), None
        )
    )
    assert (batch.created, batch.folders, batch.totals.files) == (0, (), 1)
    assert batch.totals.lines_written == batch.totals.lines_per_hour == 2


def test_many_files_at_once_are_published_in_one_batch(track: Track, shop: Path, tmp_path: Path) -> None:
    tracked = track()
    (tmp_path / "aside").mkdir()
    for number in range(1_500):
        (tmp_path / f"aside/{number}.py").write_text("x\n")
    os.rename(tmp_path / "aside", shop / "many")
    eventually(lambda: complete(tracked) and mirrored(tracked))
    assert tracked.of(ArtifactCreated) == []
    (batch,) = [batch for batch in tracked.of(ArtifactBatch) if batch.created]
    assert (batch.project, batch.created, batch.folders, batch.more_folders) == ("shop", 1_500, ("many",), False)
    assert [(artifact.project, artifact.path[:5]) for artifact in batch.sample] == [("shop", "many/")] * 5
    assert (batch.totals.files, batch.totals.by_type["code"]) == (1_500, 1_500)
    tracked.counted()
    eventually(lambda: tracked.of(ArtifactBatch)[-1].totals.lines == 1_500)


def test_files_that_pour_in_are_published_in_batches_whose_sum_is_what_is_there(track: Track, shop: Path) -> None:
    tracked = track(batch_window_ms=5_000)
    for number in range(1_500):
        (shop / f"src/{number}.py").write_text("x\n")
    tracked.sync()
    assert len(tracked.of(ArtifactCreated)) <= 32
    assert complete(tracked)


def test_a_batch_names_fifty_folders_and_says_that_there_are_more(track: Track, shop: Path) -> None:
    aside = shop.parents[1] / "aside"
    for number in range(80):
        (aside / f"f{number}").mkdir(parents=True)
        (aside / f"f{number}/a").write_text("")
    tracked = track(batch_window_ms=4_000)
    aside.rename(shop / "all")  # all at once, however slow the machine
    eventually(lambda: complete(tracked))
    assert any(len(batch.folders) == 50 and batch.more_folders for batch in tracked.of(ArtifactBatch))


def test_what_is_there_at_the_start_is_listed_and_not_called_new(track: Track, shop: Path) -> None:
    for number in range(40):
        (shop / f"src/{number}.py").write_text("x\n")
    tracked = track()
    assert sum(batch.listed for batch in tracked.of(ArtifactBatch)) == 40
    assert sum(batch.created for batch in tracked.of(ArtifactBatch)) == 0
    assert tracked.of(ArtifactCreated) == []
    tracked.counted()
    project = tracked.tree.projects()[0]
    assert (project.lines, project.lines_written) == (40, 0)


def test_an_empty_project_is_published_and_one_that_is_gone_has_no_totals(track: Track, shop: Path) -> None:
    tracked = track()
    (tracked.root / "new").mkdir()
    tracked.wait_for(lambda events: any(isinstance(e, ArtifactBatch) and e.project == "new" for e in events))
    (shop / "a").write_text("")
    published(tracked, ArtifactCreated, "a")
    shutil.rmtree(shop)
    tracked.wait_for(
        lambda events: any(isinstance(e, ArtifactBatch) and e.project == "shop" and e.totals is None for e in events)
    )
    assert tracked.announced() == {}


def test_listeners_are_published_every_change_in_the_thread_of_the_follower(track: Track, shop: Path) -> None:
    tracked = track()
    heard: list[tuple[str, str]] = []

    def listen(changes: Sequence[Change]) -> None:
        heard.extend((threading.current_thread().name, name) for change in changes for name in change.created)

    tracked.artifacts.subscribe(listen)
    (shop / "src/a.py").write_text("")
    eventually(lambda: ("artifacts follower", "a.py") in heard)


def test_what_a_file_contained_is_stored_when_it_changes(track: Track, shop: Path) -> None:
    tracked = track()

    def kept() -> list[int]:
        return sorted(version.size_bytes for version in tracked.watched.versions.list("shop", "a.md"))

    put(shop / "a.bin", b"\0\1")
    published(tracked, ArtifactCreated, "a.bin")
    put(shop / "a.md", "first")
    published(tracked, ArtifactCreated, "a.md")
    eventually(lambda: kept() == [5])
    put(shop / "a.md", "second")
    published(tracked, ArtifactUpdated, "a.md")
    eventually(lambda: kept() == [5, 6])
    assert tracked.watched.versions.list("shop", "a.bin") == []


def test_files_that_were_there_at_the_start_are_stored_too_when_there_is_time(track: Track, shop: Path) -> None:
    (shop / "a.md").write_text("first")
    tracked = track()
    eventually(lambda: tracked.watched.versions.list("shop", "a.md"))


# Nothing is missed


def test_nested_folders_made_and_filled_before_a_watch_can_stand_are_seen_whole(
    track: Track, shop: Path, request: pytest.FixtureRequest
) -> None:
    tracked = track()
    rounds = request.config.getoption("--races")
    for number in range(rounds):
        deep = shop / f"r{number}/a/b/c"
        deep.mkdir(parents=True)
        for where in (deep / "last.py", deep.parents[1] / "first.py", deep.parents[2] / "top.py"):
            where.write_text("")
        if number % 10 == 9:
            threading.Event().wait(0.05)
    eventually(lambda: tracked.announced() == {"shop": 3 * rounds}, 60)
    assert complete(tracked)


def test_a_folder_moved_in_with_all_its_content_is_seen_whole_and_watched(track: Track, tmp_path: Path) -> None:
    tracked = track()
    outside = tmp_path / "outside"
    for number in range(60):
        (outside / f"a{number % 7}/b{number}").mkdir(parents=True)
        (outside / f"a{number % 7}/b{number}/x").write_text("")
    os.rename(outside, tracked.root / "shop/moved")
    eventually(lambda: complete(tracked))
    (tracked.root / "shop/moved/a3/b3/later").write_text("")
    seen(tracked, "moved/a3/b3/later")


def test_a_renamed_folder_is_tracked_under_its_new_name_only(track: Track, shop: Path) -> None:
    tracked = track()
    (shop / "src/inner").mkdir()
    (shop / "src/inner/a").write_text("")
    published(tracked, ArtifactCreated, "src/inner/a")
    os.rename(shop / "src", shop / "lib")
    eventually(lambda: complete(tracked) and "shop/lib/inner/a" in mirrored(tracked))
    (shop / "lib/inner/b").write_text("")
    seen(tracked, "lib/inner/b")
    assert tracked.tree.folder_at("shop/src") is None


def test_a_storm_that_overflows_the_kernels_queue_ends_with_every_file(
    track: Track, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, overflows = threading.Event(), []
    monkeypatch.setattr(Probe, "reports", lambda self, root: None)

    class Held(RootObserver):
        """A watcher that does not read while the storm goes on."""

        def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None) -> None:
            def take(hint: Hint) -> None:
                held.wait(60)
                if hint.kind is HintKind.EVERYTHING:
                    overflows.append(hint)
                sink(hint)

            super().__init__(root, wants_folder, take, max_watches)

    tracked = track(make_observer=Held)
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as limit:
        more_than_fit = int(limit.read()) * 2
    names = [shop / "src/a", shop / "src/b"]
    for name in names:
        name.write_text("")
    for number in range(more_than_fit):
        names[number % 2].chmod(0o600)
    for number in range(300):  # of these nothing is published
        (shop / f"d{number % 7}/e").mkdir(parents=True, exist_ok=True)
        (shop / f"d{number % 7}/e/{number}.py").write_text("x\n")
    held.set()
    eventually(lambda: overflows, 60)
    eventually(lambda: complete(tracked), 60)


def test_hints_that_are_lost_are_made_up_for_when_the_queue_overflowed(track: Track, shop: Path) -> None:
    sinks: dict[str, Sink] = {}

    class Deaf(RootObserver):
        """A watcher that reports nothing."""

        def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None) -> None:
            sinks[root] = sink
            super().__init__(root, wants_folder, lambda hint: None, max_watches)

    tracked = track(make_observer=Deaf, poll_interval_s=NEVER_S)  # it is polled, as it does not report the probe
    (shop / "src/a.py").write_text("x\n")
    (shop / "new/deep").mkdir(parents=True)
    (shop / "new/deep/b.py").write_text("x\n")
    assert mirrored(tracked) == {}
    sinks[str(tracked.root)](Hint(HintKind.EVERYTHING))
    eventually(lambda: complete(tracked) and len(mirrored(tracked)) == 2)


def test_what_no_hint_published_is_found_by_the_sweep(track: Track, shop: Path) -> None:
    class Deaf(RootObserver):
        """A watcher that reports nothing."""

        def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None) -> None:
            super().__init__(root, wants_folder, lambda hint: None, max_watches)

    tracked = track(make_observer=Deaf, sweep_interval_s=0.2)
    (shop / "src/a.py").write_text("x\n")
    published(tracked, ArtifactCreated, "src/a.py")


def test_sync_waits_until_everything_written_before_is_published(track: Track, shop: Path) -> None:
    tracked = track(batch_window_ms=1_000)
    for number in range(300):
        (shop / f"src/{number}.py").write_text("x\n")
    tracked.sync()
    assert complete(tracked)


def test_after_a_turn_that_failed_everything_is_looked_at_again(
    track: Track, shop: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tracked = track()
    failures = iter([RuntimeError("a bug of ours")])
    whole = tracked.tree.apply_file

    def failing(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return whole(*arguments)

    monkeypatch.setattr(tracked.tree, "apply_file", failing)
    (shop / "src/a.py").write_text("x\n")
    eventually(lambda: complete(tracked) and mirrored(tracked))
    assert "a bug of ours" in caplog.text


def test_with_watchdogs_observer_tree_and_announcements_equal_the_disk_too(track: Track, shop: Path) -> None:
    tracked = track(make_observer=WatchdogsOwnObserver)
    (shop / "src/a.py").write_text("x\n")
    published(tracked, ArtifactCreated, "src/a.py")
    (shop / "new/deep").mkdir(parents=True)
    (shop / "new/deep/b.py").write_text("x\n")
    eventually(lambda: complete(tracked) and len(mirrored(tracked)) == 2)
    os.rename(shop / "new", shop / "other")
    (shop / "src/a.py").unlink()
    eventually(lambda: complete(tracked) and set(mirrored(tracked)) == {"shop/other/deep/b.py"})
    tracked.counted()
    assert summed(tracked) == recounted(tracked)
    assert tracked.watched.follower.status()["mode"] == "native"


# What is left out


class Recorded(RootObserver):
    """The real watcher; `watched` are the folders it was asked to watch."""

    watched: list[str]

    def watch(self, folder: str) -> bool:
        type(self).watched.append(folder)
        return super().watch(folder)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The folders that were listed."""
    folders: set[str] = set()
    whole = list_folder

    def listing(safe_root: Any, folder: str, *more: Any) -> Any:
        folders.add(folder)
        return whole(safe_root, folder, *more)

    monkeypatch.setattr(updater_module, "list_folder", listing)
    Recorded.watched = []
    return folders


def install(where: Path) -> None:
    for number in range(20):
        (where / f"package{number}/lib").mkdir(parents=True)
        (where / f"package{number}/lib/index.js").write_text("x")


def test_ignored_folders_are_neither_watched_nor_listed_whether_there_at_the_start_or_made_later(
    track: Track, shop: Path, looked_at: set[str]
) -> None:
    install(shop / "node_modules")
    install(shop / "generated")
    (shop / ".gitignore").write_text("generated/\n")
    tracked = track(make_observer=Recorded)
    install(shop / "src/node_modules")
    install(shop / "src/generated")
    (shop / "src/last.py").write_text("")
    seen(tracked, "src/last.py")
    tracked.sync()
    looked = looked_at | set(Recorded.watched)
    assert {"shop", "shop/src"} <= looked
    assert not [folder for folder in looked if "node_modules" in folder or "generated" in folder]
    assert set(mirrored(tracked)) == {"shop/.gitignore", "shop/src/last.py"}
    ignored = tracked.tree.projects()[0].ignored
    assert set(ignored) == {"generated", "node_modules", "src/generated", "src/node_modules"}


def test_a_folder_that_is_wanted_after_all_is_tracked(track: Track, shop: Path, looked_at: set[str]) -> None:
    install(shop / "dist")
    tracked = track(make_observer=Recorded, unignore=["dist"], ignore=["src"])
    assert {"shop/dist/package0/lib"} <= looked_at
    assert "shop/src" not in looked_at | set(Recorded.watched)
    assert len(mirrored(tracked)) == 20


def test_an_ignored_folder_that_is_gone_is_no_longer_named(track: Track, shop: Path) -> None:
    tracked = track()
    install(shop / "node_modules")
    eventually(lambda: tracked.tree.projects()[0].ignored == ("node_modules",))
    shutil.rmtree(shop / "node_modules")
    eventually(lambda: tracked.tree.projects()[0].ignored == ())


def test_a_gitignore_that_comes_and_goes_takes_files_out_and_brings_them_back(track: Track, shop: Path) -> None:
    tracked = track()
    for path in ("a.log", "src/b.log", "src/c.py"):
        (shop / path).write_text("")
    eventually(lambda: len(mirrored(tracked)) == 3)

    def are(*paths: str) -> None:
        eventually(lambda: set(mirrored(tracked)) == {f"shop/{path}" for path in paths})
        eventually(lambda: complete(tracked))

    (shop / ".gitignore").write_text("*.log\n")
    are(".gitignore", "src/c.py")
    (shop / ".gitignore").write_text("src/\n")
    are(".gitignore", "a.log")
    (shop / ".gitignore").unlink()
    are("a.log", "src/b.log", "src/c.py")


# Roots


def test_the_root_removed_and_made_again_is_tracked_again(track: Track, shop: Path) -> None:
    (shop / "a").write_text("")
    tracked = track()
    shutil.rmtree(tracked.root)
    eventually(lambda: tracked.announced() == {} and tracked.tree.projects() == [])
    (shop / "deep").mkdir(parents=True)
    (shop / "deep/b").write_text("")
    eventually(lambda: complete(tracked) and mirrored(tracked))
    (shop / "deep/c").write_text("")
    seen(tracked, "deep/c")
    assert not tracked.of(ServiceDegraded), "projects need not be there"


def test_projects_are_in_the_workspace_else_in_its_work_folder(track: Track, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "generated_projects")
    (tmp_path / "work/generated_projects/sample").mkdir(parents=True)
    tracked = track()
    assert [project.name for project in tracked.tree.projects()] == ["sample"]
    (tmp_path / "generated_projects/mine").mkdir(parents=True)
    eventually(lambda: [project.name for project in tracked.tree.projects()] == ["mine"])
    shutil.rmtree(tmp_path / "generated_projects")
    eventually(lambda: [project.name for project in tracked.tree.projects()] == ["sample"])


@pytest.fixture
def mount(shop: Path, track: Track) -> Iterator[Callable[[Path], None]]:
    """Mount a RAM disk on a folder; skips where we may not."""
    mounted: list[Path] = []

    def mounting(where: Path) -> None:
        done = subprocess.run(["mount", "-t", "tmpfs", "none", str(where)], capture_output=True)
        if done.returncode:
            pytest.skip("this user may not mount")
        mounted.append(where)

    yield mounting
    for where in mounted:
        subprocess.run(["umount", "--lazy", str(where)], capture_output=True)


def test_a_mount_in_a_project_that_goes_away_takes_its_files_along(
    track: Track, shop: Path, mount: Callable[[Path], None]
) -> None:
    mount(shop / "src")
    (shop / "src/inner").mkdir()
    (shop / "src/inner/a").write_text("")
    tracked = track()
    assert set(mirrored(tracked)) == {"shop/src/inner/a"}
    eventually(lambda: subprocess.run(["umount", str(shop / "src")], capture_output=True).returncode == 0)
    eventually(lambda: mirrored(tracked) == {} and complete(tracked))
    (shop / "src/b").write_text("")
    seen(tracked, "src/b")


def test_a_mount_on_the_root_that_comes_and_goes_is_tracked(
    track: Track, shop: Path, mount: Callable[[Path], None]
) -> None:
    (shop / "below").write_text("")
    tracked = track()
    mount(tracked.root)
    eventually(lambda: tracked.tree.projects() == [])
    (tracked.root / "disk").mkdir()
    (tracked.root / "disk/a").write_text("")
    eventually(lambda: complete(tracked) and mirrored(tracked))
    eventually(lambda: subprocess.run(["umount", str(tracked.root)], capture_output=True).returncode == 0)
    eventually(lambda: complete(tracked) and set(mirrored(tracked)) == {"shop/below"})


def test_when_watches_run_out_the_rest_is_polled_and_that_is_said(
    track: Track, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = [8]
    monkeypatch.setattr(watched_root, "watch_limit", lambda: limit[0])
    for number in range(20):
        (shop / f"f{number}").mkdir()
    tracked = track(poll_interval_s=0.1)
    status = tracked.watched.follower.status()
    assert status["mode"] == "polling"
    assert "our share of 6 inotify watches is used up; what is not watched is polled" in status["error"]
    assert tracked.of(ServiceDegraded)[0].mode == "polling"
    assert tracked.tree.projects()[0].root_mode == "polling"
    for number in range(20):
        (shop / f"f{number}/a").write_text("x\n")
    eventually(lambda: complete(tracked) and len(mirrored(tracked)) == 20)
    for number in range(19):
        shutil.rmtree(shop / f"f{number}")
    eventually(lambda: tracked.of(ServiceRecovered))
    assert tracked.watched.follower.status()["mode"] == "inotify"
    eventually(lambda: complete(tracked))  # a folder may have gone between the look that recovered and now


def test_without_any_queue_the_root_is_polled(track: Track, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(self: InotifyQueue, *arguments: Any) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(InotifyQueue, "__init__", exhausted)
    tracked = track(poll_interval_s=0.1)
    assert tracked.watched.follower.status()["mode"] == "polling"
    (shop / "src/a").write_text("x\n")
    published(tracked, ArtifactCreated, "src/a")


def test_folders_nested_too_deep_are_said_and_the_others_tracked(track: Track, shop: Path) -> None:
    deep = shop / "/".join("d" * 120)
    deep.mkdir(parents=True)
    (deep / "a").write_text("")
    (shop / "b").write_text("")
    tracked = track()
    assert set(mirrored(tracked)) == {"shop/b"}
    (refused,) = tracked.watched.follower.status()["skipped"].values()
    assert "100 folders deep" in refused


# The first look


def test_the_first_look_streams_in_and_can_be_watched_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        (tmp_path / f"generated_projects/shop/f{number}").mkdir(parents=True)
        (tmp_path / f"generated_projects/shop/f{number}/a").write_text("x\n")
    whole, was_seen = list_folder, threading.Event()
    batches: list[int] = []

    def listing(*arguments: Any) -> Any:
        batches.append(len(tracked.of(ArtifactBatch)))
        was_seen.wait(60 if len(batches) == 30 else 0.03)  # a window is over after each folder
        return whole(*arguments)

    monkeypatch.setattr(updater_module, "list_folder", listing)
    tracked = TrackedArtifacts(tmp_path, batch_window_ms=30)
    tracked.artifacts.start()
    eventually(lambda: len(batches) == 30)
    assert batches[-1] > 2
    assert 0 < tracked.artifacts.snapshot()["artifacts"]["loading"]["files"] < 40
    was_seen.set()
    eventually(lambda: tracked.artifacts.snapshot()["artifacts"]["loading"] is None)
    eventually(lambda: sum(batch.listed for batch in tracked.of(ArtifactBatch)) == 40)
    tracked.stop()


def test_a_first_look_is_given_up_when_the_service_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "generated_projects/shop").mkdir(parents=True)
    listed = threading.Event()

    def endless(*arguments: Any) -> FolderListing:
        listed.set()
        return FolderListing(folders=["again"])

    monkeypatch.setattr(updater_module, "list_folder", endless)
    tracked = TrackedArtifacts(tmp_path)
    tracked.artifacts.start()
    assert listed.wait(60)
    tracked.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in ("artifacts follower", "line counter")]


# Served


def test_health_stats_and_snapshot_know_the_artifacts(live: Live, workspace: Path) -> None:
    shop = workspace / "generated_projects/shop"
    shop.mkdir(parents=True)
    (shop / "a.py").write_text("x\n")
    live.sync()
    shown = live.json("/api/snapshot?topics=artifacts")["artifacts"]
    assert shown["loading"] is None
    assert [(project["name"], project["files"]) for project in shown["projects"]] == [("shop", 1)]
    assert "artifacts" not in live.json("/api/snapshot?topics=tasks")
    assert live.json("/api/stats")["artifacts"] == {"projects": 1, "files": 1}
    watchers = {watcher["root"]: watcher for watcher in live.json("/health")["watchers"]}
    assert watchers[str(workspace / "generated_projects")]["mode"] == "inotify"


def test_every_outlet_of_events_reports_artifacts(live: Live, workspace: Path) -> None:
    (workspace / "generated_projects/shop").mkdir(parents=True)
    live.sync()
    listener = live.listen(topics=["artifacts"])
    put(workspace / "generated_projects/shop/a.py", "x\n")
    event = listener.first("artifact.created", project="shop")
    assert (event["artifact"]["path"], event["artifact"]["lines"]) == ("a.py", 1)
    with live.get("/streams/artifacts?since=0", stream=True) as stream:
        assert any(line == b"event: artifact.created" for line in stream.iter_lines(chunk_size=1))


def test_without_artifacts_nothing_of_them_is_shown(workspace: Path) -> None:
    live = running(workspace, artifacts=False)
    try:
        assert live.feature(Artifacts).tree is None
        assert "artifacts" not in live.json("/api/snapshot")
        assert live.json("/api/stats")["artifacts"] is None
        roots = [watcher["root"] for watcher in live.json("/health")["watchers"]]
        assert roots and not [root for root in roots if "generated_projects" in root]
    finally:
        live.stop()
