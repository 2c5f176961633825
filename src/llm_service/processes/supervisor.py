"""`Supervisor`: what features that start programs need of `processes.feature.Processes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .model import Profile, Run


class Supervisor(Protocol):
    """What starts and stops programs: `processes.feature.Processes`."""

    @property
    def control(self) -> bool:
        """False: nothing is started or stopped."""

    def profiles(self) -> Sequence[Profile]:
        """All that are known, approved or not."""

    def is_approved(self, profile: Profile) -> bool:
        """True if a person has approved exactly this."""

    def start_run(self, owner: str, profile: Profile, parameters: Mapping[str, str], attempt: int = 1) -> Run:
        """Start a run. Raises ControlOff, NotApproved, BadRequest, Busy, DiskFull, StartFailed."""

    def stop_run(self, run_id: str, reason: str = "stopped") -> None:
        """Stop a run; returns at once. Raises ControlOff, NotFound, Forbidden if it is not surely ours."""

    def run(self, run_id: str) -> Run:
        """A run. Raises NotFound."""

    def runs(self, owner: str | None = None) -> Sequence[Run]:
        """The runs of an owner, or all."""
