"""What a workspace asks for beyond itself: `asked_settings` of its file, `linked_roots` of its folders.

What it asks for does not count until the user approved exactly that (`approvals.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..files import printable, real_place
from .approvals import Ask
from .checks import leaves_workspace
from .fields import Setting
from .rights import harm_of
from .settings_file import Given, Known
from .table import FILE_NAME, Refusal

HOW_TO_ALLOW = "`llm-service approve` shows and allows all that this workspace asks for"
_UNREAD_NAMES = (
    *(f"{stem}.{ending}" for stem in ("llm_service", ".llm-service") for ending in ("yaml", "yml")),
    *(f"llm-service.{ending}" for ending in ("yml", "json", "toml")),
)
_MAX_STATE_ENTRIES = 10_000


def asked_settings(known: Known, given: Mapping[str, Given]) -> list[Ask]:
    """The settings of a workspace's file that only the user may give."""
    found = []
    for name, one in given.items():
        harm = harm_of(known[name], one.value)
        if harm is not None:
            found.append(Ask("setting", name, one.raw, one.where, harm))
    return found


def linked_roots(known: Known, values: Mapping[str, Any], workspace: str) -> list[Ask]:
    """The folders in the workspace, by these settings, that leave it by a link, be it on the way to them."""
    found = {}
    for setting in known.values():
        for folder in _folders_of(setting, values):
            path = os.path.normpath(os.path.join(workspace, folder))
            real = None if leaves_workspace(folder) else real_place(path, workspace)
            if real is not None:
                found[folder] = Ask("link", folder, real, path, "would read and write outside the workspace")
    return [found[folder] for folder in sorted(found)]


def refusal_of(ask: Ask) -> Refusal:
    """Why the workspace does not get this, as a sentence."""
    if ask.kind == "link":
        return Refusal(ask.where, f"It is a link that leads out, to {printable(ask.value)}; {HOW_TO_ALLOW}.", True)
    return Refusal(
        ask.where,
        f"{ask.name} is not taken from the file of a workspace, as it {ask.harm}; {HOW_TO_ALLOW}, and your own "
        "configuration can set it.",
    )


def linked_file(path: str) -> Refusal | None:
    """The refusal of a settings file that is a link; None if it is none."""
    if not os.path.islink(path):
        return None
    return Refusal(path, "It is a link and was not read, as the settings of a workspace have to be a file in it.")


def unread_files(workspace: str) -> Iterator[Refusal]:
    """Files that look as if they were meant to be the settings."""
    for name in _UNREAD_NAMES:
        path = os.path.join(workspace, name)
        if os.path.lexists(path):
            yield Refusal(path, f"It is not read; the settings of a workspace are in {FILE_NAME}.")


def link_in_state(state: str) -> str | None:
    """A link among our own files, which would be written to outside; None if there is none."""
    try:
        with os.scandir(state) as entries:
            for _, entry in zip(range(_MAX_STATE_ENTRIES), entries, strict=False):
                if entry.is_symlink():
                    return entry.path
    except OSError:
        return None
    return None


def _folders_of(setting: Setting, values: Mapping[str, Any]) -> Iterable[str]:
    if setting.folders is None:
        return ()
    return setting.folders(values.get(setting.name, setting.default))
