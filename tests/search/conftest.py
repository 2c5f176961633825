"""A dashboard whose jobs print what the test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.puppets import Stage


@pytest.fixture
def stage(workspace: Path) -> Iterator[Stage]:
    """Started, and stopped at the end."""
    started = Stage(workspace)
    yield started
    started.stop()
