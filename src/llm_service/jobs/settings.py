"""The settings of the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import folder_inside_problem, one_folder
from ..settings.fields import between, setting
from ..settings.section import Section
from ..settings.table import MORE_ROOM


@dataclass(frozen=True)
class JobSettings(Section):
    """Where jobs are, and which of them may start."""

    jobs_dir: str = setting(
        "work/jobs",
        "Folder of the jobs' files, relative to the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm="would read jobs outside the workspace",
        folders=one_folder,
    )
    jobs_drop_in: bool = setting(
        False,
        "A file with `status: pending` that a person or a script puts there is run. Off: only what was asked for by "
        "page, REST or command line.",
        workspace="never",
        harm="would start programs",
    )
    max_concurrent: Annotated[int, between(1, 1_000)] = setting(
        2, "Jobs that run at once; the others wait.", workspace="lower", harm=MORE_ROOM
    )
