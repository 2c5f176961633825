"""Settings for tests by flat names, and the messages with which settings are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llm_service.cli.sections import SECTIONS, load_settings
from llm_service.errors import BadSettings
from llm_service.settings.section import all_settings
from llm_service.settings.table import Settings, make_settings

SETTINGS = all_settings((Settings, *SECTIONS))
"""Every setting by name."""


def settings_with(**values: Any) -> Settings:
    """The settings with these values as they are, and the defaults of all others."""
    return make_settings(SECTIONS, values)


def value_of(settings: Settings, name: str) -> Any:
    """The value of a setting, whatever section it is in."""
    return next(getattr(one, name) for one in (settings, *settings.sections) if hasattr(one, name))


def refusal(**arguments: object) -> str:
    """The message with which these arguments are refused."""
    with pytest.raises(BadSettings) as caught:
        load_settings(**{"environ": {}, **arguments})  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    return caught.value.message


def user_file(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> Path:
    """Write the user's own configuration, which is in `folder` from now on; its path."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    (folder / "llm-service").mkdir(parents=True, exist_ok=True)
    return Path(settings_file(folder / "llm-service", text, "config.yaml"))


def settings_file(folder: Path, text: str, name: str = "llm-service.yaml") -> str:
    """Write a settings file; its path."""
    (folder / name).write_text(text)
    return str(folder / name)


def entry_refusal(folder: Path, setting: str, good: dict[str, Any], changes: dict[str, Any], key: str = "") -> str:
    """The message for an entry with these changes behind a good one, from the line of its `key`, or its own, on."""
    first = good | ({"name": "first"} if setting == "budgets" else {})
    bad = {name: value for name, value in (good | changes).items() if value is not None}
    rows = [f"    {name}: {json.dumps(value).replace('NaN', '.nan')}" for name, value in bad.items()]
    text = f"port: 1\n{setting}:\n  - {json.dumps(first)}\n  -\n" + "\n".join(rows) + "\n"
    path = settings_file(folder, text)
    line = next((number for number, row in enumerate(text.splitlines(), 1) if row.startswith(f"    {key}:")), 5)
    message, place = refusal(workspace=str(folder)), f"{path}:{line}: "
    assert message.startswith(place)
    return message.removeprefix(place)
