"""`load_settings(workspace, ...)` loads the settings with the sections of all features, `SECTIONS`."""

from __future__ import annotations

from functools import partial

from ..artifacts.settings import ArtifactSettings
from ..calls.settings import CallSettings
from ..costs.settings import CostSettings
from ..settings.load import load
from ..settings.section import Section
from ..tasks.settings import TaskSettings

SECTIONS: tuple[type[Section], ...] = (TaskSettings, CallSettings, CostSettings, ArtifactSettings)

load_settings = partial(load, SECTIONS)
