"""Events lost over every manner of writing, 200 tasks each: arrivals, chains through the lanes, edits."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from kit.arrivals import ArrivalTimes
from kit.processes import Server, dashboard
from kit.tables import table
from kit.workspaces import full_task_text, workspace

Manner = Callable[[Path, str], None]


def plain(path: Path, text: str) -> None:
    """One write."""
    path.write_text(text)


def slow(path: Path, text: str) -> None:
    """Truncate, 20 ms later the content."""
    with path.open("w") as file:
        file.flush()
        time.sleep(0.02)
        file.write(text)


def twice(path: Path, text: str) -> None:
    """Two writes 30 ms apart."""
    path.write_text(text.replace("final", "between"))
    time.sleep(0.03)
    path.write_text(text)


def inside(path: Path, text: str) -> None:
    """Temporary file in the lane, then rename."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def outside(path: Path, text: str) -> None:
    """Temporary file elsewhere, then rename."""
    temporary = path.parents[2] / f"{path.name}.tmp"
    temporary.write_text(text)
    os.replace(temporary, path)


def swap(path: Path, text: str) -> None:
    """An editor's swap-file dance: probe file, old file aside, new file, old file deleted."""
    (path.parent / "4913").write_text("")
    (path.parent / "4913").unlink()
    if path.exists():
        os.rename(path, f"{path}~")
    path.write_text(text)
    Path(f"{path}~").unlink(missing_ok=True)


ALL: dict[str, Manner] = {
    "one write": plain,
    "truncate, pause, write": slow,
    "two writes 30 ms apart": twice,
    "temporary in the lane, rename": inside,
    "temporary elsewhere, rename": outside,
    "editor's swap files": swap,
}


def rename(old: Path, new: Path) -> None:
    """A move in one step."""
    os.rename(old, new)


def copy_delete(old: Path, new: Path) -> None:
    """A move in two steps."""
    shutil.copy(old, new)
    old.unlink()


def measure(server: Server, listener: ArrivalTimes, names: list[str], events: set[str]) -> list[str]:
    """`lost x of n` for each event, and how many tasks did not end with the last content."""
    server.get("/api/sync?timeout_ms=60000")
    # Of one client the events keep their order: what has not come before this one does not come.
    marker = f"marker-{time.monotonic_ns()}"
    plain(server.root / f"inbox/{marker}.yaml", full_task_text(marker, note="final"))
    if listener.wait("task.created", marker, 0.0, limit_s=120) is None:
        raise TimeoutError(f"no event about {marker}")
    seen = {(kind, key) for _, kind, key, _ in listener.arrived}
    lost = sum(1 for name in names for event in events if (event, name) not in seen)
    last: dict[str, tuple[int, str]] = {}
    for _, _, key, body in listener.arrived:
        last[key] = max(last.get(key, (0, "")), (body["seq"], body["task"]["title"]))
    stale = sum(1 for name in names if not last.get(name, (0, ""))[1].endswith("final"))
    listener.arrived.clear()
    return [str(len(names)), f"{lost} of {len(names) * len(events)}", str(stale)]


def main(count: int = 200) -> None:
    """Print the table."""
    rows = []
    with workspace(117) as root, dashboard(root) as server:
        listener = ArrivalTimes(server)
        for title, write in ALL.items():
            key = title.replace(" ", "-").replace("'", "").replace(",", "")
            names = [f"{key}-{number:03d}" for number in range(count)]
            paths = [server.root / f"inbox/{name}.yaml" for name in names]
            for name, path in zip(names, paths, strict=True):
                write(path, full_task_text(name, note="final"))
            rows.append([f"arrive: {title}", *measure(server, listener, names, {"task.created"})])
            for name, path in zip(names, paths, strict=True):
                write(path, full_task_text(name, note="edited final"))
            rows.append([f"edit: {title}", *measure(server, listener, names, {"task.updated"})])
            for path in paths:
                path.unlink()
            rows.append([f"delete ({title})", *measure(server, listener, names, {"task.removed"})])
        for title, move in (("rename", rename), ("copy, then delete", copy_delete)):
            for gap_s in (0.0, 0.005):
                names = [f"chain-{title[:4]}-{gap_s}-{number:03d}" for number in range(count)]
                for name in names:
                    steps = [
                        server.root / f"{lane}/{name}.yaml" for lane in ("inbox", "assigned/agent-00", "done/agent-00")
                    ]
                    outside(steps[0], full_task_text(name, note="final"))
                    for old, new in itertools.pairwise(steps):
                        time.sleep(gap_s)
                        move(old, new)
                chain = {"task.created", "task.assigned", "task.completed"}
                rows.append([f"chain: {title}, gap {gap_s * 1000:.0f} ms", *measure(server, listener, names, chain)])
        listener.close()
    table(
        "Events lost, 200 tasks for each way of writing",
        ["way of writing", "tasks", "events lost", "not the last content"],
        rows,
    )
