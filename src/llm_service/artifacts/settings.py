"""The settings of the artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import folder_inside_problem
from ..settings.fields import between, limits, setting
from ..settings.section import Section
from ..settings.table import MORE_ROOM, MORE_WORK

SECOND_PLACE = "work"
"""The folder of the projects may be in this one too."""

FileName = Annotated[
    str,
    limits(
        "names of folders or files without a slash, such as node_modules", pattern=r"\A(?!\.\.?\Z)[^/\\\x00-\x1f]+\Z"
    ),
]


@dataclass(frozen=True)
class ArtifactSettings(Section):
    """Which files are artifacts, and which earlier versions of them are stored."""

    artifacts: bool = setting(True, "Watch what agents generate.")
    artifacts_dir: str = setting(
        "generated_projects",
        "Folder of the projects that agents generate, in the workspace or in its `work/`.",
        check=folder_inside_problem,
        workspace="inside",
        harm="would show files outside the workspace",
        folders=lambda value: (value, f"{SECOND_PLACE}/{value}"),
    )
    ignore: list[FileName] = setting(
        [], "Names of folders and files in projects to ignore, besides those ignored by default."
    )
    unignore: list[FileName] = setting([], "Names ignored by default, such as `dist`, to include.")
    preview_bytes: Annotated[int, between(1_024, 1 << 24)] = setting(
        262_144, "At most this much of a file is previewed and compared. (bytes)", workspace="lower", harm=MORE_ROOM
    )
    versions_max_bytes: Annotated[int, between(0, 1 << 40)] = setting(
        104_857_600,
        "Disk space for earlier versions of artifacts; the oldest are removed first. (bytes)",
        workspace="lower",
        harm=MORE_ROOM,
    )
    versions_max_age_days: Annotated[int, between(0, 3_650)] = setting(
        14, "Earlier versions of artifacts are retained this long. (days)", workspace="lower", harm=MORE_ROOM
    )
    batch_window_ms: Annotated[int, between(10, 10_000)] = setting(
        250,
        "In a flood of changed artifacts, one event per project covers this much time. (ms)",
        workspace="higher",
        harm=MORE_WORK,
    )
