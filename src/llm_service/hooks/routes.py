"""The REST route about the sessions of agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..json_values import schema_of
from ..web.api import Api
from ..web.params import Texts
from .model import Session, State

_STATE = Texts("state", "only in these states", choices=tuple(State))
_ANSWER = {
    "type": "object",
    "required": ["sessions", "refused"],
    "properties": {
        "sessions": {"type": "array", "items": schema_of(Session)},
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["file", "lines", "last"],
                "properties": {"file": {"type": "string"}, "lines": {"type": "integer"}, "last": {"type": "string"}},
            },
        },
    },
}


def hook_routes(
    api: Api,
    sessions: Callable[[], Sequence[Session]],
    refused: Callable[[], Sequence[dict[str, Any]]],
    may_see: Callable[[str | None], bool],
) -> None:
    """Declare the route."""

    @api.get("/api/sessions", _STATE, answer=_ANSWER)
    def list_sessions() -> dict[str, Any]:
        """Sessions of agents as their hooks report them, those that reported last first; lines that were refused."""
        states = _STATE.value()
        found = [one for one in sessions() if may_see(one.project) and (not states or one.state in states)]
        return {"sessions": found, "refused": list(refused()) if may_see("") else []}
