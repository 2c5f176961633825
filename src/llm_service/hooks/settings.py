"""The settings of hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import folder_inside_problem
from ..settings.fields import between, setting
from ..settings.section import Section
from ..settings.table import MORE_ROOM

HOOKS_DIR = "work/hooks"
"""Where the hooks of agents write, below the workspace."""


@dataclass(frozen=True)
class HookSettings(Section):
    """Where hooks write, when a silent session may be gone, and how much of what they wrote is retained."""

    hooks_dir: str = setting(
        HOOKS_DIR,
        "Folder of what the hooks of agents report, `<session>.jsonl`, below the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm="would read and remove files outside the workspace",
        folders=lambda value: (value,),
    )
    session_silent_min: Annotated[float, between(0, 10_080)] = setting(
        60.0, "Of a session that works and reports nothing for so long it cannot be told what it does; 0: never. (min)"
    )
    hooks_max_mb: Annotated[int, between(1, 100_000)] = setting(
        32,
        "Disk space for what hooks report; files of sessions silent for a day are removed, the oldest first. (MB)",
        workspace="lower",
        harm=MORE_ROOM,
    )
