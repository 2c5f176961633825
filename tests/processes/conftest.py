"""Fixtures: a workspace in which programs may be started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.runs import Control, Make, end_all

from llm_service.processes.model import Profile


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, beside the user's own folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    (tmp_path / "ws").mkdir()
    return tmp_path / "ws"


@pytest.fixture
def control(place: Path) -> Iterator[Make]:
    """Start the feature on the workspace; all that was started is ended after the test."""
    made: list[Control] = []

    def begin(*profiles: Profile, **settings: Any) -> Control:
        made.append(Control(place, *profiles, **settings))
        return made[-1]

    yield begin
    for one in made:
        if one.is_open:
            one.stop_all()
    for one in made:
        one.close()
    end_all(place)
