"""Plain JSON from the frozen values of the domain, and the JSON Schema of those values."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

JSON = Any
"""A value that `json.dumps(value, allow_nan=False)` takes: dict with text keys, list, str, number, bool, None."""


_SCALARS = frozenset({str, int, float, bool, type(None)})


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    """The field names of a dataclass, () for any other type."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _NAMES[kind]


def as_json(value: Any) -> JSON:
    """Dataclasses become objects, tuples become lists, everything else stays."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple or kind is list:
        return [as_json(item) for item in value]
    if kind is dict:
        return {str(key): as_json(item) for key, item in value.items()}
    names = _names(kind)
    return {name: as_json(getattr(value, name)) for name in names} if names else value


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a type hint: dataclass, tuple, optional, scalar, dict."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        described = {field.name: schema_of(hints[field.name]) for field in fields(kind)}
        return {"type": "object", "properties": described, "required": list(described)}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(argument) for argument in arguments]}
    if origin in (tuple, list):
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    scalars: dict[Any, dict[str, Any]] = {
        str: {"type": "string"},
        int: {"type": "integer"},
        float: {"type": "number"},
        bool: {"type": "boolean"},
        type(None): {"type": "null"},
    }
    return scalars.get(kind, {})
