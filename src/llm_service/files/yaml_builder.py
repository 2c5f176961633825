"""YAML put together from the parser's events into plain JSON, with bounds. The only module that knows yaml.

A loader composes recursively and expands what it is told to. Events need no recursion, so 200 kB of `[`, alias and
merge-key bombs are refused here at the event that crosses a bound, before anything is built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from .yaml_scalars import JSON, NUMBER_BEGINS, TAG, WORDS, UnknownTag, clean, key_text, plain, tagged

_Parser: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# libyaml compares each %TAG line with all before it: 16,000 of them take 0.4 s, 900 kB of them 6.5 s.
_MOST_TAG_LINES = 100
# None of these is known to come out of the parser; should one, then a file must not stop the service.
_UNKNOWN_FAILURES = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
_MAPPING_TAGS = {"!", f"{TAG}map", f"{TAG}set"}
_LIST_TAGS = {"!", f"{TAG}seq", f"{TAG}omap", f"{TAG}pairs"}
_NO_SUCH_KEY = "while constructing a mapping: found unhashable key"
_NO_KEY: Any = object()
_MERGE: Any = object()
_OPEN: Any = object()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a stream may cost. Real task files stay far below: about 100 nodes, 6 levels, no anchors.

    An alias counts as all that its anchor holds, in nodes, in characters and in depth.
    """

    depth: int = 60
    nodes: int = 15_000
    characters: int = 4_194_304
    anchors: int = 1_000
    documents: int = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Why some bytes are not a document: the parser's words, where (1-based, None if unknown), and a code."""

    message: str
    line: int | None
    column: int | None
    code: str


STANDARD = Limits()


class _Refused(Exception):
    def __init__(self, message: str, event: Any, code: str = "NOT_YAML") -> None:
        super().__init__(message)
        mark = event.start_mark
        self.problem = Problem(message[:500], mark.line + 1, mark.column + 1, code)


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "characters", "height", "items", "key", "merged", "nodes", "tag")

    def __init__(self, items: dict[str, JSON] | list[JSON], event: Any, nodes: int, characters: int) -> None:
        self.items: Any = items
        self.key: Any = _NO_KEY
        self.merged: list[dict[str, JSON]] = []
        self.tag, self.anchor = event.tag, event.anchor
        # Counts when it began; `height` is the deepest level below it so far.
        self.nodes, self.characters, self.height = nodes, characters, 0


class Builder:
    """Puts the events of a stream together: whole documents in `documents`, each with its first line."""

    def __init__(self, limits: Limits) -> None:
        self.documents: list[tuple[JSON, int]] = []
        self.duplicates: dict[str, None] = {}
        self._limits = limits
        self._nodes = self._characters = self._anchor_count = 0
        self._anchors: dict[str, Any] = {}
        self._open: list[_Open] = []
        self._root: JSON = None

    def read(self, text: str) -> Problem | None:
        """Take all documents of a text without forbidden characters; why there are no more of them. Raises nothing."""
        if text.count("%TAG") > _MOST_TAG_LINES:
            return Problem(f"more than {_MOST_TAG_LINES} %TAG directives", None, None, "TOO_COMPLEX")
        problem, places = self._read(text)
        for place in places:
            # The parser reads ahead and has bounds of its own, other ones in each release (libyaml 0.2.6: 1,000
            # levels). What is refused here before the place where it gave up comes first, whatever it says.
            earlier, unread = Builder(self._limits)._read(text[:place])
            if earlier is not None and not unread:
                return earlier
        return problem

    def _read(self, text: str) -> tuple[Problem | None, list[int]]:
        """As `read`; also where the parser gave up, and where what it gave up on begins."""
        try:
            parser = _Parser(text)
            try:
                self._take(parser.get_event)
            finally:
                parser.dispose()
        except _Refused as refusal:
            return refusal.problem, []
        except yaml.YAMLError as error:
            marks = (getattr(error, "problem_mark", None), getattr(error, "context_mark", None))
            return _problem_of(error), [mark.index for mark in marks if mark is not None]
        except _UNKNOWN_FAILURES as error:
            return Problem(f"cannot be read: {error}"[:500], None, None, "NOT_YAML"), []
        return None, []

    def _take(self, next_event: Callable[[], Any]) -> None:
        """Take everything up to the end of the stream. Raises _Refused and what the parser raises."""
        line, ended = 1, False
        while True:
            event = next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.SequenceStartEvent:
                self._begin(event, [])
            elif kind is yaml.MappingStartEvent:
                self._begin(event, {})
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                self._end(event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentEndEvent:
                # Whole only if `...`, another document or the end of the file follows: `{a: 1} rest` is not.
                ended = not event.explicit
                if event.explicit:
                    self.documents.append((self._root, line))
            elif kind is yaml.DocumentStartEvent:
                if ended:
                    self.documents.append((self._root, line))
                line, ended = event.start_mark.line + 1, False
                self._anchors.clear()
                if len(self.documents) >= self._limits.documents:
                    raise _Refused(f"more than {self._limits.documents} documents", event, "TOO_COMPLEX")
            elif kind is yaml.StreamEndEvent:
                if ended:
                    self.documents.append((self._root, line))
                return

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        self._charge(event, 1, len(text))
        tag = event.tag
        if tag is not None and tag != "!":
            try:
                value = tagged(text, tag)
            except UnknownTag as unknown:
                raise _Refused(str(unknown), event) from unknown
        elif event.implicit[0] and (text in WORDS or text[0] in NUMBER_BEGINS):
            value = plain(text)
        else:
            value = clean(text)
        if event.anchor is not None:
            self._name(event, (value, 1, len(text), 0))
        if text == "<<" and (tag == f"{TAG}merge" or (tag is None and event.implicit[0])) and self._at_key():
            value = _MERGE
        self._put(value, 0, event)

    def _at_key(self) -> bool:
        return bool(self._open) and self._open[-1].key is _NO_KEY and type(self._open[-1].items) is dict

    def _charge(self, event: Any, nodes: int, characters: int) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > self._limits.nodes:
            raise _Refused(f"more than {self._limits.nodes:,} nodes, aliases counted in full", event, "TOO_COMPLEX")
        if self._characters > self._limits.characters:
            words = f"more than {self._limits.characters:,} characters, aliases counted in full"
            raise _Refused(words, event, "TOO_COMPLEX")

    def _name(self, event: Any, meaning: Any) -> None:
        self._anchor_count += 1
        if self._anchor_count > self._limits.anchors:
            raise _Refused(f"more than {self._limits.anchors:,} anchors", event, "TOO_COMPLEX")
        self._anchors[event.anchor] = meaning

    def _check_depth(self, event: Any, height: int) -> None:
        if len(self._open) + height > self._limits.depth:
            raise _Refused(f"nested deeper than {self._limits.depth} levels", event, "TOO_COMPLEX")

    def _begin(self, event: Any, items: dict[str, JSON] | list[JSON]) -> None:
        if self._at_key():
            raise _Refused(_NO_SUCH_KEY, event)
        tag = event.tag
        known = _LIST_TAGS if type(items) is list else _MAPPING_TAGS
        if tag is not None and tag not in known:
            raise _Refused(str(UnknownTag(tag)), event)
        self._check_depth(event, 1)
        if event.anchor is not None:
            self._name(event, _OPEN)
        self._open.append(_Open(items, event, self._nodes, self._characters))
        self._charge(event, 1, 0)

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        value = done.items
        if done.merged:
            value = {}
            for mapping in done.merged:
                value.update(mapping)
            value.update(done.items)
        if done.tag == f"{TAG}set":
            value = list(value)
        height = done.height + 1
        if done.anchor is not None:
            self._anchors[done.anchor] = (
                value, self._nodes - done.nodes, self._characters - done.characters, height,
            )  # fmt: skip
        self._put(value, height, event)

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            raise _Refused(f"found undefined alias {event.anchor[:100]!r}", event)
        if known is _OPEN:
            raise _Refused("an alias refers to the node that it stands in", event, "TOO_COMPLEX")
        value, nodes, characters, height = known
        self._charge(event, nodes, characters)
        self._check_depth(event, height)
        self._put(value, height, event)

    def _put(self, value: JSON, height: int, event: Any) -> None:
        """Give a finished value to the list or mapping it stands in."""
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
                raise _Refused(_NO_SUCH_KEY, event)
            parent.key = value if value is _MERGE else key_text(value)
        else:
            key, parent.key = parent.key, _NO_KEY
            if key is _MERGE:
                parent.merged += _sources(value, event)
                return
            if key in items:
                self.duplicates[key[:100]] = None
            items[key] = value


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line, 1-based, of the value at `path` in the first document, or of the nearest around it that exists.

    Only for a text that a Builder has taken before: what is unbounded is refused there. None: there is none.
    """
    try:
        node = yaml.compose(text, _Parser)
    except yaml.YAMLError:
        return None
    mark = node.start_mark if node is not None else None
    for step in path:
        if isinstance(step, int):
            items = node.value if isinstance(node, yaml.SequenceNode) else []
            found = [(item.start_mark, item) for item in items[step : step + 1]]
        else:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = [(key.start_mark, item) for key, item in pairs if key.value == step]
        if not found:
            break
        mark, node = found[0]
    return mark.line + 1 if mark is not None else None


def _sources(value: JSON, event: Any) -> list[dict[str, JSON]]:
    """The mappings that a merge key names, the one that counts most last."""
    mappings = [value] if isinstance(value, dict) else value[::-1] if isinstance(value, list) else None
    if mappings is None or not all(isinstance(mapping, dict) for mapping in mappings):
        words = "expected a mapping or list of mappings for merging, but found something else"
        raise _Refused(f"while constructing a mapping: {words}", event)
    return mappings


def _problem_of(error: yaml.YAMLError) -> Problem:
    """The parser's words and place. What was begun and never ended is noticed far below: where it began is said."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    began, mark = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    if context and began and mark and began.line < mark.line:
        context = f"{context} that begins in line {began.line + 1}"
    mark = mark or began
    message = (": ".join(word for word in (context, problem) if word) or str(error).split("\n")[0])[:500]
    if mark is None:
        return Problem(message, None, None, "NOT_YAML")
    return Problem(message, mark.line + 1, mark.column + 1, "NOT_YAML")
