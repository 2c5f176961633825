"""Safe YAML: any bytes become a `Document` of plain JSON, or `Unparseable` with line and column.

Agents write anything: nesting that exhausts a recursive loader, a 431-byte merge-key bomb that never returns,
`2024-99-99` that raises ValueError, `.nan` that breaks JSON, Markdown behind the task. `yaml_build` puts the parser's
events together with bounds. That is the only path, for harmless files too: a 2 KB task takes 0.18 ms so, against
0.20 ms for `CSafeLoader` alone and 0.29 ms for `CSafeLoader` behind a cheap look at the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Unparseable
from .text import FORBIDDEN, decode, join_escapes, place_of
from .yaml_builder import STANDARD, Builder, Limits, Problem
from .yaml_scalars import JSON


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. `value` is plain JSON: text keys, no dates (they stay as written), no NaN or infinity, no
    integer beyond 2**53 (kept as text). `extra` are the other documents of the stream, as far as they parse;
    `extra_error` says why the rest does not. Aliased parts are shared: do not change them."""

    value: JSON
    extra: tuple[JSON, ...]
    extra_error: Problem | None
    duplicate_keys: tuple[str, ...]
    encoding: str
    text: str


def parse_yaml(data: bytes, limits: Limits = STANDARD) -> Document:
    """The first document of a stream, whatever it is. Raises Unparseable, and nothing else, on any bytes."""
    return _parse(data, limits, mapping=False)


def parse_mapping(data: bytes, limits: Limits = STANDARD) -> Document:
    """The first *mapping* of a stream; everything else goes to `extra`.

    Raises Unparseable: NOT_YAML, NOT_A_MAPPING, EMPTY, TOO_COMPLEX.
    """
    return _parse(data, limits, mapping=True)


def _parse(data: bytes, limits: Limits, mapping: bool) -> Document:
    decoded = decode(data)
    builder, problem = _build(decoded.text, limits)
    if problem is not None and "invalid Unicode character escape" in problem.message:
        # JSON writes an emoji as two escapes, \ud83d\ude00, which YAML does not know.
        builder, problem = _build(join_escapes(decoded.text), limits)
    documents = builder.documents
    chosen = next((n for n, (value, _) in enumerate(documents) if isinstance(value, dict) or not mapping), None)
    if chosen is None:
        if problem is None:
            meant = [(value, line) for value, line in documents if value is not None]
            words = f"a mapping was expected, but found {_kind(meant[0][0])}" if meant else "the file is empty"
            code = "NOT_A_MAPPING" if meant else "EMPTY"
            problem = Problem(words, meant[0][1] if meant else 1, 1, code)
        raise Unparseable(problem.message, problem, decoded.text)
    extra = tuple(value for n, (value, _) in enumerate(documents) if n != chosen and value is not None)
    return Document(documents[chosen][0], extra, problem, tuple(builder.duplicates), decoded.encoding, decoded.text)


def _build(text: str, limits: Limits) -> tuple[Builder, Problem | None]:
    """All whole documents of the text, and why there are no more of them. Raises nothing."""
    builder = Builder(limits)
    forbidden = FORBIDDEN.search(text)
    # What stands before a forbidden character may hold whole documents; the last one is cut off by it.
    sound = text[: forbidden.start()] if forbidden else text
    problem = builder.read(sound)
    if forbidden:
        line, column = place_of(text, forbidden.start())
        words = f"special characters are not allowed: #x{ord(forbidden.group()):04x}"
        there = Problem(words, line, column, "NOT_YAML")
        if problem is None:
            builder.documents[-1:] = []
        if problem is None or (problem.line or 0, problem.column or 0) >= (line, column):
            problem = there
    return builder, problem


def _kind(value: JSON) -> str:
    return "a list" if isinstance(value, list) else "a single value"
