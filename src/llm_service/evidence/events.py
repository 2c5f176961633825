"""What is announced of the files that tasks claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..hub.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceUpdate(Event):
    """What was found of the artefacts that tasks name: `evidence` maps task ids to `{total, present, empty, missing,
    unchanged, refused}`, to null for a task that names none any more. `present` counts all that are there, the empty
    and those not changed since the task began among them; `refused` lie outside, are links or no files. This is no
    `task.*` fact: the task itself is as it was."""

    type: ClassVar[str] = "evidence.update"
    topic: ClassVar[str] = "tasks"

    evidence: dict[str, Any]


EVENTS: tuple[type[Event], ...] = (EvidenceUpdate,)
"""Every event of this feature."""
