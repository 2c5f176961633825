"""The REST route about agents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..json_values import schema_of
from ..web.api import Api
from .model import Agent


@dataclass(frozen=True, slots=True)
class AgentList:
    """All agents at a `time`. `today` says whether their calls are "known", "off" by the settings, or "unavailable"
    because the database cannot be read; "today" ends at `today_ends_at`, in the service's time zone."""

    agents: list[Agent]
    time: str
    today: str
    today_ends_at: str | None
    timezone: str | None


def agent_routes(api: Api, agents: Callable[[], AgentList]) -> None:
    """Declare the route."""

    @api.get("/api/agents", answer=schema_of(AgentList))
    def list_agents() -> AgentList:
        """Agents: tasks per lane, current task, state with its reason, last activity, calls and dollars today."""
        return agents()
