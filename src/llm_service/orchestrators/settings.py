"""The settings of orchestrators and worktrees: where their files are, what starts one, limits and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import folder_inside_problem, one_folder
from ..settings.fields import between, setting
from ..settings.section import Section
from ..settings.table import MORE_ROOM

_OUTSIDE = "would read and write outside the workspace"


@dataclass(frozen=True)
class OrchestratorSettings(Section):
    """Orchestrators of plans."""

    orchestrator_registry: str = setting(
        ".claude/orchestrator-registry.json",
        "File in which orchestrators register themselves, relative to the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm=_OUTSIDE,
        folders=one_folder,
    )
    git_workflow_file: str = setting(
        ".claude/git-workflow.json",
        "File in which a repository states limits of its own, relative to the workspace; they count where they are "
        "stricter.",
        check=folder_inside_problem,
        workspace="inside",
        harm=_OUTSIDE,
        folders=one_folder,
    )
    orchestrator_profile: str = setting(
        "orchestrator",
        "The profile that starts the orchestrator of a plan.",
        workspace="never",
        harm="would name the program that is started",
    )
    orchestrator_start_timeout_s: Annotated[float, between(0.1, 600)] = setting(
        10.0,
        "A start is answered after this time at the latest, when the orchestrator runs without having registered. (s)",
        workspace="lower",
        harm=MORE_ROOM,
    )
    orchestrator_stop_timeout_s: Annotated[float, between(0, 300)] = setting(
        20.0,
        "An orchestrator that is asked to stop is killed after this time, unless the request says another. (s)",
        workspace="never",
        harm="would kill programs before they have ended their work",
    )
    orchestrator_stale_s: Annotated[float, between(1, 86_400)] = setting(
        60.0, "With an older heartbeat a running orchestrator is shown as stale. (s)"
    )
    max_worktrees: Annotated[int, between(1, 1_000)] = setting(
        3,
        "Worktrees besides the main one; with more, another one is advised against.",
        workspace="lower",
        harm=MORE_ROOM,
    )
    worktree_stale_days: Annotated[float, between(0.01, 3_650)] = setting(
        14.0, "A worktree without a commit or a change for this long is shown as stale. (days)"
    )
    warn_disk_space_mb: Annotated[int, between(0, 1_000_000_000)] = setting(
        1_000, "With less space on the disk there is a warning. (MB)", workspace="higher", harm="would hide a warning"
    )
