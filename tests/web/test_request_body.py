"""Bodies that do not arrive as announced are errors of the client; the values are those of HTTP (RFC 9110, 9112)."""

from __future__ import annotations

import io

import pytest
from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize, NoMoreData
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestTimeout

from llm_service.errors import BadRequest, TooLarge
from llm_service.web.request_body import RequestBody


class Failing:
    """A server's stream that raises."""

    def __init__(self, problem: Exception) -> None:
        self._problem = problem

    def read(self, size: int) -> bytes:
        raise self._problem


@pytest.mark.parametrize(
    "problem", [InvalidChunkSize(b"zz"), ChunkMissingTerminator(b"x"), NoMoreData(), OSError("Invalid chunk header")]
)
def test_a_body_that_breaks_off_is_a_bad_request(problem: Exception) -> None:
    with pytest.raises(BadRequest):
        RequestBody(Failing(problem)).read()


def test_a_body_that_does_not_arrive_is_a_request_timeout() -> None:
    with pytest.raises(RequestTimeout):
        RequestBody(Failing(TimeoutError())).read()


@given(st.binary(max_size=300), st.integers(0, 300), st.lists(st.integers(1, 400), max_size=9))
def test_a_body_is_whole_or_too_large_however_it_is_read(data: bytes, limit: int, sizes: list[int]) -> None:
    def read() -> bytes:
        body = RequestBody(io.BytesIO(data), limit)
        return b"".join(body.read(size) for size in sizes) + body.read()

    if len(data) > limit:
        with pytest.raises(TooLarge):
            read()
    else:
        assert read() == data
