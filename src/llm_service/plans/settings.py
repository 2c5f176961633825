"""The settings of the plans: where their files are, and who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import folder_inside_problem, leaves_workspace, one_folder, text_problem
from ..settings.fields import limits, setting
from ..settings.section import Section

PLANS_DIR = "docs/plans"
PLAN_OUTPUTS_DIR = "docs/plan-outputs"
PLAN_LOGS = ["orchestrator-{plan}.log", ".claude/orchestrator-{plan}.log"]
"""Where the files are, relative to the workspace."""
_HARM = "would read files outside the workspace"

PlanProject = Annotated[
    str, limits("entries such as tide-*=harbour: a pattern of names, and a project", pattern=r"\A[^=]+=[^=/]+\Z")
]


def log_templates_problem(value: list[str]) -> str | None:
    """Each is a file below the workspace with {plan} in its name, and in no folder of it."""
    for text in value:
        folder, _, name = text.rpartition("/")
        if leaves_workspace(text) or text_problem(text) or name.count("{plan}") != 1 or "{" in folder:
            return "paths of files below the workspace with {plan} in the name, such as orchestrator-{plan}.log"
    return None


def log_folders(value: list[str]) -> tuple[str, ...]:
    """The folders of the logs, without the workspace itself."""
    return tuple(dict.fromkeys(folder for text in value if (folder := text.rpartition("/")[0])))


@dataclass(frozen=True)
class PlanSettings(Section):
    """Where plans, their outputs and the logs of their orchestrators are, and to which projects plans belong."""

    plans_dir: str = setting(
        PLANS_DIR,
        "Folder of the plans, `<name>.md`, below the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm=_HARM,
        folders=one_folder,
    )
    plan_outputs_dir: str = setting(
        PLAN_OUTPUTS_DIR,
        "Folder of what orchestrators write, `<name>/status.json` and `<name>/findings/`, below the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm=_HARM,
        folders=one_folder,
    )
    plan_logs: list[str] = setting(
        PLAN_LOGS,
        "Logs of orchestrators, relative to the workspace; `{plan}` is the plan's name. Of several files of a plan, "
        "the one written last counts.",
        check=log_templates_problem,
        workspace="inside",
        harm=_HARM,
        folders=log_folders,
    )
    current_plan_file: str = setting(
        ".claude/current-plan.txt",
        "File with the path or the name of the current plan, relative to the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm=_HARM,
        folders=one_folder,
    )
    plan_projects: list[PlanProject] = setting(
        [],
        "To which projects plans belong, `<pattern>=<project>`, the first that fits. Without one a plan is for who may "
        "see all projects.",
        workspace="never",
        harm="would show plans to users who may not see them",
    )
