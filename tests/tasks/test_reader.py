"""Reading one task file: what becomes of any content, and what is kept of the last version that parsed."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_service import files
from llm_service.errors import FileChanging
from llm_service.tasks import reader
from llm_service.tasks.model import LANES, Location, TaskFile
from llm_service.tasks.reader import TaskSource, details, document_of, pack, unpack

PATH = "assigned/ada/t1.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "assigned/ada").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def source(root: Path) -> Iterator[TaskSource]:
    made = TaskSource(str(root), LANES, 10_000)
    with made.folders:
        yield made


def read(source: TaskSource, text: str | bytes, previous: TaskFile | None = None, now: float = 7.0) -> TaskFile:
    """The file with that content, read after `previous`."""
    path = Path(source.root, PATH)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (1, 1))
    file = source.read(PATH, previous, now)
    assert file is not None
    return file


def test_the_filter_admits_lanes_and_task_files(source: TaskSource) -> None:
    assert source.filter.folder("assigned/ada") and not source.filter.folder("archive")
    assert source.filter.file(PATH) and not source.filter.file("assigned/ada/notes.md")
    assert source.location(PATH) == Location("assigned", "ada", PATH)
    assert source.location("inbox/a\n.yaml") == Location("inbox", None, "inbox/a\\x0a.yaml")
    assert source.location("archive/t1.yaml") is None
    assert source.read("archive/t1.yaml", None, 0.0) is None


def test_a_whole_file_is_a_task_with_facts_and_claims(source: TaskSource) -> None:
    file = read(source, "id: 2.10\ntitle: Paint\nartefacts: [a.py]\n---\nid: other\n")
    task = file.summary
    assert (task.id, task.title, task.agent, task.lane, task.path) == ("2.10", "Paint", "ada", "assigned", PATH)
    assert (task.modified_at, task.size_bytes) == ("1970-01-01T00:00:01.000Z", 54)
    assert (task.counts.documents, task.counts.artefacts, task.error) == (2, 1, None)
    assert set(task.flags) == {"id_differs_from_file", "several_documents"}
    assert file.claims.texts == ("a.py",)
    assert file.raw is file.last_good and file.raw is not None
    assert unpack(file.raw).startswith(b"id: 2.10")
    assert file.last_good_read_at == 7.0


@pytest.mark.parametrize(
    ("text", "documents", "flags"),
    [
        ("id: t1\n", 1, set()), ("id: t1\n---\n- 1\n---\n*bad\n", 3, {"several_documents"}),
        ("id: t1\n---\n*bad\n", 2, {"several_documents"}), ("id: a\nid: t1\n", 1, {"duplicate_keys"}),
        ("id: t1\ntitle: Grüße\n".encode("latin-1"), 1, {"not_utf8"}), ("id: t1\n".encode("utf-16"), 1, {"not_utf8"}),
        (b"\xef\xbb\xbfid: t1\n", 1, set()),
    ],
)  # fmt: skip
def test_facts_about_the_content_are_flags(
    source: TaskSource, text: str | bytes, documents: int, flags: set[str]
) -> None:
    task = read(source, text).summary
    assert (task.counts.documents, set(task.flags)) == (documents, flags)


def test_the_same_content_is_the_same_object_and_a_new_time_is_not(source: TaskSource) -> None:
    first = read(source, "id: t1\n")
    assert source.read(PATH, first, 8.0) is first
    os.utime(Path(source.root, PATH), (2, 2))
    later = source.read(PATH, first, 8.0)
    assert later is not None and later is not first
    assert (later.digest, later.summary.modified_at) == (first.digest, "1970-01-01T00:00:02.000Z")
    assert read(source, "id: t2\n", first).summary.id == "t2"


def test_a_broken_file_keeps_the_last_version_that_parsed(source: TaskSource) -> None:
    good = read(source, "id: t1\ntitle: Good\n", now=5.0)
    broken = read(source, "id: t1\ntitle: [WIP] Paint\nx: [\n", good, now=6.0)
    error = broken.summary.error
    assert error is not None
    assert (error.code, error.line, error.column) == ("NOT_YAML", 2, 14)
    assert (broken.summary.title, broken.summary.counts.documents) == ("[WIP] Paint", 1)
    assert (broken.last_good, broken.last_good_read_at) == (good.raw, 5.0)
    assert broken.claims.texts == ()
    assert broken.digest == hashlib.blake2b(b"id: t1\ntitle: [WIP] Paint\nx: [\n", digest_size=16).digest()
    again = read(source, "id: t1\ntitle: @still\n", broken, now=7.0)
    assert (again.last_good, again.last_good_read_at, again.summary.title) == (good.raw, 5.0, "@still")
    assert read(source, "a: [", None).last_good is None
    # A broken file that is read again is not taken for known: it may be one that could not be read for a moment.
    assert source.read(PATH, again, 8.0) is not again


def test_what_cannot_be_read_is_a_broken_task_without_content(source: TaskSource, root: Path) -> None:
    good = read(source, "id: t1\n", now=5.0)
    large = read(source, "id: t1\n" + "#" * 10_000, good)
    assert large.summary.error is not None and large.summary.error.code == "TOO_LARGE"
    assert (large.summary.error.line, large.summary.error.column) == (None, None)
    assert (large.summary.id, large.summary.size_bytes, large.digest) == ("t1", 10_007, b"TOO_LARGE")
    assert (large.raw, large.last_good, large.last_good_read_at) == (None, good.raw, 5.0)
    (root / PATH).unlink()
    assert source.read(PATH, good, 8.0) is None
    (root / PATH).symlink_to("/etc/passwd")
    link = source.read(PATH, None, 8.0)
    assert link is not None and link.summary.error is not None
    assert (link.summary.error.code, link.last_good) == ("NOT_REGULAR", None)
    assert "passwd" not in link.summary.error.message


def test_a_file_that_is_being_written_is_read_later(source: TaskSource, monkeypatch: pytest.MonkeyPatch) -> None:
    read(source, "id: t1\n")

    def changing(*_: Any) -> None:
        raise FileChanging("it changed")

    monkeypatch.setattr(files, "read_file", changing)
    with pytest.raises(FileChanging):
        source.read(PATH, None, 0.0)


def test_a_defect_is_a_broken_task_and_a_line_in_the_log(
    source: TaskSource, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = read(source, "id: t1\n", now=5.0)

    def defect(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reader, "summarize", defect)
    monkeypatch.setattr(TaskSource, "_broken_file", lambda self, *facts: facts)
    with caplog.at_level(logging.ERROR):
        failed: Any = source.read(PATH, good, 8.0) if Path(source.root, PATH).write_text("id: t2\n") else None
    location, path, refusal, previous = failed
    assert (location, path, previous) == (Location("assigned", "ada", PATH), PATH, good)
    assert refusal.message == "This file could not be read because of an internal error; the log has the details."
    assert caplog.messages == [f"{PATH} could not be read"]


def test_a_file_that_vanishes_while_its_error_is_noted_is_none(
    source: TaskSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(source, "#" * 20_000)
    monkeypatch.setattr(os, "lstat", lambda path: os.stat("/no/such/file"))
    assert source.read(PATH, None, 8.0) is None


def test_content_that_moved_is_not_parsed_again(source: TaskSource, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    parse = files.parse_mapping

    def counted(data: bytes, **options: Any) -> files.Document:
        parsed.append(data)
        return parse(data, **options)

    monkeypatch.setattr(files, "parse_mapping", counted)
    monkeypatch.setattr(reader, "_PARSED_CACHE_SIZE", 2)
    for text in ("id: a\n", "id: b\n", "id: a\n", "id: c\n", "id: a\n", "id: b\n"):
        assert read(source, text).summary.id == text[4]
    assert parsed == [b"id: a\n", b"id: b\n", b"id: c\n", b"id: b\n"]


# --- details


def test_details_of_a_whole_file(source: TaskSource) -> None:
    text = "id: 2.10\nestimated_hours: 2.50\n---\nid: 0010\n---\n*bad\n"
    shown = details(read(source, text))
    assert shown["document"] == {"id": "2.10", "estimated_hours": 2.5}
    assert (shown["extra_documents"], shown["raw"], shown["encoding"]) == ([{"id": "0010"}], text, "utf-8")
    assert shown["last_good"] is None
    problem = shown["problem"]
    assert (problem["line"], problem["column"], problem["code"]) == (6, 1, "NOT_YAML")
    assert [line["text"] for line in problem["context"] if line["is_error"]] == ["*bad"]
    assert details(read(source, "id: a\n"))["problem"] is None


def test_details_of_a_broken_file(source: TaskSource) -> None:
    good = read(source, "id: 2.10\n", now=0.5)
    shown = details(read(source, "id: 2.10\nx: [\n", good))
    assert (shown["document"], shown["extra_documents"], shown["raw"]) == ({}, [], "id: 2.10\nx: [\n")
    assert (shown["problem"]["code"], shown["problem"]["line"]) == ("NOT_YAML", 3)
    assert shown["problem"]["message"] and len(shown["problem"]["context"]) == 2
    assert shown["last_good"] == {
        "document": {"id": "2.10"},
        "raw": "id: 2.10\n",
        "seen_at": "1970-01-01T00:00:00.500Z",
    }
    assert details(read(source, "x: ["))["last_good"] is None


def test_details_of_a_file_that_could_not_be_read(source: TaskSource) -> None:
    shown = details(read(source, "#" * 20_000))
    assert (shown["document"], shown["raw"], shown["encoding"]) == ({}, None, None)
    assert (shown["problem"]["code"], shown["problem"]["line"], shown["problem"]["context"]) == ("TOO_LARGE", None, [])


def test_versions_are_compared_as_written() -> None:
    assert document_of(pack(b"id: 2.10\n")) == {"id": "2.10"}
    assert document_of(pack(b"id: [")) == {}
    assert unpack(pack(b"x" * 1_000)) == b"x" * 1_000
    assert len(pack(b"x" * 1_000)) < 100


def test_a_file_of_a_folder_that_was_replaced_between_two_reads_is_found(source: TaskSource, root: Path) -> None:
    for name in ("t1", "t2"):
        (root / f"assigned/ada/{name}.yaml").write_text(f"id: {name}\n")
    with source.folders:
        assert source.read(PATH, None, 7.0) is not None
        os.rename(root / "assigned/ada", root / "assigned/old")
        (root / "assigned/ada").mkdir()
        (root / "assigned/ada/t3.yaml").write_text("id: t3\n")
        file = source.read("assigned/ada/t3.yaml", None, 7.0)
        assert file is not None and file.summary.id == "t3"
        assert source.read("assigned/ada/t4.yaml", None, 7.0) is None
    assert not source.folders.is_open
