"""`GET /api/doctor`: what the command `llm-service doctor` and the page show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...json_values import as_json, schema_of
from ...web.api import Api
from ...web.params import OptionalText
from .doctor import Doctor
from .model import Diagnosis

_JOB = OptionalText("job", "the job in question; without it the newest that runs, else the newest")


def doctor_routes(api: Api, doctor: Doctor, may_see: Callable[[str | None], bool]) -> None:
    """Declare the route; of jobs whose project the sender may not see nothing is said."""

    @api.get("/api/doctor", _JOB, answer=schema_of(Diagnosis))
    def diagnose() -> dict[str, Any]:
        """The four places where data gets stuck between a script and a page, with the reason and the next step."""
        found = doctor.diagnose(_JOB.value(), may_see)
        return {**as_json(found), "is_healthy": found.is_healthy}
