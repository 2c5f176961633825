"""What the features of plans and of orchestrators know of each other: `KnownPlans`, `differences`."""

from __future__ import annotations

from collections.abc import Sequence

from ..feature import Kernel
from ..orchestrators.disagreements import PlanKnowledge
from ..orchestrators.feature import Orchestrators
from ..plans.feature import Plans, project_rule
from ..plans.model import Disagreement, Plan, Statement
from ..plans.settings import PlanSettings


class KnownPlans:
    """The plans as the orchestrators ask for them: those that were read, each in its project and with its log."""

    def __init__(self, kernel: Kernel, plans: Plans) -> None:
        own = kernel.settings.of(PlanSettings)
        self.project_of = project_rule(own.plan_projects)
        self._plans, self._log = plans, own.plan_logs[0]

    def names(self) -> Sequence[str]:
        """The names of all plans."""
        return tuple(self._plans.view.plans)

    def path_of(self, name: str) -> str | None:
        """The file of a plan below the workspace; None if there is no plan of exactly this name."""
        plan = self._plans.view.plans.get(name)
        return None if plan is None else plan.path

    def log_of(self, name: str) -> str:
        """The log of its orchestrator, below the workspace: that which was written last, else where it would be."""
        found = self._plans.logs.find(name) if name in self._plans.board.view.plans else None
        return found or self._log.replace("{plan}", name)

    def logs_of(self, name: str) -> Sequence[str]:
        """Wherever that may be."""
        return self._plans.logs.candidates(name)


def differences(orchestrators: Orchestrators, plan: Plan) -> tuple[Disagreement, ...]:
    """Where registry, processes, worktree and git say something else than the status file of a plan."""
    progress = plan.progress
    knowledge = PlanKnowledge(
        total=None if progress is None else progress.total,
        finished=None if progress is None else progress.finished,
        in_progress=tuple(task.id for task in plan.tasks if task.status == "in_progress") if progress else (),
        at=plan.status_file_at,
    )
    return tuple(
        Disagreement(one.kind, one.text, tuple(Statement(each.source, each.says, each.at) for each in one.said))
        for one in orchestrators.disagreements_of(plan.name, knowledge)
    )
