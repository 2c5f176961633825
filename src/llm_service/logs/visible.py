"""`should_show_to_user(parsed)`: is a line for who follows the work, or a detail for who looks for a fault?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from .model import Fact, ParsedLine
from .patterns import compiled

_STATEMENT = r"\b(?:SELECT .+ FROM|INSERT INTO|DELETE FROM|LEFT OUTER JOIN|ORDER BY|UPDATE \w+ SET) "
NOISE = (
    # SQLAlchemy's echo: the logger's name, what it adds to statements, and statements over several lines
    r"\bsqlalchemy\.(?:engine|pool|orm|dialects)\b",
    r"\[(?:generated in|cached since|no key|raw sql|caching disabled)\b",
    r"\b(?:BEGIN \(implicit\)|COMMIT$|ROLLBACK$)",
    _STATEMENT,
    r"\bFROM \w+ *$",
    r"\bWHERE [\w.\"]+ (?:=|IN|IS|<|>) ",
    # details of caches
    r"(?i:\bcache[ _-]?(?:hit|miss|key|lookup|evict\w*|entry|entries|stats|size|expired|set|get|put|stored?)\b)",
    r"(?i:\b(?:hits?|misses|found|loaded|served|read|stored|saved) (?:in|from|to) (?:the )?(?:\w+ )?cache\b)",
    r"(?i:\busing cached\b)",
    # connections and life signs
    r"\b(?:Starting new HTTPS? connection|Resetting dropped connection|connectionpool)\b",
    r"\bHTTP Request: ",
    r"(?i:\bheartbeat\b)",
    r"\bGET /(?:health|healthz|ready|readyz|livez|metrics|ping)\b",
)
"""Of details, as expressions of RE2; `scan.py` looks for them in whole blocks."""
NOISE_OF_LINES = (*(each for each in NOISE if each is not _STATEMENT), _STATEMENT.replace("SELECT .+ FROM", "SELECT"))
"""What is in a text of several lines if there is noise in it when it is one line."""
_NOISE = compiled(*NOISE).is_in
_PROGRESS = compiled(
    r"\b\d{1,3}(?:\.\d+)?%", r"(?i:\b(?:step|task|phase|stage)\W{0,2}\d+(?: ?/ ?| of )\d+)", r"[\[(]\d+/\d+[\])]"
).is_in
_EXAMINED = 2_000
_BOOKKEEPING = frozenset(("turn", "command", "files", "session", "cost"))
"""Kinds of facts that do not make a detail worth showing."""


@lru_cache(256)
def is_noise_of(name: str) -> bool:
    """True if a line of the logger of this name is a detail, unless it is more by its level or what it says."""
    return _NOISE(f"{name}: ".encode("utf-8", "replace"))


def is_progress(message: str) -> bool:
    """True if a message says how far something is."""
    return _PROGRESS(message[:_EXAMINED].encode("utf-8", "replace"))


def should_show_to_user(parsed: ParsedLine) -> bool:
    """False for debug lines, tracebacks (folded under their error), SQLAlchemy's internals and details of caches.

    Errors, warnings, progress and lines that begin a phase, ask, change to-dos or report a result are always shown.
    """
    return is_shown(parsed.message, parsed.level, parsed.is_folded, parsed.facts)


def is_shown(message: str, level: str, is_folded: bool, facts: Sequence[Fact], may_be_noise: bool = True) -> bool:
    """The same of a line's parts; `may_be_noise`: False if `NOISE` is known not to be in the message."""
    if is_folded:
        return False
    if level == "error" or level == "warning":
        return True
    for fact in facts:
        if fact.kind not in _BOOKKEEPING:
            return True
    if level == "debug" or not may_be_noise:
        return level != "debug"
    data = message[:_EXAMINED].encode("utf-8", "replace")
    return not _NOISE(data) or _PROGRESS(data)
