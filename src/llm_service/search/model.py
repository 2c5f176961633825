"""What is searched for (`Query`, from the text that a person types) and what is found (`Hit`). Pure.

`crawler -draft status:failed,blocked -agent:"ada l"`: words that must all occur, words that must not, and fields with
one of several values, or none of them. `static/shell/palette/query.js` reads the same text in the same way;
`tests/samples/search_queries.json` is checked by both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIELDS = ("kind", "status", "agent", "project", "lane", "priority", "tag", "flag", "model")
MAX_CHARACTERS = 500
MAX_TERMS = 16
_BEFORE, _SHOWN = 60, 200


@dataclass(frozen=True, slots=True)
class Field:
    """One of the `values` (in small letters), or with `is_not` none of them."""

    name: str
    values: tuple[str, ...]
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, in small letters."""

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if it says nothing to search for."""
        return not (self.words or self.fields)

    def is_in(self, text: str) -> bool:
        """True if all words occur in a text in small letters, and none that must not."""
        return all(word in text for word in self.words) and not any(word in text for word in self.without)

    def fits(self, facts: Mapping[str, Iterable[str | None]]) -> bool:
        """True for what has these values. A field that it does not have fits only where its values are excluded;
        `kind` is decided elsewhere."""
        for field in self.fields:
            if field.name == "kind":
                continue
            found = {value.lower() for value in facts.get(field.name, ()) if value}
            if field.is_not != found.isdisjoint(field.values):
                return False
        return True

    def wants(self, kind: str) -> bool:
        """True if that kind of things (`tasks`, also written `task`) is searched for."""
        return all(
            any(kind.startswith(value) for value in field.values) != field.is_not
            for field in self.fields
            if field.name == "kind"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found. `title` and `text` are untrusted; `href` is its address in the page, `#/...`. `project`
    is that it belongs to, None if it is about none."""

    kind: str
    title: str
    text: str
    href: str
    project: str | None = None


def parse(text: str) -> Query:
    """The query in a text; what is too much of it is left out."""
    words, without, fields = list[str](), list[str](), list[Field]()
    for term, is_not in _terms(text[:MAX_CHARACTERS].lower())[:MAX_TERMS]:
        name, colon, rest = term.partition(":")
        if colon and name in FIELDS:
            values = tuple(dict.fromkeys(value.strip() for value in rest.split(",") if value.strip()))
            if values:
                fields.append(Field(name, values, is_not))
        elif term:
            (without if is_not else words).append(term)
    return Query(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(without)), tuple(fields))


def excerpt(text: str, words: Iterable[str]) -> str:
    """The part of a text around the first of the words, in one line; from its beginning if none is there."""
    small = text.lower()
    places = [at for word in words if (at := small.find(word)) >= 0]
    begin = max(0, min(places, default=0) - _BEFORE)
    part = " ".join(text[begin : begin + _SHOWN].split())
    return f"{'…' if begin else ''}{part}{'…' if begin + _SHOWN < len(text) else ''}"


def _terms(text: str) -> list[tuple[str, bool]]:
    """(term, is it excluded): split at spaces that are not in quotes; the quotes are left out."""
    found: list[tuple[str, bool]] = []
    term, is_quoted, is_not, has_begun = "", False, False, False
    for character in f"{text} ":
        if character == '"':
            is_quoted, has_begun = not is_quoted, True
        elif character.isspace() and not is_quoted:
            if term:
                found.append((term, is_not))
            term, is_not, has_begun = "", False, False
        elif character == "-" and not has_begun and not is_quoted:
            is_not, has_begun = True, True
        else:
            term, has_begun = term + character, True
    if term.strip():  # a quotation that does not end
        found.append((term.strip(), is_not))
    return found
