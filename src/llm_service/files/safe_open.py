"""Open agents' files: only regular files below a root, and no link is followed. The root may be one (see `fence`).

Each folder on the path is opened with `openat(O_NOFOLLOW)` relative to the one above, so that a link put in place
between a check and the open cannot lead out of the root.

Why no library: `os.open` has no `openat2` (cpython issue 141878, closed as not planned). PyPI has pathrs (0.2.6),
for Linux, as source that needs the Rust library libpathrs; it follows links inside the root, which are refused here;
safe-open (0.2) does not check paths. `openat2(RESOLVE_NO_SYMLINKS)` by ctypes would take 6 µs for five components, this
module takes 30 µs (a plain open 1 µs), but it needs Linux 5.6 and a seccomp profile that allows it, so this code
would still be needed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import FileRefused, FileUnreadable, FileVanished, ForeignLink, NotRegular, PathRefused
from .fence import entry
from .hidden_characters import printable

# On Windows: device names in any folder with any extension, alternate streams, trailing dots and spaces.
_WINDOWS_NAME = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:[.:].*)?|.*[\\:].*|.*[. ]", re.I | re.DOTALL
)
_INVALID_NAMES = frozenset(("", ".", ".."))
_HAS_DIR_FD = os.open in os.supports_dir_fd
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0) | os.O_RDONLY
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: otherwise opening a FIFO waits for a writer.
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
        handle = _open_below(root, parts) if _HAS_DIR_FD else _open_checked(root, parts)
    except OSError as problem:
        raise file_error(problem, relative) from problem
    return handle


@contextlib.contextmanager
def scan_folder(root: str, relative: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    """The `os.scandir` entries of a folder below `root` ("" for the root itself), opened without following a link.

    Call entry methods with `follow_symlinks=False`. Raises FileRefused, also during iteration.
    """
    parts = _parts(relative) if relative else []
    handle: int | None = None
    try:
        if _HAS_DIR_FD:
            handle = _open_folder(root, parts)
        with os.scandir(_checked(root, parts, "") if handle is None else handle) as entries:
            yield entries
    except OSError as problem:
        raise file_error(problem, relative) from problem
    finally:
        if handle is not None:
            os.close(handle)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a folder. `kind` is "file", "folder", "link" or "special"; links are not followed."""

    name: str
    kind: str


class SafeRoot:
    """Opens and inspects many paths below one root, each as safely as `open_file`.

    The folders of the last path stay open, so that a path in the same folder costs one system call instead of one
    per folder. Close it, or use it as a context manager. Not thread-safe.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._open_folders: list[tuple[str, int]] = []

    def __enter__(self) -> SafeRoot:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def open(self, relative: str) -> int:
        """Like `open_file`."""
        parts = _parts(relative)
        if not _HAS_DIR_FD:
            return open_file(self.root, relative)
        try:
            handle = _open_in(self._descriptor_of(parts[:-1]), parts[-1], relative)
        except OSError as problem:
            raise file_error(problem, relative) from problem
        return handle

    def status(self, relative: str) -> os.stat_result:
        """The `lstat` of a path: of a link itself, not of its target. Raises FileRefused."""
        parts = _parts(relative)
        try:
            if _HAS_DIR_FD:
                return os.stat(parts[-1], dir_fd=self._descriptor_of(parts[:-1]), follow_symlinks=False)
            return os.lstat(_checked(self.root, parts[:-1], parts[-1]))
        except OSError as problem:
            raise file_error(problem, relative) from problem

    def link_target(self, relative: str) -> str:
        """What a link says it leads to, which is not followed. Raises FileRefused, also if it is no link."""
        parts = _parts(relative)
        try:
            if _HAS_DIR_FD:
                return os.readlink(parts[-1], dir_fd=self._descriptor_of(parts[:-1]))
            return os.readlink(_checked(self.root, parts[:-1], parts[-1]))
        except OSError as problem:
            if problem.errno == errno.EINVAL:
                raise NotRegular(f"{printable(relative)} is not a link.") from problem
            raise file_error(problem, relative) from problem

    def remove(self, relative: str) -> None:
        """Remove a file; of a link the link itself, not its target. Raises FileRefused."""
        parts = _parts(relative)
        try:
            if _HAS_DIR_FD:
                os.unlink(parts[-1], dir_fd=self._descriptor_of(parts[:-1]))
            else:
                os.unlink(_checked(self.root, parts[:-1], parts[-1]))
        except OSError as problem:
            raise file_error(problem, relative) from problem

    def remove_folder(self, relative: str) -> None:
        """Remove a folder with all that is in it; of links in it the links themselves. Raises FileRefused; then a part
        of it may be gone."""
        parts = _parts(relative)
        try:
            if _HAS_DIR_FD:
                shutil.rmtree(parts[-1], dir_fd=self._descriptor_of(parts[:-1]))
            else:
                shutil.rmtree(_checked(self.root, parts[:-1], parts[-1]))
        except OSError as problem:
            raise file_error(problem, relative) from problem
        except RecursionError as problem:
            raise FileRefused(f"{printable(relative)} is nested too deeply to be removed.") from problem

    def entries(self, relative: str) -> Iterator[Entry]:
        """The entries of a folder ("" for the root), in no particular order. Raises FileRefused."""
        with scan_folder(self.root, relative) as entries:
            for entry in entries:
                yield Entry(entry.name, _entry_kind(entry))

    def scan(self, relative: str) -> list[os.DirEntry[str]]:
        """The entries of `scan_folder` as a list. Use them before the next call of any method."""
        parts = _parts(relative) if relative else []
        try:
            with os.scandir(self._descriptor_of(parts) if _HAS_DIR_FD else _checked(self.root, parts, "")) as entries:
                return list(entries)
        except OSError as problem:
            raise file_error(problem, relative) from problem

    @property
    def is_open(self) -> bool:
        """True while a folder is open."""
        return bool(self._open_folders)

    def close(self) -> None:
        """Close the folders."""
        self._close_below(0)

    def _descriptor_of(self, folder: list[str]) -> int:
        opened = self._open_folders
        if not opened:
            opened.append(("", _open_folder(self.root, [])))
        shared = 1
        for part in folder:
            if shared == len(opened) or opened[shared][0] != part:
                break
            shared += 1
        self._close_below(shared)
        for part in folder[shared - 1 :]:
            opened.append((part, _open_inner(opened[-1][1], part)))
        return opened[-1][1]

    def _close_below(self, depth: int) -> None:
        while len(self._open_folders) > depth:
            os.close(self._open_folders.pop()[1])


def _parts(relative: str) -> list[str]:
    parts = relative.split("/")
    invalid = "\x00" in relative or not _INVALID_NAMES.isdisjoint(parts)
    if not invalid and os.sep == "\\":
        invalid = any(_WINDOWS_NAME.fullmatch(part) for part in parts)
    if not invalid and not relative.isascii():
        try:
            os.fsencode(relative)
        except UnicodeEncodeError:  # a surrogate that encodes no byte: no file has such a name
            invalid = True
    if invalid:
        raise PathRefused(f"“{printable(relative)[:200]}” is not a valid path below the root.")
    return parts


def _open_below(root: str, parts: list[str]) -> int:
    """Open each folder relative to the one above, without following a link."""
    folder = _open_folder(root, parts[:-1])
    try:
        return _open_in(folder, parts[-1], "/".join(parts))
    finally:
        os.close(folder)


def _open_folder(root: str, parts: list[str]) -> int:
    start, names = entry(root)
    folder = os.open(start, _FOLDER)
    try:
        for part in names + parts:
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
        # Linux raises this for a link too.
        _refuse_link(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        raise


def _open_in(folder: int, name: str, relative: str) -> int:
    # Opening a device can have side effects, and opening a FIFO wakes its writer: check first.
    _refuse_special(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode, relative)
    handle = os.open(name, os.O_RDONLY | _FILE, dir_fd=folder)
    return _require_ours(handle, folder, relative)


def _require_ours(handle: int, folder: int | None, relative: str) -> int:
    """The descriptor; closes it and raises NotRegular if it is not of a regular file, ForeignLink if it may be one that
    somebody else has linked there.

    A hard link cannot be told from the file itself. What can be told is that the owner of the folder could not have
    made that file: then it may have been linked there by somebody who could not read it.
    """
    try:
        status = os.fstat(handle)
        _refuse_special(status.st_mode, relative)
        if folder is not None and status.st_nlink > 1 and status.st_uid != os.fstat(folder).st_uid:
            raise ForeignLink(
                f"{printable(relative)} has another name elsewhere and belongs to another user than its folder. "
                "It may be a file from outside, so it is not read."
            )
    except (OSError, FileRefused):
        os.close(handle)
        raise
    return handle


def _open_checked(root: str, parts: list[str]) -> int:
    """Without directory descriptors (Windows): check each component for a link, then open."""
    path = _checked(root, parts, "")
    _refuse_special(os.lstat(path).st_mode, "/".join(parts))
    return _require_ours(os.open(path, os.O_RDONLY | _FILE), None, "/".join(parts))


def _checked(root: str, parts: list[str], name: str) -> str:
    path, names = entry(root)
    for part in names + parts:
        path = os.path.join(path, part)
        _refuse_link(os.lstat(path).st_mode)
    return os.path.join(path, name) if name else path


def _entry_kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _refuse_link(mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "a link")


def _refuse_special(mode: int, relative: str) -> None:
    _refuse_link(mode)
    if not stat.S_ISREG(mode):
        raise NotRegular(
            f"{printable(relative)} is {_KINDS.get(stat.S_IFMT(mode), 'a special file')}, not a regular file."
        )


def file_error(problem: OSError, relative: str) -> FileRefused:
    """The FileRefused for an error of the operating system."""
    name = printable(relative)
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileVanished(f"{name} no longer exists.")
    if problem.errno in (errno.ELOOP, errno.EMLINK):
        return NotRegular(f"{name} is a symbolic link or below one; links are not followed.")
    if problem.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR):
        return NotRegular(f"{name} is not a regular file.")
    return FileUnreadable(f"{name} cannot be read: {problem.strerror}.")
