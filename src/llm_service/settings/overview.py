"""The settings in force as a person may see them: `overview(settings)`. Secrets are never among the values.

A setting with a reader of its own is a list of mappings, which may have secrets in them (addresses, hashes of tokens,
environments of programs): of those only the number and the names are shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..files import printable
from .fields import Setting, display
from .section import all_settings
from .table import FILE_NAME, Settings

RIGHTS = {
    "any": "any value",
    "lower": "a lower value",
    "higher": "a higher value",
    "inside": "a folder inside the workspace",
    "never": "nothing, unless you approve it",
}
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetting:
    """A setting: `value` as it would be written, None if it is unset or secret; `is_set` says which. `origin` is
    "default" or a kind of `ValueOrigin`, `where` its place there (`file:line`, a variable, an option), with `~` for the
    home folder. `variable` and `line` are how to change it: in the environment, or in the user's own configuration.
    `workspace` is what the file of a workspace may set."""

    name: str
    section: str
    help: str
    type: str
    value: str | None
    default: str
    is_secret: bool
    is_set: bool
    origin: str
    where: str | None
    variable: str
    line: str
    workspace: str


def overview(settings: Settings) -> Iterator[ShownSetting]:
    """All settings, section by section."""
    for section in (settings, *settings.sections):
        kind = type(section)
        title = "General" if section is settings else kind.__name__.removesuffix("Settings")
        for setting in all_settings((kind,)).values():
            yield _shown(settings, setting, getattr(section, setting.name), title)


def files_of(settings: Settings, folder: str | None) -> dict[str, str | None]:
    """Where settings can be changed: the user's own configuration below `folder`, and the file of the workspace."""
    own = None if folder is None else tilde(os.path.join(folder, "config.yaml"))
    return {"user": own, "workspace": printable(os.path.join(settings.workspace, FILE_NAME))}


def tilde(path: str) -> str:
    """A path without the name of the home folder, and printable."""
    home = os.path.expanduser("~").rstrip("/")
    return printable(f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path)


def _shown(settings: Settings, setting: Setting, value: Any, section: str) -> ShownSetting:
    origin = settings.origins.get(setting.name)
    right = setting.workspace if isinstance(setting.workspace, str) else "partly"
    return ShownSetting(
        name=setting.name,
        section=section,
        help=setting.help_text,
        type=setting.type_name,
        value=_text(setting, value),
        default="" if setting.reader is not None else display(setting.default),
        is_secret=setting.secret,
        is_set=value not in (None, [], ""),
        origin="default" if origin is None else origin.kind,
        where=None if origin is None else tilde(origin.where),
        variable=setting.variable,
        line=f"{setting.name}: {_example(setting, value)}",
        workspace=RIGHTS.get(right, "some values"),
    )


def _text(setting: Setting, value: Any) -> str | None:
    if setting.secret or value is None:
        return None
    if setting.reader is None:
        return display(value)
    names = [printable(str(name)) for one in value if (name := getattr(one, "name", None)) is not None]
    listed = ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    count = "none" if not value else "1 entry" if len(value) == 1 else f"{len(value):,} entries"
    return f"{count}: {listed}" if listed else count


def _example(setting: Setting, value: Any) -> str:
    """What a line of the configuration has as its value: the present one, if it may be shown."""
    if setting.secret:
        return "..."
    if setting.reader is not None:
        return "[...]"
    return "..." if value is None else display(value)
