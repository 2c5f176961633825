"""File systems: where the system cannot be trusted to report every change, and what is mounted at a path.

inotify reports what is done through this system. What a server, a host, another machine or a program behind FUSE does
to the same files is not reported, and no write of our own can find that out, because ours is reported. So only those
types are trusted of which all changes go through this system; a type that is not known is not trusted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_MOUNTS = "/proc/self/mountinfo"
_TRUSTED = frozenset(
    {
        "apfs", "bcachefs", "btrfs", "cramfs", "devtmpfs", "ecryptfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs",
        "hfs", "hfsplus", "iso9660", "jfs", "lxfs", "minix", "msdos", "nilfs2", "ntfs", "ntfs3", "ramfs", "reiserfs",
        "rootfs", "squashfs", "tmpfs", "udf", "ufs", "vfat", "wslfs", "xfs", "zfs",
    }
)  # fmt: skip
"""lxfs and wslfs: the Linux folders of WSL 1. Not fuseblk: what writes to the disk is another program."""
_READ_ONLY = frozenset({"cramfs", "erofs", "iso9660", "squashfs"})
_OCTAL = re.compile(r"\\([0-7]{3})")
_LAYERS = re.compile(r"(?:^|,)(?:lowerdir|upperdir|datadir)\+?=([^,]*)")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system: where, its type ("ext4", "fuse.sshfs"), and its own options as the table has them."""

    point: str
    kind: str
    options: str = ""


def mounts() -> list[Mount]:
    """What is mounted, in the order of mounting; empty where the system does not say."""
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as lines:
            return list(_parsed(lines))
    except OSError:
        return []


def mount_of(path: str, table: Sequence[Mount]) -> Mount | None:
    """The mount that holds a path (absolute, without links); of several at one point the last one."""
    best: Mount | None = None
    for mount in table:
        if is_below(path, mount.point) and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def is_mount_point(path: str) -> bool:
    """True if a file system is mounted at exactly this path."""
    real = os.path.realpath(path)
    table = mounts()
    return any(mount.point == real for mount in table) if table else os.path.ismount(real)


def unreported(root: str, wants_folder: Callable[[str], bool] = lambda folder: True) -> str | None:
    """Why changes below `root` may not be reported, None if they all are.

    What is mounted below it counts too, where `wants_folder` wants every folder on the way.
    """
    real = os.path.realpath(root)
    table = mounts()
    holder = mount_of(real, table)
    if holder is not None and not _is_trusted(holder, table):
        return f"changes made elsewhere on this file system ({holder.kind}) are not reported"
    for mount in table:
        if mount.point != real and is_below(mount.point, real) and mount == mount_of(mount.point, table):
            inner = mount.point[len(real.rstrip("/")) + 1 :]
            if not _is_trusted(mount, table) and all(wants_folder(folder) for folder in _on_the_way(inner)):
                return f"changes made elsewhere below {inner} ({mount.kind}) are not reported"
    return None


def is_below(path: str, folder: str) -> bool:
    """True for the folder itself and all in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_trusted(mount: Mount, table: Sequence[Mount]) -> bool:
    if mount.kind == "overlay":
        # Reported, unless somebody writes to a layer itself; in a container nobody can reach those.
        return not any(_is_reachable(layer, table) for layer in _layers(mount.options))
    return mount.kind in _TRUSTED


def _is_reachable(layer: str, table: Sequence[Mount]) -> bool:
    if not os.path.isabs(layer) or not os.path.isdir(layer):
        return False
    holder = mount_of(os.path.realpath(layer), table)
    return holder is None or holder.kind not in _READ_ONLY


def _layers(options: str) -> Iterator[str]:
    for found in _LAYERS.findall(options):
        for layer in re.split(r"(?<!\\):", _unescaped(found)):
            yield layer.replace("\\:", ":")


def _on_the_way(path: str) -> Iterator[str]:
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


def _parsed(lines: Iterator[str]) -> Iterator[Mount]:
    """The mounts in lines of mountinfo: proc(5)."""
    for line in lines:
        left, _, right = line.partition(" - ")
        before, after = left.split(), right.split()
        if len(before) > 4 and after:
            yield Mount(_unescaped(before[4]), after[0], after[2] if len(after) > 2 else "")


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found.group(1), 8)), text)
