"""Plain JSON from dataclasses and Structs of msgspec (`as_json`), and the JSON Schema of their types (`schema_of`);
integers of any length in JSON (`integer_of`)."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

JSON = Any
"""A value that `json.dumps(value, allow_nan=False)` accepts: dict with text keys, list, str, number, bool, None."""

_SCALARS = frozenset({str, int, float, bool, type(None)})
_FIELD_NAMES: dict[type, tuple[str, ...]] = {}
"""Cache of `field_names`."""


def field_names(kind: type) -> tuple[str, ...]:
    """The field names of a dataclass or a Struct, () for any other type."""
    if kind not in _FIELD_NAMES:
        names = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
        _FIELD_NAMES[kind] = kind.__struct_fields__ if issubclass(kind, Struct) else names
    return _FIELD_NAMES[kind]


def as_json(value: Any) -> JSON:
    """The value with dataclasses and Structs as objects and tuples as lists; any other value is returned as it is."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple or kind is list:
        return [as_json(item) for item in value]
    if kind is dict:
        return {str(key): as_json(item) for key, item in value.items()}
    names = field_names(kind)
    return {name: as_json(getattr(value, name)) for name in names} if names else value


def integer_of(text: str) -> int | float:
    """The integer in a text of JSON; from 19 digits on the nearest decimal number, which may be infinite.

    For `parse_int` of `json.loads`: Python refuses an integer of more than 4,300 digits with the whole text around it,
    and one of more than 308 in sums with decimal numbers.
    """
    return int(text) if len(text) < 19 else float(text)


def type_hints(kind: Any) -> Mapping[str, Any]:
    """`typing.get_type_hints`, worked out once for each type."""
    return _type_hints(kind)


@functools.cache
def _type_hints(kind: Any) -> Mapping[str, Any]:
    return MappingProxyType(get_type_hints(kind))


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a type hint: dataclass, Struct, tuple, optional, scalar, dict.

    It is worked out once for each type, and not to be changed.
    """
    return _schema_of(kind)


@functools.cache
def _schema_of(kind: Any) -> dict[str, Any]:
    if isinstance(kind, type) and (names := field_names(kind)):
        hints = type_hints(kind)
        properties = {name: schema_of(hints[name]) for name in names}
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
