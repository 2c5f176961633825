"""`Rechecks` remembers what of a tree could not be checked, so that it is checked again, and what is left out of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..watch.retry import SAID_AFTER_S, Retries
from ..watch.root import WatchedRoot
from .ignore import FILE_NAME
from .tree.listing import FolderListing
from .tree.tree import ArtifactTree

_MAX_FOLDERS = 16
"""So many folders are scanned again in a turn."""


class Rechecks:
    """Belongs to the follower's thread. `left_out` are paths that are not scanned at all, and why."""

    def __init__(self, tree: ArtifactTree, root: WatchedRoot) -> None:
        self._tree = tree
        self._root = root
        self.folders, self.files = Retries(), Retries()
        self.left_out: dict[str, str] = {}

    def note(self, folder: str, listing: FolderListing, left_out: dict[str, str], now: float) -> None:
        """Remember what of a folder could not be checked; what is left out of it comes into `left_out`."""
        for name in listing.links:
            left_out[name] = "left out, as it is a link, and links are not followed"
        if listing.left_out is not None:
            left_out[folder] = listing.left_out
        if len(self.files):
            for name in listing.files:
                self.files.done(f"{folder}/{name}")
        for name in listing.unknown:
            self.files.failed(f"{folder}/{name}", "the system does not say what it is", now)
        if listing.unread is not None:
            self.files.failed(f"{folder}/{FILE_NAME}", listing.unread, now)

    def forget_links(self) -> None:
        """The entries of the root are scanned anew."""
        self.left_out = {path: reason for path, reason in self.left_out.items() if "/" in path}

    def due_folders(self, now: float) -> Iterator[str]:
        """The folders to scan again now."""
        for folder in self.folders.due(now, limit=_MAX_FOLDERS):
            if folder and self._tree.folder_at(folder.rpartition("/")[0]) is None:
                self.folders.done(folder)  # it is gone with the folder that it was in
            else:
                yield folder

    def due_files(self, now: float) -> Iterator[str]:
        """The files to check again now."""
        for path in self.files.due(now):
            if self._tree.folder_at(path.rpartition("/")[0]) is None:
                self.files.done(path)
            else:
                yield path

    def report(self, now: float) -> None:
        """Let the root say what is not known."""
        self._root.set_folders(self.folders.reasons(), self.left_out)
        self._root.set_unread(self.files.reasons(now - SAID_AFTER_S))

    def next_due(self) -> list[float]:
        """When something is to be checked again."""
        return [at for at in (self.folders.next_due(), self.files.next_due()) if at is not None]
