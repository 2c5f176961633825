"""Fixtures: a workspace with plans, a dashboard that may start their orchestrators."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from kit.orchestrators import Desk, make_place, orchestrators_in
from kit.runs import end_all


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace with a plan, beside the user's own folder; all that runs in it is ended afterwards."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    (tmp_path / "ws").mkdir()
    place = make_place(tmp_path / "ws")
    yield place
    for process in orchestrators_in(place):
        with suppress(psutil.Error):
            process.kill()
        with suppress(ChildProcessError):
            os.waitpid(process.pid, 0)
    end_all(place)


@pytest.fixture
def desk(place: Path) -> Iterator[Callable[..., Desk]]:
    """Start a dashboard: `desk(profile, **settings)`."""
    made: list[Desk] = []

    def begin(*profiles: object, **settings: object) -> Desk:
        made.append(Desk(place, *profiles, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield begin
    for one in made:
        for process in orchestrators_in(place):
            with suppress(psutil.Error):
                process.kill()
        one.live.dashboard.wait_ready(1)
        one.close()
