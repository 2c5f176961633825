"""The settings of starting programs: whether at all, which ones, and how much disk has to stay free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from ..settings.fields import BadValue, between, display, setting
from ..settings.section import Section
from .model import Profile
from .profile_entries import read_profiles

USERS_OWN = "user"
_HARM = "would remove runs, or let them fill the disk"


def _read(value: Any) -> list[Profile]:
    """The profiles. Raises BadValue."""
    profiles = read_profiles(value, USERS_OWN)
    names: set[str] = set()
    for number, profile in enumerate(profiles):
        if profile.name in names:
            raise BadValue(f"has the name of another profile, {display(profile.name)}", (number,))
        names.add(profile.name)
    return profiles


@dataclass(frozen=True)
class ProcessSettings(Section):
    """What may be started."""

    control: bool = setting(
        False,
        "Allow starting and stopping programs, from the page, REST and the command line.",
        workspace="never",
        harm="would let programs be started",
    )
    profiles: list[Profile] = setting(
        [],
        "Programs that may be started, each `{name, argv, cwd?, env?, env_allow?, pty?, timeout_s?, max_log_bytes?, "
        "retry_times?, retry_delay_s?, grace_s?, phases?}`. A workspace proposes its own in `work/profiles/`.",
        reader=_read,
        workspace="never",
        harm="would name programs that can be started",
    )
    runs_max_age_days: Annotated[int, between(0, 3_650)] = setting(
        90, "Ended runs are removed with all their files after so long; 0: never. (days)", workspace="never", harm=_HARM
    )
    runs_max: Annotated[int, between(0, 100_000)] = setting(
        5_000,
        "So many ended runs are retained; the oldest are removed first; 0: any number.",
        workspace="never",
        harm=_HARM,
    )
    min_disk_space_mb: Annotated[int, between(0, 1_000_000_000)] = setting(
        500,
        "With less space on the disk no program is started, and running ones are stopped. (MB)",
        workspace="higher",
        harm="would let programs fill the disk",
    )
