"""Safe YAML: `parse_yaml` and `parse_mapping` give a `Document` of plain JSON for any bytes, or raise `Unparseable`.

Agents write anything: nesting that exhausts a recursive loader, a 431-byte merge-key bomb that never returns,
`2024-99-99` that raises ValueError, `.nan` that breaks JSON, Markdown after the task. `yaml_builder` builds values from
the parser's events within limits. It is used for every file, as it is not slower: a 2 KB task takes 0.18 ms, against
0.20 ms for `CSafeLoader` alone and 0.29 ms for `CSafeLoader` after a quick check of the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Unparseable
from .text import decode, first_forbidden, join_escapes, line_and_column
from .yaml_builder import Builder
from .yaml_limits import DEFAULT_LIMITS, Limits, Problem
from .yaml_scalars import JSON


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. `value` is plain JSON: keys are strings; dates, NaN, infinity and integers beyond 2**53 stay text.
    As written, numbers and booleans are text too, of the type `TypedText`, and keys keep their spelling.
    `extra` holds the other documents of the stream that parse; `extra_error` is the problem after them, if any.
    Aliased values are shared objects: do not modify them."""

    value: JSON
    extra: tuple[JSON, ...]
    extra_error: Problem | None
    duplicate_keys: tuple[str, ...]
    encoding: str
    text: str


def parse_yaml(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Document:
    """The first document of a stream, of any type. Raises Unparseable and nothing else."""
    return _parse(data, limits, mapping=False, as_written=False)


def parse_mapping(data: bytes, limits: Limits = DEFAULT_LIMITS, *, as_written: bool = False) -> Document:
    """The first *mapping* of a stream; all other documents go to `extra`.

    `as_written`: for files whose scalars are names and texts, so that `2.10` does not become 2.1.
    Raises Unparseable: NOT_YAML, NOT_A_MAPPING, EMPTY, TOO_COMPLEX.
    """
    return _parse(data, limits, mapping=True, as_written=as_written)


def _parse(data: bytes, limits: Limits, mapping: bool, as_written: bool) -> Document:
    decoded = decode(data)
    builder, problem = _build(decoded.text, limits, as_written)
    if problem is not None and "invalid Unicode character escape" in problem.message:
        # JSON writes an emoji as two escapes, \ud83d\ude00, which YAML does not know.
        builder, problem = _build(join_escapes(decoded.text), limits, as_written)
    documents = builder.documents
    chosen = next((n for n, (value, _) in enumerate(documents) if isinstance(value, dict) or not mapping), None)
    if chosen is None:
        if problem is None:
            others = [(value, line) for value, line in documents if value is not None]
            message = f"a mapping was expected, but found {_kind(others[0][0])}" if others else "the file is empty"
            code = "NOT_A_MAPPING" if others else "EMPTY"
            problem = Problem(message, others[0][1] if others else 1, 1, code)
        raise Unparseable(problem.message, problem, decoded.text)
    extra = tuple(value for n, (value, _) in enumerate(documents) if n != chosen and value is not None)
    return Document(documents[chosen][0], extra, problem, tuple(builder.duplicates), decoded.encoding, decoded.text)


def _build(text: str, limits: Limits, as_written: bool) -> tuple[Builder, Problem | None]:
    """The complete documents of the text, and the problem that ended it. Raises nothing."""
    builder = Builder(limits, as_written)
    forbidden = first_forbidden(text)
    # Documents before a forbidden character may be complete; the last of them is cut off by it.
    allowed = text[: forbidden.start()] if forbidden else text
    problem = builder.read(allowed)
    if forbidden:
        line, column = line_and_column(text, forbidden.start())
        message = f"special characters are not allowed: #x{ord(forbidden.group()):04x}"
        forbidden_problem = Problem(message, line, column, "NOT_YAML")
        if problem is None:
            builder.documents[-1:] = []
        if problem is None or (problem.line or 0, problem.column or 0) >= (line, column):
            problem = forbidden_problem
    return builder, problem


def _kind(value: JSON) -> str:
    return "a list" if isinstance(value, list) else "a single value"
