"""Settings for tests by flat names."""

from __future__ import annotations

from typing import Any

from llm_service.cli.sections import SECTIONS
from llm_service.settings.section import settings_of_all
from llm_service.settings.table import Settings, make_settings

SETTINGS = settings_of_all((Settings, *SECTIONS))
"""Every setting by name."""


def settings_with(**values: Any) -> Settings:
    """The settings with these values as they are, and the defaults of all others."""
    return make_settings(SECTIONS, values)


def value_of(settings: Settings, name: str) -> Any:
    """The value of a setting, whatever section it is in."""
    return next(getattr(one, name) for one in (settings, *settings.sections) if hasattr(one, name))
