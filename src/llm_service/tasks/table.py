"""`CardTable`: the files on the board and the card of each, with the events that follow when a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..times import iso_time
from .cards import Cards
from .events import TaskEvent
from .groups import Arrival, FileGroups
from .model import Location, TaskFile, TaskSummary, key_of_other
from .summary import stem
from .transitions import card_events, changed_fields, others_changed, removed

_MOST_DUPLICATES = 20
"""How many of the other files with its id a task names."""


class CardTable:
    """Files by path as on the disk, in groups by id, and their cards."""

    def __init__(
        self, read_document: Callable[[bytes], Mapping[str, Any]], clock: Callable[[], float] = time.time
    ) -> None:
        self.files: dict[str, TaskFile] = {}
        self.groups = FileGroups()
        self.cards = Cards()
        self._read_document = read_document
        self._stale_leads: dict[str, None] = {}
        self._clock = clock
        self._lane_since: dict[str, str] = {}

    def replace(
        self,
        old_path: str | None,
        path: str,
        file: TaskFile | None,
        trail: Sequence[Location] = (),
        arrival: Arrival | None = None,
    ) -> list[TaskEvent]:
        """The file of one card, at `old_path` (None: a new card), is now `file` at `path`; None: the card is gone.

        The events: that another file no longer leads, then those of the card, then that another leads now. So no event
        takes away what one before it has set.
        """
        old = old_file = None
        was_seen_to_come = arrival is None
        task_id = (self.files[path] if file is None else file).summary.id
        lead = self.groups.lead(task_id)
        if old_path is not None:
            old_file = self.files.pop(old_path)
            old = self.cards.get(task_id if old_path == lead else _other_key(old_file.summary))
            arrival = self.groups.remove(task_id, old_path)
        if file is not None:
            self.files[path] = file
            self._note_lane(old_path, old_file, path, file, was_seen_to_come)
            self.groups.add(task_id, path, has_its_name(file), arrival)
        new_lead = self.groups.lead(task_id)
        events: list[TaskEvent] = []
        if lead is not None and lead not in (old_path, new_lead):
            events.append(self._change_key(lead, task_id))
        if file is not None:
            new = self.card(path)
            if old is not None and old.key != new.key:
                self.cards.take(old.key)
            if old is None or old_file is None or (old, old_file.digest) != (new, file.digest):
                self.cards.put(new, path)
                events += card_events(old, new, trail, changed_fields(old, new, old_file, file, self._read_document))
        elif old is not None:
            self._lane_since.pop(path, None)
            self.cards.take(old.key)
            events.append(removed(old))
        if new_lead is not None and new_lead != path:
            if new_lead != lead:
                events.append(self._change_key(new_lead, _other_key(self.files[new_lead].summary)))
            elif events:
                self._stale_leads[task_id] = None
        return events

    def _change_key(self, path: str, old_key: str) -> TaskEvent:
        self.cards.take(old_key)
        return others_changed(self._put(path), old_key)

    def refresh_leads(self) -> list[TaskEvent]:
        """After other files of their ids changed: the cards that lead, each with an event."""
        stale, self._stale_leads = self._stale_leads, {}
        paths = [path for task_id in stale if (path := self.groups.lead(task_id)) is not None]
        return [others_changed(self._put(path)) for path in paths]

    def recall_lanes(self, arrivals: Mapping[tuple[str, str], tuple[str, str]]) -> None:
        """Take from a record when files came to their lanes: (id, path) -> (lane, time). What was seen since counts
        more, and what names another lane than that of the file not at all."""
        for path, file in self.files.items():
            lane, since = arrivals.get((file.summary.id, file.summary.path), (None, None))
            if since is not None and lane == file.summary.lane and path not in self._lane_since:
                self._lane_since[path] = since
                self._put(path)

    def _note_lane(
        self, old_path: str | None, old_file: TaskFile | None, path: str, file: TaskFile, was_seen_to_come: bool
    ) -> None:
        since = self._lane_since.pop(old_path, None) if old_path is not None else None
        came = old_file is None or old_file.summary.lane != file.summary.lane
        if came and was_seen_to_come:
            since = iso_time(self._clock())
        if since is not None:
            self._lane_since[path] = since

    def card(self, path: str) -> TaskSummary:
        """The summary of the file at a path with what its group adds, and since when it is in its lane."""
        summary = self.files[path].summary
        if path in self._lane_since:
            summary = replace(summary, lane_since=self._lane_since[path])
        size = self.groups.size(summary.id)
        if size == 1:
            return summary
        flags = (*summary.flags, "duplicate_id")
        if path != self.groups.lead(summary.id):
            return replace(summary, key=_other_key(summary), flags=flags)
        others = self.groups.paths(summary.id, _MOST_DUPLICATES + 1)[1:]
        duplicates = tuple(self.files[other].location for other in others)
        return replace(summary, duplicates=duplicates, duplicate_count=size - 1, flags=flags)

    def _put(self, path: str) -> TaskSummary:
        card = self.card(path)
        self.cards.put(card, path)
        return card


def has_its_name(file: TaskFile) -> bool:
    """True if the stem of the file is the id of its task."""
    return stem(file.summary.path) == file.summary.id


def _other_key(summary: TaskSummary) -> str:
    return key_of_other(summary.id, summary.path)
