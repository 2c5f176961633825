"""Looking at projects: what lies in one folder, and how many lines a file has. Links are listed and never followed,
FIFOs, sockets and devices are listed and never opened, ignored folders are named and never entered."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import FileChanging, FileRefused, FileUnreadable
from ...files import reading as files
from ..contents.sniff import Content
from ..ignore import FILE_NAME, IgnoreBook
from .records import MOST_COUNTED_BYTES, Listing, is_young, record_of, signature_of

_DEEPEST = 100
_LONGEST_PATH_BYTES = 3_000
"""The system takes paths up to 4,096 bytes, from its own root on, where it is told to watch them."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The lines of a text, None if it is none, and the SHA-256 of the content, None if it was too large."""

    lines: int | None
    sha256: str | None


def list_folder(
    beneath: files.Beneath, folder: str, book: IgnoreBook, clock_ns: Callable[[], int] = time.time_ns
) -> Listing | None:
    """What lies in a folder, "" for the root itself, of which only the folders count. None if there is
    no such folder; a folder that cannot be read gives a listing that says why."""
    if folder.count("/") >= _DEEPEST:
        return Listing(refused=f"more than {_DEEPEST} folders deep: not looked into")
    if len(folder) > _LONGEST_PATH_BYTES // 4 and len(os.fsencode(folder)) > _LONGEST_PATH_BYTES:
        return Listing(refused="its path is too long: not looked into")
    try:
        entries = beneath.scan(folder)
    except FileUnreadable as refusal:
        return Listing(refused=refusal.message)
    except FileRefused:
        return None
    return _listing(beneath.root, folder, entries, book, clock_ns())


def _listing(root: str, folder: str, entries: list[os.DirEntry[str]], book: IgnoreBook, now_ns: int) -> Listing:
    listing = Listing()
    if folder:
        _learn(root, folder, entries, book, now_ns)
    ignores = book.rules(folder).ignores
    records = listing.files
    for entry in entries:
        name = entry.name
        if entry.is_dir(follow_symlinks=False):
            (listing.ignored if ignores(name, True) else listing.folders).append(name)
        elif folder and not ignores(name, False):
            try:
                records[name] = record_of(entry.stat(follow_symlinks=False), now_ns, MOST_COUNTED_BYTES)
            except OSError:
                continue  # gone meanwhile: the watch tells
    return listing


def _learn(root: str, folder: str, entries: list[os.DirEntry[str]], book: IgnoreBook, now_ns: int) -> None:
    """Let the book know the `.gitignore` in the folder, before anything is judged by it."""
    record = None
    for entry in entries:
        if entry.name == FILE_NAME:
            try:
                if entry.is_file(follow_symlinks=False):
                    record = record_of(entry.stat(follow_symlinks=False), now_ns, 0)
            except OSError:
                break
    book.learn(root, folder, record and signature_of(record))
    if record is not None and is_young(record):
        book.doubt(folder)


def count_lines(beneath: files.Beneath, path: str, record: bytes, digest_bytes: int) -> Counted:
    """The lines of the file that has this record; a last line without an end counts too. The digest is made up to
    `digest_bytes`. Raises FileRefused; FileChanging if it has another record by now."""
    try:
        with Content(beneath.open(path)) as content:
            if signature_of(record_of(content.status, 0, 0)) != signature_of(record):
                raise FileChanging(f"{files.printable(path)} changed before it was read.")
            whole = content.whole(digest_bytes)
            digest = None if whole is None else hashlib.sha256(whole).hexdigest()
            lines, last = 0, b"\n"
            if content.kind.codec is None:
                return Counted(None, digest)
            for chunk in content.chunks():
                lines += chunk.count(b"\n")
                last = chunk[-1:]
            return Counted(lines + (last != b"\n"), digest)
    except OSError as problem:
        raise files.refusal(problem, path) from problem
