"""The settings of logs: how long those of ended runs are retained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.fields import between, setting
from ..settings.section import Section

_HARM = "would remove logs, or let them fill the disk"


@dataclass(frozen=True)
class LogSettings(Section):
    """When the log of an ended run is removed; what else is known of the run stays."""

    logs_max_age_days: Annotated[int, between(0, 3_650)] = setting(
        30, "Logs of ended runs are retained this long; 0: for ever. (days)", workspace="never", harm=_HARM
    )
    logs_run_max_mb: Annotated[int, between(0, 1_000_000)] = setting(
        2_048, "The log of an ended run is removed if it is larger; 0: never. (MB)", workspace="never", harm=_HARM
    )
    logs_max_mb: Annotated[int, between(0, 1_000_000)] = setting(
        8_192,
        "Disk space for the logs of ended runs; the oldest are removed first; 0: no limit. (MB)",
        workspace="never",
        harm=_HARM,
    )
