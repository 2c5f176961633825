"""Which lines belong to a traceback, and are folded under its error: Python, JavaScript, Java, Go, Rust."""

from __future__ import annotations

import re
from enum import StrEnum

BEGINS = (
    r"Traceback \(most recent call last\):",
    r"\b(?:During handling of the above exception|The above exception was the direct cause)",
    r"^goroutine \d+ \[",
    r"^stack backtrace:",
    r"^\s+at \S",
    r"^\s*\.\.\. \d+ (?:more|common frames omitted)",
    r"^Caused by: ",
)
"""What a line has that may begin or continue one, as RE2 and `re` read it; `scan.py` looks for it in whole blocks."""

_BETWEEN = re.compile(r"(?:During handling of the above exception|The above exception was the direct cause)")
_FRAME = re.compile(
    r"\s+at (?:async )?(?:new )?[^\s(]+(?: \[as [^\]]+\])?(?: ?\(.*\))?$|\s+at .+:\d+:\d+\)?$"
    r"|Caused by: |\s*\.\.\. \d+ (?:more|common)"
)
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:: .*|:)?$", re.DOTALL)
_IN_GROUP = re.compile(r"\s+\| [A-Za-z_][\w.]*(?:Error|Exception|Group|Warning|Interrupt|Exit): ")
_GO_FRAME = re.compile(r"\t|[\w./*()\[\]{}·%~-]+\(.*\)$|created by |\.\.\.|goroutine \d+ \[|exit status")
_RUST_FRAME = re.compile(r"\s+(?:\d+: |at )|\s*note: ")


FIRST_CHARACTERS = frozenset((" ", "\t", "T", "D", "g", "s", "C", "."))
"""What lines begin with that begin a traceback, or go on with one."""


class Place(StrEnum):
    """Of a line: within a traceback, or the error that it belongs to."""

    FOLDED = "folded"
    ERROR = "error"


class Tracebacks:
    """Follows the lines of a log; `kind` is what the next line may go on with, "" outside of tracebacks."""

    def __init__(self, kind: str = "") -> None:
        self.kind = kind if kind in ("python", "group", "go", "rust") else ""

    def place(self, text: str) -> Place | None:
        """Where this line is, without its colours; None outside of tracebacks."""
        if self.kind:
            place = self._continued(text)
            if place is not None or self.kind:
                return place
        return self._begun(text)

    def _begun(self, text: str) -> Place | None:
        bare = text.lstrip(" +|")
        if bare.startswith("Traceback (most recent call last):"):
            self.kind = "python" if bare is text or text[0] != " " else "group"
        elif bare.startswith("Exception Group Traceback (most"):
            self.kind = "group"
        elif text.startswith("goroutine ") and "[" in text:
            self.kind = "go"
        elif text.startswith("stack backtrace:"):
            self.kind = "rust"
        elif not _FRAME.match(text) and not _BETWEEN.match(text):
            return None
        return Place.FOLDED

    def _continued(self, text: str) -> Place | None:
        if self.kind == "python":
            if text[:1] in (" ", "\t"):
                return Place.FOLDED
            if _EXCEPTION.match(text):
                self.kind = ""
                return Place.ERROR
            # Another thread's line between them has a time or a level in front; a traceback without an end has not.
            if text[:1] not in "0123456789[{":
                self.kind = ""
        elif self.kind == "group":
            if text[:1] == " ":
                return Place.ERROR if _IN_GROUP.match(text) else Place.FOLDED
            self.kind = ""
        elif (_GO_FRAME if self.kind == "go" else _RUST_FRAME).match(text):
            return Place.FOLDED
        else:
            self.kind = ""
        return None
