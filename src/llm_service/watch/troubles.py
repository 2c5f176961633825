"""What is not as it should be about a root and what is below it, and announcing each change of that."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..files import printable

_MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RootChange:
    """How a root, or a folder below it, is followed changed.

    `mode` of a root is "inotify", "native", "polling", "missing", "unreadable" or "refused" (a link out). Of a folder
    it is "unreadable" while it cannot be listed (what was known of it is shown) and "skipped" if it is left out; the
    mode of its root ends that.
    """

    root: str
    mode: str
    reason: str | None


class Troubles:
    """The troubles of one root. `on_change` gets each when it comes, becomes another, or is over."""

    def __init__(self, on_change: Callable[[RootChange], None]) -> None:
        self._on_change = on_change
        self._root: RootChange | None = None
        self._mode = "missing"
        self._refused: dict[str, str] = {}
        self._skipped: dict[str, str] = {}
        self._unread: dict[str, str] = {}
        self._example: str | None = None
        self._said: dict[str, RootChange] = {}

    def set_root(self, root: str, mode: str, reason: str | None) -> None:
        """How the root is followed; `reason` None: as it should be."""
        self._mode = mode
        self._root = None if reason is None else RootChange(root, mode, reason)
        self._say(root)

    def set_folders(self, root: str, refused: Mapping[str, str], skipped: Mapping[str, str]) -> None:
        """Folders that cannot be listed, and folders that are left out, with the reasons."""
        if (refused, skipped) != (self._refused, self._skipped):
            self._refused, self._skipped = dict(refused), dict(skipped)
            self._say(root)

    def set_files(self, root: str, unread: Mapping[str, str]) -> None:
        """Files that cannot be read, with the reasons."""
        if unread == self._unread:
            return
        self._unread = dict(unread)
        if self._example not in self._unread:
            self._example = min(self._unread, default=None)
        self._say(root)

    def said(self) -> list[RootChange]:
        """The troubles, now."""
        return list(self._said.values())

    def error(self) -> str | None:
        """One sentence about folders and files, None if there is nothing to say."""
        if self._unread:
            return self._about_files()
        for folder, reason in self._refused.items():
            return _about_folder(folder, reason)
        for folder, reason in self._skipped.items():
            return f"{printable(folder)}: {reason}"
        return None

    def status(self) -> dict[str, Any]:
        """`{unreadable?, skipped?}`: path -> reason, the first of them."""
        unreadable = {printable(path): reason for path, reason in {**self._refused, **self._unread}.items()}
        skipped = {printable(path): reason for path, reason in self._skipped.items()}
        shown = {"unreadable": unreadable, "skipped": skipped}
        return {name: dict(list(found.items())[:_MAX_SHOWN]) for name, found in shown.items() if found}

    def _about_files(self) -> str:
        path = self._example or ""
        reason = self._unread.get(path, "")
        return f"files cannot be read now, among them {printable(path)} ({reason}); it is tried again"

    def _say(self, root: str) -> None:
        now: dict[str, RootChange] = {}
        if self._unread:
            mode = "unreadable" if self._root is None else self._root.mode
            reasons = [] if self._root is None else [self._root.reason or ""]
            now[root] = RootChange(root, mode, "; ".join([*reasons, self._about_files()]))
        elif self._root is not None:
            now[root] = self._root
        for folder, reason in list(self._refused.items())[:_MAX_SHOWN]:
            place = _place(root, folder)
            now.setdefault(place, RootChange(place, "unreadable", _about_folder(folder, reason)))
        for folder, reason in list(self._skipped.items())[:_MAX_SHOWN]:
            place = _place(root, folder)
            now.setdefault(place, RootChange(place, "skipped", reason))
        before, self._said = self._said, now
        for place, change in now.items():
            if before.get(place) != change:
                self._on_change(change)
        for place in before:
            if place not in now:
                self._on_change(RootChange(place, self._mode, None))


def _place(root: str, folder: str) -> str:
    return printable(os.path.join(root, folder)) if folder else root


def _about_folder(folder: str, reason: str) -> str:
    return f"{printable(folder) or 'the folder'} cannot be listed ({reason}); what was known of it is shown"
