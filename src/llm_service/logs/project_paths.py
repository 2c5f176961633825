"""Absolute paths of a project become paths below it."""

from __future__ import annotations

import re

from .model import Span


class ProjectPaths:
    """Of the folder `project_dir` (absolute); without one, texts stay as they are."""

    def __init__(self, project_dir: str | None) -> None:
        folder = (project_dir or "").rstrip("/\\")
        self.text = folder
        """What a text with such a path has in it, "" without a folder."""
        self.folder = folder.encode("utf-8", "surrogateescape")
        """The same of a line in bytes."""
        self._path = (
            re.compile(rf"(?<![\w.-]){re.escape(folder)}(?:[/\\]+(?=[\w.@~+-])|[/\\]?(?![\w.-]))") if folder else None
        )

    def relative(self, text: str) -> str:
        """The text with paths below the project; the project itself is "."."""
        return self._path.sub(_below, text) if self._path and self.text in text else text

    def relative_with(self, text: str, spans: tuple[Span, ...]) -> tuple[str, tuple[Span, ...]]:
        """The same of a text and its spans."""
        if self._path is None or not spans or self.text not in text:
            return self.relative(text), spans
        ends = sorted({place for start, end, _ in spans for place in (start, end)})
        moved, by, at = {}, 0, 0
        for match in self._path.finditer(text):
            while at < len(ends) and ends[at] < match.end():
                moved[ends[at]] = min(ends[at], match.start()) + by
                at += 1
            by += len(_below(match)) - len(match[0])
        moved |= {end: end + by for end in ends[at:]}
        shifted = ((moved[start], moved[end], style) for start, end, style in spans)
        return self.relative(text), tuple(span for span in shifted if span[0] < span[1])


def _below(match: re.Match[str]) -> str:
    return (
        ""
        if match.end() < len(match.string) and match[0][-1:] in "/\\" and match.string[match.end()] not in " \"'"
        else "."
    )
