"""The settings of pipelines."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from typing import Annotated, Any, Literal

import msgspec

from ..settings.checks import folder_inside_problem
from ..settings.entries import read_entries
from ..settings.fields import BadValue, between, display, setting
from ..settings.section import Section
from .templates import BUILT_IN, STEP_NAME, Template

_NAME = "a name of lower-case letters, digits, dashes and underscores, at most 64"
_STEPS = "a list of 1 to 20 different names of steps, each of lower-case letters, digits, dashes and underscores"
Name = Annotated[str, msgspec.Meta(pattern=rf"\A{STEP_NAME.pattern}\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _TemplateEntry:
    """A template as the configuration has it."""

    name: Name = setting(MISSING, expected=_NAME)
    steps: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=20)] = setting(MISSING, expected=_STEPS)
    needs: Literal["ticket_id", "sprint_id", "nothing"] = setting("nothing", expected="ticket_id, sprint_id or nothing")

    def template(self) -> Template:
        """The value. Raises BadValue."""
        if len(set(self.steps)) != len(self.steps):
            raise BadValue(f"has to be {_STEPS}, not {display(self.steps)}", ("steps",))
        if any(self.name == known.name for known in BUILT_IN):
            raise BadValue("has the name of a template that is built in", ("name",))
        return Template(self.name, tuple(self.steps), None if self.needs == "nothing" else self.needs)


def _read_templates(value: Any) -> list[Template]:
    """The templates. Raises BadValue."""
    found: list[Template] = []
    for number, entry in enumerate(read_entries(value, _TemplateEntry)):
        try:
            template = entry.template()
        except BadValue as problem:
            raise BadValue(str(problem), (number, *problem.path)) from problem
        if template.name in {other.name for other in found}:
            raise BadValue(f"has the name of another template, {display(template.name)}", (number,))
        found.append(template)
    return found


@dataclass(frozen=True)
class PipelineSettings(Section):
    """Where pipelines are, which kinds there are, and when one counts as stale."""

    pipelines_dir: str = setting(
        "work/pipelines",
        "Folder of the pipelines that agents report, below the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm="would read and write files outside the workspace",
        folders=lambda value: (value,),
    )
    pipeline_templates: list[Template] = setting(
        [],
        "Kinds of pipelines besides `ticket_work` and `sprint_close`, each `{name, steps, needs?: ticket_id, sprint_id "
        "or nothing}`.",
        reader=_read_templates,
    )
    pipeline_stale_after_h: Annotated[float, between(0.1, 8_760)] = setting(
        6.0, "A running pipeline without a change or an entry in a log for longer than this is stale. (h)"
    )
