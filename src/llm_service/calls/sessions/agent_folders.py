"""Paths in which agents keep their logs, from the environment. Pure functions."""

from __future__ import annotations

import os
from collections.abc import Mapping


def listed(environ: Mapping[str, str], name: str, *default: str) -> list[str]:
    """The paths in a variable that may list several, separated by commas; without one the default paths."""
    paths = [path.strip() for path in environ.get(name, "").split(",")]
    return [os.path.expanduser(path) for path in paths if path] or list(default)


def first_set(environ: Mapping[str, str], *names: str, default: str) -> str:
    """The path in the first of these variables that is set; else the default path."""
    return next((os.path.expanduser(environ[name]) for name in names if environ.get(name)), default)
