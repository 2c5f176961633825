"""`offline_sources(load)`: what the tools ask, answered from the files of a workspace, without a dashboard.

What is written is what a dashboard writes and reads, so both can be in use at once. Each part is imported when it is
asked first: an agent that only reports its pipelines has a process without the rest.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from ..settings.load import Settings
from .sources import Sources


class _Lazy:
    """Stands for a source, until something is asked of it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make: Callable[[], Any] | None = make
        self._lock = threading.Lock()
        self._made: Any = None

    def make_ready(self) -> None:
        """Make the source, if it is not made yet."""
        with self._lock:
            if self._make is not None:
                self._made, self._make = self._make(), None

    def __getattr__(self, name: str) -> Any:
        self.make_ready()
        return getattr(self._made, name)


class _Once:
    """Loads the settings once."""

    def __init__(self, load: Callable[[], Settings]) -> None:
        self._load, self._lock = load, threading.Lock()
        self._settings: Settings | None = None

    def __call__(self) -> Settings:
        with self._lock:
            if self._settings is None:
                self._settings = self._load()
            return self._settings


def offline_sources(load: Callable[[], Settings]) -> Sources:
    """The sources of a workspace; `load()` reads its settings with the first call, which may raise BadSettings."""
    settings = _Once(load)
    makers = {
        "pipelines": _pipelines, "tasks": _tasks, "logs": _logs, "artifacts": _artifacts, "costs": _costs,
        "knowledge": _knowledge,
    }  # fmt: skip
    sources: dict[str, Any] = {name: _Lazy(partial(_make, make, settings)) for name, make in makers.items()}
    return Sources(**sources)


def _make(make: Callable[[Settings], Any], settings: Callable[[], Settings]) -> Any:
    return make(settings())


def _pipelines(settings: Settings) -> Any:
    from .pipelines import reporter

    return reporter(os.path.abspath(settings.workspace), settings)


def _tasks(settings: Settings) -> Any:
    from .offline_tasks import OfflineTasks

    return OfflineTasks(settings)


def _logs(settings: Settings) -> Any:
    from .offline_logs import OfflineLogSearch

    return OfflineLogSearch(settings)


def _artifacts(settings: Settings) -> Any:
    from .offline_artifacts import OfflineArtifacts

    return OfflineArtifacts(settings)


def _costs(settings: Settings) -> Any:
    from .offline_costs import OfflineCosts

    return OfflineCosts(settings)


def _knowledge(settings: Settings) -> Any:
    from .offline_knowledge import OfflineKnowledge

    return OfflineKnowledge(settings)
