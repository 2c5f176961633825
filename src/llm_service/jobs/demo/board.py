"""The tasks that the demo program puts on the board and moves through its lanes, as an agent would."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

AGENT = "demo"


class Board:
    """The lanes beside the projects; without them nothing is done."""

    def __init__(self, project_dir: Path, job: str) -> None:
        lanes = project_dir.parent.parent / "collaboration"
        self._lanes = lanes if (lanes / "inbox").is_dir() else None
        self._job = job
        self._project = project_dir.name

    def add(self, name: str, title: str, files: list[str]) -> None:
        """A new task in the inbox."""
        if self._lanes is None:
            return
        task: dict[str, object] = {
            "id": self._id(name),
            "title": title,
            "status": "new",
            "priority": "normal",
            "project": self._project,
            "job": self._job,
            "created_at": _now(),
            "artefacts": files,
        }
        self._write(self._lanes / "inbox" / f"{self._id(name)}.yaml", task)

    def take(self, name: str) -> None:
        """It is worked on."""
        self._move(name, "inbox", f"assigned/{AGENT}", {"status": "in_progress", "assigned_at": _now()})

    def finish(self, name: str) -> None:
        """It is done."""
        self._move(name, f"assigned/{AGENT}", f"done/{AGENT}", {"status": "done", "completed_at": _now()})

    def _move(self, name: str, lane: str, target: str, changed: dict[str, str]) -> None:
        if self._lanes is None:
            return
        source = self._lanes / lane / f"{self._id(name)}.yaml"
        try:
            rows = [line.partition(": ") for line in source.read_text(encoding="utf-8").splitlines()]
        except OSError:
            return  # somebody else took it
        task = {key: json.loads(value) for key, _, value in rows}
        self._write(source, task | {"agent": AGENT} | changed)
        (self._lanes / target).mkdir(parents=True, exist_ok=True)
        os.replace(source, self._lanes / target / source.name)

    def _id(self, name: str) -> str:
        return f"{self._job}-{name}"

    @staticmethod
    def _write(path: Path, task: dict[str, object]) -> None:
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in task.items()), encoding="utf-8")
        os.replace(temporary, path)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
