"""Templates: which steps a pipeline of a type has, and what it needs (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .model import Step
from .tool_error import ToolError

STEP_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Template:
    """The steps of a type of pipelines, and which of `ticket_id` and `sprint_id` it needs: the other one is forbidden.
    One that `needs` nothing (None) may have both."""

    name: str
    steps: tuple[str, ...]
    needs: str | None = None

    def new_steps(self) -> tuple[Step, ...]:
        """The steps of a new pipeline, all pending."""
        return tuple(Step(name, position) for position, name in enumerate(self.steps, 1))


BUILT_IN = (
    Template("ticket_work", ("research", "coding", "wrap-up"), "ticket_id"),
    Template("sprint_close", ("wiki-update", "wrap-up"), "sprint_id"),
)
_IDS = ("ticket_id", "sprint_id")


def template_for(
    pipeline_type: Any, ticket_id: str | None, sprint_id: str | None, more: Iterable[Template]
) -> Template:
    """The template of a type, if what is given is what it needs. Raises ToolError."""
    known = {template.name: template for template in (*more, *BUILT_IN)}
    template = known.get(pipeline_type) if isinstance(pipeline_type, str) else None
    if template is None:
        raise ToolError(
            "INVALID",
            f"There is no pipeline type {str(pipeline_type)[:80]!r}.",
            f"Give one of {', '.join(sorted(known))}.",
        )
    if template.needs is None:
        return template
    given = {"ticket_id": ticket_id, "sprint_id": sprint_id}
    if not given[template.needs]:
        raise ToolError(
            "INVALID", f"A pipeline of type {template.name} needs a {template.needs}.", f"Give {template.needs}."
        )
    other = next(name for name in _IDS if name != template.needs)
    if given[other]:
        raise ToolError(
            "INVALID",
            f"A pipeline of type {template.name} has a {template.needs} and no {other}.",
            f"Leave {other} out"
            + ("; the sprint of a ticket goes into meta.sprint_id." if other == "sprint_id" else "."),
        )
    return template
