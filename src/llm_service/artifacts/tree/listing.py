"""`list_folder` gives what is in one folder, `count_lines` how many lines a file has.

Links are listed and never followed, FIFOs, sockets and devices are listed and never opened, ignored folders are named
and never entered.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ... import files
from ...errors import FileChanging, FileRefused, FileUnreadable
from ...watch.retry import is_absence, reason_of
from ..contents.sniff import Content
from ..ignore import FILE_NAME, IgnoreRules
from .records import MOST_COUNTED_BYTES, is_young, record_of, signature_of

_DEEPEST = 100
_LONGEST_PATH_BYTES = 3_000
"""The system takes paths up to 4,096 bytes, from its own root on, where it watches them."""


@dataclass(slots=True)
class FolderListing:
    """What is in one folder: files with their records, folders, and names of folders that are ignored.

    `refused` says why it could not be listed, `left_out` why it never is; then nothing in it is known. `unknown` are
    names of which the system did not say what they are. `unread`: its `.gitignore` could not be read, and why.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Links directly in the root: projects that are not followed."""
    unknown: set[str] = field(default_factory=set)
    refused: str | None = None
    left_out: str | None = None
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class LineCount:
    """The lines of a text, None if it is none, and the SHA-256 of the content, None if it was too large."""

    lines: int | None
    sha256: str | None


def list_folder(
    safe_root: files.SafeRoot, folder: str, ignore_rules: IgnoreRules, clock_ns: Callable[[], int] = time.time_ns
) -> FolderListing | None:
    """What is in a folder, "" for the root itself, of which only the folders count. None if there is
    no such folder; a folder that cannot be read gives a listing that says why."""
    if folder.count("/") >= _DEEPEST:
        return FolderListing(left_out=f"more than {_DEEPEST} folders deep: not scanned")
    if len(folder) > _LONGEST_PATH_BYTES // 4 and len(os.fsencode(folder)) > _LONGEST_PATH_BYTES:
        return FolderListing(left_out="its path is too long: not scanned")
    try:
        entries = safe_root.scan(folder)
    except FileUnreadable as refusal:
        return FolderListing(refused=reason_of(refusal.message))
    except FileRefused:
        return None
    try:
        return _listing(safe_root.root, folder, entries, ignore_rules, clock_ns())
    except OSError as problem:
        return FolderListing(refused=problem.strerror or str(problem))


def _listing(
    root: str, folder: str, entries: list[os.DirEntry[str]], ignore_rules: IgnoreRules, now_ns: int
) -> FolderListing:
    listing = FolderListing()
    if folder:
        try:
            _learn(root, folder, entries, ignore_rules, now_ns)
        except FileUnreadable as refusal:
            listing.unread = reason_of(refusal.message)
    ignores = ignore_rules.rules(folder).ignores
    records = listing.files
    for entry in entries:
        name = entry.name
        if entry.is_dir(follow_symlinks=False):
            (listing.ignored if ignores(name, True) else listing.folders).append(name)
        elif folder and not ignores(name, False):
            try:
                records[name] = record_of(entry.stat(follow_symlinks=False), now_ns, MOST_COUNTED_BYTES)
            except OSError as problem:
                if not is_absence(problem):  # else gone meanwhile: the watch reports it
                    listing.unknown.add(name)
        elif not folder and entry.is_symlink() and not ignores(name, True):
            listing.links.append(name)
    return listing


def _learn(root: str, folder: str, entries: list[os.DirEntry[str]], ignore_rules: IgnoreRules, now_ns: int) -> None:
    """Let the ignore_rules know the `.gitignore` in the folder, before anything is judged by it.

    Raises FileUnreadable: then what was known of it counts.
    """
    record = None
    for entry in entries:
        if entry.name == FILE_NAME:
            try:
                if entry.is_file(follow_symlinks=False):
                    record = record_of(entry.stat(follow_symlinks=False), now_ns, 0)
            except OSError as problem:
                if not is_absence(problem):
                    raise files.file_error(problem, f"{folder}/{FILE_NAME}") from problem
                break
    ignore_rules.learn(root, folder, record and signature_of(record))
    if record is not None and is_young(record):
        ignore_rules.invalidate(folder)


def count_lines(safe_root: files.SafeRoot, path: str, record: bytes, digest_bytes: int) -> LineCount:
    """The lines of the file that has this record; a last line without an end counts too. The digest is made up to
    `digest_bytes`. Raises FileRefused; FileChanging if it has another record by now."""
    try:
        with Content(safe_root.open(path)) as content:
            if signature_of(record_of(content.status, 0, 0)) != signature_of(record):
                raise FileChanging(f"{files.printable(path)} changed before it was read.")
            whole = content.whole(digest_bytes)
            digest = None if whole is None else hashlib.sha256(whole).hexdigest()
            lines, last = 0, b"\n"
            if content.kind.codec is None:
                return LineCount(None, digest)
            for chunk in content.chunks():
                lines += chunk.count(b"\n")
                last = chunk[-1:]
            return LineCount(lines + (last != b"\n"), digest)
    except OSError as problem:
        raise files.file_error(problem, path) from problem
