"""What sessions need of other features, given in the constructor: `Neighbours`, and `Nobody` where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..calls.store.session_cost import SessionCost


@dataclass(frozen=True, slots=True)
class CostPoint:
    """What was spent until `time` (ISO-8601 UTC), in dollars and tokens, over the known costs."""

    time: str
    cost_usd: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Reported:
    """What a hook says of a session; see `GET /api/sessions`."""

    state: str
    certainty: str
    rests_on: str
    text: str | None


class Neighbours(Protocol):
    """What others know of sessions. Times are ISO-8601, None where the log says none."""

    def cost(self, session: str, first: str | None, last: str | None) -> SessionCost | None:
        """What the calls of a session cost; None where they are not counted."""

    def points(self, session: str, first: str | None, last: str | None) -> list[CostPoint]:
        """What was spent over time, in at most 60 steps."""

    def reported(self) -> dict[str, Reported]:
        """session -> what its hooks say, of those that report."""

    def project_of(self, folder: str) -> str | None:
        """The project in which an absolute folder is."""

    def place_of(self, path: str) -> tuple[str, str] | None:
        """(project, path in it) of an absolute path of a generated file."""

    def related(self, session: str, tasks: Sequence[str], jobs: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """`{tasks: [{id, title, lane}], jobs: [{id, status, run}], pipelines: [{id, status}]}` of a session whose calls
        name these tasks and jobs: what the sender of the request may see of it."""


class Nobody:
    """No neighbours: nothing is known but what the logs say."""

    def cost(self, session: str, first: str | None, last: str | None) -> SessionCost | None:
        """See `Neighbours`."""
        return None

    def points(self, session: str, first: str | None, last: str | None) -> list[CostPoint]:
        """See `Neighbours`."""
        return []

    def reported(self) -> dict[str, Reported]:
        """See `Neighbours`."""
        return {}

    def project_of(self, folder: str) -> str | None:
        """See `Neighbours`."""
        return None

    def place_of(self, path: str) -> tuple[str, str] | None:
        """See `Neighbours`."""
        return None

    def related(self, session: str, tasks: Sequence[str], jobs: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """See `Neighbours`."""
        return {"tasks": [], "jobs": [], "pipelines": []}
