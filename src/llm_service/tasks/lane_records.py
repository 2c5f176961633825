"""Lane changes as lines of a file: `LaneChange`, what a line says, and which lines are kept when there are too many."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

CARRIED = b'{"carried_over":'
"""How the line begins that says how far the rows of the database were taken over."""
MOST_OF_ID = 20_000
"""How many changes of an id are kept, and searched for those of one of its files."""


@dataclass(frozen=True, slots=True)
class LaneChange:
    """A task moved from one lane (None: it was new) to another (None: it was removed).

    `previous_path` is where its file was before, None if it was nowhere or that was not recorded.
    """

    task_id: str
    time: str
    previous_lane: str | None
    lane: str | None
    agent: str | None
    path: str
    previous_path: str | None = None


Places = dict[tuple[str, str], tuple[str, str]]
"""(id, path) -> (lane, time): when each file that is still somewhere came to its lane."""
_decoder = msgspec.json.Decoder(LaneChange)


def change_in(line: bytes) -> LaneChange | None:
    """The change that a line says; None if it is no such line."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:  # half of a character, as in names of files, is no JSON for msgspec
        return msgspec.convert(json.loads(line), LaneChange)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None


def follow(places: Places, change: LaneChange) -> None:
    """Apply the next change to the places."""
    before = places.pop((change.task_id, change.previous_path or change.path), None)
    if change.lane is not None:
        # From one agent to another it stays in its lane.
        stays = before is not None and before[0] == change.lane
        places[change.task_id, change.path] = before if before and stays else (change.lane, change.time)


def kept(lines: Callable[[], Iterator[bytes]], max_bytes: int) -> Iterable[bytes]:
    """Of the lines of changes those to keep, in their order: all of tasks that are in a lane, however many bytes that
    takes (of one id the last `MOST_OF_ID`), and of the others the newest, up to half of `max_bytes` in all."""
    places: Places = {}
    counts: Counter[str] = Counter()
    for change in map(change_in, lines()):
        if change is not None:
            follow(places, change)
            counts[change.task_id] += 1
    present = {task_id for task_id, _ in places}
    sizes = {True: 0, False: 0}
    for line, change in ((line, change_in(line)) for line in lines()):
        if change is not None:
            sizes[change.task_id in present] += len(line)
    too_much = sizes[False] - max(0, max_bytes // 2 - sizes[True])
    for line in lines():
        change = change_in(line)
        if change is None:
            if line.startswith(CARRIED):
                yield line
            continue
        counts[change.task_id] -= 1
        if change.task_id not in present and too_much > 0:
            too_much -= len(line)
        elif counts[change.task_id] < MOST_OF_ID:
            yield line
