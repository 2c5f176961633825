"""A section: the settings that belong together, as one frozen dataclass with a field for each, made by `setting(...)`.

A feature has its section in its `settings.py`:

    @dataclass(frozen=True)
    class TideSettings(Section):
        tide_tables: bool = setting(True, "Show the tides.")

and reads it with `settings.of(TideSettings)`. Names are flat and unique among the sections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any, ClassVar

from .fields import Setting, display, settings_of

if TYPE_CHECKING:
    from .table import Settings


class Section:
    """Base of the sections. The constructor does not check values; `load` does."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def gives_tokens(self) -> bool:
        """True if requests need a token because of what this section says."""
        return False

    def check(self, settings: Settings) -> None:
        """Check values that depend on each other or on other sections, after loading. Raises BadSettings."""

    def secrets(self) -> list[str]:
        """Every text that must never be written to a log."""
        found = [getattr(self, entry.name) for entry in fields(self) if entry.metadata.get("secret")]
        return [text for text in found if text]


def all_settings(sections: Iterable[type[Section]]) -> dict[str, Setting]:
    """Every setting of the sections by name. Raises ValueError if two have one name."""
    found: dict[str, Setting] = {}
    for section in sections:
        own = settings_of(section)
        twice = found.keys() & own.keys()
        if twice:
            raise ValueError(f"{section.__name__} has settings of another section: {', '.join(sorted(twice))}")
        found |= own
    return found


def values_for(section: type[Section], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that belong to the section."""
    return {entry.name: values[entry.name] for entry in fields(section) if entry.metadata and entry.name in values}


def table(sections: Iterable[type[Section]]) -> list[dict[str, str]]:
    """One row per setting, all texts: `{name, type, default, env, help, workspace}`, for the README."""
    return [
        {
            "name": row.name,
            "type": row.type_name,
            "default": display(row.default),
            "env": row.variable,
            "help": row.help_text,
            "workspace": row.workspace if isinstance(row.workspace, str) else "partly",
        }
        for row in all_settings(sections).values()
    ]
