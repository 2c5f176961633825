"""The environment of a run, an allow-list: `environment_of(profile, environ)`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from .model import Profile

ALWAYS = (
    "HOME", "LANG", "LANGUAGE", "LC_*", "LOGNAME", "PATH", "SHELL", "TEMP", "TMP", "TMPDIR", "TZ", "USER",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR",
)  # fmt: skip
"""What every program gets: where things are, and in which language and time zone. No secret has such a name."""


def environment_of(profile: Profile, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that the program gets: those allowed of ours, and those that the profile sets."""
    allowed = (*ALWAYS, *profile.env_allow)
    exact = {name for name in allowed if not name.endswith("*")}
    starts = tuple(name[:-1] for name in allowed if name.endswith("*"))
    found = {name: value for name, value in environ.items() if name in exact or (starts and name.startswith(starts))}
    # A relative folder in PATH would let a file of the workspace take the place of a program.
    places = [place for place in found.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(place)]
    found["PATH"] = os.pathsep.join(places)
    found["PYTHONUNBUFFERED"] = "1"
    if profile.pty:
        found["TERM"] = "xterm-256color"
    return found | dict(profile.env)
