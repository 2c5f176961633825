"""`should_show_to_user(parsed)`: is a line for who follows the work, or a detail for who looks for a fault?"""

from __future__ import annotations

from collections.abc import Sequence

from .model import Fact, ParsedLine
from .patterns import compiled

NOISE = (
    # SQLAlchemy's echo: the logger's name, what it adds to statements, and statements over several lines
    r"\bsqlalchemy\.(?:engine|pool|orm|dialects)\b",
    r"\[(?:generated in|cached since|no key|raw sql|caching disabled)\b",
    r"\b(?:BEGIN \(implicit\)|COMMIT$|ROLLBACK$)",
    r"\b(?:SELECT .+ FROM|INSERT INTO|DELETE FROM|LEFT OUTER JOIN|ORDER BY|UPDATE \w+ SET) ",
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
_NOISE = compiled(*NOISE).search
_PROGRESS = compiled(
    r"\b\d{1,3}(?:\.\d+)?%", r"(?i:\b(?:step|task|phase|stage)\W{0,2}\d+(?: ?/ ?| of )\d+)", r"[\[(]\d+/\d+[\])]"
).search
_EXAMINED = 2_000
_BOOKKEEPING = frozenset(("turn", "command", "files", "session", "cost"))
"""Kinds of facts that do not make a detail worth showing."""


def should_show_to_user(parsed: ParsedLine) -> bool:
    """False for debug lines, tracebacks (folded under their error), SQLAlchemy's internals and details of caches.

    Errors, warnings, progress and lines that begin a phase, ask, change to-dos or report a result are always shown.
    """
    return is_shown(parsed.message, parsed.level, parsed.is_folded, parsed.facts)


def is_shown(message: str, level: str, is_folded: bool, facts: Sequence[Fact]) -> bool:
    """The same of a line's parts."""
    if is_folded:
        return False
    if level in ("error", "warning") or any(fact.kind not in _BOOKKEEPING for fact in facts):
        return True
    if level == "debug":
        return False
    data = message[:_EXAMINED].encode("utf-8", "replace")
    return not _NOISE(data) or bool(_PROGRESS(data))
