"""What the file of a workspace may set: `harm_of(setting, value)`.

Agents write to a workspace, and it may have been cloned: its file must not open the service to others, name a program
or a user, reach out of the workspace, or raise a limit. Each setting declares its right (`Setting.workspace`).
"""

from __future__ import annotations

from typing import Any

from .checks import leaves_workspace
from .fields import Setting


def harm_of(setting: Setting, value: Any) -> str | None:
    """What the value would do that only the user may decide; None if the file of a workspace may set it."""
    return None if _is_granted(setting, value) else setting.harm


def _is_granted(setting: Setting, value: Any) -> bool:
    if callable(setting.workspace):
        return setting.workspace(value)
    if value == setting.default:
        return True
    if setting.workspace == "inside":
        assert setting.folders is not None, f"{setting.name} names no folders"  # noqa: S101 - a mistake in the table
        return not any(map(leaves_workspace, setting.folders(value)))
    if setting.workspace == "lower":
        # A boolean may be switched off; unset is as low as nothing.
        return value is None or value < (True if setting.default is None else setting.default)
    if setting.workspace == "higher":
        return bool(value > setting.default)
    return setting.workspace == "any"
