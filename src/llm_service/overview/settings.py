"""The setting of the overview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.fields import between, setting
from ..settings.section import Section


@dataclass(frozen=True)
class OverviewSettings(Section):
    """When an agent counts as stuck."""

    stuck_after_min: Annotated[float, between(0, 10_080)] = setting(
        20.0, "An agent that says it works counts as stuck after so long without a sign of life; 0: never. (min)"
    )
