"""REST routes about orchestrators, worktrees and resources; start and stop of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from flask import request

from ..errors import BadRequest, Forbidden, NotFound, PlanNotFound
from ..files import printable
from ..web.api import Api, json_body
from ..web.params import InPath
from ..web.people import person_of
from .control import MAX_TIMEOUT_S
from .model import MODES, Orchestrator, Outcome, StartOrder

_PLAN = InPath("name", "name of the plan")
_ID = InPath("orchestrator_id", "id of the orchestrator, or of its run")
_START_BODY = {
    "type": "object",
    "properties": {
        "mode": {"type": "string", "enum": list(MODES), "default": "batch"},
        "tasks": {"type": "array", "items": {"type": "string"}},
        "autonomous": {"type": "boolean", "default": False},
    },
}
_STOP_BODY = {
    "type": "object",
    "properties": {
        "force": {"type": "boolean", "default": False},
        "timeout": {"type": "number", "minimum": 0, "maximum": MAX_TIMEOUT_S},
    },
}


class Desk(Protocol):
    """What the routes ask: `orchestrators.feature.Orchestrators`."""

    def project_of(self, plan: str) -> str:
        """The project of a plan, "" for none."""

    def overview(self) -> dict[str, Any]:
        """`{orchestrators, control, start, problem}`."""

    def details(self, orchestrator_id: str) -> dict[str, Any]:
        """One with usage and runs. Raises NotFound."""

    def start_plan(self, plan: str, order: StartOrder) -> Outcome:
        """Start it."""

    def stop_plan(self, plan: str, force: bool, timeout_s: float | None) -> Outcome:
        """Stop it."""

    def resources(self) -> dict[str, Any]:
        """What there is room for."""

    def worktrees(self) -> dict[str, Any]:
        """The worktrees of the repository."""


def orchestrator_routes(api: Api, desk: Desk) -> None:
    """Declare the routes."""

    def may_see(plan: str) -> bool:
        return person_of(request.environ).may_see(desk.project_of(plan))

    def require_plan(plan: str) -> None:
        if not may_see(plan):
            raise PlanNotFound(f"There is no plan “{printable(plan)[:100]}”.")

    def require_all() -> None:
        if not person_of(request.environ).may_see(""):
            raise Forbidden("This is about the whole repository, of which you see some projects only.")

    @api.get("/api/orchestrators")
    def list_orchestrators() -> dict[str, Any]:
        """Orchestrators: which run, since when, whether they may be stopped from here, and if not, why."""
        found = desk.overview()
        shown: list[Orchestrator] = found["orchestrators"]
        return found | {"orchestrators": [one for one in shown if may_see(one.plan)]}

    @api.get("/api/orchestrators/<orchestrator_id>", _ID)
    def show_orchestrator(orchestrator_id: str) -> dict[str, Any]:
        """An orchestrator with processor, memory, log file and runs."""
        found = desk.details(orchestrator_id)
        if not may_see(found["orchestrator"].plan):
            raise NotFound(f"There is no orchestrator “{printable(orchestrator_id)[:100]}”.")
        return found

    @api.post("/api/plans/<name>/start", _PLAN, body=_START_BODY)
    def start_plan(name: str) -> Outcome:
        """Start the orchestrator of a plan; answered when it is known to run. 409 if it does already."""
        require_plan(name)
        return desk.start_plan(name, _order(_fields(_START_BODY)))

    @api.post("/api/plans/<name>/stop", _PLAN, body=_STOP_BODY)
    def stop_plan(name: str) -> Outcome:
        """Stop the orchestrator of a plan: asked first, and killed after `timeout` seconds. 404 if none runs."""
        require_plan(name)
        body = _fields(_STOP_BODY)
        force, timeout = body.get("force", False), body.get("timeout")
        if not isinstance(force, bool):
            raise BadRequest("`force` has to be true or false.")
        return desk.stop_plan(name, force, _timeout(timeout))

    @api.get("/api/resources")
    def show_resources() -> dict[str, Any]:
        """Room for another worktree: limits with their origin, space on the disk, warnings, the machine."""
        require_all()
        return desk.resources()

    @api.get("/api/worktrees")
    def list_worktrees() -> dict[str, Any]:
        """Worktrees: branch, plan, age, files that are not committed, ahead and behind, overlap with others."""
        require_all()
        return desk.worktrees()


def _fields(schema: Mapping[str, Any]) -> dict[str, Any]:
    body = json_body() if request.get_data() else {}
    if not isinstance(body, dict):
        raise BadRequest("The body has to be an object.")
    known = sorted(schema["properties"])
    if unknown := sorted(set(body) - set(known)):
        raise BadRequest(f"There is no field “{printable(str(unknown[0]))[:50]}” here.", known=known)
    return body


def _order(body: Mapping[str, Any]) -> StartOrder:
    mode, tasks, autonomous = body.get("mode", "batch"), body.get("tasks"), body.get("autonomous", False)
    if mode not in MODES:
        raise BadRequest(f"`mode` has to be one of {', '.join(MODES)}.")
    if not isinstance(autonomous, bool):
        raise BadRequest("`autonomous` has to be true or false.")
    ids = [] if tasks is None else tasks
    if not isinstance(ids, list) or not all(isinstance(task, str) for task in ids):
        raise BadRequest("`tasks` has to be a list of ids.")
    return StartOrder(mode=mode, tasks=tuple(ids), autonomous=autonomous)


def _timeout(value: Any) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MAX_TIMEOUT_S:  # as is NaN
        raise BadRequest(f"`timeout` has to be a number of seconds from 0 to {MAX_TIMEOUT_S:g}.")
    return float(value)
