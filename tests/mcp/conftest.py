"""Fixtures: a workspace with something of everything, for a test or for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.mcp_places import place_in, shared_place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a task, an artifact and no history."""
    return place_in(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def module_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same for all tests of a module."""
    with shared_place(tmp_path_factory) as place:
        yield place
