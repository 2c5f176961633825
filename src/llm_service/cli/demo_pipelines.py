"""The pipeline of `llm-service demo`: agents report how they work on a ticket, beside the jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from ..errors import ServiceError
from ..pipelines.reporter import PipelineReporter
from ..pipelines.tool_error import ToolError
from ..settings.table import make_settings
from .sections import SECTIONS

log = logging.getLogger(__name__)

TICKET = "quayside-office"
_STORY = (
    ("research", "Read the specification", "planner", 2, ("Three kinds of berths: day, season, winter.",),
     "Free berths are asked for by length and draught.", 90),
    ("research", "See how arrivals are told today", "planner", 2, ("A list on paper at the quay, twice a day.",),
     "Times of arrival are estimates; show them to the quarter of an hour.", 80),
    ("coding", "Count free berths", "backend", 4, ("A boat that leaves today still counts.", "4 tests pass."),
     "By length and draught, with tests.", 85),
    ("coding", "Show the board", "frontend", 4, ("The board is read from five metres: 24 px.",),
     "Arrivals, departures, free berths, in this order.", 88),
    ("wrap-up", "Review", "reviewer", 3, ("One rounding was wrong and is corrected.",), "Ready to be merged.", 92),
)  # fmt: skip
"""(step, job, agent, its part of the time, what is appended to its log, its summary, its score), in order."""


class DemoPipeline:
    """Reports in a thread of its own until it is done or stopped."""

    def __init__(self, workspace: Path, seconds: float) -> None:
        """`seconds`: how long it takes in all."""
        self._reporter = PipelineReporter(str(workspace), make_settings(SECTIONS, {"workspace": str(workspace)}))
        self._unit_s = seconds / sum(share for _, _, _, share, *_ in _STORY)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo pipeline", daemon=True)

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Report no more; before the folder is removed."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            tell(self._reporter, lambda share: self._stopped.wait(share * self._unit_s))
        except (ToolError, ServiceError, OSError) as problem:  # the rest of the demo goes on
            log.warning("the pipeline of the demo ended: %s", problem)


def tell(reporter: PipelineReporter, wait: Callable[[float], bool]) -> None:
    """Report the whole story, until `wait(share)` says that it was stopped. Raises ToolError, OSError."""
    pipeline = reporter.create_pipeline("ticket_work", ticket_id=TICKET, branch="office-board", project=TICKET)
    pipeline_id = pipeline["pipeline_id"]
    for step, name, agent, share, entries, summary, score in _STORY:
        job = reporter.create_pipeline_job(pipeline_id, step, name, agent, status="running")["job_id"]
        for entry in entries:
            if wait(share / (len(entries) + 1)):
                return
            reporter.append_job_log(job, entry)
        if wait(share / (len(entries) + 1)):
            return
        reporter.update_pipeline_job(job, status="success", score=score, summary=summary)
    reporter.finish_pipeline(pipeline_id)
