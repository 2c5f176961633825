"""`Builder(limits).read(text)` builds plain JSON from the events of the YAML parser. The only module that imports yaml.

A loader composes recursively and expands every alias. Events need no recursion, so 200 kB of `[` and bombs of aliases
and merge keys are refused at the event that exceeds a limit, before anything is built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import yaml

from .yaml_limits import DEFAULT_LIMITS, Limits, Problem, Refused
from .yaml_scalars import (
    CONSTANTS,
    JSON,
    NUMBER_START,
    TAG,
    TypedText,
    UnknownTag,
    key_text,
    resolve_plain,
    resolve_tagged,
    without_surrogates,
)

_Parser: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# libyaml compares each %TAG line with all earlier ones: 16,000 of them take 0.4 s, 900 kB of them 6.5 s.
_MAX_TAG_LINES = 100
# The parser is not known to raise any of these; if it does, one file must not stop the service.
_UNEXPECTED_ERRORS = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
_MAPPING_TAGS = {"!", f"{TAG}map", f"{TAG}set"}
_LIST_TAGS = {"!", f"{TAG}seq", f"{TAG}omap", f"{TAG}pairs"}
_UNHASHABLE_KEY = "while constructing a mapping: found unhashable key"
_NOT_ONLY_TEXT = NUMBER_START | {"<"}
"""With these begin numbers and `<<`."""
_NO_KEY: Any = object()
_MERGE: Any = object()
_UNFINISHED: Any = object()


class _Collection:
    """A list or mapping that is being built."""

    __slots__ = ("anchor", "characters", "has_empty_key", "height", "is_flow", "items", "key", "merged", "nodes", "tag")

    def __init__(self, items: dict[str, JSON] | list[JSON], event: Any, nodes: int, characters: int) -> None:
        self.items: Any = items
        self.key: Any = _NO_KEY
        self.merged: list[dict[str, JSON]] = []
        self.tag, self.anchor = event.tag, event.anchor
        self.is_flow, self.has_empty_key = event.flow_style, False
        # Nodes and characters before it; `height` is the deepest level below it so far.
        self.nodes, self.characters, self.height = nodes, characters, 0


class Builder:
    """Builds the documents of a stream: `documents` are the complete ones, as (value, first line).

    With `as_written`, numbers and booleans are `TypedText`, and keys are spelled as in the file.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS, as_written: bool = False) -> None:
        self.documents: list[tuple[JSON, int]] = []
        self.duplicates: dict[str, None] = {}
        self._limits, self._as_written = limits, as_written
        self._nodes = self._characters = self._anchor_count = 0
        self._anchors: dict[str, Any] = {}
        self._open: list[_Collection] = []
        self._root: JSON = None

    def read(self, text: str) -> Problem | None:
        """Build all documents of a text without forbidden characters; the problem that ended it. Raises nothing."""
        if text.count("%TAG") > _MAX_TAG_LINES:
            return Problem(f"more than {_MAX_TAG_LINES} %TAG directives", None, None, "TOO_COMPLEX")
        problem, positions = self._read(text)
        for position in positions:
            # The parser reads ahead and has its own limits, different in each release (libyaml 0.2.6: 1,000 levels).
            # A limit of ours that is exceeded before the position of its error is reported instead.
            earlier, unread = Builder(self._limits)._read(text[:position])
            if earlier is not None and not unread:
                return earlier
        return problem

    def _read(self, text: str) -> tuple[Problem | None, list[int]]:
        """The problem, and the positions in the text that the parser's error names."""
        try:
            parser = _Parser(text)
            try:
                self._build(parser.get_event)
            finally:
                parser.dispose()
        except Refused as refusal:
            return refusal.problem, []
        except yaml.YAMLError as error:
            marks = (getattr(error, "problem_mark", None), getattr(error, "context_mark", None))
            return _problem_of(error), [mark.index for mark in marks if mark is not None]
        except _UNEXPECTED_ERRORS as error:
            return Problem(f"cannot be read: {error}"[:500], None, None, "NOT_YAML"), []
        return None, []

    def _build(self, next_event: Callable[[], Any]) -> None:
        """Apply all events of the stream. Raises Refused and the errors of the parser."""
        line, is_pending = 1, False
        # This loop is a third of what reading a file takes: hence what is written out here.
        is_scalar, opened, limits = yaml.ScalarEvent, self._open, self._limits
        while True:
            event = next_event()
            kind = type(event)
            if kind is is_scalar:
                text = event.value
                if (
                    not text
                    or not opened
                    or event.tag is not None
                    or event.anchor is not None
                    or not text.isascii()
                    or (event.implicit[0] and (text[0] in _NOT_ONLY_TEXT or text in CONSTANTS))
                ):
                    self._scalar(event)
                    continue
                # A text that is nothing but itself: nearly all.
                self._nodes += 1
                self._characters += len(text)
                if self._nodes > limits.nodes or self._characters > limits.characters:
                    self._count(event, 0, 0)
                parent = opened[-1]
                items, key = parent.items, parent.key
                if type(items) is list:
                    items.append(text)
                elif key is _NO_KEY:
                    parent.key = text
                elif key is _MERGE or key in items:
                    self._add(text, 0, event)
                else:
                    parent.key = _NO_KEY
                    items[key] = text
            elif kind is yaml.SequenceStartEvent:
                self._begin(event, [])
            elif kind is yaml.MappingStartEvent:
                self._begin(event, {})
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                self._end(event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentEndEvent:
                # Complete only if `...`, another document or the end of the file follows: `{a: 1} rest` is not.
                is_pending = not event.explicit
                if event.explicit:
                    self.documents.append((self._root, line))
            elif kind is yaml.DocumentStartEvent:
                if is_pending:
                    self.documents.append((self._root, line))
                line, is_pending = event.start_mark.line + 1, False
                self._anchors.clear()
                if len(self.documents) >= self._limits.documents:
                    raise Refused(f"more than {self._limits.documents} documents", event, "TOO_COMPLEX")
            elif kind is yaml.StreamEndEvent:
                if is_pending:
                    self.documents.append((self._root, line))
                return

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        self._nodes += 1
        self._characters += len(text)
        if self._nodes > self._limits.nodes or self._characters > self._limits.characters:
            self._count(event, 0, 0)
        self._add(self._value(event, text), 0, event)

    def _value(self, event: Any, text: str) -> Any:
        """What a scalar is: its value, `_MERGE` for `<<` as a key."""
        tag = event.tag
        if tag is not None and tag != "!":
            try:
                value = resolve_tagged(text, tag)
            except UnknownTag as unknown:
                raise Refused(str(unknown), event) from unknown
        elif event.implicit[0] and (text in CONSTANTS or text[0] in NUMBER_START):
            value = resolve_plain(text)
        else:
            value = without_surrogates(text)
        if self._as_written and type(value) is not str:
            # A key is a name, also `~`; an empty one is none.
            value = text if text and self._at_key() else None if value is None else TypedText(text)
        if event.anchor is not None:
            self._define_anchor(event, (value, 1, len(text), 0))
        if text == "<<" and (tag == f"{TAG}merge" or (tag is None and event.implicit[0])) and self._at_key():
            return _MERGE
        if not text and event.implicit[0] and self._at_key():
            self._open[-1].has_empty_key = True
        return value

    def _at_key(self) -> bool:
        return bool(self._open) and self._open[-1].key is _NO_KEY and type(self._open[-1].items) is dict

    def _count(self, event: Any, nodes: int, characters: int) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > self._limits.nodes:
            raise Refused(f"more than {self._limits.nodes:,} nodes, aliases counted in full", event, "TOO_COMPLEX")
        if self._characters > self._limits.characters:
            message = f"more than {self._limits.characters:,} characters, aliases counted in full"
            raise Refused(message, event, "TOO_COMPLEX")

    def _define_anchor(self, event: Any, value: Any) -> None:
        self._anchor_count += 1
        if self._anchor_count > self._limits.anchors:
            raise Refused(f"more than {self._limits.anchors:,} anchors", event, "TOO_COMPLEX")
        self._anchors[event.anchor] = value

    def _check_depth(self, event: Any, height: int) -> None:
        if len(self._open) + height > self._limits.depth:
            raise Refused(f"nested deeper than {self._limits.depth} levels", event, "TOO_COMPLEX")

    def _begin(self, event: Any, items: dict[str, JSON] | list[JSON]) -> None:
        if self._at_key():
            raise Refused(_UNHASHABLE_KEY, event)
        tag = event.tag
        known = _LIST_TAGS if type(items) is list else _MAPPING_TAGS
        if tag is not None and tag not in known:
            raise Refused(str(UnknownTag(tag)), event)
        self._check_depth(event, 1)
        if event.anchor is not None:
            self._define_anchor(event, _UNFINISHED)
        self._open.append(_Collection(items, event, self._nodes, self._characters))
        self._count(event, 1, 0)

    def _end(self, event: Any) -> None:
        finished = self._open.pop()
        value = finished.items
        if finished.has_empty_key and finished.is_flow and event.start_mark.index == event.end_mark.index:
            # `[?]`: libyaml 0.2.6 accepts a pair without brackets that has neither key nor value, 0.2.5 does not.
            raise Refused("did not find a key after “?” in a list", event)
        if finished.merged:
            value = {}
            for mapping in finished.merged:
                value.update(mapping)
            value.update(finished.items)
        if finished.tag == f"{TAG}set":
            value = list(value)
        height = finished.height + 1
        if finished.anchor is not None:
            self._anchors[finished.anchor] = (
                value, self._nodes - finished.nodes, self._characters - finished.characters, height,
            )  # fmt: skip
        self._add(value, height, event)

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            raise Refused(f"found undefined alias {event.anchor[:100]!r}", event)
        if known is _UNFINISHED:
            raise Refused("an alias refers to a node that contains it", event, "TOO_COMPLEX")
        value, nodes, characters, height = known
        self._count(event, nodes, characters)
        self._check_depth(event, height)
        self._add(value, height, event)

    def _add(self, value: JSON, height: int, event: Any) -> None:
        """Add a finished value to the list or mapping that contains it."""
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        if height > parent.height:
            parent.height = height
        items = parent.items
        if type(items) is list:
            items.append(value)
        elif parent.key is _NO_KEY:
            if isinstance(value, (dict, list)):
                raise Refused(_UNHASHABLE_KEY, event)
            parent.key = value if value is _MERGE else key_text(value)
        else:
            key, parent.key = parent.key, _NO_KEY
            if key is _MERGE:
                parent.merged += _merge_sources(value, event)
                return
            if key in items:
                self.duplicates[key[:100]] = None
            items[key] = value


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The 1-based line of the value at `path` in the first document, or of its nearest parent that exists.

    None if there is no value. Only for text that a Builder has accepted: this function has no limits.
    """
    place = place_of(text, path)
    return None if place is None else place[0]


def place_of(text: str, path: Sequence[str | int]) -> tuple[int, int] | None:
    """Like `line_of`: the 1-based line and column."""
    try:
        node = yaml.compose(text, _Parser)
    except yaml.YAMLError:
        return None
    mark = node.start_mark if node is not None else None
    for step in path:
        if isinstance(step, int):
            items = node.value if isinstance(node, yaml.SequenceNode) else []
            matches = [(item.start_mark, item) for item in items[step : step + 1]]
        else:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            matches = [(key.start_mark, item) for key, item in pairs if key.value == step]
        if not matches:
            break
        mark, node = matches[0]
    return None if mark is None else (mark.line + 1, mark.column + 1)


def _merge_sources(value: JSON, event: Any) -> list[dict[str, JSON]]:
    """The mappings that a merge key refers to, in rising priority."""
    mappings = [value] if isinstance(value, dict) else value[::-1] if isinstance(value, list) else None
    if mappings is None or not all(isinstance(mapping, dict) for mapping in mappings):
        message = "expected a mapping or list of mappings for merging, but found something else"
        raise Refused(f"while constructing a mapping: {message}", event)
    return mappings


def _problem_of(error: yaml.YAMLError) -> Problem:
    """The parser's message and position, with the line where a construct starts that is never closed."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    start, mark = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    if context and start and mark and start.line < mark.line:
        context = f"{context} that starts in line {start.line + 1}"
    mark = mark or start
    message = (": ".join(part for part in (context, problem) if part) or str(error).split("\n")[0])[:500]
    if mark is None:
        return Problem(message, None, None, "NOT_YAML")
    return Problem(message, mark.line + 1, mark.column + 1, "NOT_YAML")
