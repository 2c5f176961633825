"""`Folder` is a folder of the tree, `Change` what applying a scan or check of it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..contents.languages import holds_documents


class Folder:
    """One folder. `documents`: pages of HTML in it are documentation."""

    __slots__ = ("changed_ns", "documents", "files", "folders", "name", "parent")

    def __init__(self, name: str, parent: Folder | None) -> None:
        self.name = name
        self.parent = parent
        self.folders: dict[str, Folder] | None = None
        self.files: dict[str, bytes] = {}
        self.changed_ns = 0
        self.documents: bool = parent is not None and (parent.documents or holds_documents(name))

    def child(self, name: str) -> Folder | None:
        """The folder of that name in this one."""
        return self.folders.get(name) if self.folders else None

    def has(self, name: str) -> bool:
        """True if there is a file or folder of that name."""
        return name in self.files or self.child(name) is not None

    def below(self) -> Iterator[Folder]:
        """This folder and all in it, at any depth; safe while the tree changes."""
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            if folder.folders:
                waiting.extend(folder.folders.copy().values())

    def project(self) -> str:
        """The name of the first-level folder that it is in."""
        folder = self
        while folder.parent is not None and folder.parent.parent is not None:
            folder = folder.parent
        return folder.name

    def path(self) -> str:
        """The path from the root."""
        parts = []
        folder: Folder | None = self
        while folder is not None and folder.parent is not None:
            parts.append(folder.name)
            folder = folder.parent
        return "/".join(reversed(parts))


@dataclass(slots=True)
class Change:
    """What a scan of one folder or a check of one file changed in a project.

    Names are in `folder`. `gone` are the paths of folders that are gone with all in them; `removed` counts their files
    too, `dropped_files` names the first of them: folder, name, record.
    """

    project: str
    folder: Folder
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed_files: list[tuple[str, bytes]] = field(default_factory=list)
    removed: int = 0
    folders_changed: bool = False
    gone: list[str] = field(default_factory=list)
    dropped_files: list[tuple[Folder, str, bytes]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """True if there is anything to publish."""
        return bool(self.created or self.updated or self.removed or self.folders_changed)

    def take(self, dropped: Change) -> None:
        """Add what went with a folder in this one."""
        self.removed += dropped.removed
        self.removed_files += dropped.removed_files
        self.gone += dropped.gone
        self.dropped_files += dropped.dropped_files
        self.folders_changed = True
