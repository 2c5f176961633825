"""Reads a fact from the content of its file: `read_fact(path, data, ...)` for `*.yaml` and `*.md`.

Source of the forms: the contract of jobs and logs. A Markdown file says its text below its front matter, or has none.
"""

from __future__ import annotations

import re
from typing import Any

from ..files import Document, decode, parse_mapping, printable
from ..files.yaml_limits import Limits
from .clean import Cleaner
from .model import FACT_STATUSES, FactFile, FactSource

MAX_FILE_BYTES = 65_536
_MAX_TAGS, _MAX_TAG = 20, 50
MAX_SOURCES = 20
_MAX_ID = 120
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_NO_ID = re.compile(r"[^\w.-]+")
_LIMITS = Limits()
SUFFIXES = (".yaml", ".yml", ".md")


def is_fact_name(path: str) -> bool:
    """True for the name of a file that may have a fact: not for hidden ones and a README."""
    return path.lower().endswith(SUFFIXES) and not path.startswith(".") and not path.lower().startswith("readme.")


def read_fact(path: str, data: bytes, modified_at: str, clean: Cleaner) -> FactFile:
    """The fact in a file. Raises Unparseable if it is no YAML mapping, ValueError (with the reason) if it has no
    text."""
    fields, text = split(path, data)
    text = clean.text(text).strip()
    if not text:
        raise ValueError("it has no text")
    status = str(fields.get("status", "")).strip().lower()
    return FactFile(
        path=path,
        id=_id(fields.get("id"), path, clean),
        text=text,
        tags=_tags(fields.get("tags"), clean),
        sources=_sources(fields, clean),
        status=status if status in FACT_STATUSES else "proposed",
        created_at=_time(fields.get("created_at")) or modified_at,
        decided_at=_time(fields.get("decided_at")),
        superseded_by=clean.name(fields.get("superseded_by")),
    )


def split(path: str, data: bytes) -> tuple[dict[str, Any], str]:
    """(fields, text) of a file. Raises Unparseable."""
    if not path.lower().endswith(".md"):
        fields = _document(data).value
        text = fields.get("text", fields.get("fact", ""))
        return fields, text if isinstance(text, str) else str(text)
    content = decode(data).text
    front = _FRONT.match(content)
    if front is None:
        return {}, content
    return (_document(front[1].encode()).value if front[1].strip() else {}), content[front.end() :]


def _id(value: Any, path: str, clean: Cleaner) -> str:
    """An id that can be a part of an address: the one given, else the name of the file."""
    given = clean.name(value) or path.rpartition(".")[0]
    return _NO_ID.sub("-", printable(given))[:_MAX_ID].strip(".-") or "fact"


def _document(data: bytes) -> Document:
    return parse_mapping(data, _LIMITS, as_written=True)


def _tags(value: Any, clean: Cleaner) -> tuple[str, ...]:
    values = value if isinstance(value, list) else str(value).split(",") if isinstance(value, str) else []
    names = (clean.name(str(item)) for item in values[:_MAX_TAGS])
    return tuple(dict.fromkeys(name[:_MAX_TAG] for name in names if name))


def _sources(fields: dict[str, Any], clean: Cleaner) -> tuple[FactSource, ...]:
    """Those of `sources`, a list of mappings as we write them, or the one that the file itself names."""
    rows = fields.get("sources")
    found = (
        [_source(row, clean) for row in rows[:MAX_SOURCES] if isinstance(row, dict)] if isinstance(rows, list) else []
    )
    return tuple(dict.fromkeys(found)) or (_source(fields, clean),)


def _source(row: dict[str, Any], clean: Cleaner) -> FactSource:
    line = str(row.get("line", ""))
    return FactSource(
        source=clean.name(row.get("source")) or "unknown",
        job=clean.name(row.get("job")),
        run=clean.name(row.get("run")),
        line=int(line) if line.isascii() and line.isdigit() and len(line) < 16 else None,
    )


def _time(value: Any) -> str | None:
    """A time as text, as far as it looks like one."""
    text = str(value).strip() if isinstance(value, str) else ""
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]?[0-9:.+\-Zz ]{0,24}", text, re.ASCII) else None
