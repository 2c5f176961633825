"""The fields of a task's card from a text that does not parse: `salvage(text)`.

Each field is read on its own, as YAML would read it if nothing else were in the file: quotes, escapes, blocks of
several lines, lists. A field that is itself the mistake (`title: [WIP] Paint`, `agent: @ada`) is its line as written.
"""

from __future__ import annotations

import re
from textwrap import dedent

from ..errors import Unparseable
from .text import FORBIDDEN, lines_of
from .yaml_document import parse_mapping
from .yaml_limits import Limits
from .yaml_scalars import JSON, MISSING

_TEXTS = (
    "id", "task_id", "title", "agent", "assignee", "assigned_to", "to_agent", "status", "priority", "batch",
    "milestone", "initiative", "specification", "mode", "created_at", "created", "created_date", "assigned_at",
    "started_at", "completed_at", "completed", "estimated_hours", "estimated_effort_hours", "effort_hours",
)  # fmt: skip
_LISTS = ("tags", "labels", "dependencies", "depends_on", "blocked_by")
_FIELD = re.compile(rf"""^(["']?)({"|".join((*_TEXTS, *_LISTS))})\1[ \t]*:(?=[ \t\n]|\Z)""", re.MULTILINE)
# A field ends before the next line that begins at the margin and is neither a comment nor an item of its list.
_END = re.compile(r"\n(?![ \t\n#]|-(?:[ \t\n]|\Z)|\Z)")
_NEXT_DOCUMENT = re.compile(r"^(?:---|\.\.\.)(?=[ \t\n]|\Z)", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_MAX_TEXT = 65_536
_MAX_ITEMS = 50
_IDS = ("id", "task_id")
_MAX_CHARACTERS, _MAX_ID_CHARACTERS = 200, 500
_LIMITS = Limits(nodes=500, documents=2)


def salvage(text: str) -> dict[str, JSON]:
    """The fields of a card that are in the text: texts of at most 200 characters (ids 500), and lists.

    Only top-level fields of the first document that has any. If one is repeated, the first counts.
    """
    text = FORBIDDEN.sub("\ufffd", "\n".join(lines_of(text[:_MAX_TEXT])))
    if text[:1] in (" ", "\t", "\n"):
        text = dedent(text)
    first = _FIELD.search(text)
    if first is None:
        return {}
    following = _NEXT_DOCUMENT.search(text, first.start())
    text = text[first.start() : following.start() if following else None]
    fields: dict[str, re.Match[str]] = {}
    for match in _FIELD.finditer(text):
        fields.setdefault(match[2], match)
    found: dict[str, JSON] = {}
    for key, match in fields.items():
        end = _END.search(text, match.end())
        value = _value(key, text[match.start() : end.start() if end else None], match.end() - match.start())
        if value:
            found[key] = value
    return found


def _value(key: str, field: str, start: int) -> JSON:
    """The value of a field whose text after the colon begins at `start`; None if there is none."""
    try:
        value = parse_mapping(field.encode(), _LIMITS, as_written=True).value.get(key)
    except Unparseable:
        value = None if key in _LISTS else _as_written(field[start:])
    else:
        if key in _TEXTS and key not in _IDS and not isinstance(value, str):
            value = _flow_as_written(field[start:])
    if isinstance(value, list):
        return value[:_MAX_ITEMS] if key in _LISTS else None
    if not isinstance(value, str):
        return None
    return value.strip()[: _MAX_ID_CHARACTERS if key in _IDS else _MAX_CHARACTERS].strip()


def _as_written(value: str) -> str | None:
    """The first line of a value, without a comment, and without a quotation mark that is never closed."""
    line = _COMMENT.sub("", value.strip().split("\n", 1)[0]).strip()
    if line[:1] in ('"', "'") and line[0] not in line[1:]:
        line = line[1:].strip()
    return line or None


def _flow_as_written(value: str) -> str | None:
    """`[WIP]` or `&Co`, which YAML takes for a list and an anchor of nothing; None if nothing is on the line."""
    line = _as_written(value.split("\n", 1)[0])
    return None if line is None or line in MISSING else line
