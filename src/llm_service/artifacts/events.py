"""What happens to generated files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from ..hub.event import Change, Event
from .model import Artifact, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactEvent(Event):
    """Base of the facts about one file of a project."""

    topic: ClassVar[str] = "artifacts"

    artifact: Artifact
    project: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactCreated(ArtifactEvent):
    """A file appeared in a project."""

    type: ClassVar[str] = "artifact.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactUpdated(ArtifactEvent):
    """A file of a project was written again."""

    type: ClassVar[str] = "artifact.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRemoved(ArtifactEvent):
    """A file of a project no longer exists. `artifact` is what it was."""

    type: ClassVar[str] = "artifact.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactMoved(ArtifactEvent):
    """A file was moved or renamed and not written: it was `previous_path` in `previous_project`. It follows the
    events that say that a file was removed there and created here, or the batch with them; of very many only the first
    100 a turn are published."""

    type: ClassVar[str] = "artifact.moved"

    previous_project: str
    previous_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactBatch(Event):
    """What changed in a project since the last batch and was not published file by file; at most one per
    `batch_window_ms`. `listed` files existed already at the first scan. `folders` are the paths of the folders in which
    something changed, the first 50, "" for the project's own; `more_folders` if there were others. `sample` are up to 5
    of the files. `totals` is the project now, null if it no longer exists. All counts are 0 if only the totals changed:
    lines were counted, or files that were published one by one came or went."""

    type: ClassVar[str] = "artifact.batch"
    topic: ClassVar[str] = "artifacts"
    shared: ClassVar[bool] = True

    project: str
    listed: int = 0
    created: int = 0
    updated: int = 0
    removed: int = 0
    folders: tuple[str, ...] = ()
    more_folders: bool = False
    sample: tuple[Artifact, ...] = ()
    totals: Project | None

    def entries(self) -> Iterable[Change]:
        """The project's totals."""
        yield "projects", self.project, self.totals

    def for_others(self) -> Event:
        """Without folders and files: those are asked for where they are."""
        return replace(self, folders=(), more_folders=False, sample=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactsReady(Event):
    """The first scan of the projects is complete: every file that existed at the start is in the tree."""

    type: ClassVar[str] = "artifact.ready"
    topic: ClassVar[str] = "artifacts"

    projects: int
    files: int
    load_ms: int


EVENTS: tuple[type[Event], ...] = (
    ArtifactCreated,
    ArtifactUpdated,
    ArtifactRemoved,
    ArtifactMoved,
    ArtifactBatch,
    ArtifactsReady,
)
"""Every event of this feature."""
