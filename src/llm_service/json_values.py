"""Plain JSON from dataclasses (`as_json`), and the JSON Schema of their types (`schema_of`)."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

JSON = Any
"""A value that `json.dumps(value, allow_nan=False)` accepts: dict with text keys, list, str, number, bool, None."""

_SCALARS = frozenset({str, int, float, bool, type(None)})
_FIELD_NAMES: dict[type, tuple[str, ...]] = {}
"""Cache of `_field_names`."""


def _field_names(kind: type) -> tuple[str, ...]:
    """The field names of a dataclass, () for any other type."""
    if kind not in _FIELD_NAMES:
        _FIELD_NAMES[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _FIELD_NAMES[kind]


def as_json(value: Any) -> JSON:
    """The value with dataclasses as objects and tuples as lists; any other value is returned as it is."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple or kind is list:
        return [as_json(item) for item in value]
    if kind is dict:
        return {str(key): as_json(item) for key, item in value.items()}
    names = _field_names(kind)
    return {name: as_json(getattr(value, name)) for name in names} if names else value


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a type hint: dataclass, tuple, optional, scalar, dict."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        properties = {field.name: schema_of(hints[field.name]) for field in fields(kind)}
        return {"type": "object", "properties": properties, "required": list(properties)}
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
