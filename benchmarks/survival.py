"""What the service survives: what is done to its files while calls are posted and tasks are moved, and what is lost.

For each: how soon `/health` says so, how soon after its end all is well again without a restart, how many acknowledged
calls are not in the database afterwards, and how many cards differ from the files. Needs Linux and root, for mounts;
`bindfs` for the FUSE mounts (Debian: apt-get install bindfs).
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import psutil
import requests
from kit.processes import Service, run_command
from kit.tables import table
from kit.workspaces import full_task_text

LASTS_S = 1.5
LOCKED_S = 60.0
LANES = "work/collaboration"
_CONNECTED = requests.Session()
Scene = Callable[[Path, Service], AbstractContextManager[None]]


class Load:
    """Calls that are posted and tasks that are moved from lane to lane, without a pause, until `stop`."""

    def __init__(self, service: Service, workspace: Path) -> None:
        self.accepted: set[str] = set()
        self.refused = 0
        self._service, self._lanes = service, workspace / LANES
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=run) for run in (self._post, self._move)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both; returns when they have ended."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _post(self) -> None:
        session, number = requests.Session(), 0
        while not self._stopping.is_set():
            number += 1
            name = f"call-{number}"
            call = {"invocation_id": name, "timestamp": "2026-11-01T10:00:00Z", "cost_usd": 0.5, "prompt_tokens": 10}
            try:
                answer = session.post(f"{self._service.url}/api/telemetry", json=call, timeout=90)
            except requests.RequestException:
                self.refused += 1
                continue
            if answer.status_code == 200:
                self.accepted.add(name)
            else:
                self.refused += 1
                time.sleep(0.05)

    def _move(self) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            name = f"task-{number % 40:02d}.yaml"
            places = [self._lanes / lane / name for lane in ("inbox", "assigned/ada", "done/ada")]
            with contextlib.suppress(OSError):
                at = next((index for index, place in enumerate(places) if place.exists()), None)
                if at is None:
                    places[0].write_text(full_task_text(places[0].stem))
                else:
                    os.rename(places[at], places[(at + 1) % 3])
            time.sleep(0.02)


def health(service: Service) -> dict[str, Any]:
    """`/health` as a client that is connected sees it, {} if it does not answer."""
    with contextlib.suppress(requests.RequestException):
        body: dict[str, Any] = _CONNECTED.get(f"{service.url}/health", timeout=5).json()
        return body
    return {}


def is_said(body: dict[str, Any]) -> bool:
    """True if the health names anything that is not as it should be, or what was just repaired."""
    return bool(body) and (body["status"] != "healthy" or bool(body["troubles"]) or "restored" in body["history"])


def is_well(body: dict[str, Any]) -> bool:
    """True if everything works: that something was repaired is shown for a minute, that a folder is polled always."""
    return (
        bool(body)
        and body["history"]["ok"]
        and not body["state"]["problem"]
        and all(
            root["mode"] in ("inotify", "polling", "missing") and not root.get("unreadable")
            for root in body["watchers"]
        )
    )


def waited(condition: Callable[[], object], limit_s: float) -> float | None:
    """Seconds until a condition holds, None if it never did."""
    since = time.perf_counter()
    while time.perf_counter() - since < limit_s:
        if condition():
            return time.perf_counter() - since
        time.sleep(0.02)
    return None


def shown(seconds: float | None) -> str:
    """Seconds as a cell of the table."""
    return "never" if seconds is None else f"{seconds:.2f}"


def wrong_cards(service: Service, workspace: Path) -> int:
    """How many tasks are in another lane on the board than on the disk."""
    requests.get(f"{service.url}/api/sync?timeout_ms=20000", timeout=30)
    tasks = requests.get(f"{service.url}/api/tasks?limit=500", timeout=20).json()["tasks"]
    shown = {task["id"]: task["lane"] for task in tasks}
    lanes = workspace / LANES
    on_disk = {path.stem: path.relative_to(lanes).parts[0] for path in lanes.rglob("*.yaml")}
    return sum(shown.get(name) != on_disk.get(name) for name in shown.keys() | on_disk.keys())


def stored(workspace: Path) -> set[str]:
    """The ids of the calls in the database."""
    with closing(sqlite3.connect(workspace / ".llm-service/history.db")) as connection:
        return {row[0] for row in connection.execute("SELECT invocation_id FROM calls")}


@contextlib.contextmanager
def cleaned(workspace: Path, _: Service) -> Iterator[None]:
    subprocess.run(["git", "-C", str(workspace), "init", "--quiet"], check=True)
    subprocess.run(["git", "-C", str(workspace), "clean", "-fdxq", "--exclude", "work"], check=False)
    yield


@contextlib.contextmanager
def without_database(workspace: Path, _: Service) -> Iterator[None]:
    for path in (workspace / ".llm-service").glob("history.db*"):
        path.unlink()
    yield


@contextlib.contextmanager
def moved(workspace: Path, _: Service) -> Iterator[None]:
    workspace.rename(workspace.with_name("moved"))
    yield
    workspace.with_name("moved").rename(workspace)


@contextlib.contextmanager
def copied(workspace: Path, _: Service) -> Iterator[None]:
    copy = workspace.with_name("copy")
    shutil.copytree(workspace, copy, ignore_dangling_symlinks=True)
    assert run_command("dashboard", "stop", "--workspace", str(copy)).returncode == 4, "the copy controls the original"
    yield


@contextlib.contextmanager
def full(workspace: Path, _: Service) -> Iterator[None]:
    filler = workspace / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    yield
    filler.unlink()


@contextlib.contextmanager
def without_descriptors(_: Path, service: Service) -> Iterator[None]:
    worker = psutil.Process(service.pid).children()[-1]
    before = resource.prlimit(worker.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (worker.num_fds() - 2, before[1]))
    yield
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def unmounted(workspace: Path, _: Service) -> Iterator[None]:
    subprocess.run(["umount", "--lazy", workspace / LANES], check=True)
    yield
    subprocess.run(["mount", "--bind", workspace.with_name("lanes"), workspace / LANES], check=True)


@contextlib.contextmanager
def broken_fuse(workspace: Path, _: Service) -> Iterator[None]:
    subprocess.run(["pkill", "-9", "-f", f"bindfs.*{workspace}"], check=True)
    yield
    subprocess.run(["umount", "--lazy", workspace / LANES], check=True)
    subprocess.run(["bindfs", workspace.with_name("lanes"), workspace / LANES], check=True)


SCENES: dict[str, Scene] = {
    "git clean -fdx": cleaned,
    "rm history.db*": without_database,
    "mv of the workspace, and back": moved,
    "cp -a of the workspace": copied,
    "disk full": full,
    "EMFILE": without_descriptors,
    "lanes unmounted, and mounted again": unmounted,
    "lanes on FUSE, whose process is killed": broken_fuse,
}
UNSAID = {"cp -a of the workspace"}
"""Nothing is wrong, so nothing is said."""


@contextlib.contextmanager
def place(scene: Scene | None = None) -> Iterator[Path]:
    """A new workspace, on the file system that a scene needs."""
    outside = Path(tempfile.mkdtemp(prefix="survival-"))
    mounts: list[Path] = []
    try:
        if scene is full:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "survival", outside], check=True)
            mounts.append(outside)
        workspace = outside / "ws"
        lanes = workspace / LANES
        lanes.mkdir(parents=True)
        if scene in (unmounted, broken_fuse):
            (outside / "lanes").mkdir()
            command = ["mount", "--bind"] if scene is unmounted else ["bindfs"]
            subprocess.run([*command, outside / "lanes", lanes], check=True)
            mounts.insert(0, lanes)
        for lane in ("inbox", "assigned/ada", "done/ada"):
            (lanes / lane).mkdir(parents=True)
        yield workspace
    finally:
        for mount in mounts:
            subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(outside, ignore_errors=True)


def survive(name: str, scene: Scene) -> list[Any]:
    """One row of the table."""
    with place(scene) as workspace:
        service = Service(workspace)
        service.start()
        load = Load(service, workspace)
        try:
            waited(lambda: health(service) and len(load.accepted) > 20, 20)
            with scene(workspace, service):
                said = waited(lambda: is_said(health(service)), 2 if name in UNSAID else 30)
                time.sleep(LASTS_S)
            healed = until_well(service, load)
        finally:
            load.stop()
        return row(name, said, healed, service, workspace, load)


def locked_start() -> list[Any]:
    """A database that another process has locked for a minute when the service starts."""
    with place() as workspace:
        first = Service(workspace)
        first.start()
        first.kill()
        blocker = sqlite3.connect(workspace / ".llm-service/history.db", isolation_level=None)
        blocker.execute("PRAGMA locking_mode = EXCLUSIVE")
        blocker.execute("BEGIN EXCLUSIVE")
        service = Service(workspace)
        since = time.perf_counter()
        service.start(wait_for_history=False)
        load = Load(service, workspace)
        try:
            said = waited(lambda: is_said(health(service)), 30)
            time.sleep(max(0.0, LOCKED_S - (time.perf_counter() - since)))
            blocker.close()
            healed = until_well(service, load)
        finally:
            load.stop()
        return row("database locked for 60 s at the start", said, healed, service, workspace, load)


def until_well(service: Service, load: Load) -> float | None:
    """Seconds until everything works and a further call is accepted, None if never."""
    count = len(load.accepted)
    return waited(lambda: is_well(health(service)) and len(load.accepted) > count, 60)


def row(
    name: str, said: float | None, healed: float | None, service: Service, workspace: Path, load: Load
) -> list[Any]:
    """What was lost of what was accepted, found in the files of the killed service."""
    wrong = wrong_cards(service, workspace)
    service.kill()
    lost = len(load.accepted - stored(workspace))
    return [name, shown(said), shown(healed), len(load.accepted), load.refused, lost, wrong]


def main() -> None:
    """Print the table."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("bindfs") is None:
        print("survival needs root, for mounts, and bindfs")
        return
    rows = [survive(name, scene) for name, scene in SCENES.items()]
    rows.append(locked_start())
    table(
        f"Survival: what happens for {LASTS_S} s while calls are posted and tasks moved",
        ["what", "said after s", "healed after s", "calls accepted", "refused", "accepted and lost", "cards wrong"],
        rows,
    )
