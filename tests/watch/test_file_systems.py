"""Which file systems are trusted to report every change: tables as proc(5) shows them, and a real overlay.

What is not reported where: inotify(7) ("inotify reports only events that a user-space program triggers through the
filesystem API. As a result, it does not catch remote events that occur on network filesystems"), and issues of editors
and watchers about virtiofs, drvfs, vmhgfs, prl_fs and Docker Desktop's own types.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_service.watch import file_systems
from llm_service.watch.file_systems import Mount, is_below, is_mount_point, mount_of, mounts, unreported

Table = Callable[..., None]


def line(point: str, kind: str, options: str = "rw") -> str:
    return f"36 35 98:0 / {point} rw,noatime master:1 - {kind} /dev/root {options}\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Writes the table of mounts that is read instead of the system's."""

    def write(*lines: str) -> None:
        (tmp_path / "mountinfo").write_text("".join(lines))
        monkeypatch.setattr(file_systems, "_MOUNTS", str(tmp_path / "mountinfo"))

    return write


REPORTING = (
    "ext4",
    "ext3",
    "xfs",
    "btrfs",
    "zfs",
    "f2fs",
    "tmpfs",
    "ramfs",
    "bcachefs",
    "vfat",
    "exfat",
    "ntfs3",
    "wslfs",
)
SILENT = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "v9fs", "afs", "ceph", "fuse", "fuse.sshfs", "fuse.s3fs",
    "fuse.rclone", "fuse.osxfs", "fuse.grpcfuse", "fuse.gcsfuse", "fuse.vmhgfs-fuse", "fuseblk", "virtiofs", "drvfs",
    "vmhgfs", "vboxsf", "prl_fs", "fakeowner", "lustre", "glusterfs", "ocfs2", "gfs2", "beegfs", "aufs", "shiftfs",
    "somethingnew",
)  # fmt: skip


@pytest.mark.parametrize("kind", REPORTING)
def test_where_all_changes_go_through_this_system_it_is_trusted(table: Table, tmp_path: Path, kind: str) -> None:
    table(line("/", "nfs4"), line(str(tmp_path), kind))
    assert unreported(str(tmp_path / "root")) is None


@pytest.mark.parametrize("kind", SILENT)
def test_where_others_make_changes_or_it_is_not_known_it_is_not(table: Table, tmp_path: Path, kind: str) -> None:
    table(line("/", "ext4"), line(str(tmp_path), kind))
    assert unreported(str(tmp_path / "root")) == f"changes made elsewhere on this file system ({kind}) are not reported"


def test_the_last_one_mounted_at_the_nearest_point_holds_a_path(table: Table, tmp_path: Path) -> None:
    a, ab = f"{tmp_path}/a", f"{tmp_path}/ab"
    table(line("/", "nfs"), line(a, "virtiofs"), line(a, "xfs"), line(ab, "9p"))
    assert unreported(f"{tmp_path}/a") is None
    assert "(9p)" in str(unreported(f"{tmp_path}/ab/c"))
    assert "(nfs)" in str(unreported(f"{tmp_path}/b"))
    assert mount_of("/x", []) is None
    assert unreported(f"{tmp_path}/a/b") is None


def test_points_with_blanks_tabs_newlines_and_backslashes_are_read(table: Table) -> None:
    table(line("/a\\040b\\011c\\012d\\134e", "fuse.x"), "nonsense\n", "1 2 3 4 5 -\n", line("/plain", "xfs"))
    assert mounts() == [Mount("/a b\tc\nd\\e", "fuse.x", "rw"), Mount("/plain", "xfs", "rw")]


def test_a_line_without_options_is_read(table: Table) -> None:
    table("36 35 98:0 / /x rw - xfs source\n")
    assert mounts() == [Mount("/x", "xfs", "")]


def test_where_the_system_does_not_say_what_is_mounted_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_systems, "_MOUNTS", str(tmp_path / "none"))
    assert mounts() == []
    assert unreported(str(tmp_path)) is None
    assert not is_mount_point(str(tmp_path))
    assert is_mount_point("/")


def test_what_is_mounted_below_a_root_counts_where_it_is_wanted(table: Table, tmp_path: Path) -> None:
    table(line("/", "ext4"), line(f"{tmp_path}/done/ada", "virtiofs"), line(f"{tmp_path}x", "9p"))
    reason = "changes made elsewhere below done/ada (virtiofs) are not reported"
    assert unreported(str(tmp_path)) == reason
    assert unreported(str(tmp_path), lambda folder: folder in ("done", "done/ada")) == reason
    assert unreported(str(tmp_path), lambda folder: folder == "done/ada") is None
    assert unreported(str(tmp_path), lambda folder: folder == "done") is None


def test_of_what_is_mounted_over_each_other_below_a_root_the_last_counts(table: Table, tmp_path: Path) -> None:
    table(line("/", "ext4"), line(f"{tmp_path}/a", "virtiofs"), line(f"{tmp_path}/a", "xfs"))
    assert unreported(str(tmp_path)) is None


def test_a_root_that_is_a_link_is_judged_by_where_it_leads(table: Table, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "root").symlink_to("far")
    table(line("/", "ext4"), line(str(tmp_path / "far"), "fuse"))
    assert "(fuse)" in str(unreported(str(tmp_path / "root")))
    assert is_mount_point(str(tmp_path / "root"))


@pytest.mark.parametrize("form", ["lowerdir={}:/none,upperdir=/none,workdir=/none", "lowerdir+={}", "upperdir={}"])
def test_an_overlay_is_trusted_unless_one_of_its_layers_can_be_reached(table: Table, tmp_path: Path, form: str) -> None:
    layer, hidden = tmp_path / "lo:wer", tmp_path / "hidden"
    layer.mkdir()
    escaped = str(layer).replace(":", "\\134:")  # as Linux 6.18 shows it
    table(line("/", "ext4"), line(f"{tmp_path}/root", "overlay", "rw," + form.format(escaped)))
    assert "(overlay)" in str(unreported(f"{tmp_path}/root"))
    table(line("/", "ext4"), line(f"{tmp_path}/root", "overlay", "rw," + form.format(hidden)))
    assert unreported(f"{tmp_path}/root") is None, "as in a container"
    table(line("/", "ext4"), line(f"{tmp_path}/root", "overlay", "rw,lowerdir=lower/l/ABC"))
    assert unreported(f"{tmp_path}/root") is None
    table(line("/", "ext4"), line(str(layer), "squashfs"), line(f"{tmp_path}/root", "overlay", form.format(escaped)))
    assert unreported(f"{tmp_path}/root") is None, "nobody can write to that"


def test_a_path_is_below_itself_and_folders_above_it() -> None:
    assert all(is_below("/a/b", folder) for folder in ("/a/b", "/a", "/a/", "/"))
    assert not any(is_below("/a/b", folder) for folder in ("/a/bc", "/a/b/c", "/b"))


def test_a_real_overlay_whose_layers_are_there_is_not_trusted(tmp_path: Path) -> None:
    for name in ("lower", "upper", "work", "root"):
        (tmp_path / name).mkdir()
    options = "lowerdir=lower,upperdir=upper,workdir=work".replace("=", f"={tmp_path}/")
    mounting = ["mount", "-t", "overlay", "overlay", "-o", options, str(tmp_path / "root")]
    if os.geteuid() or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs more rights than this process has")
    try:
        assert is_mount_point(str(tmp_path / "root"))
        assert not is_mount_point(str(tmp_path))
        assert "(overlay)" in str(unreported(str(tmp_path / "root")))
    finally:
        subprocess.run(["umount", str(tmp_path / "root")], check=True)


def test_points_that_are_not_utf8_and_lines_that_are_too_short_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mountinfo").write_bytes(
        b"1 2 3:4 / - x\n36 35 98:0 / /caf\xe9 rw - xfs s rw\n36 1 9:9 / /\xc3\xa9 - xfs s\n"
    )
    monkeypatch.setattr(file_systems, "_MOUNTS", str(tmp_path / "mountinfo"))
    assert [mount.point for mount in mounts()] == ["/caf\udce9", "/é"]
