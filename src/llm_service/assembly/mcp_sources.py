"""`mcp_sources(...)`: what the tools of agents ask of the features of this dashboard."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..artifacts.feature import Artifacts, WatchedArtifacts
from ..calls.core import calls_disabled
from ..calls.feature import Calls
from ..costs.feature import Costs
from ..costs.queries import CostQueries
from ..errors import NotFound
from ..knowledge.feature import Knowledge
from ..knowledge.settings import KnowledgeSettings
from ..logs.feature import Logs
from ..mcp.board_tasks import BoardTasks
from ..mcp.live import LiveArtifacts, LiveCosts, LiveKnowledge, LiveLogs
from ..mcp.pipelines import reporter
from ..mcp.sources import Sources
from ..pipelines.feature import Pipelines
from ..processes.feature import Processes
from ..settings.load import Settings
from ..tasks.feature import Tasks
from .access import Access


def mcp_sources(
    settings: Settings,
    tasks: Tasks,
    artifacts: Artifacts,
    calls: Calls,
    costs: Costs,
    processes: Processes,
    logs: Logs,
    knowledge: Knowledge,
    access: Access,
    pipelines: Pipelines,
) -> Callable[[], Sources]:
    """A function that gives the sources."""

    def watched() -> WatchedArtifacts:
        if artifacts.watched is None:
            raise NotFound("Artifacts are not watched: the setting `artifacts` switches that on.")
        return artifacts.watched

    def queries() -> CostQueries:
        if costs.summary is None:
            raise calls_disabled()
        return costs.summary.queries

    def sources() -> Sources:
        return Sources(
            pipelines=reporter(os.path.abspath(settings.workspace), settings, pipelines.catalog),
            tasks=BoardTasks(tasks.board, tasks.list),
            logs=LiveLogs(logs, processes.runs, access.project_of),
            artifacts=LiveArtifacts(lambda: watched().tree, lambda: watched().reading),
            costs=LiveCosts(calls, queries),
            knowledge=LiveKnowledge(
                knowledge.board.facts,
                settings.folder(settings.of(KnowledgeSettings).streams_dir),
                access.project_of_job,
            ),
        )

    return sources
