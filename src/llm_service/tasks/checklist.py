"""`checklist_of(document)`: how much of what a task lists is checked off, as its file says. Pure functions.

Counted are boxes in its texts (`- [x] tests pass`), and the entries of its lists of criteria and steps where at least
one of them says whether it is done: `[x] tests pass`, `{text: tests pass, done: true}`, `tests pass: true`.
A list of criteria that nobody checks off has no progress, and is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..files import TypedText
from .model import Checklist

_LISTS = (
    "acceptance_criteria", "checklist", "criteria", "definition_of_done", "steps", "subtasks", "sub_tasks", "todo",
    "todos",
)  # fmt: skip
_TEXTS = ("description", "summary", "objective", "notes", "plan", "progress", "context")
_MARKS = ("done", "checked", "completed", "complete", "met", "passed", "status", "state")
_DONE_WORDS = frozenset(("done", "completed", "complete", "passed", "met", "closed", "finished", "x", "✓", "✅"))
_OPEN_WORDS = frozenset((
    "", "todo", "to do", "open", "new", "pending", "in progress", "in_progress", "in-progress", "started", "failed",
    "not started", "not_started", "not-started", "not met", "not_met", "blocked", "none", "null",
))  # fmt: skip
_BOX_LINE = re.compile(r"^[ \t]{0,40}(?:[-*+]|\d{1,9}[.)])[ \t]{1,8}\[([ xX])\][ \t]", re.M)
_BOX_START = re.compile(r"\[([ xX])\](?:\s|$)")
_MOST_ENTRIES = 1_000


def checklist_of(document: Mapping[str, Any]) -> Checklist | None:
    """The entries that can be checked off, and how many are; None if there are none."""
    marks = [mark for key in _LISTS if key in document for mark in _marks_of(document[key])]
    marks += [mark for key in _TEXTS if key in document for mark in _boxes(document[key])]
    return Checklist(sum(marks), len(marks)) if marks else None


def _marks_of(value: Any) -> list[bool]:
    """Of each entry of a list whether it is done; [] where none of them says so."""
    if isinstance(value, str):
        return _boxes(value)
    if isinstance(value, Mapping):
        found = [_truth(each) for each in list(value.values())[:_MOST_ENTRIES]]
        return [mark is True for mark in found] if None not in found else []
    if not isinstance(value, list):
        return []
    marks = [_mark(item) for item in value[:_MOST_ENTRIES]]
    return [mark is True for mark in marks] if any(mark is not None for mark in marks) else []


def _boxes(value: Any) -> list[bool]:
    if not isinstance(value, str) or "[" not in value:
        return []
    boxes: Iterable[re.Match[str]] = _BOX_LINE.finditer(value)
    return [box[1] != " " for box, _ in zip(boxes, range(_MOST_ENTRIES), strict=False)]


def _mark(item: Any) -> bool | None:
    """Whether an entry is done; None if it does not say so."""
    if isinstance(item, str):
        box = _BOX_START.match(item.lstrip())
        return box[1] != " " if box else None
    if not isinstance(item, Mapping):
        return None
    for key in _MARKS:
        if key in item:
            return _word(item[key])
    return _truth(next(iter(item.values()))) if len(item) == 1 else None


def _word(value: Any) -> bool | None:
    """What the value of a mark such as `status` says; None for words that are not known."""
    truth = _truth(value)
    if truth is not None or not isinstance(value, str):
        return truth
    word = value.strip().lower()
    return True if word in _DONE_WORDS else False if word in _OPEN_WORDS else None


def _truth(value: Any) -> bool | None:
    """A boolean, also one as it was written in the file."""
    if isinstance(value, TypedText):
        value = value.value()
    return value if isinstance(value, bool) else None
