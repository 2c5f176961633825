"""Reading and parsing agents' files: every row of the table of hostile files, and each guard alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from kit.hostile_files import HOSTILE, HostileFile, laughs, long_echo, merges, towers
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


def mapping(data: str | bytes, limits: files.Limits = yaml_builder.DEFAULT_LIMITS) -> Any:
    return files.parse_mapping(data.encode() if isinstance(data, str) else data, limits).value


def problem_of(data: str | bytes, limits: files.Limits = yaml_builder.DEFAULT_LIMITS) -> files.Problem:
    with pytest.raises(Unparseable) as caught:
        mapping(data, limits)
    problem: files.Problem = caught.value.problem
    return problem


# --- the table


@pytest.mark.timeout(10)
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
    ("limit", "data"),
    [
        ("nodes", laughs(5)),
        ("nodes", merges(10)),
        ("nodes", "a: b\n" * 10_000),
        ("depth", "a: " + "[" * 61 + "]" * 61),
        ("depth", towers(5)),
        ("characters", long_echo(10_000, 1_000)),
        ("anchors", "".join(f"- &a{n} x\n" for n in range(1_001)) + "---\na: 1\n"),
        ("documents", "- 1\n---\n" * 101 + "a: 1\n"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "",
)
def test_each_limit_alone_refuses_a_file_that_the_others_allow(limit: str, data: str) -> None:
    assert problem_of(data).code == "TOO_COMPLEX"
    unbounded = {name: 10**9 for name in ("depth", "nodes", "characters", "anchors", "documents") if name == limit}
    assert isinstance(mapping(data, files.Limits(**unbounded)), dict)


def test_values_at_the_limits_are_allowed() -> None:
    assert mapping("a: " + "[" * 59 + "]" * 59)
    assert len(mapping("".join(f"k{n}: 1\n" for n in range(7_499)))) == 7_499
    assert len(mapping("a:\n" + "".join(f"- &a{n} x\n" for n in range(1_000)))["a"]) == 1_000


class ParserWithLimit(yaml.BaseLoader):
    """A parser that reads ahead and refuses deep nesting before its first event."""

    levels = 200

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._brackets = [place for place, character in enumerate(text) if character == "["]

    def get_event(self) -> Any:
        if len(self._brackets) > self.levels:
            place = self._brackets[self.levels]
            mark = yaml.Mark("", place, 0, place, None, None)
            raise yaml.scanner.ScannerError("while nesting", mark, "too deep", mark)
        return super().get_event()


@pytest.mark.parametrize("parser", [None, ParserWithLimit], ids=["installed", "with a limit that comes first"])
@pytest.mark.parametrize("end", ["", "]" * 2_000, "&", '"', "@", "{a: b"])
@pytest.mark.parametrize("levels", [201, 900, 1_001, 2_000])
def test_deep_nesting_is_too_complex_whichever_limit_comes_first(
    levels: int, end: str, parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser:
        monkeypatch.setattr(yaml_builder, "_Parser", parser)
    problem = problem_of("a: " + "[" * levels + end)
    assert (problem.code, problem.line, problem.column) == ("TOO_COMPLEX", 1, 63)


@pytest.mark.parametrize("end", ["", "]" * 2_000, "&", '"', "@", "{a: b"])
@pytest.mark.parametrize("levels", [61, 201, 1_001, 2_000])
def test_deep_nesting_in_a_later_document_keeps_the_first(levels: int, end: str) -> None:
    later = files.parse_mapping(("id: a\n---\n" + "[" * levels + end).encode())
    assert later.value == {"id": "a"}
    assert later.extra_error is not None
    assert (later.extra_error.code, later.extra_error.line) == ("TOO_COMPLEX", 3)


def test_an_error_of_the_parser_within_the_limits_has_its_message() -> None:
    assert problem_of("a: " + "[" * 50 + "@").message.endswith("found character that cannot start any token")


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
            problem = problem_of(path.read_bytes())
            assert problem.code == "NOT_YAML", path
            assert problem.line is not None and problem.column is not None, path
            assert card_keys & set(files.salvage(text)), path


# --- values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), ("-7", -7), ("+7", 7), ("0", 0), ("0x1F", 31), ("0b101", 5), ("017", 15), ("1_000", 1000),
        ("9007199254740992", 2**53), ("9007199254740993", "9007199254740993"), ("089", "089"), ("1e5", "1e5"),
        ("1.5", 1.5), ("-1.5e+3", -1500.0), (".5", 0.5), ("1.", 1.0), ("1.0e+999", "1.0e+999"),
        (".nan", ".nan"), ("-.inf", "-.inf"), ("12:30", "12:30"), ("2024-99-99", "2024-99-99"),
        ("2026-02-06T11:50:00Z", "2026-02-06T11:50:00Z"), ("1.2.3", "1.2.3"), ("0x_", "0x_"),
        ("yes", True), ("Off", False), ("true", True), ("~", None), ("", None), ("null", None), ("nul", "nul"),
        ("'12'", "12"), ('"null"', "null"), ("!!str 12", "12"), ("!!int '12'", 12), ("!!float 1", 1),
        ("!!bool yes", True), ("!!null ''", None), ("! text", "text"), ("<<", "<<"), ("=", "="),
        ("!!binary aGk=", "aGk="), ("!!timestamp 2024-99-99", "2024-99-99"), ("!!set {b, a}", ["b", "a"]),
        ("!!map {b: 1}", {"b": 1}), ("!!seq [1]", [1]), ("!!omap [b: 1]", [{"b": 1}]),
    ],
)  # fmt: skip
def test_a_scalar_is_read_as_plain_json(written: str, value: Any) -> None:
    found = mapping(f"a: {written}\n")["a"]
    assert found == value and type(found) is type(value)


def test_a_key_is_the_json_text_of_its_value() -> None:
    document = files.parse_mapping(b"1: a\nyes: b\n~: c\n1.50: d\n2026-01-01: e\n'<<': f\n!!str 2: g\n")
    assert list(document.value) == ["1", "true", "null", "1.5", "2026-01-01", "<<", "2"]


def test_of_two_equal_keys_the_last_wins_and_the_key_is_reported() -> None:
    document = files.parse_mapping(b"id: a\nmore: {x: 1, x: 2}\nid: b\n1: c\n'1': d\n")
    assert document.value == {"id": "b", "more": {"x": 2}, "1": "d"}
    assert document.duplicate_keys == ("x", "id", "1")


def test_own_keys_override_merged_ones_and_the_first_merged_mapping_wins() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {y: 3, <<: [*a, *b]}\nd: {<<: *b, <<: *a}\n"
    document = files.parse_mapping(text.encode())
    assert document.value["c"] == {"x": 1, "y": 3, "z": 2}
    assert document.value["d"] == {"x": 1, "z": 2, "y": 1}
    assert document.duplicate_keys == ()


def test_a_merge_key_with_an_anchor_is_text_where_the_alias_is_used() -> None:
    assert mapping("? &m <<\n: {x: 1}\nb: *m\n") == {"x": 1, "b": "<<"}


def test_an_alias_has_the_value_of_the_latest_anchor() -> None:
    expected = {"a": 1, "b": 1, "c": [2], "d": [2]}
    assert mapping("a: &x 1\nb: *x\nc: &x [2]\nd: *x\n") == expected
    assert mapping("a: &x k\n*x : v\n") == {"a": "k", "k": "v"}


# --- streams of several documents


def test_the_first_mapping_is_the_value_and_the_others_are_extra() -> None:
    document = files.parse_mapping(b"- 1\n---\nid: a\n---\nid: b\n---\n---\ntext\n")
    assert document.value == {"id": "a"}
    assert document.extra == ([1], {"id": "b"}, "text")
    assert document.extra_error is None


def test_a_later_document_that_does_not_parse_keeps_the_first() -> None:
    document = files.parse_mapping(b"id: a\n---\nid: b\n---\n* Markdown\n")
    assert (document.value, document.extra) == ({"id": "a"}, ({"id": "b"},))
    assert document.extra_error is not None
    assert (document.extra_error.line, document.extra_error.column) == (5, 2)


@pytest.mark.parametrize("rest", ["\x00", "[" * 100, "x: *nobody", "!Ref a", "a: &a [*a]", "{a: 1} b"])
def test_any_later_document_keeps_the_first(rest: str) -> None:
    document = files.parse_mapping(f"id: a\n...\n---\n{rest}\n".encode())
    assert document.value == {"id": "a"}
    assert document.extra_error is not None and document.extra_error.line == 4


def test_a_document_followed_by_garbage_is_not_complete() -> None:
    assert problem_of("{id: a} rest\n").code == "NOT_YAML"
    assert problem_of("id: a\nb: \x07\n").line == 2


def test_parse_yaml_gives_the_first_document_of_any_type() -> None:
    document = files.parse_yaml(b"- 1\n---\nid: a\n")
    assert (document.value, document.extra) == ([1], ({"id": "a"},))
    assert files.parse_yaml(b"~").value is None
    with pytest.raises(Unparseable):
        files.parse_yaml(b"# nothing")


@pytest.mark.parametrize(
    ("failure", "message"),
    [(RuntimeError("odd"), "cannot be read: odd"), (yaml.YAMLError("words\nmore"), "words")],
    ids=["unknown", "without a line"],
)
def test_an_error_of_the_parser_without_a_line_is_a_problem(
    failure: Exception, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(yaml.BaseLoader):
        def get_event(self) -> Any:
            raise failure

    monkeypatch.setattr(yaml_builder, "_Parser", Failing)
    assert problem_of("id: a") == files.Problem(message, None, None, "NOT_YAML")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 2), (["a"], 2), (["a", "x"], 3), (["a", "nowhere"], 2), (["a", 0], 2), (["b"], 4), (["b", 0], 5),
        (["b", 1, "c"], 6), (["b", 7], 4), (["b", "c"], 4), (["nowhere", 0], 2),
    ],
)  # fmt: skip
def test_the_line_of_a_value_or_of_its_nearest_parent_is_found(path: list[str | int], line: int) -> None:
    assert files.line_of("# head\na:\n  x: 1\nb:\n  - 1\n  - c: 2\n", path) == line


@pytest.mark.parametrize("text", ["", "a: [", "# nothing"])
def test_a_text_without_a_value_has_no_line(text: str) -> None:
    assert files.line_of(text, ["a"]) is None


# --- lines and messages


def test_a_problem_has_the_message_and_position_of_the_parser() -> None:
    problem = problem_of("id: a\ntitle: b\nnotes: **bold**\n")
    assert problem.message == "while scanning an alias: did not find expected alphabetic or numeric character"
    assert (problem.line, problem.column, problem.code) == (3, 9, "NOT_YAML")


def test_an_unclosed_construct_is_reported_with_the_line_where_it_starts() -> None:
    problem = problem_of('id: a\ntitle: "b\nstatus: new\n')
    assert problem.message == "while scanning a quoted scalar that starts in line 2: found unexpected end of stream"


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_a_forbidden_character_is_reported_with_line_and_column(mark: str) -> None:
    problem = problem_of(f"id: a{mark}b: c{mark}d: \x01\n")
    assert (problem.line, problem.column) == (3, 4)


def test_the_columns_count_characters_not_bytes() -> None:
    assert problem_of("a: [ü😀, }").column == 9


def test_the_lines_around_a_problem_are_shortened_and_marked() -> None:
    text = "\r\n".join(f"{n} " + "x" * 300 for n in range(1, 11)) + "\r\n"
    lines = files.context_lines(text, 9)
    assert [line["line"] for line in lines] == [6, 7, 8, 9, 10]
    assert [line["line"] for line in lines if line["is_error"]] == [9]
    assert {len(line["text"]) for line in lines} == {200}
    assert files.context_lines(text, 9, around=0) == [lines[3]]


def test_a_problem_after_the_end_is_shown_at_the_last_line() -> None:
    assert files.context_lines("a: [\n", 2) == [{"line": 1, "text": "a: [", "is_error": True}]
    assert files.context_lines("a", None) == []
    assert files.context_lines("", 1) == []


# --- decoding


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("id: ä\n".encode(), "utf-8"),
        ("id: ä\n".encode("utf-8-sig"), "utf-8"),
        ("id: ä\n".encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + "id: ä\n".encode("utf-16-be"), "utf-16"),
        ("id: ä\n".encode("utf-32"), "utf-32"),
        ("id: ä\n".encode("latin-1"), "latin-1"),
    ],
)
def test_the_encoding_is_detected_and_reported(data: bytes, encoding: str) -> None:
    document = files.parse_mapping(data)
    assert (document.value, document.encoding, document.text) == ({"id": "ä"}, encoding, "id: ä\n")


def test_windows_quotation_marks_are_decoded() -> None:
    assert files.decode(b"\x93a\x94 \x80") == files.DecodedText("“a” €", "windows-1252")
    assert files.decode(b"\x81\xff").encoding == "latin-1"


@pytest.mark.parametrize(
    ("head", "codec", "mark", "guessed"),
    [
        (b"plain", "utf-8", 0, False),
        ("ä".encode("utf-8-sig"), "utf-8", 3, False),
        ("ä".encode("utf-16"), "utf-16-le", 2, False),
        ("ä".encode("utf-32"), "utf-32-le", 4, False),
        (b"\xefnot a mark", "cp1252", 0, True),
        ("Grüße".encode(), "utf-8", 0, False),
        ("Grüße, ".encode() + b"\xff" + "éàèüö".encode(), "utf-8", 0, False),
        ("Grüße".encode()[:3], "utf-8", 0, False),
        ("Grüße".encode("latin-1"), "cp1252", 0, True),
        (b"a\0b", None, 0, False),
        (b"%PDF-1.7", None, 0, False),
        (b"\x01\x02" + b"a" * 90, None, 0, False),
        (b"\x01" + b"a" * 90, "utf-8", 0, False),
        (b"\x1b[31mred", "utf-8", 0, False),
        (b"a" * files.HEAD_BYTES + b"\0", "utf-8", 0, False),
    ],
)
def test_the_kind_of_content_is_detected_from_the_first_bytes(
    head: bytes, codec: str | None, mark: int, guessed: bool
) -> None:
    kind = files.kind_of(head)
    assert (kind.codec, kind.mark, kind.guessed) == (codec, mark, guessed)


# --- salvage


def test_salvage_finds_the_fields_of_a_card() -> None:
    text = (
        "id: 2026-02-06T1150-board  # the board\r\n"
        'title: "Fix: the # board" # soon\r\n'
        "agent: 'ada'\r\n"
        "status :  in_progress\r\n"
        "  priority: low\r\n"
        "assignee: [bob]\r\n"
        "tags: [2.10, No]\r\n"
        "broken: **\r\n"
        "id: second\r\n"
    )
    assert files.salvage(text) == {
        "id": "2026-02-06T1150-board",
        "title": "Fix: the # board",
        "agent": "ada",
        "status": "in_progress",
        "assignee": "[bob]",
        "tags": ["2.10", "No"],
    }


def test_salvage_takes_the_value_that_broke_the_file_as_written() -> None:
    text = 'id: a\ntitle: "never closed\nagent: @claude\nstatus: **new**\npriority: >\ntask_id: &x b\n'
    assert files.salvage(text) == {
        "id": "a", "title": "never closed", "agent": "@claude", "status": "**new**", "task_id": "b",
    }  # fmt: skip


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


@pytest.mark.timeout(10)
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


@pytest.mark.timeout(10)
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
    with pytest.raises(FileChanging):
        files.read_file(str(tmp_path), "a.yaml")


def test_a_disk_error_during_a_read_makes_the_file_unreadable_and_leaks_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_bytes(b"id: a\n")
    before = os.listdir("/proc/self/fd")

    def fail(handle: int, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "read", fail)
        with pytest.raises(FileUnreadable, match="Input/output error"):
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


# --- names and writing


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("lane/Grüße 😀.yaml", "lane/Grüße 😀.yaml"),
        (os.fsdecode(b"a\xff\x80.yaml"), "a\\xff\\x80.yaml"),
        ("a\n\x1b[31m\x7f.yaml", "a\\x0a\\x1b[31m\\x7f.yaml"),
        ("a\u202etxt.yaml", "a\\u202etxt.yaml"),
        ("a\ud800b", "a\\ud800b"),
        ("", ""),
    ],
)
def test_invisible_characters_and_those_that_cannot_be_sent_are_escaped_in_paths(path: str, shown: str) -> None:
    assert files.printable(path) == shown
    shown.encode()


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


def test_a_file_that_need_not_be_durable_is_replaced_without_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    files.write_atomic(tmp_path / "a", b"quick", durable=False)
    assert ((tmp_path / "a").read_bytes(), synced) == (b"quick", [])
    files.write_atomic(tmp_path / "a", b"safe")
    assert ((tmp_path / "a").read_bytes(), len(synced)) == (b"safe", 1)
