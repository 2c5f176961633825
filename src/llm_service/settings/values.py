"""Values of settings: conversion from the text of the environment or from YAML, and the checks of their range."""

from __future__ import annotations

import difflib
import importlib.util
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

LANES = ("inbox", "assigned", "done")

TYPE_NAMES = {
    "str": "text",
    "str | None": "text",
    "int": "whole number",
    "float": "number",
    "bool": "yes or no",
    "bool | None": "yes or no",
    "list[str]": "list of texts (separated by commas in the environment)",
}

Check = Callable[[Any], str | None]
"""Looks at a value of the right type; returns what is expected instead, or None if it is fine."""


def between(low: float, high: float) -> Check:
    return lambda value: None if low <= value <= high else f"between {low:,} and {high:,}"


def one_of(*names: str) -> Check:
    return lambda value: None if value in names else "one of " + ", ".join(names)


def not_empty(value: str) -> str | None:
    return None if value.strip() and value.isprintable() else "a text that is not empty"


def lanes_fit(value: list[str]) -> str | None:
    plain = all(re.fullmatch(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]*", name) for name in value)
    if tuple(value[:3]) == LANES and plain and len(set(value)) == len(value):
        return None
    return "inbox, assigned, done, then further folder names, each once"


def hosts_fit(value: list[str]) -> str | None:
    good = all(re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", name) for name in value)
    return None if good else "host names without scheme and port, such as board.example.org"


def origins_fit(value: list[str]) -> str | None:
    good = all(re.fullmatch(r"https?://[A-Za-z0-9._\[\]:-]+", origin) for origin in value)
    return None if good else "origins such as https://board.example.org:8443, without a path"


def token_fits(value: str | None) -> str | None:
    good = value is None or re.fullmatch(r"[!-~]+", value)
    return None if good else "printable ASCII characters without blanks (the value is not shown here)"


def folder_names_fit(value: list[str]) -> str | None:
    good = all(re.fullmatch(r"[^/\\\x00-\x1f]+", name) and name not in (".", "..") for name in value)
    return None if good else "names of folders or files without a slash, such as node_modules"


def folders_fit(value: list[str]) -> str | None:
    return None if all(map(_is_path, value)) else "paths of folders"


def folder_inside(value: str) -> str | None:
    plain = _is_path(value) and not value.startswith(("/", "~")) and ".." not in re.split(r"[/\\]", value)
    return None if plain else "a path below the workspace"


def _is_path(value: str) -> bool:
    return bool(value.strip()) and value.isprintable()


def zone_fits(value: str | None) -> str | None:
    import zoneinfo  # 10 ms that only those pay who set it

    try:
        if value is not None:
            zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = {name.lower(): name for name in zoneinfo.available_timezones()}
        if not known:
            return "a time zone; but none is known here: install the package tzdata"
        close = difflib.get_close_matches(str(value).lower().replace(" ", "_"), known, 1, 0.6)
        return f"the name of a time zone such as {known[close[0]] if close else 'Europe/Zurich'}"
    return None


def webhook_problem(value: str | None) -> str | None:
    """What is expected instead of this address to notify, or None if it is fine; says nothing of the address."""
    if value is None:
        return None
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


def _as_text(value: Any) -> str:
    # YAML reads `token: 123` as a number; guessing how it was written would change a secret silently.
    if not isinstance(value, str):
        raise TypeError
    return value


def _as_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    names = {"1": True, "true": True, "yes": True, "on": True}
    names |= {"0": False, "false": False, "no": False, "off": False}
    word = _as_text(value).strip().lower()
    if word not in names:
        raise ValueError
    return names[word]


def _as_int(value: Any) -> int:
    if isinstance(value, (bool, float)):
        raise TypeError
    return int(value)


def _as_float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _as_list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, (list, tuple)):
        raise TypeError
    return [_as_text(part) for part in value]


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": _as_text,
    "bool": _as_bool,
    "int": _as_int,
    "float": _as_float,
    "list[str]": _as_list,
}


def shown(value: Any) -> str:
    """A value as the user would write it, shortened."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(str, value)) + "]"
    text = repr(value) if not isinstance(value, str) else value
    return _printable(text) if len(text) <= 80 else _printable(text[:80]) + "..."


def _printable(text: str) -> str:
    """The text with control characters and lone surrogates escaped, so that it can be printed."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
