"""A settings file as the settings that it gives: `SettingsFile(known, path)`, errors with file and line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadSettings, FileRefused, FileVanished, Unparseable
from ..files import Document, line_of, parse_mapping, printable, read_file
from .fields import BadValue, Setting, display, nearest

Known = Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Given:
    """A setting that a file gives: its value as read, as plain JSON (`raw`), and `file:line`."""

    value: Any
    raw: Any
    where: str


class SettingsFile:
    """A file that was read. Not of a workspace: a link to it is followed."""

    def __init__(self, known: Known, path: str, document: Document | None) -> None:
        self._known = known
        self._path = path
        self._document = document

    @classmethod
    def read(cls, known: Known, path: str, optional: bool = False) -> SettingsFile:
        """The file at `path`; an empty one if it is `optional` and missing. Raises BadSettings."""
        return cls(known, path, _document(os.path.realpath(path), path, optional))

    @classmethod
    def read_unlinked(cls, known: Known, path: str, optional: bool = False) -> SettingsFile:
        """The same for a file in a workspace, whose path may not end in a link. Raises BadSettings."""
        return cls(known, path, _document(path, path, optional))

    @property
    def content(self) -> dict[str, Any]:
        """Everything in it as plain JSON."""
        return dict(self._document.value) if self._document else {}

    def given(self, *place: str, ignored: str = "") -> dict[str, Given]:
        """The settings in the mapping at `place`, the top without one; {} if there is none. Raises BadSettings.

        The key `ignored` has something else.
        """
        mapping: Any = self.content
        for step in place:
            mapping = mapping.get(step) or {}
            if not isinstance(mapping, dict):
                raise BadSettings(f"{self.where(*place)}: {step} has to be a mapping, not {display(mapping)}.")
        found = {}
        for key, raw in mapping.items():
            if key == ignored:
                continue
            where = self.where(*place, key)
            if key not in self._known:
                close = nearest(key, self._known)
                hint = f" Did you mean {close}?" if close else ""
                raise BadSettings(f"{where}: unknown setting {display(key)}.{hint}", file=self._path)
            found[key] = Given(self._value(place, key, raw, where), raw, where)
        return found

    def where(self, *place: str | int) -> str:
        """`file:line` of a value."""
        return at(self._path, line_of(self._document.text, place) if self._document else None)

    def _value(self, place: tuple[str, ...], name: str, raw: Any, where: str) -> Any:
        try:
            return self._known[name].read(raw)
        except BadValue as problem:
            if problem.path:
                where = self.where(*place, name, *problem.path)
            raise BadSettings(f"{where}: {problem.sentence(name)}", setting=name) from problem


def at(path: str, line: int | None) -> str:
    """`file:line`."""
    return f"{printable(path)}:{line}" if line else printable(path)


def _document(path: str, shown: str, optional: bool) -> Document | None:
    folder, name = os.path.split(path)
    try:
        document = parse_mapping(read_file(folder, name).data)
    except FileVanished as problem:
        if optional:
            return None
        raise BadSettings(f"There is no settings file {shown}.", file=shown) from problem
    except Unparseable as problem:
        if problem.problem.code == "EMPTY":
            return None
        raise BadSettings(
            f"{at(shown, problem.problem.line)}: not usable as settings: {problem.message}", file=shown
        ) from problem
    except FileRefused as problem:
        raise BadSettings(f"The settings file {shown} was not read: {problem.message}", file=shown) from problem
    if document.extra or document.extra_error:
        raise BadSettings(f"{shown}: one YAML document with settings is expected, not several.", file=shown)
    if document.duplicate_keys:
        raise BadSettings(f"{shown}: {', '.join(document.duplicate_keys)} is given more than once.", file=shown)
    return document
