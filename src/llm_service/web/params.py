"""Parameters of routes: each is declared once, for parsing the request, for OpenAPI and for the docs.

`value()` parses the current request; it raises BadRequest with the allowed values.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request

from ..errors import BadRequest

MAX_PAGE = 500
T_co = TypeVar("T_co", covariant=True)
_MAX_QUOTED = 50
_COMMA = re.compile(r"(?<!\\),")


@dataclass(frozen=True)
class Param(ABC, Generic[T_co]):
    """A parameter. `where` is "query" or "path"."""

    name: str
    meaning: str

    where = "query"

    @abstractmethod
    def value(self) -> T_co:
        """The parsed value. Raises BadRequest."""

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": "string"}

    def text(self) -> str:
        """The text in the request, "" if there is none."""
        return request.args.get(self.name, "")


@dataclass(frozen=True)
class InPath(Param[str]):
    """A part of the path, which Flask passes to the view."""

    where = "path"

    def value(self) -> str:
        """The value that Flask parsed."""
        return str((request.view_args or {})[self.name])


@dataclass(frozen=True)
class Text(Param[str]):
    """A text, cut at `max_length`; `default` if there is none."""

    default: str = ""
    max_length: int | None = None

    def value(self) -> str:
        return (self.text() or self.default)[: self.max_length]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "default": self.default} if self.default else {"type": "string"}


@dataclass(frozen=True)
class OptionalText(Param[str | None]):
    """A text, None if there is none."""

    def value(self) -> str | None:
        return self.text() or None


@dataclass(frozen=True)
class Integer(Param[int]):
    """A whole number from `minimum` to `maximum`."""

    default: int
    minimum: int
    maximum: int

    def value(self) -> int:
        text = self.text()
        if not text:
            return self.default
        if not (text.isascii() and text.isdigit() and len(text) < 17) or not self.minimum <= int(text) <= self.maximum:
            bounds = f"from {self.minimum} to {self.maximum}"
            raise BadRequest(f"`{self.name}` has to be a whole number {bounds}, not “{text[:_MAX_QUOTED]}”.")
        return int(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "default": self.default, "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True)
class OptionalInteger(Param[int | None]):
    """A whole number from `minimum` to `maximum`, None if there is none."""

    minimum: int = 0
    maximum: int = 2**53

    def value(self) -> int | None:
        own = Integer(self.name, self.meaning, self.minimum, self.minimum, self.maximum)
        return own.value() if self.text() else None

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True)
class Choice(Param[str]):
    """One of `choices`."""

    choices: tuple[str, ...]
    default: str

    def value(self) -> str:
        return _one_of(self, self.text() or self.default)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices), "default": self.default}


@dataclass(frozen=True)
class OptionalChoice(Param[str | None]):
    """One of `choices`, None if there is none."""

    choices: tuple[str, ...]

    def value(self) -> str | None:
        text = self.text()
        return _one_of(self, text) if text else None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True)
class Flag(Param[bool]):
    """True for `1`, False for `0` or nothing."""

    def value(self) -> bool:
        text = self.text() or "0"
        if text not in ("0", "1"):
            raise BadRequest(f"`{self.name}` has to be 0 or 1, not “{text[:_MAX_QUOTED]}”.")
        return text == "1"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": ["0", "1"]}


@dataclass(frozen=True)
class Texts(Param[frozenset[str]]):
    """The values of a filter: the parameter may be repeated, and a value may list several, separated by commas; `\\,`
    is a comma of a value. If there are `choices`, each has to be one of them."""

    choices: tuple[str, ...] = ()
    default: str = ""

    def value(self) -> frozenset[str]:
        parts = (
            part.replace("\\,", ",").strip()
            for value in request.args.getlist(self.name)
            for part in _COMMA.split(value)
        )
        found = frozenset(part for part in parts if part)
        for part in sorted(found) if self.choices else ():
            _one_of(self, part)
        return found or (frozenset((self.default,)) if self.default else frozenset())

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.choices:
            schema["enum"] = list(self.choices)
        if self.default:
            schema["default"] = self.default
        return schema


PAGE_SIZE = Integer("limit", f"page size, 1 to {MAX_PAGE}", 100, 1, MAX_PAGE)
CURSOR = OptionalText("cursor", "where to continue: the `cursor` of the page before")


def _one_of(param: Choice | OptionalChoice | Texts, text: str) -> str:
    if text not in param.choices:
        raise BadRequest(f"`{param.name}` has to be one of {', '.join(param.choices)}, not “{text[:_MAX_QUOTED]}”.")
    return text
