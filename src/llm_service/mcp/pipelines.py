"""`reporter(...)`: what the nine tools of pipelines call, for the caller of the request, without secrets."""

from __future__ import annotations

from typing import Any

from ..pipelines.catalog import PipelineCatalog
from ..pipelines.reporter import PipelineReporter
from ..settings.load import Settings
from .caller import caller


class AgentReporter(PipelineReporter):
    """The reporter, whose logs are redacted: what one agent wrote down is read by another one."""

    def get_pipeline_job_log(self, job_id: str) -> dict[str, Any]:
        """As that of `PipelineReporter`."""
        from ..logs.redaction import Redactor  # most processes of agents write, and need no expressions

        found = super().get_pipeline_job_log(job_id)
        content = str(found["content"]).encode("utf-8", "replace")
        return found | {"content": Redactor().redact(content).decode("utf-8", "replace")}


def reporter(workspace: str, settings: Settings, catalog: PipelineCatalog | None = None) -> AgentReporter:
    """The reporter of a workspace, for the caller of the request; `catalog`: that of a running dashboard."""
    return AgentReporter(
        workspace,
        settings,
        may_see=lambda project: caller().may_see(project),
        caller=lambda: caller().name,
        catalog=catalog,
    )
