"""`Expression`: the quick way says the same as `re2` itself, and is the one that is taken."""

from types import SimpleNamespace
from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from llm_service.files.expression import Expression

PATTERNS = (b"a", b"(a)(b)?", b"(?m:^b|c$)", b"[ab]+", b"(x)|(y)")


def test_this_release_of_re2_has_what_is_used_of_it() -> None:
    compiled = re2.compile(b"b(c)?")
    assert "_by_search" not in repr(Expression(compiled).spans)
    assert Expression(compiled).spans(b"abab", 2, 4) == [(3, 4), (-1, -1)]


@given(st.sampled_from(PATTERNS), st.text("abcxy\n").map(str.encode), st.integers(0, 5))
def test_both_ways_find_what_re2_finds(pattern: bytes, data: bytes, begin: int) -> None:
    compiled = re2.compile(pattern)
    match = compiled.search(data, min(begin, len(data)))
    spans = [[found.span(group) for group in range(compiled.groups + 1)] for found in compiled.finditer(data)]
    for expression in (Expression(compiled), Expression(compiled, is_public=True)):
        assert expression.is_in(data) == (compiled.search(data) is not None)
        assert expression.find(data, min(begin, len(data))) == (match.start() if match else -1)
        assert [list(found) for found in expression.every(data)] == spans


class _Renamed:
    """A binding whose method has another name."""

    Anchor = SimpleNamespace(UNANCHORED=0)


class _Changed:
    """A binding whose method gives something else."""

    Anchor = SimpleNamespace(UNANCHORED=0)

    def Match(self, *_: Any) -> bool:
        return False


class _Strict(_Changed):
    """A binding whose method takes other arguments."""

    def Match(self, text: bytes) -> list[tuple[int, int]]:
        return [(0, len(text))]


@pytest.mark.parametrize("binding", [None, _Renamed(), _Changed(), _Strict()])
def test_another_release_is_asked_by_its_public_methods(binding: object) -> None:
    compiled = re2.compile(b"b")
    other = SimpleNamespace(search=compiled.search, _regexp=binding)
    assert Expression(other).find(b"abab", 2) == 3
