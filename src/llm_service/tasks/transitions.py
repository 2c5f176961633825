"""The events between two summaries of one card. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .events import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskEvent,
    TaskInvalid,
    TaskMoved,
    TaskRemoved,
    TaskUpdated,
)
from .model import Location, TaskFile, TaskSummary, changed_keys, move_steps

_ARRIVAL_EVENTS: dict[str, type[TaskEvent]] = {"assigned": TaskAssigned, "done": TaskCompleted}


def card_events(
    old: TaskSummary | None, new: TaskSummary, trail: Sequence[Location], changed: tuple[str, ...]
) -> Iterable[TaskEvent]:
    """The events between two summaries of a card (`old` is None for a new one), in the order of its lanes.

    The first names the previous key if that is another. A further file of an id that is on the board is only created:
    nothing was assigned or completed by a copy.
    """
    previous_key = old.key if old is not None and old.key != new.key else None
    moved = old is None or (old.lane, old.path) != (new.lane, new.path)
    if old is None and new.key != new.id:
        yield _event(TaskCreated, new)
    elif moved:
        lane, path = (old.lane, old.path) if old else (None, None)
        start = Location(old.lane, old.agent, old.path) if old else None
        for index, location in enumerate(move_steps(start, Location(new.lane, new.agent, new.path), trail)):
            step = new
            if location.path != new.path:
                step = replace(new, lane=location.lane, agent=location.agent or new.agent, path=location.path)
            is_new = old is None and index == 0
            if is_new:
                yield _event(TaskCreated, step)
            kind = TaskMoved if location.lane == lane else _ARRIVAL_EVENTS.get(location.lane, TaskMoved)
            if kind is not TaskMoved or not is_new:
                yield _event(
                    kind, step, changed, previous_lane=lane, previous_path=path if path != step.path else None,
                    previous_key=previous_key if index == 0 else None,
                )  # fmt: skip
            lane, path = location.lane, location.path
    if new.error is not None and (old is None or old.error != new.error):
        yield _event(TaskInvalid, new, changed, error=new.error, previous_key=None if moved else previous_key)
    elif not moved:
        yield _event(TaskUpdated, new, changed, previous_key=previous_key)


def changed_fields(
    old: TaskSummary | None,
    new: TaskSummary,
    before: TaskFile | None,
    after: TaskFile,
    read_document: Callable[[bytes], Mapping[str, Any]],
) -> tuple[str, ...]:
    """What differs between two versions of a card: the keys of its document, then `duplicates` and `error`; only
    `modified_at` if nothing else does."""
    if old is None or before is None:
        return ()
    keys: tuple[str, ...] = ()
    if before.digest != after.digest and before.last_good and after.last_good:
        keys = changed_keys(read_document(before.last_good), read_document(after.last_good))
    if old.duplicates != new.duplicates:
        keys = (*keys, "duplicates")
    if old.error != new.error:
        keys = (*keys, "error")
    return keys or (("modified_at",) if old.modified_at != new.modified_at else ())


def removed(card: TaskSummary) -> TaskEvent:
    """The event that a card is gone."""
    return _event(TaskRemoved, card, previous_lane=card.lane)


def others_changed(card: TaskSummary, previous_key: str | None = None) -> TaskEvent:
    """The event that the other files with the id of a card changed, or that it now has another key because of them."""
    return _event(TaskUpdated, card, ("duplicates",), previous_key=previous_key)


def _event(kind: type[TaskEvent], task: TaskSummary, changed: tuple[str, ...] = (), **more: Any) -> TaskEvent:
    return kind(task=task, lane=task.lane, agent=task.agent, path=task.path, changed=changed, **more)
