"""The one place that opens agents' files: no link is followed, nothing but a regular file is opened, nothing is
unbounded, and every failure is one typed error.

Opening goes folder by folder with `openat(O_NOFOLLOW)` below the root, so that a link swapped in between a
check and the open cannot lead out of it. Parsing is in `yaml_safe` and `text` and offered here too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import FileChanging, FileRefused, FileTooLarge, FileUnreadable, FileVanished, NotRegular, PathRefused
from .text import Decoded, context_lines, decode, salvage
from .yaml_build import Limits, Problem
from .yaml_safe import Document, parse_mapping, parse_yaml
from .yaml_scalars import JSON

__all__ = [
    "JSON",
    "Decoded",
    "Document",
    "FileContent",
    "Limits",
    "Problem",
    "Signature",
    "context_lines",
    "decode",
    "parse_mapping",
    "parse_yaml",
    "printable",
    "read_file",
    "salvage",
    "write_atomic",
]

MAX_BYTES = 1_048_576
# Control characters, characters without width or that change the direction of writing, and lone surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_HAS_DIR_FD = os.open in os.supports_dir_fd
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0) | os.O_RDONLY
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: opening a FIFO for reading would otherwise wait for a writer for ever.
_FILE = _NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """What the file system says of a file without opening it."""

    inode: int
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file and the signature it had while they were read."""

    data: bytes
    signature: Signature


def read_file(root: str, relative: str, max_bytes: int = MAX_BYTES) -> FileContent:
    """The content of the regular file `relative` (POSIX, below `root`; the root itself may be a link).

    Raises PathRefused, FileVanished, FileUnreadable, NotRegular, FileTooLarge, or FileChanging when someone
    wrote to it during the read.
    """
    parts = _parts(relative)
    try:
        handle = _open_beneath(root, parts) if _HAS_DIR_FD else _open_checked(root, parts)
    except OSError as problem:
        raise _refusal(problem, relative) from problem
    try:
        before = os.fstat(handle)
        _refuse_other(before.st_mode, relative)
        if before.st_size > max_bytes:
            raise FileTooLarge(
                f"{printable(relative)} has {before.st_size:,} bytes, more than the {max_bytes:,} that are read.",
                size_bytes=before.st_size,
                max_bytes=max_bytes,
            )
        data = _read_all(handle, before.st_size + 1)
        after = os.fstat(handle)
    except OSError as problem:
        raise _refusal(problem, relative) from problem
    finally:
        os.close(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise FileChanging(f"{printable(relative)} changed while it was read.")
    return FileContent(data, Signature(after.st_ino, after.st_size, after.st_mtime_ns))


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part. Raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".llm-service-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def printable(path: str) -> str:
    """A path as text that can be shown and sent: bytes that are not UTF-8, control characters, and characters that
    are not seen or change the direction of writing are written as escapes."""
    return _UNPRINTABLE.sub(_escape, path)


def _escape(found: re.Match[str]) -> str:
    number = ord(found.group())
    if 0xDC80 <= number <= 0xDCFF:  # how Python writes a byte of a name that is not UTF-8
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _parts(relative: str) -> list[str]:
    parts = relative.split("/")
    bad = (
        "\x00" in relative
        or (os.sep == "\\" and ("\\" in relative or ":" in relative))
        or any(part in ("", ".", "..") for part in parts)
    )
    try:
        os.fsencode(relative)
    except UnicodeEncodeError:  # a surrogate that stands for no byte: no file has such a name
        bad = True
    if bad:
        raise PathRefused(f"“{printable(relative)[:200]}” is not a plain path below the root.")
    return parts


def _open_beneath(root: str, parts: list[str]) -> int:
    """Open folder by folder, each relative to the one before, following no link."""
    folder = os.open(root, _FOLDER)
    try:
        for part in parts[:-1]:
            try:
                inner = os.open(part, _FOLDER | _NOFOLLOW, dir_fd=folder)
            except NotADirectoryError:
                # Linux says this of a link too.
                _refuse_link(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)
                raise
            os.close(folder)
            folder = inner
        # Opening a device can have effects, and opening a FIFO wakes its writer: look first.
        _refuse_other(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode, "/".join(parts))
        return os.open(parts[-1], os.O_RDONLY | _FILE, dir_fd=folder)
    finally:
        os.close(folder)


def _open_checked(root: str, parts: list[str]) -> int:
    """Where folders cannot be opened (Windows): check each component for a link, then open."""
    where = root
    for part in parts:
        where = os.path.join(where, part)
        _refuse_link(os.lstat(where).st_mode)
    _refuse_other(os.lstat(where).st_mode, "/".join(parts))
    return os.open(where, os.O_RDONLY | _FILE)


def _refuse_link(mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "a link")


def _refuse_other(mode: int, relative: str) -> None:
    _refuse_link(mode)
    if not stat.S_ISREG(mode):
        raise NotRegular(
            f"{printable(relative)} is {_KINDS.get(stat.S_IFMT(mode), 'a special file')}, not a regular file."
        )


def _read_all(handle: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    left = limit
    while left > 0:
        chunk = os.read(handle, min(left, 1 << 20))
        if not chunk:
            break
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _refusal(problem: OSError, relative: str) -> FileRefused:
    """The error that an operating system's error means here."""
    name = printable(relative)
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileVanished(f"{name} is gone.")
    if problem.errno in (errno.ELOOP, errno.EMLINK):
        return NotRegular(f"{name} is or lies behind a symbolic link, which is not followed.")
    if problem.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR):
        return NotRegular(f"{name} is not a regular file.")
    return FileUnreadable(f"{name} cannot be read: {problem.strerror}.")
