"""Where a session of OpenCode is: `source_of(root, path, session)`."""

from __future__ import annotations

from .documents import SessionDocuments
from .entries import EntrySource
from .tables import SessionTables


def source_of(root: str, path: str, session: str) -> EntrySource:
    """The entries of a session: in a database, or, without `session`, the one whose own file is at the path."""
    return SessionTables(root, path, session) if session else SessionDocuments(root, path)
