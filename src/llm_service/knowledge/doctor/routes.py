"""`GET /api/doctor`: what the command `llm-service doctor` and the page show."""

from __future__ import annotations

from typing import Any

from ...json_values import as_json, schema_of
from ...web.api import Api
from ...web.params import OptionalText
from .doctor import Doctor
from .model import Diagnosis

_JOB = OptionalText("job", "the job in question; without it the newest that runs, else the newest")


def doctor_routes(api: Api, doctor: Doctor) -> None:
    """Declare the route."""

    @api.get("/api/doctor", _JOB, answer=schema_of(Diagnosis))
    def diagnose() -> dict[str, Any]:
        """The four places where data gets stuck between a script and a page, with the reason and the next step."""
        found = doctor.diagnose(_JOB.value())
        return {**as_json(found), "is_healthy": found.is_healthy}
