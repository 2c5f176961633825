"""Workspaces for tests of MCP, with something of everything, beside the user's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def place_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a task, an artifact and no history; the user's own files are in the same folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "user"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    workspace = folder / "ws"
    inbox, shop = workspace / "work/collaboration/inbox", workspace / "generated_projects/shop"
    inbox.mkdir(parents=True)
    shop.mkdir(parents=True)
    (inbox / "T-1.yaml").write_text("id: T-1\ntitle: Mend the pump\nsprint: S-1\nstatus: new\n")
    (shop / "main.py").write_text("print('one')\nprint('two')\n")
    return workspace


@contextmanager
def shared_place(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One for several tests: to start a dashboard or a server for each of them takes seconds."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield place_in(factory.mktemp("shared"), monkeypatch)
