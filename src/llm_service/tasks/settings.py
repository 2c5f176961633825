"""The settings of the tasks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import one_folder, text_problem
from ..settings.fields import between, setting
from ..settings.section import Section
from ..settings.table import MORE_ROOM, Settings
from .editor import editor_problem
from .model import LANES


def _lanes_problem(value: list[str]) -> str | None:
    plain = all(re.fullmatch(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]*", name) for name in value)
    if tuple(value[:3]) == LANES and plain and len(set(value)) == len(value):
        return None
    return "inbox, assigned, done, then further folder names, each once"


@dataclass(frozen=True)
class TaskSettings(Section):
    """Where the tasks are, and how large a file may be."""

    lanes: list[str] = setting(
        list(LANES), "Folders shown as columns; further folder names may be appended.", check=_lanes_problem
    )
    collaboration_dir: str = setting(
        "work/collaboration",
        "Folder of the lanes, relative to the workspace.",
        check=text_problem,
        workspace="inside",
        harm="would read tasks outside the workspace",
        folders=one_folder,
    )
    max_file_bytes: Annotated[int, between(1_024, 1 << 30)] = setting(
        1_048_576,
        "Larger files are shown as broken and not read. (bytes)",
        workspace="lower",
        harm=MORE_ROOM,
    )
    stale_after_h: Annotated[float, between(0, 8_760)] = setting(
        48.0, "An assigned task is marked as stale if nothing happened for so long; 0: never. (h)"
    )
    editor_link: str = setting(
        "vscode://file{path}",
        "Link that opens the file of a task in your editor; `{path}` is its absolute path. Empty: none is offered.",
        check=editor_problem,
        workspace="never",
        harm="would decide which program a click starts",
    )


def collaboration_path(settings: Settings) -> str:
    """The folder of the lanes as an absolute path."""
    return settings.folder(settings.of(TaskSettings).collaboration_dir)
