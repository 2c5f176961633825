"""`load_settings(workspace, ...)` loads the settings with the sections of all features, `SECTIONS`;
`existing_workspace(workspace)` those of a folder that is there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..artifacts.settings import ArtifactSettings
from ..calls.settings import CallSettings
from ..costs.settings import CostSettings
from ..hooks.settings import HookSettings
from ..hub.board_settings import BoardSettings
from ..jobs.settings import JobSettings
from ..knowledge.settings import KnowledgeSettings
from ..logs.settings import LogSettings
from ..mcp.settings import McpSettings
from ..needs_you.settings import NotifySettings
from ..orchestrators.settings import OrchestratorSettings
from ..overview.settings import OverviewSettings
from ..pipelines.settings import PipelineSettings
from ..plans.settings import PlanSettings
from ..processes.settings import ProcessSettings
from ..sessions.settings import SessionSettings
from ..settings.load import Settings, load, read_sources
from ..settings.options import require_folder
from ..settings.section import Section
from ..tasks.settings import TaskSettings
from ..users.settings import UserSettings

SECTIONS: tuple[type[Section], ...] = (
    TaskSettings,
    CallSettings,
    CostSettings,
    ArtifactSettings,
    ProcessSettings,
    LogSettings,
    JobSettings,
    KnowledgeSettings,
    PipelineSettings,
    HookSettings,
    SessionSettings,
    PlanSettings,
    OrchestratorSettings,
    OverviewSettings,
    UserSettings,
    McpSettings,
    NotifySettings,
    BoardSettings,
)

read_all_sources = partial(read_sources, SECTIONS)


def load_settings(
    workspace: str | None = None,
    config_file: str | None = None,
    cli: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force; see `settings.load`. From now on, no link leads this process out of the workspace."""
    settings = load(SECTIONS, workspace, config_file, cli, environ)
    settings.set_fence()
    return settings


def existing_workspace(
    workspace: str | None = None, config_file: str | None = None, cli: Mapping[str, Any] | None = None
) -> Settings:
    """The settings in force, for all commands but those that create the workspace or look for what served it.

    Raises BadSettings, and StartFailed if there is no such folder.
    """
    settings = load_settings(workspace, config_file, cli)
    require_folder(settings.workspace)
    return settings
