"""The tools of agents in a folder, with a clock that the test sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.pipelines import Clock, reporter_of

from llm_service.pipelines.reporter import PipelineReporter


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tools(tmp_path: Path, clock: Clock) -> PipelineReporter:
    return reporter_of(tmp_path, clock)
