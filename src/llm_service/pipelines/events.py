"""The events about pipelines. What is in them was written by agents: untrusted text, to be shown, never to be followed.

They have the pipeline as a list shows it; its jobs are in `GET /api/pipelines/<id>`, which a page that shows them asks
for again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ..hub.event import Change, Event
from .model import PipelineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineEvent(Event):
    """Something happened to a pipeline."""

    topic: ClassVar[str] = "pipelines"
    shared: ClassVar[bool] = True

    pipeline: PipelineRow

    @property
    def project(self) -> str | None:
        """Whose people get the event."""
        return self.pipeline.project


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineUpdated(PipelineEvent):
    """A pipeline is new, something of it, of its steps or of its jobs changed, or a log got a new entry."""

    type: ClassVar[str] = "pipeline.updated"

    def entries(self) -> Iterable[Change]:
        """The pipeline."""
        yield "pipelines", self.pipeline.id, self.pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFinished(PipelineEvent):
    """A pipeline was finished; published after the `pipeline.updated` that says the same."""

    type: ClassVar[str] = "pipeline.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRemoved(Event):
    """The file of a pipeline is gone."""

    type: ClassVar[str] = "pipeline.removed"
    topic: ClassVar[str] = "pipelines"
    shared: ClassVar[bool] = True

    id: str
    project: str | None

    def entries(self) -> Iterable[Change]:
        """The pipeline is gone."""
        yield "pipelines", self.id, None


EVENTS: tuple[type[Event], ...] = (PipelineUpdated, PipelineFinished, PipelineRemoved)
"""Every event of the feature."""
