"""`Patterns` decides what one `.gitignore` ignores, in bounded time.

What it takes to try one name is known before (`steps`): a caller with many names can make it drop its costly patterns.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from .gitignore_regex import SPECIAL, Unusable, regular_expression

_MAX_PATTERNS = 10_000
MAX_EXPRESSION_BYTES = 100_000
"""All regular expressions of one file together; compiling a byte takes up to 2 µs."""
_RUN_STEPS, _AFFIX_STEPS = 500, 20
"""What a run and a comparison of a beginning or an end cost, in comparisons of one byte by an expression (2 ns)."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    source: bytes
    negated: bool
    folders_only: bool
    anchored: bool

    @property
    def is_plain(self) -> bool:
        """True if comparing it takes no expression."""
        return _sort_of(self)[1] is not None


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


@dataclass(frozen=True, slots=True)
class _Rules:
    """The runs that apply to files or to folders, the last pattern first, and what trying them costs."""

    runs: tuple[_Run, ...]
    steps: int
    steps_for_name: int
    """For each byte of the name."""
    steps_for_path: int
    """For each byte of the path."""


class Patterns:
    """What one `.gitignore` says. `refused` counts the patterns that are not used: too many, too long, too costly."""

    def __init__(self, data: bytes, max_expression_bytes: int = MAX_EXPRESSION_BYTES) -> None:
        patterns = list(_parse(data))
        self.refused = max(0, len(patterns) - _MAX_PATTERNS)
        self.expression_bytes = 0
        self._patterns = list(self._usable(patterns[:_MAX_PATTERNS], max_expression_bytes))
        self._prepare()

    def __bool__(self) -> bool:
        """False if there is no pattern in it."""
        return bool(self._for_folders.runs)

    def ignores(self, prefix: bytes, name: bytes, is_folder: bool) -> bool | None:
        """What the last pattern that fits `prefix + name` says; None if none does.

        `prefix` is the path to the entry's folder from that of the `.gitignore`, with a slash at its end, or empty.
        """
        for run in (self._for_folders if is_folder else self._for_files).runs:
            if run.fits(prefix, name):
                return run.ignores
        return None

    def steps(self, prefix: bytes, name: bytes, is_folder: bool) -> int:
        """At most so many comparisons of one byte (2 ns) does `ignores` take for this entry."""
        rules = self._for_folders if is_folder else self._for_files
        length = len(name)
        return rules.steps + length * rules.steps_for_name + (len(prefix) + length) * rules.steps_for_path

    def simplify(self) -> None:
        """Use the costliest kind of patterns that there are no more: with a `*`, with an expression, then all."""
        before = len(self._patterns)
        kept = [entry for entry in self._patterns if entry[0].is_plain or b"*" not in entry[0].source]
        if len(kept) == before:
            kept = [entry for entry in self._patterns if entry[0].is_plain]
        self._patterns = kept if len(kept) < before else []
        self.refused += before - len(self._patterns)
        self._prepare()

    def _prepare(self) -> None:
        self._for_folders = _rules(self._patterns)
        self._for_files = _rules([entry for entry in self._patterns if not entry[0].folders_only])

    def _usable(self, patterns: list[_Pattern], max_expression_bytes: int) -> Iterator[tuple[_Pattern, bytes]]:
        for pattern in patterns:
            try:
                text = regular_expression(pattern.source, pattern.anchored)
                if not pattern.is_plain:
                    if self.expression_bytes + len(text) > max_expression_bytes:
                        raise Unusable("too many expressions")
                    self.expression_bytes += len(text)
                yield pattern, text
            except Unusable as problem:
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


def _rules(patterns: list[tuple[_Pattern, bytes]]) -> _Rules:
    """The patterns in groups, the last first, because the last that fits decides."""
    runs: list[_Run] = []
    steps = steps_for_name = steps_for_path = 0
    for negated, group in groupby(reversed(patterns), key=lambda entry: entry[0].negated):
        sorts: dict[str, list[bytes]] = defaultdict(list)
        for pattern, text in group:
            sort, plain = _sort_of(pattern)
            sorts[sort].append(text if plain is None else plain)
            if plain is None and b"*" not in pattern.source:
                steps += len(pattern.source)
            elif plain is None and pattern.anchored:
                steps_for_path += len(pattern.source)
            elif plain is None:
                steps_for_name += len(pattern.source)
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
        steps += _RUN_STEPS + _AFFIX_STEPS * (len(sorts["ending"]) + len(sorts["beginning"]))
    return _Rules(tuple(runs), steps, steps_for_name, steps_for_path)


def _sort_of(pattern: _Pattern) -> tuple[str, bytes | None]:
    """How the pattern is compared, and with what if it takes no expression."""
    source, kind = pattern.source, "path" if pattern.anchored else "name"
    if not SPECIAL.search(source):
        return f"plain {kind}", source
    if not pattern.anchored and source[:1] == b"*" and not SPECIAL.search(source[1:]):
        return "ending", source[1:]
    if not pattern.anchored and source[-1:] == b"*" and not SPECIAL.search(source[:-1]):
        return "beginning", source[:-1]
    return kind, None


def _any_of(texts: list[bytes]) -> re.Pattern[bytes] | None:
    return re.compile(b"|".join(texts), re.DOTALL) if texts else None
