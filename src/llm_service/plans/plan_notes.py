"""What short notes in plans name: the ids of ranges, dependencies, and how tasks or phases are to be run. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import Constraint

_MAX_RANGE = 500
_ID = r"\d{1,9}(?:\.\d{1,9}){0,3}[a-z]?"
_ITEM = re.compile(rf"({_ID})(?:\s*(?:-|–|—|to|through|\.\.)\s*({_ID}))?")
_DEPENDS = re.compile(r"\((?:depends|depends on|dependencies|requires)\s*:?\s*([^()]{0,1000})\)", re.I)
_MODE = re.compile(r"\[\s*(SEQUENTIAL|PARALLEL)\s*\]", re.I)
_SUBJECT = re.compile(rf"\b(tasks?|phases?)\s+({_ID}(?:[\s,&]|and|to|through|-|–|—|\.\.|{_ID})*)", re.I)
_REASON = re.compile(r"\s*[-–—:]\s*(.*)", re.S)
_MAX_REASON = 500


def dependencies_of(text: str) -> tuple[str, ...]:
    """The ids in `(depends: 1.1, 1.2-1.4)`, each once."""
    found: dict[str, None] = {}
    for note in _DEPENDS.findall(text):
        found |= dict.fromkeys(ids_in(note))
    return tuple(found)


def without_dependencies(text: str) -> str:
    """The text without `(depends: ...)`."""
    return _DEPENDS.sub("", text)


def constraints_of(note: str) -> list[Constraint]:
    """The constraints in a note: `Tasks 3.1-3.4 are [SEQUENTIAL] - all modify one file`."""
    found = []
    begin = 0
    marks = list(_MODE.finditer(note))
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(note)
        subjects = list(_SUBJECT.finditer(note, begin, mark.start()))
        reason = _REASON.match(note, mark.end(), end)
        of, ids = "tasks", tuple[str, ...]()
        if subjects:
            of = "phases" if subjects[-1][1].lower().startswith("phase") else "tasks"
            ids = tuple(ids_in(subjects[-1][2]))
        said = reason[1].strip()[:_MAX_REASON] if reason else ""
        found.append(Constraint(mark[1].upper(), of, ids, said))
        begin = mark.end()
    return found


def ids_in(text: str) -> Iterator[str]:
    """The ids that a text names, ranges spelt out: "3.1-3.3, 4" are 3.1, 3.2, 3.3 and 4."""
    for first, last in _ITEM.findall(text):
        yield from _range(first, last) if last else (first,)


def _range(first: str, last: str) -> Iterator[str]:
    prefix, _, begin = first.rpartition(".")
    last_prefix, _, end = last.rpartition(".")
    if not last_prefix and prefix:  # "3.1-4" is 3.1 to 3.4
        last_prefix = prefix
    if prefix != last_prefix or not begin.isdigit() or not end.isdigit() or not 0 <= int(end) - int(begin) < _MAX_RANGE:
        yield from (first, last)
        return
    for number in range(int(begin), int(end) + 1):
        yield f"{prefix}.{number}" if prefix else str(number)
