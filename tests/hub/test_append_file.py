"""Files that only grow: whole lines or nothing, no links, what a kill left behind, and what was removed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_service.files import fence
from llm_service.hub import lines
from llm_service.hub.append_file import AppendFile
from llm_service.hub.lines import lines_of, lines_with_ends


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "journal").mkdir()
    return tmp_path / "journal"


@pytest.fixture
def file(folder: Path) -> Iterator[AppendFile]:
    made = AppendFile(str(folder), "x.jsonl")
    made.open()
    yield made
    made.close()


def content(file: AppendFile) -> bytes:
    return Path(file.path).read_bytes()


def test_it_is_for_its_owner_alone_and_grows(file: AppendFile) -> None:
    file.append(b"one\n")
    file.append(b"two\nthree\n")
    assert (content(file), file.size) == (b"one\ntwo\nthree\n", 14)
    assert os.stat(file.path).st_mode & 0o777 == 0o600
    assert not [name for name in os.listdir(file.folder) if name != "x.jsonl"]


def test_rights_that_others_got_are_taken_back(folder: Path) -> None:
    (folder / "x.jsonl").write_text("one\n")
    (folder / "x.jsonl").chmod(0o666)
    file = AppendFile(str(folder), "x.jsonl")
    file.open()
    file.close()
    assert os.stat(file.path).st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("before", "after"), [(b"", b""), (b"one\n", b"one\n"), (b"one\ntw", b"one\n"), (b"on", b"")])
def test_a_line_without_an_end_is_cut_off(folder: Path, before: bytes, after: bytes) -> None:
    (folder / "x.jsonl").write_bytes(before)
    file = AppendFile(str(folder), "x.jsonl")
    file.open()
    assert (content(file), file.size) == (after, len(after))
    file.append(b"new\n")
    assert content(file) == after + b"new\n"
    file.close()


def test_the_end_is_found_behind_a_long_torn_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK", 4)
    (folder / "x.jsonl").write_bytes(b"one\n" + b"torn" * 10)
    file = AppendFile(str(folder), "x.jsonl")
    file.open()
    assert content(file) == b"one\n"
    file.close()


def test_a_failed_write_leaves_nothing_behind(file: AppendFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.append(b"one\n")
    write, calls = os.write, []

    def full(handle: int, data: Any) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "full")
        return write(handle, bytes(data)[:2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="full"):
        file.append(b"two\n")
    assert (content(file), file.size) == (b"one\n", 4)
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, bytes(data)[:2]))
    file.append(b"three\n")
    assert content(file) == b"one\nthree\n"


def test_what_is_no_plain_file_is_not_written_to(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    makers = [
        lambda path: path.symlink_to(victim),
        lambda path: os.link(victim, path),
        lambda path: os.mkfifo(path),
        lambda path: path.mkdir(),
    ]
    for number, make in enumerate(makers):
        make(folder / f"{number}.jsonl")
        file = AppendFile(str(folder), f"{number}.jsonl")
        with pytest.raises(OSError):
            file.open()
        assert not file.is_open
    assert victim.read_text() == "mine"


def test_a_folder_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "workspace/state").mkdir(parents=True)
    (tmp_path / "workspace/state/journal").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        AppendFile(str(tmp_path / "workspace/state/journal"), "x.jsonl").open()
    fence(str(tmp_path / "workspace"))
    (tmp_path / "workspace/out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/journal").mkdir()
    with pytest.raises(OSError, match="leads out"):
        AppendFile(str(tmp_path / "workspace/out/journal"), "x.jsonl").open()


def test_what_is_not_open_cannot_be_written(folder: Path) -> None:
    file = AppendFile(str(folder), "x.jsonl")
    assert (file.is_open, file.lost()) == (False, None)
    with pytest.raises(OSError, match="not open"):
        file.append(b"one\n")
    file.close()


def test_a_removed_file_is_put_back_with_what_it_had(file: AppendFile) -> None:
    file.append(b"one\ntwo\n")
    assert file.lost() is None
    generation = file.generation
    os.unlink(file.path)
    assert file.lost() == "x.jsonl was removed"
    file.restore()
    assert (content(file), file.lost(), file.generation > generation) == (b"one\ntwo\n", None, True)
    file.append(b"three\n")
    assert content(file) == b"one\ntwo\nthree\n"
    assert os.stat(file.path).st_mode & 0o777 == 0o600


def test_a_large_file_is_put_back_whole(file: AppendFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK", 100)
    data = b"".join(b"%d\n" % number for number in range(1_000))
    file.append(data)
    os.unlink(file.path)
    file.restore()
    assert (content(file), file.size) == (data, len(data))
    file.replace(lambda lines: [])
    assert (content(file), file.size) == (b"", 0)


def test_a_file_in_its_place_is_noticed(file: AppendFile) -> None:
    os.unlink(file.path)
    Path(file.path).write_text("another")
    assert file.lost() == "x.jsonl was replaced by another file"


def test_replacing_is_complete_or_not_at_all(file: AppendFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.append(b"one\ntwo\nthree\n")
    file.replace(lambda lines: (line for line in lines() if line != b"two\n"))
    assert (content(file), file.size) == (b"one\nthree\n", 10)

    def broken(lines: Any) -> Iterator[bytes]:
        yield b"four\n"
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        file.replace(broken)
    assert (content(file), os.listdir(file.folder)) == (b"one\nthree\n", ["x.jsonl"])
    file.append(b"five\n")
    assert content(file) == b"one\nthree\nfive\n"


def test_a_leftover_of_a_killed_replacement_does_no_harm(file: AppendFile) -> None:
    Path(f"{file.path}.new").write_text("half")
    file.append(b"one\n")
    file.restore()
    assert (content(file), os.listdir(file.folder)) == (b"one\n", ["x.jsonl"])


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 100])
def test_lines_are_those_between_newlines(folder: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(lines, "CHUNK", chunk)
    data = b"one\r\ntwo\r still two\n\nthree\ntorn"
    (folder / "x").write_bytes(data)
    handle = os.open(folder / "x", os.O_RDONLY)
    expected = [b"one\r\n", b"two\r still two\n", b"\n", b"three\n"]
    assert list(lines_of(handle, 0, len(data))) == expected
    assert list(lines_of(handle, 5, len(data) + 50)) == expected[1:]
    assert [data[behind - len(line) : behind] for line, behind in lines_with_ends(handle, 0, len(data))] == expected
    assert list(lines_of(handle, 0, 4)) == []
    os.close(handle)


@pytest.mark.parametrize("chunk", [3, 8, 1000])
def test_lines_that_are_too_long_are_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(lines, "CHUNK", chunk)
    monkeypatch.setattr(lines, "MAX_LINE", 10)
    data = b"one\n" + b"x" * 2_000 + b"\ntwo\n"
    (folder / "x").write_bytes(data)
    handle = os.open(folder / "x", os.O_RDONLY)
    found = list(lines_with_ends(handle, 0, len(data)))
    assert (found[0], found[-1]) == ((b"one\n", 4), (b"two\n", len(data)))
    assert len(found) == 2
    os.close(handle)
