"""The event about the files that tasks claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Change, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceUpdate(Event):
    """The files that tasks claim were checked: `evidence` maps keys of tasks to `{total, present, empty, missing,
    unchanged, refused}`, or to null for a task that no longer claims any. `present` counts all files that exist, also
    those that are empty or have not changed since the task started; `refused` those that are outside the workspace,
    links or not files. This is not a `task.*` event: the task itself has not changed."""

    type: ClassVar[str] = "evidence.update"
    topic: ClassVar[str] = "tasks"
    shared: ClassVar[bool] = True

    evidence: dict[str, Any]

    def entries(self) -> Iterable[Change]:
        """The counts by task."""
        return (("evidence", key, counts) for key, counts in self.evidence.items())


EVENTS: tuple[type[Event], ...] = (EvidenceUpdate,)
"""Every event of this feature."""
