"""REST route about evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..hub.progress import Progress
from ..json_values import schema_of
from ..web.api import Api
from .model import EvidenceCounts

_EVIDENCE = {
    "type": "object",
    "properties": {"evidence": {"type": "object", "additionalProperties": schema_of(EvidenceCounts)}},
}


def evidence_routes(api: Api, counts: Callable[[], Mapping[str, Any]], progress: Progress) -> None:
    """Declare the route."""

    @api.get("/api/evidence", answer=_EVIDENCE)
    def evidence() -> dict[str, Any]:
        """Of the files that tasks claim: how many are there, empty, missing, not changed since the task began."""
        return {"evidence": counts(), "loading": progress.as_json()}
