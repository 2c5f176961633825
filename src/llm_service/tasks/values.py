"""Values of a task's document as texts and as plain JSON. Pure functions.

The document has its scalars as they were written (`files.TypedText` where YAML sees a number or a boolean). Names and
texts stay like that: `2.10` is not 2.1, `0010` is not 8, `No` is not false.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..files import TypedText

_NAMES = frozenset((
    "id", "task_id", "task", "title", "name", "agent", "assignee", "assigned_to", "to_agent", "from_agent",
    "created_by", "updated_by", "completed_by", "author", "owner", "reviewer", "reviewers", "status", "state",
    "priority", "tags", "labels", "dependencies", "depends_on", "blocked_by", "blocks", "parent", "related",
    "milestone", "batch", "sprint", "initiative", "epic", "phase", "version", "release", "specification", "mode",
    "project", "model", "branch", "commit", "sha", "hash", "artefacts", "artifacts", "path", "file", "description",
    "summary", "notes", "message", "created", "created_date", "completed", "date", "deadline", "due", "due_date",
))  # fmt: skip
_NAME_END = re.compile(r"_(?:at|id|ids|by|name|version|date|path)$")
_QUANTITY = re.compile(
    r"(?:^|_)(?:hours?|minutes?|seconds?|days?|weeks?|ms|points?|count|tokens?|cost|usd|percent|percentage|progress)$"
)
_WORD_START = re.compile(r"-|(?<=[a-z])(?=[A-Z])")
_NOTHING = frozenset((
    "", "none", "null", "nil", "no", "n", "na", "n/a", "n.a", "false", "off", "undefined", "nothing", "empty",
    "not applicable", "no error", "no errors", "none reported", "none so far", "none yet", "no issue", "no issues", "0",
))  # fmt: skip
_WRAPPING = " \t\r\n.!,;:*_`'\"()[]{}<>~-–—\u00a0\u3000"
_NOT_WHAT_FAILED = frozenset(("timestamp", "time", "date", "at", "occurred_at", "created_at", "updated_at"))
_MAX_DEPTH = 4
_MAX_FLOW = 20


def one_line(value: Any, limit: int) -> str | None:
    """A scalar as written, its lines joined by spaces; None if it is empty, a list or a mapping."""
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else None
    if len(value) <= limit and value.isprintable():  # so it has no line break: nearly all
        return value.strip() or None
    line = " ".join(filter(None, map(str.strip, value[: limit * 4].splitlines())))
    if not line:
        return None
    return line if len(line) <= limit else line[: limit - 1] + "…"


def flow_text(value: Any, limit: int) -> str | None:
    """Like `one_line`; a short list or mapping of scalars in brackets, as `title: [WIP]` was meant as a text."""
    if value is None:  # most fields of most documents; to ask what it is an instance of takes ten times as long
        return None
    if isinstance(value, str) or not isinstance(value, list | Mapping):
        return one_line(value, limit)
    if not 0 < len(value) <= _MAX_FLOW:
        return None
    inner = value.values() if isinstance(value, Mapping) else value
    if any(isinstance(item, list | Mapping) for item in inner):
        return None
    if isinstance(value, Mapping):
        return one_line("{" + ", ".join(map(_pair, value.items())) + "}", limit)
    return one_line("[" + ", ".join("" if item is None else str(item) for item in value) + "]", limit)


def _pair(pair: tuple[str, Any]) -> str:
    key, value = pair
    return key if value is None else f"{key}: {value}"


def says_nothing(value: Any, depth: int = 0) -> bool:
    """True for no value and for the ways to write that there is none: `none`, `N/A`, `No.`, `-`, `''`, `[]`, 0, false;
    of a mapping, if that is true of all its values but the times."""
    if value is None or isinstance(value, bool | int | float):
        return not value
    if isinstance(value, str):
        if isinstance(value, TypedText):
            return not value.value()
        return len(value) < 100 and " ".join(value.strip(_WRAPPING).lower().split()) in _NOTHING
    if depth >= _MAX_DEPTH:
        return False
    items: Iterable[Any] = value
    if isinstance(value, Mapping):
        items = (item for key, item in value.items() if key not in _NOT_WHAT_FAILED)
    return all(says_nothing(item, depth + 1) for item in items)


def plain_json(value: Any, key: str = "") -> Any:
    """A document for clients: the quantities are numbers, names and texts are as written.

    A scalar of an unknown key is a number or a boolean only if JSON spells it in the same way.
    """
    if isinstance(value, TypedText):
        return _number_of(value, key)
    if isinstance(value, list):
        return [plain_json(item, key) for item in value]
    if isinstance(value, dict):
        return {name: plain_json(item, _kind_key(name) or key) for name, item in value.items()}
    return value


def _kind_key(name: str) -> str:
    """The key in snake case if it says what its values are, else ""."""
    key = _WORD_START.sub("_", name).lower()
    return key if key in _NAMES or _NAME_END.search(key) or _QUANTITY.search(key) else ""


def _number_of(text: TypedText, key: str) -> Any:
    written = str(text)
    if key in _NAMES or _NAME_END.search(key):
        return written
    value = text.value()
    if _QUANTITY.search(key):
        return value
    # `1.0` is 1 for JavaScript; 1e-05 and 1e+16 are spelled in another way there.
    is_same = not (isinstance(value, float) and (math.trunc(value) == value or "e" in repr(value)))
    return value if is_same and written == str(value).lower() else written
