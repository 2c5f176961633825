"""The setting of the sessions."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings.fields import setting
from ..settings.section import Section


@dataclass(frozen=True)
class SessionSettings(Section):
    """Whether the session logs of agents are shown."""

    sessions: bool = setting(
        True,
        "Show the session logs of agents, without secrets, to who may see them; off: none is opened to be shown.",
    )
