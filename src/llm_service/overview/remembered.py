"""`Look`: rows that were made in an earlier look at the world and hold still, and how long a new one holds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..times import unix_time
from .drafts import Unit
from .model import CALLED_S, Verdict, state_of
from .shapes import Agent, TouchedFile
from .work import FILES_S, MOST_FILES, projects_of
from .world import ChangedFile, World

Signed = tuple[float, str]
"""When a sign of life was, and of what kind."""


@dataclass(frozen=True, slots=True)
class Made:
    """A row, of what it was made, and until when it holds if that stays the same."""

    rests_on: tuple[Any, ...]
    row: Agent
    verdict: Verdict
    last: Signed | None
    since: float
    until: float


class Look:
    """A look at the world, with the rows of the last one."""

    def __init__(self, world: World, now: float, stuck_after_s: float, before: Mapping[str, Made]) -> None:
        self.world, self.now, self._stuck_after_s, self._before = world, now, stuck_after_s, before
        self.judge = partial(state_of, now=now, stuck_after_s=stuck_after_s)
        self.made: dict[str, Made] = {}
        self._spans = [span for span in (CALLED_S, stuck_after_s, world.stale_after_s) if span]
        self._files: dict[str, list[ChangedFile]] = defaultdict(list)
        for file in world.files:
            self._files[file.project].append(file)

    def row(self, row_id: str, rests_on: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """The row of the last look, if it holds still."""
        found = self._before.get(row_id)
        if found is None or found.rests_on != rests_on or not found.since <= self.now < found.until:
            found = make()
        self.made[row_id] = found
        return found

    def files(self, units: Iterable[Unit], claims: Sequence[str]) -> tuple[ChangedFile, ...]:
        """The changed files on which those of a row rest."""
        if claims or not self._files:
            return tuple(self.world.files)
        projects = dict.fromkeys(projects_of(units))
        return tuple(file for project in projects for file in self._files.get(project, ())[:MOST_FILES])

    def until(self, times: Iterable[float | None], files: Iterable[TouchedFile], more: Sequence[float] = ()) -> float:
        """Until when what rests on these times holds, at least."""
        known = [time for time in times if time is not None]
        if not known:
            return self.now  # what has no time is counted from now on
        ends = [time + span for time in known for span in (*self._spans, *more)]
        ends += [(unix_time(file.at) or 0.0) + FILES_S for file in files]
        return min((end for end in ends if end > self.now), default=math.inf)
