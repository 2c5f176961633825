"""Fixtures: a real dashboard on a real folder, served over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support import Live, running

# The machine is shared and has two cores: how fast examples are made says nothing about the code.
settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared-machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sequences N`: how many random sequences the model tests run; `--soak-seconds S`: length of soak runs."""
    parser.addoption("--sequences", type=int, default=500, help="random sequences of the model tests")
    parser.addoption("--soak-seconds", type=float, default=6.0, help="seconds that soak tests keep going")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with empty lanes."""
    for folder in ("inbox", "assigned/ada", "assigned/bob", "done/ada", "done/bob"):
        (tmp_path / "work/collaboration" / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def start(workspace: Path) -> Iterator[Callable[..., Live]]:
    """Start a dashboard on the workspace, with settings by name; all are stopped at the end of the test."""
    started: list[Live] = []

    def begin(**settings: object) -> Live:
        live = running(workspace, **settings)
        started.append(live)
        return live

    yield begin
    for live in started:
        live.stop()


@pytest.fixture
def live(start: Callable[..., Live]) -> Live:
    """A dashboard with the default settings, ready."""
    return start()
