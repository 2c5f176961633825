"""The one place that opens agents' files: no link is followed, and nothing but a regular file is opened.

Opening goes folder by folder with `openat(O_NOFOLLOW)` below the root, so that a link swapped in between a
check and the open cannot lead out of it. `files` offers all of this.

Why no library: `os.open` has no `openat2` (cpython issue 141878, closed as not planned). PyPI has pathrs (0.2.6),
for Linux, as source that needs the Rust library libpathrs; it follows links inside the root, which are refused here;
safe-open (0.2) does not check paths. `openat2(RESOLVE_NO_SYMLINKS)` by ctypes would take 6 µs for five components, this
module takes 30 µs (a plain open 1 µs), but it needs Linux 5.6 and a seccomp profile that allows it, so that this code
would be needed besides it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import FileRefused, FileUnreadable, FileVanished, NotRegular, PathRefused

# Control characters, characters without width or that change the direction of writing, and lone surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
# On Windows these are devices in every folder, with any ending; a stream, a trailing dot or blank names another file.
_WINDOWS_NAME = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:[.:].*)?|.*[\\:].*|.*[. ]", re.I | re.DOTALL
)
_NO_NAMES = frozenset(("", ".", ".."))
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


def open_file(root: str, relative: str) -> int:
    """A descriptor for reading the regular file `relative` (POSIX, below `root`), which the caller closes.

    Raises PathRefused, FileVanished, FileUnreadable or NotRegular.
    """
    parts = _parts(relative)
    try:
        handle = _open_beneath(root, parts) if _HAS_DIR_FD else _open_checked(root, parts)
    except OSError as problem:
        raise refusal(problem, relative) from problem
    return _regular(handle, relative)


@contextlib.contextmanager
def scan_folder(root: str, relative: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """What `os.scandir` gives of a folder below `root`, "" for the root itself, reached without following a link.

    Ask the entries nothing that follows links. Raises FileRefused, also while the entries are read.
    """
    parts = _parts(relative) if relative else []
    handle: int | None = None
    try:
        if _HAS_DIR_FD:
            handle = _open_folder(root, parts)
        with os.scandir(_checked(root, parts, "") if handle is None else handle) as found:
            yield found
    except OSError as problem:
        raise refusal(problem, relative) from problem
    finally:
        if handle is not None:
            os.close(handle)


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. `kind` is "file", "folder", "link" or "special"; a link is not followed."""

    name: str
    kind: str


class Beneath:
    """Looks at many paths below one root and opens them, each as carefully as `open_file` does.

    The folders on the way to the last path stay open, so that its neighbours cost one system call instead of one for
    each of them. Close it, or use it as a context manager; not for several threads at once.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._way: list[tuple[str, int]] = []

    def __enter__(self) -> Beneath:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def open(self, relative: str) -> int:
        """As `open_file`."""
        parts = _parts(relative)
        if not _HAS_DIR_FD:
            return open_file(self.root, relative)
        try:
            handle = _open_in(self._inside(parts[:-1]), parts[-1], relative)
        except OSError as problem:
            raise refusal(problem, relative) from problem
        return _regular(handle, relative)

    def status(self, relative: str) -> os.stat_result:
        """What the file system says of a path, itself never followed if it is a link. Raises FileRefused."""
        parts = _parts(relative)
        try:
            if _HAS_DIR_FD:
                return os.stat(parts[-1], dir_fd=self._inside(parts[:-1]), follow_symlinks=False)
            return os.lstat(_checked(self.root, parts[:-1], parts[-1]))
        except OSError as problem:
            raise refusal(problem, relative) from problem

    def entries(self, relative: str) -> Iterator[Entry]:
        """The names in a folder, "" for the root, in no particular order. Raises FileRefused."""
        with scan_folder(self.root, relative) as found:
            for entry in found:
                yield Entry(entry.name, _kind_of(entry))

    def scan(self, relative: str) -> list[os.DirEntry[str]]:
        """What `scan_folder` gives, all at once. Use nothing else of this object before the entries are done with."""
        parts = _parts(relative) if relative else []
        try:
            with os.scandir(self._inside(parts) if _HAS_DIR_FD else _checked(self.root, parts, "")) as found:
                return list(found)
        except OSError as problem:
            raise refusal(problem, relative) from problem

    @property
    def is_open(self) -> bool:
        """True if a folder is held open."""
        return bool(self._way)

    def close(self) -> None:
        """Let go of the folders."""
        self._go_back_to(0)

    def _inside(self, folder: list[str]) -> int:
        way = self._way
        if not way:
            way.append(("", os.open(self.root, _FOLDER)))
        shared = 1
        for part in folder:
            if shared == len(way) or way[shared][0] != part:
                break
            shared += 1
        self._go_back_to(shared)
        for part in folder[shared - 1 :]:
            way.append((part, _open_inner(way[-1][1], part)))
        return way[-1][1]

    def _go_back_to(self, length: int) -> None:
        while len(self._way) > length:
            os.close(self._way.pop()[1])


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
    bad = "\x00" in relative or not _NO_NAMES.isdisjoint(parts)
    if not bad and os.sep == "\\":
        bad = any(_WINDOWS_NAME.fullmatch(part) for part in parts)
    if not bad and not relative.isascii():
        try:
            os.fsencode(relative)
        except UnicodeEncodeError:  # a surrogate that stands for no byte: no file has such a name
            bad = True
    if bad:
        raise PathRefused(f"“{printable(relative)[:200]}” is not a plain path below the root.")
    return parts


def _open_beneath(root: str, parts: list[str]) -> int:
    """Open folder by folder, each relative to the one before, following no link."""
    folder = _open_folder(root, parts[:-1])
    try:
        return _open_in(folder, parts[-1], "/".join(parts))
    finally:
        os.close(folder)


def _open_folder(root: str, parts: list[str]) -> int:
    folder = os.open(root, _FOLDER)
    try:
        for part in parts:
            inner = _open_inner(folder, part)
            os.close(folder)
            folder = inner
    except OSError:
        os.close(folder)
        raise
    return folder


def _open_inner(folder: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER | _NOFOLLOW, dir_fd=folder)
    except NotADirectoryError:
        # Linux says this of a link too.
        _refuse_link(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        raise


def _open_in(folder: int, name: str, relative: str) -> int:
    # Opening a device can have effects, and opening a FIFO wakes its writer: look first.
    _refuse_other(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode, relative)
    return os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)


def _open_checked(root: str, parts: list[str]) -> int:
    """Where folders cannot be opened (Windows): check each component for a link, then open."""
    where = _checked(root, parts, "")
    _refuse_other(os.lstat(where).st_mode, "/".join(parts))
    return os.open(where, os.O_RDONLY | _FILE)


def _checked(root: str, parts: list[str], name: str) -> str:
    where = root
    for part in parts:
        where = os.path.join(where, part)
        _refuse_link(os.lstat(where).st_mode)
    return os.path.join(where, name) if name else where


def _regular(handle: int, relative: str) -> int:
    """The descriptor of what was opened, closed again if it is no regular file."""
    try:
        _refuse_other(os.fstat(handle).st_mode, relative)
    except (OSError, FileRefused):
        os.close(handle)
        raise
    return handle


def _kind_of(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _refuse_link(mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "a link")


def _refuse_other(mode: int, relative: str) -> None:
    _refuse_link(mode)
    if not stat.S_ISREG(mode):
        raise NotRegular(
            f"{printable(relative)} is {_KINDS.get(stat.S_IFMT(mode), 'a special file')}, not a regular file."
        )


def refusal(problem: OSError, relative: str) -> FileRefused:
    """The error that an operating system's error means here."""
    name = printable(relative)
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileVanished(f"{name} is gone.")
    if problem.errno in (errno.ELOOP, errno.EMLINK):
        return NotRegular(f"{name} is or lies behind a symbolic link, which is not followed.")
    if problem.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR):
        return NotRegular(f"{name} is not a regular file.")
    return FileUnreadable(f"{name} cannot be read: {problem.strerror}.")
