"""`find(workspace, ...)`: the dashboard of a workspace, also if its settings were broken after its start."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from typing import Any

from ..errors import BadSettings, FileRefused, NotRunning, ServiceError, Unparseable
from ..files import parse_mapping, read_file
from ..server.instance import Sighting, look
from ..server.sighting import describe
from ..settings.load import FILE_NAME, Settings
from .sections import load_settings

_CLEAR_WITHIN_S = 2.0
"""A dashboard that starts, or makes its state folder again, has its record in place by then."""
_POLL_S = 0.05


def find(workspace: str | None, config_file: str | None) -> tuple[Sighting, Settings]:
    """The dashboard, "running" or "elsewhere", and the settings to find it.

    Raises NotRunning, BadSettings, and ServiceError if it is not clear which process serves the workspace.
    """
    try:
        settings = load_settings(workspace, config_file)
        found = _look(settings.state_path)
    except BadSettings:
        for settings in _possible_settings(workspace, config_file):
            found = _look(settings.state_path)
            if found.state != "none":
                break
        else:
            raise
    if found.state == "none":
        raise NotRunning(f"No dashboard is running for {settings.workspace}.", workspace=settings.workspace)
    if found.record is None or found.state == "unclear":
        raise ServiceError(describe(found, settings.state_path))
    return found, settings


def _look(folder: str) -> Sighting:
    deadline = time.monotonic() + _CLEAR_WITHIN_S
    while (found := look(folder)).state == "unclear" and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return found


def _possible_settings(workspace: str | None, config_file: str | None) -> Iterator[Settings]:
    """Settings with the workspaces and state folders that broken settings may mean; the others are defaults."""
    named = _readable_values(config_file) if config_file else {}
    base = os.path.dirname(os.path.abspath(config_file)) if config_file else ""
    folder = workspace or os.environ.get("LLM_SERVICE_WORKSPACE") or os.path.join(base, named.get("workspace", "."))
    folder = os.path.abspath(folder)
    named = named or _readable_values(os.path.join(folder, FILE_NAME))
    for state_dir in (os.environ.get("LLM_SERVICE_STATE_DIR"), named.get("state_dir"), Settings.state_dir):
        if state_dir:
            yield Settings(workspace=folder, state_dir=state_dir)


def _readable_values(path: str) -> dict[str, str]:
    """What can be read of `workspace` and `state_dir` in a settings file, even if it is no valid YAML."""
    found: dict[str, Any] = {}
    try:
        found = dict(parse_mapping(read_file(*os.path.split(os.path.abspath(path))).data).value)
    except Unparseable as problem:
        lines = re.findall(r"^(workspace|state_dir):[ \t]+(\S.*?)[ \t\r]*$", problem.text, re.MULTILINE)
        found = {name: value.strip("\"'") for name, value in lines}
    except FileRefused:
        pass
    return {
        name: value
        for name, value in found.items()
        if name in ("workspace", "state_dir") and value and isinstance(value, str)
    }
