"""Types and checks of values. A check returns what is expected instead, or None if the value is fine."""

from __future__ import annotations

import difflib
import os
import re
from typing import Annotated

from .fields import limits
from .origins import parse_authority, parse_origin

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


# A folder's name may have any character but these: U+3000, U+00A0, joiners and new emoji are no reason to refuse it.
_UNUSABLE = re.compile("[\x00-\x1f\x7f-\x9f]")


def text_problem(value: str) -> str | None:
    if not value.strip():
        return "a text that is not empty"
    if _UNUSABLE.search(value):
        return "a text without control characters"
    try:
        value.encode()
    except UnicodeEncodeError:  # bytes of a path that are not UTF-8
        return "a text in UTF-8"
    return None


def hosts_problem(value: list[str]) -> str | None:
    """The guard compares parsed names: one that does not parse would never match."""
    good = all((authority := parse_authority(name)) is not None and authority[1] is None for name in value)
    return None if good else "host names without scheme and port, such as board.example.org"


def origins_problem(value: list[str]) -> str | None:
    return None if all(map(parse_origin, value)) else "origins such as https://board.example.org:8443, without a path"


def one_folder(value: str) -> tuple[str, ...]:
    """The folder that a setting of one folder names."""
    return (value,)


def leaves_workspace(folder: str) -> bool:
    """True if the path of a folder is not one below the workspace, links left aside."""
    is_absolute = folder.startswith(("/", "\\", "~")) or os.path.splitdrive(folder)[0] != ""
    return is_absolute or ".." in re.split(r"[/\\]", folder)


def folder_inside_problem(value: str) -> str | None:
    return "a path below the workspace" if leaves_workspace(value) or text_problem(value) else None


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
