"""A dashboard on the plans of the test's own fixture `files`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kit.live import Live
from kit.plans import PlanFiles, dashboard_with_plans


@pytest.fixture
def live(files: PlanFiles) -> Iterator[Live]:
    live = dashboard_with_plans(files.workspace)
    yield live
    live.stop()
