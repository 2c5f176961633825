"""The REST route about evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..hub.progress import LoadProgress
from ..json_values import schema_of
from ..web.api import Api
from .model import EvidenceCounts

_EVIDENCE = {
    "type": "object",
    "properties": {"evidence": {"type": "object", "additionalProperties": schema_of(EvidenceCounts)}},
}


def evidence_routes(api: Api, counts: Callable[[], Mapping[str, Any]], progress: LoadProgress) -> None:
    """Declare the route."""

    @api.get("/api/evidence", answer=_EVIDENCE)
    def evidence() -> dict[str, Any]:
        """How many of the files that tasks claim exist, are empty, missing, or unchanged since the task started."""
        return {"evidence": counts(), "loading": progress.as_json()}
