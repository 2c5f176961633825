"""Settings that are lists of mappings: `read_entries(value, kind)` makes dataclasses of them.

A value that cannot be used raises BadValue with its place below the setting, so that the caller can name the line:
`budgets[1].limit_usd has to be a number above 0, not -5`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec

from .checks import text_problem
from .fields import BadValue, Setting, display, nearest, setting, settings_of

_MAX_ENTRIES = 1_000
_MAX_AMOUNT = 1_000_000_000

E = TypeVar("E")
Text = Annotated[str, msgspec.Meta(max_length=512)]


def text(default: Any, expected: str) -> Any:
    """Declares a text of an entry that is not empty."""
    return setting(default, expected=expected, check=lambda value: expected if text_problem(value) else None)


def amount(default: Any, expected: str, least: Decimal = Decimal(0)) -> Any:
    """Declares a Decimal of an entry; exact, without a float in between."""
    return setting(
        default,
        expected=expected,
        check=lambda value: None if value.is_finite() and least <= value <= _MAX_AMOUNT else expected,
    )


def read_entries(value: Any, kind: type[E]) -> list[E]:
    """The entries from YAML, or from JSON text in the environment; `kind` declares its fields with `setting(...)`.

    A BadValue that `kind` raises when it is made is completed with the number of the entry. Raises BadValue.
    """
    if value is None:
        return []
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except ValueError as problem:
            raise BadValue(f"has to be a list of mappings, written as JSON in the environment: {problem}") from None
    if not isinstance(value, list):
        raise BadValue(f"has to be a list of mappings, not {display(value)}")
    if len(value) > _MAX_ENTRIES:
        raise BadValue(f"has to be a list of at most {_MAX_ENTRIES:,} mappings, not of {len(value):,}")
    known, entries = settings_of(kind), []
    for number, mapping in enumerate(value):
        try:
            entries.append(kind(**_fields(mapping, known)))
        except BadValue as problem:
            raise BadValue(str(problem), (number, *problem.path)) from problem
    return entries


def _fields(mapping: Any, known: Mapping[str, Setting]) -> dict[str, Any]:
    if not isinstance(mapping, dict):
        raise BadValue(f"has to be a mapping, not {display(mapping)}")
    for key in mapping:
        if key not in known:
            close = nearest(str(key), known)
            hint = f"did you mean {close}?" if close else "known are " + ", ".join(known)
            raise BadValue(f"is unknown; {hint}".removesuffix("."), (str(key),))
    values: dict[str, Any] = {}
    for name, entry in known.items():
        value = mapping.get(name)
        if value is not None:
            try:
                values[name] = entry.convert(value.strip() if isinstance(value, str) else value)
            except BadValue as problem:
                given = "" if entry.secret else f", not {display(value)}"
                raise BadValue(f"has to be {problem}{given}", (name,)) from problem
        elif entry.required:
            raise BadValue(f"needs {name}, {entry.expected}")
        elif entry.optional:
            values[name] = None
    return values
