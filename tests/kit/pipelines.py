"""Pipelines for tests: a reporter with a clock that only the test moves, and files as people and agents write them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from kit.settings import settings_with

from llm_service.pipelines.reporter import PipelineReporter
from llm_service.pipelines.tool_error import ToolError

NOON = 1_764_504_000.0
"""2025-11-30T12:00:00Z."""
HAND_MADE = "0b8f3c52-7a41-4d06-9c1e-5f20a4d3aaaa"
"""The id of a pipeline that was written by hand: it says nothing about its jobs' ids."""


class Clock:
    """A clock that stands until the test moves it."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class TickingClock:
    """The time, which is another one at each call, to the millisecond."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self) -> float:
        self._last = max(time.time(), self._last + 0.001)
        return self._last


def reporter_of(workspace: Path, clock: Any = None, may_see: Any = None, **settings: Any) -> PipelineReporter:
    """The tools of a workspace."""
    found = settings_with(workspace=str(workspace), **settings)
    options = {} if may_see is None else {"may_see": may_see}
    return PipelineReporter(str(workspace), found, clock or Clock(), **options)


def folder_of(workspace: Path, pipeline_id: str) -> Path:
    """The folder of a pipeline."""
    return workspace / "work/pipelines" / pipeline_id


def file_of(workspace: Path, pipeline_id: str) -> Any:
    """What `pipeline.yaml` says, as any YAML parser reads it."""
    return yaml.safe_load((folder_of(workspace, pipeline_id) / "pipeline.yaml").read_bytes())


def write_pipeline(workspace: Path, text: str, pipeline_id: str = HAND_MADE) -> Path:
    """Write a `pipeline.yaml` by hand; its path."""
    path = folder_of(workspace, pipeline_id) / "pipeline.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_task(workspace: Path, path: str, text: str) -> Path:
    """Write a task file below the lanes; its path."""
    target = workspace / "work/collaboration" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target


def refused(call: Any, *arguments: Any, **named: Any) -> ToolError:
    """The error with which a tool refuses."""
    with pytest.raises(ToolError) as caught:
        call(*arguments, **named)
    error = caught.value
    assert error.sentence.endswith(".") and error.what_to_do.endswith("."), error
    return error
