"""Whole files: `read_file(root, path)` gives bytes and signature, `write_atomic(path, data)` replaces a file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileChanging, FileTooLarge
from .fence import require_inside
from .hidden_characters import printable
from .safe_open import SafeRoot, file_error, open_file

MAX_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Signature:
    """Identity, size and age of a file from its metadata; `mtime_ns` is nanoseconds since 1970."""

    inode: int
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file, and its signature at the time of the read."""

    data: bytes
    signature: Signature


def read_file(root: str | SafeRoot, relative: str, max_bytes: int = MAX_BYTES) -> FileContent:
    """The content of the regular file `relative` (POSIX, below `root`; the root itself may be a link).

    With a `SafeRoot` the next file of the same folder costs half the system calls.

    Raises PathRefused, FileVanished, FileUnreadable, NotRegular, FileTooLarge, or FileChanging if it was
    written to during the read.
    """
    handle = open_file(root, relative) if isinstance(root, str) else root.open(relative)
    try:
        before = os.fstat(handle)
        if before.st_size > max_bytes:
            raise FileTooLarge(
                f"{printable(relative)} has {before.st_size:,} bytes, more than the limit of {max_bytes:,}.",
                size_bytes=before.st_size,
                max_bytes=max_bytes,
            )
        data = _read_all(handle, before.st_size + 1)
        after = os.fstat(handle)
    except OSError as problem:
        raise file_error(problem, relative) from problem
    finally:
        os.close(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise FileChanging(f"{printable(relative)} changed while it was read.")
    return FileContent(data, Signature(after.st_ino, after.st_size, after.st_mtime_ns))


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace a file so that a reader sees the old or the new content, never a part. Raises OSError.

    Nothing is written outside a fence.

    If not `durable`, a power failure may leave an empty file; a killed process still leaves a complete one.
    """
    require_inside(str(path.parent))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".llm-service-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _read_all(handle: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    remaining = limit
    while remaining > 0:
        wanted = min(remaining, 1 << 20)
        chunk = os.read(handle, wanted)
        if not chunk:
            break
        chunks.append(chunk)
        remaining -= len(chunk)
        if remaining == 1 and len(chunk) < wanted:  # all that was expected, and asked for one more byte, there is none
            break
    return b"".join(chunks)
