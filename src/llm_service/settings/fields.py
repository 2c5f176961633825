"""Declare a setting with `setting(...)` as a field of a section; `Setting` reads and checks its values.

Values are converted by msgspec to the annotated type, within the limits of its `Meta`. Values from the environment
are text, which is converted to numbers, booleans and lists.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from types import MappingProxyType, NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

ENV_PREFIX = "LLM_SERVICE_"

Check = Callable[[Any], str | None]
"""Returns what is expected instead of a value of the right type; None if it is fine."""

Right = Literal["any", "lower", "higher", "inside", "never"] | Callable[[Any], bool]
"""What the file of a workspace may set, as agents can write to it: any value, only one that is lower (or higher) than
the default, only folders inside the workspace, none, or those for which a function is true."""

_BOOLEANS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)
_TYPES: dict[Any, tuple[str, str]] = {
    str: ("str", "text"),
    int: ("int", "whole number"),
    float: ("float", "number"),
    bool: ("bool", "yes or no"),
    list[str]: ("list[str]", "list of texts (separated by commas in the environment)"),
}


class BadValue(ValueError):
    """A value that cannot be used: the problem, and the `path` of the value below the setting."""

    def __init__(self, problem: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.path = path

    def sentence(self, name: str) -> str:
        """`budgets[1].limit_usd has to be a number above 0, not -5.`"""
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{name}{place} {self}."


def setting(default: Any, help_text: str = "", **declared: Any) -> Any:
    """Declares a field of a section; the further arguments are those of `Setting`. A list as default is copied."""
    metadata = {"help_text": help_text, **declared}
    if isinstance(default, list):
        hidden = bool(declared.get("secret"))
        return field(default_factory=lambda: list(default), metadata=metadata, repr=not hidden)
    return field(default=default, metadata=metadata, repr=not declared.get("secret"))


def limits(expected: str, **constraints: Any) -> msgspec.Meta:
    """Constraints of msgspec, and the text that describes what they expect."""
    return msgspec.Meta(extra={"expected": expected}, **constraints)


def between(low: float, high: float) -> msgspec.Meta:
    """A number within these limits."""
    return limits(f"between {low:,} and {high:,}", ge=low, le=high)


@dataclass(frozen=True, slots=True)
class Setting:
    """A field as it was declared. `kind`: its type with the limits; `plain`: the type alone, without None."""

    name: str
    kind: Any
    plain: Any
    default: Any
    help_text: str
    check: Check | None = None
    reader: Callable[[Any], Any] | None = None
    """Converts in place of msgspec. Raises BadValue."""
    expected: str = ""
    """Replaces the text of the type and its limits."""
    secret: bool = False
    workspace: Right = "any"
    """What the file of a workspace may set. All that opens a way in or out, names a program or raises a limit is the
    user's: the default is for what only changes how the workspace's own files are shown."""
    harm: str = ""
    """What a value that the file of a workspace must not set would do: "would let pages of other sites read ..."."""
    folders: Callable[[Any], Sequence[str]] | None = None
    """The folders that a value names, for settings that name some."""
    option_text: str = ""
    """Its option on the command line where that has not the name of the setting."""

    @property
    def variable(self) -> str:
        """Its variable in the environment."""
        return ENV_PREFIX + self.name.upper()

    @property
    def option(self) -> str:
        """Its option on the command line, where a command has one."""
        return self.option_text or f"--{self.name.replace('_', '-')}"

    @property
    def optional(self) -> bool:
        """True if it may be None."""
        return NoneType in get_args(self.kind)

    @property
    def required(self) -> bool:
        """True if it has no default and may not be None."""
        return self.default is MISSING and not self.optional

    @property
    def type_name(self) -> str:
        """The type for the README's table."""
        return _TYPES.get(self.plain, ("list of mappings",))[0]

    def read(self, value: Any) -> Any:
        """The value converted, also from text, and checked. Raises BadValue."""
        if self.reader:
            return self.reader(value)
        if self.optional and value == "":
            return None
        try:
            if not isinstance(value, str):
                return self.convert(value)
            return self.convert(_from_text(value, self.plain), strict=self.plain not in (int, float))
        except BadValue as problem:
            given = "the value given" if self.secret else display(value)
            raise BadValue(f"cannot be {given}; expected: {problem}") from problem

    def convert(self, value: Any, strict: bool = True) -> Any:
        """The value as its type, checked; if not strict, a number from text. Raises BadValue with what is expected."""
        try:
            result = msgspec.convert(value, self.kind, strict=strict)
        except msgspec.ValidationError as problem:
            raise BadValue(self._expected(value, strict)) from problem
        expected = self.check(result) if self.check and result is not None else None
        if expected:
            raise BadValue(expected)
        return result

    def _expected(self, value: Any, strict: bool) -> str:
        if self.expected:
            return self.expected
        try:
            msgspec.convert(value, self.plain, strict=strict)
        except msgspec.ValidationError:
            return _TYPES[self.plain][1]
        return next(_limits_of(self.kind))


def settings_of(kind: Any) -> Mapping[str, Setting]:
    """Every setting that a dataclass declares, by name."""
    return _settings_of(kind)


@functools.cache
def _settings_of(kind: Any) -> Mapping[str, Setting]:
    kinds, plain = get_type_hints(kind, include_extras=True), get_type_hints(kind)
    return MappingProxyType(
        {
            entry.name: Setting(
                entry.name, kinds[entry.name], _without_none(plain[entry.name]), _default(entry), **entry.metadata
            )
            for entry in fields(kind)
            if entry.metadata
        }
    )


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of the names that was probably meant."""
    plain = name.lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(plain, names, 1, 0.6)), None)


def display(value: Any) -> str:
    """A value as the user would write it, shortened."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        value = "[" + ", ".join(map(str, value)) + "]"
    text = repr(value) if not isinstance(value, str) else value
    # Control characters and lone surrogates cannot be printed.
    printable = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text[:80])
    return printable if len(text) <= 80 else f"{printable}..."


def _from_text(text: str, kind: Any) -> Any:
    if kind is bool:
        return _BOOLEANS.get(text.strip().lower(), text)
    if kind in (int, float):
        return text.strip().replace("_", "")
    return [part.strip() for part in text.split(",") if part.strip()] if kind == list[str] else text


def _without_none(kind: Any) -> Any:
    """The type without None; that of the values of a Literal."""
    if NoneType in get_args(kind):
        kind = get_args(kind)[0]
    return str if get_origin(kind) is Literal else kind


def _limits_of(kind: Any) -> Iterator[str]:
    """What the limits of a type expect, from the outermost on."""
    for meta in getattr(kind, "__metadata__", ()):
        yield meta.extra["expected"]
    if get_origin(kind) is Literal:
        yield "one of " + ", ".join(get_args(kind))
    for part in get_args(kind):
        yield from _limits_of(part)


def _default(entry: Any) -> Any:
    return entry.default if entry.default_factory is MISSING else entry.default_factory()
