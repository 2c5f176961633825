"""Which tokens are part of which, told by the total."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_service.calls.sessions.gemini_usage import count_tokens

COUNTS = st.integers(0, 100_000)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        # (input, output, cached, thoughts, tool, total) -> (all input, all output, cached)
        ((1000, 50, 400, 30, 20, 1100), (1020, 80, 400)),  # Google's API
        ((1000, 50, 400, 30, 0, 1050), (1000, 50, 400)),  # OpenAI's, by Qwen Code
        ((1000, 50, 0, 30, 20, 1080), (1000, 80, 0)),  # the tool's prompt is part of the input
        ((1000, 50, 0, 30, 20, 1070), (1020, 50, 0)),  # thoughts are part of the output
        ((1000, 50, 400, 30, 0, 1480), (1400, 80, 400)),  # cached ones are not part of the input
        ((1000, 50, 400, 30, 20, 0), (1020, 80, 400)),  # no total: as Google documents it
        ((100, 50, 400, 0, 0, 0), (500, 50, 400)),  # more cached than input
        ((0, 0, 0, 0, 0, 0), (0, 0, 0)),
    ],
)
def test_the_total_tells_what_is_included(usage: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert count_tokens(*usage) == expected


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_cached_tokens_are_never_more_than_the_input(
    given_: int, output: int, cached: int, thoughts: int, tool: int, total: int
) -> None:
    prompt, completion, read = count_tokens(given_, output, cached, thoughts, tool, total)
    assert read <= prompt
    assert prompt >= given_
    assert completion >= output
