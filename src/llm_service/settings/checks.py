"""Types and checks of values. A check returns what is expected instead, or None if the value is fine."""

from __future__ import annotations

import difflib
import importlib.util
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from .fields import limits, shown

LANES = ("inbox", "assigned", "done")

HostName = Annotated[
    str,
    limits(
        "host names without scheme and port, such as board.example.org",
        pattern=r"\A([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])\Z",
    ),
]
Origin = Annotated[
    str,
    limits(
        "origins such as https://board.example.org:8443, without a path", pattern=r"\Ahttps?://[A-Za-z0-9._\[\]:-]+\Z"
    ),
]
Token = Annotated[
    str, limits("printable ASCII characters without blanks (the value is not shown here)", pattern=r"\A[!-~]+\Z")
]
FileName = Annotated[
    str,
    limits(
        "names of folders or files without a slash, such as node_modules", pattern=r"\A(?!\.\.?\Z)[^/\\\x00-\x1f]+\Z"
    ),
]


def text_problem(value: str) -> str | None:
    return None if value.strip() and value.isprintable() else "a text that is not empty"


def folders_problem(value: list[str]) -> str | None:
    return "paths of folders" if any(map(text_problem, value)) else None


def folder_inside_problem(value: str) -> str | None:
    outside = value.startswith(("/", "~")) or ".." in re.split(r"[/\\]", value)
    return "a path below the workspace" if outside or text_problem(value) else None


def lanes_problem(value: list[str]) -> str | None:
    plain = all(re.fullmatch(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]*", name) for name in value)
    if tuple(value[:3]) == LANES and plain and len(set(value)) == len(value):
        return None
    return "inbox, assigned, done, then further folder names, each once"


def zone_problem(value: str) -> str | None:
    import zoneinfo  # 10 ms that only those pay who set it

    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = {name.lower(): name for name in zoneinfo.available_timezones()}
        if not known:
            return "a time zone; but none is known here: install the package tzdata"
        close = difflib.get_close_matches(value.lower().replace(" ", "_"), known, 1, 0.6)
        return f"the name of a time zone such as {known[close[0]] if close else 'Europe/Zurich'}"
    return None


def webhook_problem(value: str) -> str | None:
    """What is expected instead of this address to notify; does not show the address, which may hold secrets."""
    try:
        parts = urlsplit(value)
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not re.fullmatch(r"[!-~]+", value):
        return "an address such as https://hooks.example.org/budget (the value is not shown here)"
    if parts.scheme in ("http", "https"):
        return None
    if importlib.util.find_spec("apprise") is None:
        return (
            f"an http:// or https:// address; for {shown(parts.scheme)}:// the package apprise is needed, "
            "which is not installed here (pip install apprise)"
        )
    apprise: Any = importlib.import_module("apprise")
    return None if apprise.Apprise().add(value) else "an address that apprise knows (the value is not shown here)"
