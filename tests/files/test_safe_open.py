"""Opening agents' files: no path leads out of the root, and no link is followed, however quickly it is swapped in."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llm_service import files
from llm_service.artifacts.contents.preview import preview
from llm_service.artifacts.contents.search import Hit, SearchFile, search
from llm_service.errors import FileRefused, FileUnreadable, FileVanished, ForeignLink, NotRegular, PathRefused
from llm_service.files import safe_open
from llm_service.files.search_pattern import pattern_of

SECRET = b"secret " * 10
HARMLESS = b"harmless " * 10

ESCAPES = (
    "../secret", "..", ".", "", "/", "a/../../secret", "a/..", "./secret", "a/./b", "a//b", "/etc/passwd", "a/", "//a",
    "a/../b", "\0", "a\0b", "a/\0", "../" * 50 + "etc/passwd", "\ud800", "a/\udfff\ud800",
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a file, beside it a secret."""
    made = tmp_path / "root"
    (made / "a").mkdir(parents=True)
    (made / "a/b").write_bytes(HARMLESS)
    (tmp_path / "secret").write_bytes(SECRET)
    return made


def readers(root: Path) -> dict[str, Callable[[str], bytes]]:
    """Every function that reads a file below a root, by name."""

    def safe_root(path: str) -> bytes:
        with files.SafeRoot(str(root)) as root_reader:
            return _read_and_close(root_reader.open(path))

    def searched(path: str) -> bytes:
        hits = list(search(str(root), [SearchFile("x", path)], pattern_of("secret|harmless", regex=True)))
        return b"".join(hit.text.encode() for hit in hits if isinstance(hit, Hit))

    return {
        "open_file": lambda path: _read_and_close(files.open_file(str(root), path)),
        "read_file": lambda path: files.read_file(str(root), path).data,
        "SafeRoot.open": safe_root,
        "preview": lambda path: preview(str(root), path).text.encode(),
        "search": searched,
    }


def _read_and_close(handle: int) -> bytes:
    try:
        return os.read(handle, 10_000)
    finally:
        os.close(handle)


READERS = ("open_file", "read_file", "SafeRoot.open", "preview", "search")


@pytest.mark.parametrize("reader", READERS)
def test_a_valid_path_is_read(root: Path, reader: str) -> None:
    assert b"harmless" in readers(root)[reader]("a/b")


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("reader", READERS)
def test_an_invalid_path_or_one_that_leads_out_is_refused(root: Path, reader: str, path: str) -> None:
    if reader == "search":  # skips refused files
        assert readers(root)[reader](path) == b""
        return
    with pytest.raises(PathRefused):
        readers(root)[reader](path)


@pytest.mark.parametrize("path", [path for path in ESCAPES if path])
def test_no_folder_outside_is_listed_and_no_status_outside_is_read(root: Path, path: str) -> None:
    with pytest.raises(PathRefused), files.scan_folder(str(root), path):
        pass
    with files.SafeRoot(str(root)) as safe_root:
        with pytest.raises(PathRefused):
            safe_root.status(path)
        with pytest.raises(PathRefused):
            list(safe_root.entries(path))


@pytest.mark.skipif(os.name == "nt", reason="a separator there")
def test_a_backslash_is_part_of_a_name(root: Path) -> None:
    with pytest.raises(FileVanished):
        files.read_file(str(root), "..\\secret")
    (root / "..\\secret").write_bytes(b"inside")
    assert files.read_file(str(root), "..\\secret").data == b"inside"


@pytest.mark.parametrize(
    "name", ["CON", "con.txt", "nul", "a:b", "c:", "a\\b", "..\\x", "name.", "name ", "COM1", "lpt9.md", "aux .txt"]
)
def test_names_with_a_special_meaning_on_windows_are_refused_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_open.os, "sep", "\\")
    with pytest.raises(PathRefused):
        safe_open._parts(f"a/{name}")
    assert safe_open._parts("a/console.txt") == ["a", "console.txt"]


@pytest.mark.parametrize("path", ["x" * 256, "x" * 100_000, "a/" * 5_000 + "b"])
def test_a_path_that_is_too_long_for_the_system_is_refused(root: Path, path: str) -> None:
    with pytest.raises(FileRefused):
        files.read_file(str(root), path)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("path", ["link", "folder/secret", "loop", "a/up/secret", "fifo", "a"])
def test_links_and_special_files_are_refused(root: Path, reader: str, path: str) -> None:
    (root / "link").symlink_to(root.parent / "secret")
    (root / "folder").symlink_to(root.parent)
    (root / "loop").symlink_to("loop")
    (root / "a/up").symlink_to("../..")
    os.mkfifo(root / "fifo")
    if reader == "search":
        assert readers(root)[reader](path) == b""
        return
    with pytest.raises(NotRegular):
        readers(root)[reader](path)


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    (root.parent / "to root").symlink_to(root)
    assert files.read_file(str(root.parent / "to root"), "a/b").data == HARMLESS


# --- many paths below one root, with and without directory descriptors


@pytest.fixture(params=[True, False], ids=["openat", "checked"])
def tree(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root with each kind of entry, read with and without directory descriptors."""
    monkeypatch.setattr(safe_open, "_HAS_DIR_FD", request.param)
    (root / "a/deep").mkdir()
    (root / "a/deep/c").write_bytes(b"c")
    (root / "z").mkdir()
    (root / "z/d").write_bytes(b"d")
    (root / "link").symlink_to(root.parent)
    os.mkfifo(root / "fifo")
    return root


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_paths_in_different_folders_are_opened_one_after_another(tree: Path) -> None:
    before = open_files()
    with files.SafeRoot(str(tree)) as safe_root:
        assert not safe_root.is_open
        for path, data in (("a/deep/c", b"c"), ("a/b", HARMLESS), ("z/d", b"d"), ("a/deep/c", b"c"), ("z/d", b"d")):
            assert _read_and_close(safe_root.open(path)) == data
        assert safe_root.is_open == safe_open._HAS_DIR_FD
    assert not safe_root.is_open
    assert open_files() == before


def test_the_entries_of_a_folder_have_their_kinds(tree: Path) -> None:
    kinds = {"a": "folder", "z": "folder", "link": "link", "fifo": "special"}
    with files.SafeRoot(str(tree)) as safe_root:
        assert {entry.name: entry.kind for entry in safe_root.entries("")} == kinds
        assert {entry.name: entry.kind for entry in safe_root.entries("a")} == {"b": "file", "deep": "folder"}
        assert sorted(entry.name for entry in safe_root.scan("")) == sorted(kinds)
        assert [entry.name for entry in safe_root.scan("a/deep")] == ["c"]
    with files.scan_folder(str(tree), "z") as found:
        assert [entry.name for entry in found] == ["d"]


def test_the_status_of_a_path_is_that_of_a_link_itself(tree: Path) -> None:
    with files.SafeRoot(str(tree)) as safe_root:
        assert safe_root.status("a/b").st_size == len(HARMLESS)
        assert stat.S_ISLNK(safe_root.status("link").st_mode)
        assert stat.S_ISFIFO(safe_root.status("fifo").st_mode)


def test_a_file_is_removed_and_of_a_link_only_the_link(tree: Path) -> None:
    (tree / "doomed.txt").write_text("x")
    (tree / "target.txt").write_text("x")
    (tree / "doomed.link").symlink_to("target.txt")
    (tree / "elsewhere").symlink_to(tree)
    with files.SafeRoot(str(tree)) as safe_root:
        safe_root.remove("doomed.txt")
        safe_root.remove("doomed.link")
        with pytest.raises(FileVanished):
            safe_root.remove("doomed.txt")
        with pytest.raises(FileRefused):
            safe_root.remove("elsewhere/target.txt")
    assert not (tree / "doomed.txt").exists()
    assert not (tree / "doomed.link").is_symlink()
    assert (tree / "target.txt").exists()


def test_a_folder_is_removed_with_all_in_it_but_nothing_that_a_link_leads_to(tree: Path) -> None:
    outside = tree.parent / "outside"
    for folder in (tree / "doomed/a/b", outside):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
    (tree / "doomed/to").symlink_to(outside)
    os.mkfifo(tree / "doomed/a/fifo")
    (tree / "elsewhere").symlink_to(outside)
    before = open_files()
    with files.SafeRoot(str(tree)) as safe_root:
        safe_root.remove_folder("doomed")
        with pytest.raises(FileVanished):
            safe_root.remove_folder("doomed")
        for path in ("elsewhere", "elsewhere/a", "../outside"):
            with pytest.raises(FileRefused):
                safe_root.remove_folder(path)
    assert open_files() == before
    assert not (tree / "doomed").exists()
    assert (outside / "file").read_text() == "x"


def test_a_folder_that_is_nested_too_deeply_is_not_removed_and_no_error_of_ours(tree: Path) -> None:
    depth = sys.getrecursionlimit() + 100
    handles = [os.open(tree, os.O_RDONLY)]
    for _ in range(depth):
        os.mkdir("d", dir_fd=handles[-1])
        handles.append(os.open("d", os.O_RDONLY, dir_fd=handles[-1]))
        os.close(handles.pop(-2))
    os.close(handles[0])
    with files.SafeRoot(str(tree)) as safe_root, pytest.raises(FileRefused):
        safe_root.remove_folder("d")
    subprocess.run(["rm", "-rf", str(tree / "d")], check=True)


def test_missing_paths_and_paths_behind_a_link_are_refused_by_every_method(tree: Path) -> None:
    before = open_files()
    with files.SafeRoot(str(tree)) as safe_root:
        for path, error in (("gone", FileVanished), ("a/gone", FileVanished), ("link/secret", NotRegular)):
            with pytest.raises(error):
                safe_root.open(path)
            with pytest.raises(error):
                safe_root.status(path)
            with pytest.raises(error):
                safe_root.scan(path)
            with pytest.raises(error):
                list(safe_root.entries(path))
    assert open_files() == before


@pytest.mark.parametrize(
    ("number", "error", "text"),
    [
        (errno.ENOENT, FileVanished, "no longer exists."),
        (errno.ENOTDIR, FileVanished, "no longer exists."),
        (errno.ELOOP, NotRegular, "is a symbolic link or below one; links are not followed."),
        (errno.EMLINK, NotRegular, "is a symbolic link or below one; links are not followed."),
        (errno.ENXIO, NotRegular, "is not a regular file."),
        (errno.ENODEV, NotRegular, "is not a regular file."),
        (errno.EISDIR, NotRegular, "is not a regular file."),
        (errno.EACCES, FileUnreadable, "cannot be read: Permission denied."),
    ],
)
def test_an_error_of_the_system_becomes_a_file_error(number: int, error: type[FileRefused], text: str) -> None:
    refused = safe_open.file_error(OSError(number, os.strerror(number)), "a\n")
    assert type(refused) is error
    assert refused.message == f"a\\x0a {text}"


@pytest.mark.parametrize("method", ["open_file", "SafeRoot.open"])
@pytest.mark.parametrize("name", ["fifo\n", "socket\n", "folder\n", "null"])
def test_what_is_no_file_is_named_for_what_it_is(
    root: Path, name: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(root / "fifo\n")
    (root / "folder\n").mkdir()
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listening:
        monkeypatch.chdir(root)  # the name of a socket is short
        listening.bind("socket\n")
    kind = {"fifo\n": "a FIFO", "socket\n": "a socket", "folder\n": "a folder", "null": "a device"}[name]
    with pytest.raises(NotRegular) as caught:
        readers(Path("/dev") if name == "null" else root)[method](name)
    assert caught.value.message == f"{files.printable(name)} is {kind}, not a regular file."


def test_an_invalid_path_is_shown_in_part(root: Path) -> None:
    with pytest.raises(PathRefused) as caught:
        files.open_file(str(root), "\n" * 100 + "//")
    assert caught.value.message == "“" + ("\\x0a" * 50) + "” is not a valid path below the root."


@pytest.mark.parametrize("has_descriptors", [True, False])
def test_every_error_names_the_path(root: Path, has_descriptors: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_open, "_HAS_DIR_FD", has_descriptors)
    (root / "a/link").symlink_to("b")
    os.mkfifo(root / "a/fifo")
    with files.SafeRoot(str(root)) as opened:

        def listed(path: str) -> None:
            with files.scan_folder(str(root), path):
                pass

        anything = (lambda path: files.open_file(str(root), path), opened.open, opened.status, opened.scan, listed)
        for ask in anything:
            with pytest.raises(FileVanished, match=r"^a/none/x no longer exists\.$"):
                ask("a/none/x")
        for ask in anything[:2]:
            with pytest.raises(NotRegular, match=r"^a/link is a symbolic link or below one; links are not followed\.$"):
                ask("a/link")
            with pytest.raises(NotRegular, match=r"^a/fifo is a FIFO, not a regular file\.$"):
                ask("a/fifo")


# --- swapped between a check and the open

_SWAPPER = """
import ctypes, itertools, os, sys
root, kind = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
one, other = (os.path.join(root, name).encode() for name in {"file": ("a/b", "a/c"), "folder": ("a", "z")}[kind])
print("started", flush=True)
for turn in itertools.count():
    # RENAME_EXCHANGE: at every moment there is something of that name.
    if libc.renameat2(-100, one, -100, other, 2):
        raise OSError(ctypes.get_errno())
    if turn % 4096 == 0 and os.getppid() == 1:
        break
"""


@contextlib.contextmanager
def swapping(root: Path, kind: str) -> Iterator[None]:
    """A separate process swaps `a/b` or the folder `a` with a link to the secret as fast as it can."""
    (root.parent / "b").write_bytes(SECRET)
    (root / "a/c").symlink_to(root.parent / "secret")
    (root / "z").symlink_to(root.parent)
    swapper = subprocess.Popen(
        [sys.executable, "-c", _SWAPPER, str(root), kind], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert swapper.stdout is not None
    assert swapper.stderr is not None
    try:
        if swapper.stdout.readline() != "started\n":
            pytest.skip("two names cannot be exchanged here")
        yield
        assert swapper.poll() is None, swapper.stderr.read()
    finally:
        swapper.kill()
        swapper.wait()
        swapper.stdout.close()
        swapper.stderr.close()


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2")
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_that_is_swapped_in_is_never_followed(root: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """`--swaps 1000000` makes it a million attempts."""
    reads = list(readers(root).values())
    harmless = refused = 0
    with swapping(root, kind):
        for number in range(request.config.getoption("--swaps")):
            try:
                data = reads[number % len(reads)]("a/b")
            except FileRefused:
                refused += 1
                continue
            assert b"secret" not in data, f"read by {READERS[number % len(reads)]} at attempt {number}"
            harmless += b"harmless" in data
    # Each happened often enough: the race took place.
    assert min(harmless, refused) > request.config.getoption("--swaps") / 100


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_without_the_guard_the_race_is_lost(root: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check before the open is not enough. Otherwise the test above would prove nothing."""
    monkeypatch.setattr(safe_open, "_FILE", safe_open._FILE & ~os.O_NOFOLLOW)
    monkeypatch.setattr(safe_open, "_NOFOLLOW", 0)

    def read() -> bytes:
        try:
            return files.read_file(str(root), "a/b").data
        except FileRefused:
            return b""

    with swapping(root, kind):
        assert any(b"secret" in read() for _ in range(1_000_000))


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2")
def test_a_folder_swapped_for_a_link_is_never_listed(root: Path, request: pytest.FixtureRequest) -> None:
    with swapping(root, "folder"):
        for _ in range(request.config.getoption("--swaps") // 2):
            try:
                with files.scan_folder(str(root), "a") as found:
                    assert "secret" not in {entry.name for entry in found}
            except FileRefused:
                continue


def test_a_file_of_another_user_with_a_second_name_is_not_read(tmp_path: Path) -> None:
    """What a hard link leads to cannot be seen; that the owner of the folder cannot have made the file can."""
    if not hasattr(os, "geteuid") or os.geteuid():
        pytest.skip("files of other users can only be made by root")
    root, secret = tmp_path / "root", tmp_path / "secret"
    root.mkdir()
    secret.write_text("secret")
    os.link(secret, root / "x")
    assert files.read_file(str(root), "x").data == b"secret", "of the same owner, who could as well have copied it"
    os.chown(secret, 4321, -1)
    for refused in (lambda: files.read_file(str(root), "x"), lambda: files.SafeRoot(str(root)).open("x")):
        with pytest.raises(ForeignLink) as caught:
            refused()
        assert caught.value.message == (
            "x has another name elsewhere and belongs to another user than its folder. "
            "It may be a file from outside, so it is not read."
        )
    os.chown(root, 4321, -1)
    assert files.read_file(str(root), "x").data == b"secret"
    os.chown(root, 0, -1)
    secret.unlink()
    assert files.read_file(str(root), "x").data == b"secret", "with one name it is nobody else's"


def test_a_link_says_where_it_leads_and_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file").write_text("x")
    (tmp_path / "sub/link").symlink_to("/nowhere/at all")
    (tmp_path / "linked").symlink_to("sub")
    with files.SafeRoot(str(tmp_path)) as root:
        assert root.link_target("sub/link") == "/nowhere/at all"
        with pytest.raises(NotRegular, match="sub/file is not a link"):
            root.link_target("sub/file")
        with pytest.raises(NotRegular, match="below one"):
            root.link_target("linked/link")
        with pytest.raises(FileVanished):
            root.link_target("sub/none")


def test_without_directory_descriptors_a_link_says_where_it_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_open, "_HAS_DIR_FD", False)
    (tmp_path / "link").symlink_to("there")
    assert files.SafeRoot(str(tmp_path)).link_target("link") == "there"


def test_a_file_is_removed_but_never_one_behind_a_link(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "a", outside):
        folder.mkdir(parents=True)
        (folder / "log").write_bytes(SECRET)
    (root / "link").symlink_to(outside)
    (root / "a/to").symlink_to(outside / "log")
    with files.SafeRoot(str(root)) as safe_root:
        safe_root.remove("a/log")
        safe_root.remove("a/to")
        for path, refusal in (("link/log", NotRegular), ("../outside/log", PathRefused), ("a/log", FileVanished)):
            with pytest.raises(refusal):
                safe_root.remove(path)
    assert list((root / "a").iterdir()) == []
    assert (outside / "log").read_bytes() == SECRET
