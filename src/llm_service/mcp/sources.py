"""What the tools ask: `Sources`, of the features of a running dashboard (`live.py`) or of the files (`offline.py`).

Every method answers with plain JSON, which is not marked yet, and raises ServiceError or ToolFailure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..pipelines.reporter import PipelineReporter

Json = dict[str, Any]


class TaskTools(Protocol):
    """Tasks of the board."""

    def list(self, lane: str | None, agent: str | None, status: str | None, words: str, limit: int) -> Json:
        """`{tasks, total, counts}`, the newest first."""

    def get(self, task_id: str) -> Json:
        """`{task, document, problem}`."""


class LogTools(Protocol):
    """Logs of the runs of jobs, redacted."""

    def search(self, words: str, job: str | None, is_regex: bool, limit: int) -> Json:
        """`{matches}`, the newest first."""


class ArtifactTools(Protocol):
    """Generated files."""

    def list(self, project: str | None, words: str, under: str, limit: int) -> Json:
        """`{artifacts, counts}`."""

    def read(self, project: str, path: str, from_line: int) -> Json:
        """`{project, path, text, from_line, next_line, total_lines, binary}`."""


class CostTools(Protocol):
    """LLM calls and what they cost."""

    def record(self, call: Mapping[str, Any]) -> Json:
        """`{accepted, duplicates}`."""

    def totals(self, by: str, first: str | None, end: str | None, limit: int) -> Json:
        """`{by, totals}`."""


class KnowledgeTools(Protocol):
    """Facts, and streams of messages."""

    def facts(self, words: str, limit: int) -> Json:
        """`{facts, total}`: only those that a person accepted."""

    def say(self, topic: str, message: Mapping[str, Any]) -> Json:
        """`{topic, accepted}`; the message is written to the stream's file."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that the tools ask."""

    pipelines: PipelineReporter
    tasks: TaskTools
    logs: LogTools
    artifacts: ArtifactTools
    costs: CostTools
    knowledge: KnowledgeTools
