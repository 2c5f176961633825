"""Words in files' contents: each line that has them is found once, where it says, and nothing makes it unbounded."""

from __future__ import annotations

import os
import random
import tempfile
import tracemalloc
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.artifacts.contents import search as text_search
from llm_service.artifacts.contents import sniff as content
from llm_service.artifacts.contents.search import (
    Done,
    Hit,
    SearchFile,
    SearchLimits,
    SearchProgress,
    search,
)
from llm_service.errors import BadRequest
from llm_service.files.search_pattern import pattern_of

EVERYTHING = SearchLimits(hits=10_000, hits_per_file=10_000)


def names_in(root: Path) -> list[SearchFile]:
    return [SearchFile(path.name, path.name) for path in sorted(root.iterdir())]


def found_in(
    root: Path,
    query: str,
    limits: SearchLimits = EVERYTHING,
    paths: Iterable[SearchFile] | None = None,
    **how: bool,
) -> tuple[list[Hit], SearchProgress]:
    found = list(search(str(root), names_in(root) if paths is None else paths, pattern_of(query, **how), limits))
    last = found.pop()
    assert isinstance(last, Done)
    return [one for one in found if isinstance(one, Hit)], last.progress


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


WORDS = st.text(st.sampled_from("abB ü😀\t"), max_size=60)


@given(st.lists(WORDS, max_size=8), st.text(st.sampled_from("abü😀"), min_size=1, max_size=4), st.integers(40, 90))
def test_every_line_with_the_words_is_found_once_wherever_chunks_are_cut(
    lines: list[str], query: str, chunk_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "CHUNK_BYTES", chunk_bytes)
        patch.setattr(text_search, "_OVERLAP_BYTES", 32)
        Path(folder, "a.txt").write_text("\n".join(lines), "utf-8")
        hits, progress = found_in(Path(folder), query)
    expected = [
        (number, units(line[: line.lower().index(query.lower())]) + 1)
        for number, line in enumerate(lines, start=1)
        if query.lower() in line.lower()
    ]
    assert [(hit.line, hit.column) for hit in hits] == expected
    for hit in hits:
        start, stop = (2 * at for at in hit.match)
        assert hit.text.encode("utf-16-le")[start:stop].decode("utf-16-le").lower() == query.lower()
    assert (progress.files, progress.hits, progress.truncated) == (1, len(hits), False)


def test_capital_letters_count_only_if_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("Hello\nhello\nÄpfel\n", "utf-8")
    assert [hit.line for hit in found_in(tmp_path, "HELLO")[0]] == [1, 2]
    assert [hit.line for hit in found_in(tmp_path, "hello", match_case=True)[0]] == [2]
    assert [hit.line for hit in found_in(tmp_path, "äPFEL")[0]] == [3]


def test_words_are_taken_as_they_stand_and_expressions_only_if_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a.b\naxb\ndef run(x):\n")
    assert [hit.line for hit in found_in(tmp_path, "a.b")[0]] == [1]
    assert [hit.line for hit in found_in(tmp_path, "a.b", regex=True)[0]] == [1, 2]
    assert [hit.line for hit in found_in(tmp_path, r"^def \w+\(", regex=True)[0]] == [3]
    assert [hit.line for hit in found_in(tmp_path, r"\):$", regex=True)[0]] == [3]


@pytest.mark.parametrize("query", [r"\n", r"a\nb", r"[^x]", r"(?s)a.*b", r"\s+"])
def test_no_expression_matches_across_lines(tmp_path: Path, query: str) -> None:
    (tmp_path / "a").write_text("a\nb\n")
    for hit in found_in(tmp_path, query, regex=True)[0]:
        assert hit.text in ("a", "b")


@pytest.mark.parametrize("data", [b"\0\1needle", b"%PDF-1.7 needle", b"\x89PNG\r\n\x1a\n\0needle"])
def test_what_is_not_text_is_passed_over_and_counted(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    hits, progress = found_in(tmp_path, "needle")
    assert (hits, progress.files, progress.skipped) == ([], 1, 1)


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "cp1252", "utf-8-sig"])
def test_words_are_found_in_every_encoding_that_a_page_shows(tmp_path: Path, codec: str) -> None:
    (tmp_path / "a").write_bytes("erste\nzweite größe\n".encode(codec))
    (hit,) = found_in(tmp_path, "Größe")[0]
    assert (hit.line, hit.column, hit.text, hit.match) == (2, 8, "zweite größe", (7, 12))


def test_links_fifos_and_what_is_gone_are_passed_over(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("needle")
    (root / "a").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "b")
    (root / "c").write_text("needle")
    paths = [SearchFile(name, name) for name in ("a", "b", "folder/secret", "gone", "../secret", "/etc/passwd", "c")]
    hits, progress = found_in(root, "needle", paths=paths)
    assert [hit.path for hit in hits] == ["c"]
    assert progress.skipped == 6


def test_a_long_line_is_shown_around_the_match(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x" * 5_000 + "needle" + "y" * 5_000)
    (hit,) = found_in(tmp_path, "needle")[0]
    assert hit.column == 5_001
    assert hit.text[slice(*hit.match)] == "needle"
    assert len(hit.text) < 300
    assert hit.text.startswith("… ")
    assert hit.text.endswith(" …")


def test_a_match_longer_than_what_is_shown_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x" * 5_000)
    (hit,) = found_in(tmp_path, "x+", regex=True)[0]
    assert len(hit.text) < 300


def test_it_ends_at_each_limit_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "CHUNK_BYTES", 1_000)
    for name in "abc":
        (tmp_path / name).write_text("needle\n" * 1_000)
    for limits, least, most in (
        (SearchLimits(hits=7), 7, 7),
        (SearchLimits(hits_per_file=5), 15, 15),
        (SearchLimits(hits=10_000, hits_per_file=10_000, file_bytes=1_000), 3, 1_000),
        (SearchLimits(hits=10_000, hits_per_file=10_000, total_bytes=6_000), 900, 1_100),
    ):
        hits, progress = found_in(tmp_path, "needle", limits)
        assert least <= len(hits) <= most, limits
        assert progress.truncated, limits
    hits, progress = found_in(tmp_path, "needle", SearchLimits(hits=10_000, hits_per_file=1_000))
    assert len(hits) == 3_000


class Clock:
    """A second goes by each time somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_it_ends_when_its_time_is_over_and_says_how_far_it_is_meanwhile(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number:02d}").write_text("nothing here")
    found = list(search(str(tmp_path), names_in(tmp_path), pattern_of("x"), SearchLimits(seconds=20), clock=Clock()))
    published = [one for one in found if isinstance(one, SearchProgress)]
    last = found[-1]
    assert published
    assert isinstance(last, Done)
    assert last.progress.truncated
    assert last.progress.files < 50


@pytest.mark.parametrize(
    ("query", "regex"),
    [("", False), ("a\nb", False), ("a\0", False), ("x" * 501, False), ("(", True), ("[z-a]", True), (r"(a)\1", True),
     ("(?=a)", True), ("((a{1000}){1000}){1000}", True), ("a{100000}", True), ("\ud800", False)],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_refused_with_a_reason(query: str, regex: bool) -> None:
    with pytest.raises(BadRequest) as caught:
        pattern_of(query, regex)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("query", ["(a+)+$", "(a|a)*b", "(.*)*x", r"^(\w+\s?)*!$", "a{0,500}a{0,500}b"])
@pytest.mark.timeout(60)
def test_an_expression_that_hangs_other_engines_does_not_hang(tmp_path: Path, query: str) -> None:
    """The limit of time of the test stands for "for ever": by backtracking these take longer than the sun lasts."""
    (tmp_path / "a").write_text(("a" * 5_000 + "\n") * 200)
    _, progress = found_in(tmp_path, query, SearchLimits(hits=10), regex=True)
    assert progress.bytes > 0


def test_a_file_of_ten_gigabytes_costs_a_few_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"needle at the start\n" + b"x" * 8_192)
    with open(path, "r+b") as sparse:
        sparse.truncate(10 << 30)
    tracemalloc.start()
    hits, progress = found_in(tmp_path, "needle", SearchLimits(file_bytes=32 << 20))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [hit.line for hit in hits] == [1]
    assert progress.truncated
    assert most < 16 << 20


def test_closing_it_half_way_closes_its_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in "abc":
        (tmp_path / "folder" / name).write_text("needle\n" * 10)
    paths = [SearchFile(name, f"folder/{name}") for name in "abc"]
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("open files cannot be counted here")
    before = len(os.listdir("/proc/self/fd"))
    going_on = search(str(tmp_path), paths, pattern_of("needle"))
    next(going_on)
    assert len(os.listdir("/proc/self/fd")) > before
    going_on.close()  # type: ignore[attr-defined]
    assert len(os.listdir("/proc/self/fd")) == before


def test_bytes_that_are_no_text_at_all_do_not_stop_it(tmp_path: Path) -> None:
    rng = random.Random(5)
    for number in range(100):
        (tmp_path / f"{number}").write_bytes(rng.randbytes(rng.randrange(2_000)).replace(b"\0", b"n") + b"\nneedle\n")
    hits, progress = found_in(tmp_path, "needle")
    assert len(hits) + progress.skipped == progress.files == 100


def test_the_end_of_a_line_is_before_cr_lf_too(tmp_path: Path) -> None:
    """As `rg --crlf`: 1, 2 and 3 are the lines that it prints for `;$` in these three files."""
    (tmp_path / "a.c").write_bytes(b"one;\r\ntwo\r\n")
    (tmp_path / "b.c").write_bytes(b"one\r\ntwo;\n")
    (tmp_path / "c.c").write_bytes("one;x\r\ntwo\r\nthree;\r\n".encode("utf-16"))
    hits, _ = found_in(tmp_path, ";$", regex=True)
    assert [(hit.path, hit.line) for hit in hits] == [("a.c", 1), ("b.c", 2), ("c.c", 3)]
    assert [hit.line for hit in found_in(tmp_path, r"\r$", regex=True)[0]] == [1, 2, 1, 1, 2, 3]


@given(
    st.integers(1, 40), st.lists(st.sampled_from(["a;\r\n", "b\r\n", ";\r", "\r\n", "c;\n"]), min_size=1, max_size=12)
)
def test_cr_lf_is_one_end_wherever_chunks_are_cut(chunk_bytes: int, parts: list[str]) -> None:
    text = "".join(parts)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "CHUNK_BYTES", chunk_bytes)
        Path(folder, "a").write_bytes(text.encode())
        hits, _ = found_in(Path(folder), ";$", regex=True)
    lines = [line.removesuffix("\r") if ended else line for line, ended in _with_ends(text)]
    assert [hit.line for hit in hits] == [number for number, line in enumerate(lines, 1) if line.endswith(";")]


def _with_ends(text: str) -> list[tuple[str, bool]]:
    *ended, last = text.split("\n")
    return [(line, True) for line in ended] + [(last, False)]


@pytest.mark.parametrize(
    ("query", "regex"), [("Résumé", False), ("résumé", False), ("R..?sum[éx]$", True), ("é+", True)]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("query_form", ["NFC", "NFD"])
def test_letters_with_accents_are_found_however_they_are_encoded(
    tmp_path: Path, query: str, regex: bool, form: Literal["NFC", "NFD"], query_form: Literal["NFC", "NFD"]
) -> None:
    (tmp_path / "a").write_text(unicodedata.normalize(form, "resume\nRésumé\n"), "utf-8")
    hits, _ = found_in(tmp_path, unicodedata.normalize(query_form, query), regex=regex)
    assert [hit.line for hit in hits] == [2]


def test_marks_in_another_order_of_composition_and_korean_are_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("\u1ec7\n\u1eb9\u0302\ne\u0323\u0302\n한\n\u1112\u1161\u11ab\n", "utf-8")
    assert [hit.line for hit in found_in(tmp_path, "\u1ec7")[0]] == [1, 2, 3]
    assert [hit.line for hit in found_in(tmp_path, "한")[0]] == [4, 5]


@pytest.mark.parametrize("expression", ["[^é]x", "[[:alpha:]é]", r"\[é", r"\Qé(\E", "(é|x)", "é{2}", "[é-ü]"])
def test_an_expression_with_accents_stays_one(tmp_path: Path, expression: str) -> None:
    (tmp_path / "a").write_text("é\n", "utf-8")
    found_in(tmp_path, expression, regex=True)
