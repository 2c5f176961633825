"""Reading and parsing agents' files: every row of the table of hostile files, and each guard alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from kit.hostile_files import HOSTILE, HostileFile
from kit.paths import SHARED, SRC

from llm_service import files
from llm_service.errors import (
    FileChanging,
    FileRefused,
    FileTooLarge,
    FileUnreadable,
    FileVanished,
    NotRegular,
    PathRefused,
    Unparseable,
)
from llm_service.files import safe_open, yaml_builder

DATA = SHARED / "data"

BY_NAME = {file.name: file for file in HOSTILE}


def outcome(folder: Path, file_name: str) -> tuple[str, str | None, files.Document | None]:
    """The result of reading a file: ("document" | "problem" | "refused", code, document)."""
    try:
        content = files.read_file(str(folder), file_name)
        return "document", None, files.parse_mapping(content.data)
    except Unparseable as failure:
        assert_presentable(failure)
        return "problem", failure.problem.code, None
    except FileRefused as refusal:
        json.dumps(refusal.as_json()).encode()
        return "refused", refusal.code, None


def assert_presentable(failure: Unparseable) -> None:
    problem = failure.problem
    assert 0 < len(problem.message) <= 500
    assert problem.line is None or problem.line >= 1
    assert problem.column is None or problem.column >= 1
    context = files.context_lines(failure.text, problem.line)
    assert len(context) <= 7
    assert all(len(line["text"]) <= 200 for line in context)
    assert all(len(value) <= 200 for value in files.salvage(failure.text).values())
    json.dumps([problem.message, context, files.salvage(failure.text)]).encode()


def as_json(document: files.Document) -> str:
    return json.dumps([document.value, document.extra, document.duplicate_keys], allow_nan=False, ensure_ascii=False)


def has_complete_mapping(text: str) -> bool:
    try:
        return isinstance(yaml.safe_load(text), dict)
    except yaml.YAMLError:
        return False


# --- the table


@pytest.mark.timeout(60)
@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.name)
def test_a_hostile_file_gives_the_result_of_the_table(file: HostileFile, tmp_path: Path) -> None:
    file.make(tmp_path / file.file_name)
    kind, code, document = outcome(tmp_path, file.file_name)
    assert (kind, code) == (file.expect, file.code)
    if document is not None:
        as_json(document).encode()
        assert isinstance(document.value, dict)


def test_the_table_has_unique_names_and_enough_rows() -> None:
    assert len(BY_NAME) == len(HOSTILE) >= 45


def test_a_process_survives_reading_all_hostile_files() -> None:
    # In a separate process: a crash or an endless loop in C, which pytest's timeout cannot end, fails this test.
    program = (
        "import pathlib, tempfile; from kit import hostile_files as hostile; from test_reading import outcome\n"
        "for file in hostile.HOSTILE:\n"
        "    folder = pathlib.Path(tempfile.mkdtemp(dir='.')); file.make(folder / file.file_name)\n"
        "    outcome(folder, file.file_name)\n"
        "print('alive')"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [SRC, *Path(__file__).parents[:2]]))}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", program],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=100,
        )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-2_000:]


@pytest.mark.parametrize(
    "name",
    ["brackets in a text", "anchors as meant", "tags that do not fit", "dates", "no numbers", "keys that are no text",
     "duplicate keys", "halves of characters in escapes", "UTF-8 with byte order mark", "CR LF", "a list and a task",
     "base 60", "!!set", "!!omap and !!pairs", "200 kB of [", "billion laughs", "merge-key bomb", "undefined alias",
     "alias to itself", "empty", "a list", "unclosed quote", "application tag", "list as a key", "NUL"],
)  # fmt: skip
def test_the_result_without_libyaml_is_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = BY_NAME[name]
    file.make(tmp_path / file.file_name)
    kind, code, document = outcome(tmp_path, file.file_name)
    monkeypatch.setattr(yaml_builder, "_Parser", yaml.BaseLoader)
    slow_kind, slow_code, slow_document = outcome(tmp_path, file.file_name)
    assert (slow_kind, slow_code) == (kind, code)
    assert slow_document == document


# --- real files


def test_all_real_task_files_give_a_document_or_a_problem_with_line() -> None:
    for path in sorted(DATA.glob("collaboration/**/*.yaml")):
        kind, code, document = outcome(path.parent, path.name)
        assert (kind, code) in {("document", None), ("problem", "NOT_YAML")}, path
        if document is not None:
            as_json(document)
            assert {"id", "task_id", "title", "name", "agent", "status"} & set(document.value), path


def test_real_files_with_several_documents_give_the_first_and_report_the_others() -> None:
    for path in sorted(DATA.glob("broken/*.yaml")):
        text = path.read_text()
        card_keys = {"id", "task_id"}
        head, _, rest = text.removeprefix("---\n").partition("\n---\n")
        if rest and has_complete_mapping(head):
            document = files.parse_mapping(path.read_bytes())
            assert card_keys & set(document.value), path
            assert document.extra or document.extra_error, path
        else:
            with pytest.raises(Unparseable) as caught:
                files.parse_mapping(path.read_bytes())
            problem = caught.value.problem
            assert problem.code == "NOT_YAML", path
            assert problem.line is not None and problem.column is not None, path
            assert card_keys & set(files.salvage(text)), path


# --- opening


def test_a_file_is_read_with_its_signature(tmp_path: Path) -> None:
    (tmp_path / "lane/ada").mkdir(parents=True)
    path = tmp_path / "lane/ada/a.yaml"
    path.write_bytes(b"id: a\n")
    content = files.read_file(str(tmp_path), "lane/ada/a.yaml")
    facts = path.stat()
    assert content.data == b"id: a\n"
    assert content.signature == files.Signature(facts.st_ino, 6, facts.st_mtime_ns)


def test_a_file_at_the_size_limit_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    assert len(files.read_file(str(tmp_path), "a", max_bytes=100).data) == 100
    with pytest.raises(FileTooLarge) as caught:
        files.read_file(str(tmp_path), "a", max_bytes=99)
    assert caught.value.details == {"size_bytes": 100, "max_bytes": 99}
    assert caught.value.message == "a has 100 bytes, more than the limit of 99."
    (tmp_path / "b\n").write_bytes(b"x" * (files.reading.MAX_BYTES + 1))
    with pytest.raises(FileTooLarge) as caught:
        files.read_file(str(tmp_path), "b\n")
    assert caught.value.message == "b\\x0a has 1,048,577 bytes, more than the limit of 1,048,576."
    (tmp_path / "b\n").write_bytes(b"x" * files.reading.MAX_BYTES)
    assert len(files.read_file(str(tmp_path), "b\n").data) == files.reading.MAX_BYTES


@pytest.mark.parametrize(
    "relative", ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "./a", "a/.", "a\x00b", "\ud800.yaml", "/", "."]
)
def test_a_path_that_is_not_below_the_root_is_refused(relative: str, tmp_path: Path) -> None:
    with pytest.raises(PathRefused) as caught:
        files.read_file(str(tmp_path), relative)
    caught.value.message.encode()


def set_dir_fd(monkeypatch: pytest.MonkeyPatch, has_dir_fd: bool) -> None:
    monkeypatch.setattr(safe_open, "_HAS_DIR_FD", has_dir_fd)


@pytest.mark.parametrize("has_dir_fd", [True, False], ids=["openat", "checked"])
def test_a_link_in_the_path_is_not_followed_but_the_root_may_be_one(
    has_dir_fd: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_dir_fd(monkeypatch, has_dir_fd)
    outside, root, link = tmp_path / "outside", tmp_path / "root", tmp_path / "link"
    outside.mkdir()
    root.mkdir()
    (outside / "a.yaml").write_bytes(b"id: secret\n")
    (root / "lane").symlink_to(outside)
    (root / "b.yaml").write_bytes(b"id: b\n")
    link.symlink_to(root)
    with pytest.raises(NotRegular):
        files.read_file(str(root), "lane/a.yaml")
    assert files.read_file(str(link), "b.yaml").data == b"id: b\n"


@pytest.mark.parametrize("has_dir_fd", [True, False], ids=["openat", "checked"])
def test_a_missing_file_has_vanished(has_dir_fd: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_dir_fd(monkeypatch, has_dir_fd)
    path = tmp_path / "a.yaml"
    path.write_bytes(b"id: a\n")
    listed = os.listdir(tmp_path)
    path.unlink()
    for relative in (*listed, "lane/a.yaml"):
        with pytest.raises(FileVanished):
            files.read_file(str(tmp_path), relative)
    path.write_bytes(b"")
    with pytest.raises(FileVanished):
        files.read_file(str(tmp_path), "a.yaml/b.yaml")
    with pytest.raises(FileVanished):
        files.read_file(str(tmp_path / "no root"), "a.yaml")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [file.name for file in HOSTILE if file.expect == "refused"])
def test_without_directory_descriptors_the_same_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_dir_fd(monkeypatch, False)
    file = BY_NAME[name]
    file.make(tmp_path / file.file_name)
    assert outcome(tmp_path, file.file_name)[:2] == (file.expect, file.code)


def swap_after_check(monkeypatch: pytest.MonkeyPatch, swap: Callable[[], None]) -> None:
    """Call `swap` between the first check of a file and opening it."""
    check, swaps = safe_open._refuse_special, iter([swap])

    def check_then_swap(mode: int, relative: str) -> None:
        check(mode, relative)
        for once in swaps:
            once()

    monkeypatch.setattr(safe_open, "_refuse_special", check_then_swap)


def test_a_link_that_replaces_a_checked_file_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"id: a\n")

    def swap() -> None:
        path.unlink()
        path.symlink_to("/etc/passwd")

    swap_after_check(monkeypatch, swap)
    with pytest.raises(NotRegular):
        files.read_file(str(tmp_path), "a.yaml")


@pytest.mark.timeout(60)
def test_a_fifo_that_replaces_a_checked_file_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"id: a\n")

    def swap() -> None:
        path.unlink()
        os.mkfifo(path)

    swap_after_check(monkeypatch, swap)
    with pytest.raises(NotRegular):
        files.read_file(str(tmp_path), "a.yaml")


@pytest.mark.parametrize("change", [b"id: longer\n", b"id: b\n", b""], ids=["grown", "same size", "truncated"])
def test_a_file_that_changes_during_the_read_is_reported_as_changing(
    change: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"id: a\n")
    os.utime(path, ns=(0, 0))
    read = os.read

    def read_while_written(handle: int, size: int) -> bytes:
        data = read(handle, size)
        path.write_bytes(change)
        return data

    monkeypatch.setattr(os, "read", read_while_written)
    with pytest.raises(FileChanging, match=r"^a\.yaml changed while it was read\.$"):
        files.read_file(str(tmp_path), "a.yaml")


def test_a_large_file_is_read_a_mebibyte_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = os.urandom(5 << 19)
    (tmp_path / "a").write_bytes(data)
    asked: list[int] = []
    read = os.read
    monkeypatch.setattr(os, "read", lambda handle, size: asked.append(size) or read(handle, size))  # type: ignore[func-returns-value]
    assert files.read_file(str(tmp_path), "a", max_bytes=4 << 20).data == data
    assert asked == [1 << 20, 1 << 20, (1 << 19) + 1]


def test_a_disk_error_during_a_read_makes_the_file_unreadable_and_leaks_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_bytes(b"id: a\n")
    before = os.listdir("/proc/self/fd")

    def fail(handle: int, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "read", fail)
        with pytest.raises(FileUnreadable, match=r"^a\.yaml cannot be read: Input/output error\.$"):
            files.read_file(str(tmp_path), "a.yaml")
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_file_without_permission_is_reported_as_unreadable() -> None:
    # root may read everything, so a process without its rights reads.
    program = (
        "import os, sys; from llm_service import files; from llm_service.errors import FileRefused\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "for name in ('a.yaml', 'closed/b.yaml'):\n"
        "    try: files.read_file(sys.argv[1], name)\n"
        "    except FileRefused as refusal: print(type(refusal).__name__)"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        Path(folder, "a.yaml").touch(0o000)
        Path(folder, "closed").mkdir(0o000)
        done = subprocess.run(
            [sys.executable, "-c", program, folder],
            env=os.environ | {"PYTHONPATH": str(SRC)}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        Path(folder, "closed").chmod(0o755)
    assert done.stdout.split() == [FileUnreadable.__name__] * 2, done.stderr


def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    for number, file in enumerate(HOSTILE):
        folder = tmp_path / str(number)
        folder.mkdir()
        if file.expect == "refused":
            file.make(folder / file.file_name)
    before = len(os.listdir("/proc/self/fd"))
    for folder in tmp_path.iterdir():
        outcome(folder, "hostile.yaml")
        outcome(folder, "missing/hostile.yaml")
    assert len(os.listdir("/proc/self/fd")) == before


# --- writing


def test_a_file_is_replaced_completely_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ("n" * 250)
    files.write_atomic(path, b"old")
    files.write_atomic(path, b"new")
    assert path.read_bytes() == b"new"

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_atomic(path, b"newer")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == [path.name]


def test_the_new_content_is_written_beside_the_file_under_a_hidden_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only within a file system can a file be replaced at once, and no watcher takes the name for a file of its own."""
    replaced: list[Path] = []
    monkeypatch.setattr(os, "replace", lambda source, target: replaced.append(Path(source)))
    files.write_atomic(tmp_path / "a", b"new")
    (source,) = replaced
    assert (source.parent, source.read_bytes()) == (tmp_path, b"new")
    assert source.name.startswith(".llm-service-")


def test_a_file_that_need_not_be_durable_is_replaced_without_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    files.write_atomic(tmp_path / "a", b"quick", durable=False)
    assert ((tmp_path / "a").read_bytes(), synced) == (b"quick", [])
    files.write_atomic(tmp_path / "a", b"safe")
    assert ((tmp_path / "a").read_bytes(), len(synced)) == (b"safe", 1)


def test_a_file_that_grows_before_it_is_read_is_changing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"id: a\n")
    read = os.read

    def grown(handle: int, size: int) -> bytes:
        with (tmp_path / "a").open("ab") as file:
            file.write(b"b: c\n")
        return read(handle, size)

    monkeypatch.setattr(os, "read", grown)
    with pytest.raises(FileChanging):
        files.read_file(str(tmp_path), "a")
