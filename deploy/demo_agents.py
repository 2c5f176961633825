"""Agents of a demonstration: they take tasks of a workspace and finish them, for ever. Needs Python alone.

python deploy/demo_agents.py WORKSPACE AGENT... [--seconds 4] [--turns N]
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from pathlib import Path

WORK = ("Berth plan", "Tide import", "Crane rota", "Pilot roster", "Fuel report", "Mooring fees", "Lock times")
KEPT = 12
"""Finished tasks that stay."""


def write(path: Path, fields: dict[str, str]) -> None:
    """A task file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text("".join(f"{name}: {value}\n" for name, value in fields.items()), encoding="utf-8")
    os.replace(part, path)


def turn(lanes: Path, agents: list[str], number: int) -> None:
    """A new task comes, an agent takes the oldest, another one finishes its own."""
    task = {"id": f"{agents[0]}-{number:04}", "title": WORK[number % len(WORK)], "status": "new", "priority": "normal"}
    write(lanes / "inbox" / f"{task['id']}.yaml", task)
    agent = agents[number % len(agents)]
    waiting = sorted((lanes / "inbox").glob("*.yaml"))
    if len(waiting) > 2:
        move(waiting[0], lanes / "assigned" / agent, "in_progress")
    running = sorted((lanes / "assigned" / agent).glob("*.yaml"))
    if len(running) > 1:
        move(running[0], lanes / "done" / agent, "done")
    for old in sorted((lanes / "done" / agent).glob("*.yaml"))[:-KEPT]:
        old.unlink()


def move(path: Path, folder: Path, status: str) -> None:
    """The task with another status, in another lane."""
    text = path.read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(": ", 1) for line in text) | {"status": status}
    write(path, fields)
    folder.mkdir(parents=True, exist_ok=True)
    os.replace(path, folder / path.name)


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace", type=Path)
    parser.add_argument("agents", nargs="+")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--turns", type=int, default=0, help="0: for ever")
    given = parser.parse_args()
    lanes = given.workspace / "work/collaboration"
    for lane in ("inbox", *(f"{lane}/{agent}" for lane in ("assigned", "done") for agent in given.agents)):
        (lanes / lane).mkdir(parents=True, exist_ok=True)
    for number in itertools.count(int(time.time()) % 10_000):
        turn(lanes, given.agents, number)
        given.turns -= 1
        if given.turns == 0:
            return
        time.sleep(given.seconds)


if __name__ == "__main__":
    main()
