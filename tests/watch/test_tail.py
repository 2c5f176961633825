"""Growing files: each whole line once, whatever is done to the file between two looks."""

from __future__ import annotations

import os
import shutil
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.descriptors import open_descriptors

from llm_service.errors import FileVanished, NotRegular
from llm_service.watch import tail as tail_module
from llm_service.watch.tail import Part, Position, Tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


def append(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


def tail_of(log: Path, **options: int) -> Tail:
    return Tail(str(log.parent), log.name, **options)  # type: ignore[arg-type]


def everything(tail: Tail, at_once: int = 1000) -> list[tuple[int, bytes]]:
    lines: list[tuple[int, bytes]] = []
    while True:
        part = tail.read(at_once)
        lines += part.lines
        if not part.more:
            return lines


def test_each_line_is_read_once_with_its_number(log: Path) -> None:
    tail = tail_of(log)
    append(log, b"a\nb\n")
    assert everything(tail) == [(1, b"a"), (2, b"b")]
    assert everything(tail) == []
    append(log, b"c\n")
    assert everything(tail) == [(3, b"c")]


def test_a_last_line_without_its_end_waits(log: Path) -> None:
    tail = tail_of(log)
    append(log, b"a\nhalf")
    assert everything(tail) == [(1, b"a")]
    append(log, b" of it")
    assert everything(tail) == []
    append(log, b"\n")
    assert everything(tail) == [(2, b"half of it")]


def test_a_look_gives_at_most_so_many_lines_and_says_that_there_is_more(log: Path) -> None:
    append(log, b"".join(b"%d\n" % number for number in range(10)))
    tail = tail_of(log)
    part = tail.read(4)
    assert (part.lines[-1], part.more) == ((4, b"3"), True)
    assert everything(tail, 4) == [(number + 1, b"%d" % number) for number in range(4, 10)]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_windows_line_ends_a_byte_order_mark_nuls_and_blank_lines_are_left_out(log: Path, ends: bytes) -> None:
    append(log, ends.join([b"\xef\xbb\xbfa", b"", b"\x00\x00\x00b", b"   ", b"c", b""]))
    assert everything(tail_of(log)) == [(1, b"a"), (3, b"b"), (5, b"c")]


def test_a_line_that_is_too_long_is_refused_and_the_next_ones_are_read(log: Path) -> None:
    append(log, b"a\n" + b"x" * 3_000_000 + b"\nb\n")
    tail = tail_of(log, max_line_bytes=1_000_000)
    part = tail.read(1000)
    assert part.lines == [(1, b"a"), (3, b"b")]
    assert part.refused == [(2, "This line has more than 1,000,000 bytes.")]


def test_the_end_of_a_line_that_is_too_long_is_looked_for_a_part_at_a_time(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_service.watch.tail._CHUNK_BYTES", 1_000)
    monkeypatch.setattr("llm_service.watch.tail._SEARCH_BYTES", 5_000)
    append(log, b"x" * 12_000)
    tail = tail_of(log, max_line_bytes=2_000)
    assert [tail.read(9).more for _ in range(3)] == [True, True, False]
    assert tail.position.offset == 0  # so that a restart refuses the line once, not a piece of it
    append(log, b"\nb\n")
    part = tail.read(9)
    assert (part.lines, [line for line, _ in part.refused]) == ([(2, b"b")], [1])


def test_another_file_in_the_place_of_one_with_an_endless_line_is_read_whole(log: Path) -> None:
    append(log, b"x" * 3_000)
    tail = tail_of(log, max_line_bytes=2_000)
    assert everything(tail) == []
    append(log.with_suffix(".new"), b"".join(b"line %03d\n" % number for number in range(500)))
    os.replace(log.with_suffix(".new"), log)
    part = tail.read(1000)
    assert (len(part.lines), part.refused) == (500, [])


def test_a_look_stops_behind_some_megabytes(log: Path) -> None:
    append(log, (b"x" * 1_000_000 + b"\n") * 20)
    tail = tail_of(log)
    part = tail.read(1000)
    assert len(part.lines) == 5
    assert part.more
    assert len(everything(tail)) + len(part.lines) == 20


def test_a_file_that_was_cut_short_is_read_from_its_start(log: Path) -> None:
    tail = tail_of(log)
    append(log, b"first\nsecond\n")
    everything(tail)
    log.write_bytes(b"new\n")
    part = tail.read(9)
    assert (part.lines, part.restarted) == ([(1, b"new")], True)


def test_a_file_that_was_emptied_and_has_grown_past_the_old_place_is_read_from_its_start(log: Path) -> None:
    tail = tail_of(log)
    append(log, b'{"head": 1}\n' * 200)
    everything(tail)
    inode = log.stat().st_ino
    log.write_bytes(b'{"head": 2}\n' * 300)  # copied away and emptied, as logrotate's copytruncate does
    assert log.stat().st_ino == inode
    part = tail.read(1000)
    assert (len(part.lines), part.lines[0], part.restarted) == (300, (1, b'{"head": 2}'), True)


def test_a_file_with_the_same_beginning_but_another_end_is_read_from_its_start(log: Path) -> None:
    head = b"".join(b"%04d\n" % number for number in range(400))
    tail = tail_of(log)
    append(log, head + b"old old old\n")
    everything(tail)
    log.write_bytes(head + b"new new new\nmore\n")
    assert tail.read(1000).restarted


def test_another_file_in_its_place_is_read_from_its_start(log: Path) -> None:
    tail = tail_of(log)
    append(log, b"a\nb\n")
    everything(tail)
    log.rename(log.with_suffix(".1"))
    append(log, b"c\nd\n")
    assert everything(tail) == [(1, b"c"), (2, b"d")]


def test_the_same_content_under_another_inode_goes_on_where_it_stopped(log: Path) -> None:
    tail = tail_of(log)
    append(log, b"a\nb\n")
    everything(tail)
    shutil.copyfile(log, log.with_suffix(".new"))  # restored from a backup, moved to another disk
    os.replace(log.with_suffix(".new"), log)
    append(log, b"c\n")
    assert everything(tail) == [(3, b"c")]


def test_a_link_and_what_lies_behind_one_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/log.jsonl").write_text("a\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "log.jsonl").symlink_to(tmp_path / "secret/log.jsonl")
    (root / "folder").symlink_to(tmp_path / "secret")
    for path in ("log.jsonl", "folder/log.jsonl"):
        with pytest.raises(NotRegular):
            Tail(str(root), path).read(9)


def test_a_fifo_is_refused_and_a_missing_file_is_gone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.jsonl")
    with pytest.raises(NotRegular):
        Tail(str(tmp_path), "fifo.jsonl").read(9)
    with pytest.raises(FileVanished):
        Tail(str(tmp_path), "none.jsonl").read(9)


def test_no_descriptor_stays_open(log: Path) -> None:
    append(log, b"a\n")
    before = open_descriptors()
    tail = tail_of(log)
    everything(tail)
    assert open_descriptors() <= before


# How much is read at once, and where exactly the limits are.


def small(monkeypatch: pytest.MonkeyPatch, **sizes: int) -> None:
    """Set sizes of the module, such as `chunk=4` for `_CHUNK_BYTES`."""
    for name, size in sizes.items():
        monkeypatch.setattr(tail_module, f"_{name.upper()}_BYTES", size)


def test_the_sizes_are_those_that_the_documents_name_and_the_figures_were_taken_with() -> None:
    sizes = {name: getattr(tail_module, name) / 2**20 for name in ("MAX_LINE_BYTES", "_SEARCH_BYTES", "_PART_BYTES")}
    assert sizes == {"MAX_LINE_BYTES": 16, "_SEARCH_BYTES": 64, "_PART_BYTES": 4}
    assert tail_module._CHUNK_BYTES / 2**10 == 512


def test_a_part_ends_with_the_line_that_reaches_its_size(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, chunk=4, part=8)
    append(log, b"abc\n" * 5)
    tail = tail_of(log)
    parts = [tail.read(9) for _ in range(3)]
    assert [[line for line, _ in part.lines] for part in parts] == [[1, 2], [3, 4], [5]]
    assert [part.more for part in parts] == [True, True, False]


@pytest.mark.parametrize("chunk", [700, 1_000, 4_000])
@pytest.mark.parametrize(("size", "is_kept"), [(2_000, True), (2_001, False)])
def test_a_line_of_exactly_the_limit_is_kept_and_one_byte_more_refused(
    log: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, size: int, is_kept: bool
) -> None:
    small(monkeypatch, chunk=chunk)
    append(log, b"a\n" + b"x" * size + b"\nb\nc\n")
    tail = tail_of(log, max_line_bytes=2_000)
    part = tail.read(9)
    assert part.lines == [(1, b"a"), *([(2, b"x" * size)] if is_kept else []), (3, b"b"), (4, b"c")]
    assert [line for line, _ in part.refused] == ([] if is_kept else [2])
    assert tail.position[2:4] == (log.stat().st_size, 4)


def test_the_search_for_an_end_stops_at_its_limit(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, chunk=1_000, search=5_000)
    append(log, b"x" * 5_500 + b"\nb\n")
    tail = tail_of(log, max_line_bytes=2_000)
    part = tail.read(9)
    assert (part.lines, part.refused, part.more) == ([], [], True)
    part = tail.read(9)
    assert (part.lines, [line for line, _ in part.refused], part.more) == ([(2, b"b")], [1], False)
    small(monkeypatch, chunk=1_000, search=5_001)
    assert [line for line, _ in tail_of(log, max_line_bytes=2_000).read(9).refused] == [1]


def test_empty_lines_at_the_end_are_behind_us_however_the_reading_came_there(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(tail: Tail) -> tuple[int, int]:
        everything(tail)
        return tail.position[2:4]

    append(log, b"a\n")
    tail = tail_of(log)
    assert ends(tail) == (2, 1)
    append(log, b"\n")
    assert ends(Tail(str(log.parent), log.name, tail.position)) == (3, 2), "after a restart"
    assert ends(tail) == (3, 2), "after a line"
    log.write_bytes(b"\n")
    assert ends(tail) == (1, 1), "after the file was cut short"
    small(monkeypatch, chunk=1_000)
    log.write_bytes(b"x" * 3_500 + b"\n\n")
    assert ends(tail_of(log, max_line_bytes=2_000)) == (3_502, 2), "after a line that is too long"


def test_what_was_searched_is_not_searched_again(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, chunk=1_000)
    reads: list[int] = []
    whole = tail_module.read_at

    def counting(handle: int, size: int, offset: int) -> bytes:
        reads.append(offset)
        return whole(handle, size, offset)

    monkeypatch.setattr(tail_module, "read_at", counting)
    append(log, b"x" * 3_000)
    tail = tail_of(log, max_line_bytes=2_000)
    assert everything(tail) == []
    assert reads == [0, 1_000, 2_000]
    assert everything(tail) == []
    append(log, b"y" * 10)
    assert everything(tail) == []
    assert reads == [0, 1_000, 2_000, 3_000]


def test_a_long_line_that_was_cut_short_before_its_end_came_is_searched_anew(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, chunk=1_000)
    append(log, b"x" * 3_000)
    tail = tail_of(log, max_line_bytes=2_000)
    everything(tail)
    log.write_bytes(b"a\nb\n")
    assert everything(tail) == [(1, b"a"), (2, b"b")]


def test_a_line_longer_than_a_chunk_is_put_together(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch, chunk=10)
    append(log, b"a\n" + b"0123456789" * 4 + b"\nb\nc")
    tail = tail_of(log)
    assert everything(tail) == [(1, b"a"), (2, b"0123456789" * 4), (3, b"b")]
    append(log, b"\n")
    assert everything(tail) == [(4, b"c")]


def test_a_file_that_is_cut_short_while_it_is_read_ends_the_look(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, b"x" * 100)
    whole = tail_module.read_at

    def cutting(handle: int, size: int, offset: int) -> bytes:
        log.write_bytes(b"")
        return whole(handle, size, offset)

    monkeypatch.setattr(tail_module, "read_at", cutting)
    assert tail_of(log).read(9) == Part()


def test_reads_that_give_less_than_was_asked_for_are_repeated(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, b"first\nsecond\n")
    whole, sizes = os.read, []

    def short(handle: int, size: int) -> bytes:
        sizes.append(size)
        return whole(handle, min(size, 5))

    monkeypatch.setattr(os, "read", short)
    small(monkeypatch, chunk=13)
    assert everything(tail_of(log)) == [(1, b"first"), (2, b"second")]
    assert sizes == [13, 8, 3] * 2, "the lines, then what they are recognised by"


def test_a_mark_of_the_byte_order_counts_as_one_in_the_first_line_only(log: Path) -> None:
    append(log, b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n")
    tail = tail_of(log)
    assert everything(tail, 1) == [(1, b"a"), (2, b"\xef\xbb\xbfb")]


def test_lines_that_are_left_out_do_not_count_among_those_asked_for(log: Path) -> None:
    append(log, b"\n\na\n\nb\nc\n")
    tail = tail_of(log)
    assert tail.read(2).lines == [(3, b"a"), (5, b"b")]
    assert tail.read(2).lines == [(6, b"c")]


def test_as_many_lines_as_were_asked_for_leave_nothing_more(log: Path) -> None:
    append(log, b"a\nb\n")
    part = tail_of(log).read(2)
    assert (part.lines, part.more, part.restarted) == ([(1, b"a"), (2, b"b")], False, False)


def test_the_size_of_the_file_is_known_after_a_look(log: Path) -> None:
    append(log, b"a\nhalf")
    tail = tail_of(log)
    assert tail.size_bytes == 0
    tail.read(9)
    assert tail.size_bytes == 6


# What is recognised.


def test_a_file_is_recognised_by_what_was_read_of_it(log: Path) -> None:
    append(log, b"a\nb\n")
    tail = tail_of(log)
    assert tail.recognises(), "of a new one nothing was read"
    everything(tail)
    append(log, b"c\n")
    before = open_descriptors()
    assert tail.recognises()
    log.write_bytes(b"x\nb\nc\n")
    assert not tail.recognises()
    log.write_bytes(b"a\n")
    assert not tail.recognises()
    assert open_descriptors() <= before


@pytest.mark.parametrize(
    ("place", "is_noticed"),
    [(0, True), (1_023, True), (1_024, False), (3_743, False), (3_744, True), (3_999, True), (4_000, False)],
)
def test_a_change_in_the_first_kib_or_the_last_256_bytes_read_is_noticed(
    log: Path, place: int, is_noticed: bool
) -> None:
    data = bytearray(b"0123456789abcde\n" * 250)
    append(log, bytes(data))
    tail = tail_of(log)
    everything(tail)
    append(log, b"more")
    with log.open("r+b") as file:
        file.seek(place)
        file.write(b"#")
    assert tail.recognises() is not is_noticed
    assert tail.read(1_000).restarted is is_noticed


@pytest.mark.parametrize("size", [16, 1_024, 1_040, 4_000])
def test_fingerprints_are_kept_in_databases_and_stay_what_they_are(log: Path, size: int) -> None:
    data = b"0123456789abcde\n" * (size // 16)
    append(log, data)
    tail = tail_of(log)
    everything(tail)
    seen = data[:1_024] + (data[size - 256 :] if size > 1_024 else b"")
    status = log.stat()
    fingerprint = blake2b(seen, digest_size=16).digest()
    assert tail.position == Position(status.st_dev, status.st_ino, size, size // 16, fingerprint)


LINES = st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"")), max_size=30)


@given(lines=LINES, cuts=st.lists(st.integers(0, 1500), max_size=12), at_once=st.integers(1, 7), tail_end=st.booleans())
def test_however_a_file_is_cut_into_appends_and_restarts_its_lines_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], cuts: list[int], at_once: int, tail_end: bool
) -> None:
    data = b"".join(line + b"\n" for line in lines) + (b"" if tail_end else b"half")
    log = tmp_path_factory.mktemp("log") / "log.jsonl"
    expected = [
        (number, line.strip(b" \t\r\x00"))
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:-1], 1)
        if line.strip(b" \t\r\x00")
    ]
    position, found, done = Position(), [], 0
    for cut in [*sorted(cut for cut in cuts if cut < len(data)), len(data)]:
        append(log, data[done:cut])
        done = cut
        tail = Tail(str(log.parent), log.name, position)  # a restart between any two appends
        found += everything(tail, at_once)
        position = tail.position
    assert found == expected


def test_a_part_without_anything_is_empty() -> None:
    assert Part() == Part([], [], more=False, restarted=False)
    assert Position() == (0, 0, 0, 0, b"")
