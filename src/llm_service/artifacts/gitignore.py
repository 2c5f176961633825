"""`Patterns` decides what one `.gitignore` ignores, by regular expressions whose time is bounded. Pure functions.

The meaning of each character is from git's `dir.c` and `wildmatch.c`; a test compares with `git check-ignore`.

Why not pathspec (1.1.1): of 400 generated files it differed from `git check-ignore` in 89, 41 of which it rejected with
an exception; this module in none. Its expressions also take exponential time: for a name of 255 letters the pattern
`*a*a*a*ab` took it 3 s and one `*a` more over 60 s, here 0.05 s, and agents write these files. A path against 57 common
patterns took it 34 µs, here 4 µs.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest

_MAX_PATTERNS = 1_000
_MAX_PATTERN_BYTES = 1_000
_MAX_WILD_FOLDERS = 4
"""So many `**` may a pattern have."""

_SLASH, _ESCAPED_SLASH, _STAR, _FOLDERS, _ANYTHING = b"/", rb"\/", b"*", b"**/", b"**"
_SLASHES, _WILD = (_SLASH, _ESCAPED_SLASH), (_FOLDERS, _ANYTHING)
_SPECIAL = re.compile(rb"[*?\[\\]")
_POSIX = {
    b"alnum": rb"0-9A-Za-z", b"alpha": rb"A-Za-z", b"blank": rb" \t", b"cntrl": rb"\x00-\x1f\x7f", b"digit": rb"0-9",
    b"graph": rb"\x21-\x7e", b"lower": rb"a-z", b"print": rb"\x20-\x7e", b"punct": rb"!-\x2f:-@\[-`{-~",
    b"space": rb"\t-\r ", b"upper": rb"A-Z", b"xdigit": rb"0-9A-Fa-f",
}  # fmt: skip


class _Unusable(ValueError):
    """git takes this pattern too, but it can match nothing; or it is more than we are willing to try."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    source: bytes
    negated: bool
    folders_only: bool
    anchored: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """Patterns that follow each other and say the same: any of them decides. Most are plain names or endings, and
    comparing those costs a tenth of trying expressions."""

    ignores: bool
    plain_names: frozenset[bytes]
    endings: tuple[bytes, ...]
    beginnings: tuple[bytes, ...]
    names: re.Pattern[bytes] | None
    plain_paths: frozenset[bytes]
    paths: re.Pattern[bytes] | None

    def fits(self, prefix: bytes, name: bytes) -> bool:
        """True if one of the patterns fits."""
        if (
            name in self.plain_names
            or name.endswith(self.endings)
            or name.startswith(self.beginnings)
            or (self.names is not None and self.names.fullmatch(name))
        ):
            return True
        if not self.plain_paths and self.paths is None:
            return False
        path = prefix + name
        return path in self.plain_paths or (self.paths is not None and self.paths.fullmatch(path) is not None)


class Patterns:
    """What one `.gitignore` says. `refused` counts patterns that are too long or too complicated to be tried."""

    def __init__(self, data: bytes) -> None:
        self.refused = 0
        patterns = list(_parse(data))
        self.refused += max(0, len(patterns) - _MAX_PATTERNS)
        readable = list(self._readable(patterns[:_MAX_PATTERNS]))
        self._for_folders = _runs(readable)
        self._for_files = _runs([(pattern, text) for pattern, text in readable if not pattern.folders_only])

    def __bool__(self) -> bool:
        """False if there is no pattern in it."""
        return bool(self._for_folders)

    def ignores(self, prefix: bytes, name: bytes, is_folder: bool) -> bool | None:
        """What the last pattern that fits `prefix + name` says; None if none does.

        `prefix` is the path to the entry's folder from that of the `.gitignore`, with a slash at its end, or empty.
        """
        for run in self._for_folders if is_folder else self._for_files:
            if run.fits(prefix, name):
                return run.ignores
        return None

    def _readable(self, patterns: list[_Pattern]) -> Iterator[tuple[_Pattern, bytes]]:
        for pattern in patterns:
            try:
                yield pattern, _regular_expression(pattern.source, pattern.anchored)
            except _Unusable as problem:
                self.refused += bool(problem.args)


def _parse(data: bytes) -> Iterator[_Pattern]:
    for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n"):
        line = _trimmed(line.removesuffix(b"\r"))
        if line.startswith(b"#"):
            continue
        negated = line.startswith(b"!")
        line = line[negated:]
        folders_only = line.endswith(b"/")
        line = line[: len(line) - folders_only]
        anchored = b"/" in line
        if line:
            yield _Pattern(line.removeprefix(b"/"), negated, folders_only, anchored)


def _trimmed(line: bytes) -> bytes:
    """Without the blanks at its end, but for one that a backslash precedes."""
    short = line.rstrip(b" ")
    backslashes = len(short) - len(short.rstrip(b"\\"))
    return line[: len(short) + 1] if backslashes % 2 and len(short) < len(line) else short


def _runs(patterns: list[tuple[_Pattern, bytes]]) -> list[_Run]:
    """The patterns in groups, the last first, because the last that fits decides."""
    runs = []
    for negated, group in groupby(reversed(patterns), key=lambda entry: entry[0].negated):
        sorts: dict[str, list[bytes]] = defaultdict(list)
        for pattern, text in group:
            sort, plain = _sort_of(pattern)
            sorts[sort].append(text if plain is None else plain)
        runs.append(
            _Run(
                not negated,
                frozenset(sorts["plain name"]),
                tuple(sorts["ending"]),
                tuple(sorts["beginning"]),
                _any_of(sorts["name"]),
                frozenset(sorts["plain path"]),
                _any_of(sorts["path"]),
            )
        )
    return runs


def _sort_of(pattern: _Pattern) -> tuple[str, bytes | None]:
    """How the pattern is compared, and with what if it takes no expression."""
    source, kind = pattern.source, "path" if pattern.anchored else "name"
    if not _SPECIAL.search(source):
        return f"plain {kind}", source
    if not pattern.anchored and source[:1] == b"*" and not _SPECIAL.search(source[1:]):
        return "ending", source[1:]
    if not pattern.anchored and source[-1:] == b"*" and not _SPECIAL.search(source[:-1]):
        return "beginning", source[:-1]
    return kind, None


def _any_of(texts: list[bytes]) -> re.Pattern[bytes] | None:
    return re.compile(b"|".join(texts), re.DOTALL) if texts else None


def _regular_expression(source: bytes, anchored: bool) -> bytes:
    if len(source) > _MAX_PATTERN_BYTES:
        raise _Unusable("too long")
    special = _SPECIAL.search(source)
    tokens = list(_joined(list(_tokens(source)), anchored, special.start() if special else len(source)))
    wild = [index for index, token in enumerate(tokens) if token in _WILD]
    if len(wild) > _MAX_WILD_FOLDERS:
        raise _Unusable("too many **")
    if not wild:
        return _pieces(tokens)
    text = _pieces(tokens[: wild[0]])
    for at, following in zip_longest(wild, wild[1:]):
        inner = _pieces(tokens[at + 1 : following])
        # Any number of folders, none too. What is between two of them is taken where it fits first.
        if following is None:
            text += (rb"(?:.*/)?" if tokens[at] == _FOLDERS else rb".*") + inner
        else:
            text += rb"(?>" + (rb"(?:.*?/)??" if tokens[at] == _FOLDERS else rb".*?") + inner + rb")"
    return text


def _pieces(tokens: list[bytes]) -> bytes:
    """Tokens without `**` as a regular expression in which every `*` but a segment's last takes the least."""
    text, at = b"", 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token != _STAR:
            text += token
            continue
        end = at
        while end < len(tokens) and tokens[end] != _STAR and tokens[end] not in _SLASHES:
            end += 1
        literal = b"".join(tokens[at:end])
        again = end < len(tokens) and tokens[end] == _STAR
        text += rb"(?>[^/]*?" + literal + rb")" if again else rb"[^/]*" + literal
        at = end
    return text


def _joined(tokens: list[bytes], anchored: bool, plain: int) -> Iterator[bytes]:
    """The tokens with `**` recognised: it stands for folders only between slashes, else it is a `*`.

    git compares the first `plain` characters, which are not special, by themselves, and so forgets what is
    before a `**` that follows them: `a**/b` fits `ab` and `ax/y/b`.
    """
    at = 0
    while at < len(tokens):
        if tokens[at] != _STAR:
            yield tokens[at]
            at += 1
            continue
        end = at
        while end < len(tokens) and tokens[end] == _STAR:
            end += 1
        after = tokens[end] if end < len(tokens) else None
        alone = (at == plain or tokens[at - 1] in _SLASHES) and (after is None or after in _SLASHES)
        if not (anchored and alone and end - at > 1):
            yield _STAR
        elif after == _SLASH:
            yield _FOLDERS
            end += 1
        else:
            yield _ANYTHING
        at = end


def _tokens(source: bytes) -> Iterator[bytes]:
    """Single characters as pieces of a regular expression; slash and star as they are."""
    at = 0
    while at < len(source):
        char = source[at : at + 1]
        at += 1
        if char == b"\\":
            char = source[at : at + 1]
            at += 1
            if not char:
                raise _Unusable
            yield _ESCAPED_SLASH if char == b"/" else re.escape(char)
        elif char == b"?":
            yield rb"[^/]"
        elif char == b"[":
            token, at = _character_class(source, at)
            yield token
        else:
            yield char if char in (_SLASH, _STAR) else re.escape(char)


def _character_class(source: bytes, at: int) -> tuple[bytes, int]:
    """A `[...]` whose inside begins at `at`, and where it ends."""
    negated = source[at : at + 1] in (b"!", b"^")
    at += negated
    parts: list[bytes] = []
    previous: int | None = None
    first = True
    while first or source[at : at + 1] != b"]":
        first = False
        char = source[at : at + 1]
        if not char:
            raise _Unusable
        if char == b"-" and previous is not None and source[at + 1 : at + 2] not in (b"", b"]"):
            at += 2 if source[at + 1 : at + 2] == b"\\" else 1
            if at >= len(source):
                raise _Unusable
            if previous <= source[at]:
                parts.append(rb"\x%02x-\x%02x" % (previous, source[at]))
            previous = None
        elif char == b"[" and source[at + 1 : at + 2] == b":":
            end = source.find(b"]", at + 2)
            if end < 0:
                raise _Unusable
            name = source[at + 2 : end - 1]
            if end == at + 2 or source[end - 1 : end] != b":":
                parts.append(rb"\[")
                previous = ord("[")
            elif name in _POSIX:
                parts.append(_POSIX[name])
                previous, at = None, end
            else:
                raise _Unusable
        else:
            if char == b"\\":
                at += 1
                if at >= len(source):
                    raise _Unusable
            previous = source[at]
            parts.append(rb"\x%02x" % previous)
        at += 1
    inside = b"".join(parts)
    if not inside:
        return (rb"[^/]" if negated else rb"(?!)"), at + 1
    return (rb"[^/" + inside + rb"]" if negated else rb"(?!/)[" + inside + rb"]"), at + 1
