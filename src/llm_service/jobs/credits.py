"""What the lines of a job cost its user: the rule, and whether some are left."""

from __future__ import annotations

from dataclasses import dataclass

RULE = (
    "A job is charged for the lines that the files of its project grew by between its start and its end. Where "
    "another job runs in the same project meanwhile, the lines are shared and nobody is charged. One that starts after "
    "its end waits until its lines are counted."
)


@dataclass(frozen=True, slots=True)
class Credits:
    """The lines of a user: `limit` None means any number. `rule` says what is charged."""

    user: str | None
    limit: int | None
    used: int
    rule: str = RULE

    @property
    def are_used_up(self) -> bool:
        """True if no job may start for this user."""
        return self.limit is not None and self.used >= self.limit

    def reason(self) -> str | None:
        """Why a job of this user waits; None if it need not."""
        if not self.are_used_up:
            return None
        return f"The credits of {self.user or 'this user'} are used up: {self.used:,} of {self.limit:,} lines."


def lines_grown(baseline: int | None, lines: int | None) -> int | None:
    """The lines that a project has more than at the start; None if one of them is not known."""
    return None if baseline is None or lines is None else max(0, lines - baseline)
