"""Checks the values of a `pipeline.yaml`: each is taken as it is, or `BadValue` says what is wrong, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..files import TypedText
from .limits import MAX_NAME
from .model import seconds_of

_FAILURE = {"failure": "failed"}
Path = tuple[str | int, ...]


class BadValue(Exception):
    """A value that cannot be used, and where it is in the document."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def entries_of(value: Mapping[str, Any], name: str, most: int) -> Sequence[Mapping[str, Any]]:
    """The mappings of a list, () if there is none. Raises BadValue, as all of these."""
    entries = value.get(name)
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise BadValue((name,), f"{name} has to be a list")
    if len(entries) > most:
        raise BadValue((name,), f"there are {len(entries):,} {name}, more than {most:,}")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise BadValue((name, number), f"each of the {name} has to be a mapping")
    return entries


def text_of(value: Mapping[str, Any], path: Path, name: str, most: int) -> str | None:
    """A scalar as text; None if there is none, or it is empty."""
    found = value.get(name)
    if found is None or found == "":
        return None
    if isinstance(found, dict | list):
        raise BadValue((*path, name), f"{name} has to be a text")
    if len(text := str(found)) > most:
        raise BadValue((*path, name), f"{name} is longer than {most:,} characters")
    return text


def required(value: Mapping[str, Any], path: Path, name: str, most: int) -> str:
    """A text that has to be there."""
    found = text_of(value, path, name, most)
    if found is None:
        raise BadValue((*path, name), f"{name} is missing")
    return found


def status_of(value: Mapping[str, Any], path: Path, known: tuple[str, ...], default: str) -> str:
    """One of the known statuses; `failure` is `failed`."""
    text = text_of(value, path, "status", MAX_NAME) or default
    status = _FAILURE.get(text, text)
    if status not in known:
        raise BadValue((*path, "status"), f"the status {text[:50]} is none of {', '.join(known)}")
    return status


def time_of(value: Mapping[str, Any], path: Path, name: str) -> str | None:
    """A time as it is written, None if there is none."""
    text = text_of(value, path, name, MAX_NAME)
    if text is not None and seconds_of(text) is None:
        raise BadValue((*path, name), f"{name} has to be a time such as 2026-11-20T09:00:00Z")
    return text


def number_of(value: Mapping[str, Any], path: Path, name: str, least: int, most: int) -> int | None:
    """A whole number, None if there is none."""
    found = plain(value.get(name))
    if found is None:
        return None
    if type(found) is not int or not least <= found <= most:
        raise BadValue((*path, name), f"{name} has to be a whole number from {least} to {most:,}")
    return found


def others(value: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """What is there besides the known keys."""
    return {key: plain(item) for key, item in value.items() if key not in known}


def plain(value: Any) -> Any:
    """Plain JSON: numbers and booleans as such."""
    if isinstance(value, TypedText):
        return value.value()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
