"""What lines say by their words: the level of those without one, tests' results, waiting, rate limits, proposed facts.

`scan.py` looks for the expressions, which are RE2's, in whole blocks, to examine only the lines that have one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .model import Fact
from .patterns import compiled, mark_lines

_MARK_AFTER = r"(?::|!|\[\w|\s*(?:–|—|[|-])|\s*$)"
AT_BEGIN = {
    "error": (
        r"(?:[Ff]atal|FATAL|[Ee]rror|ERROR|[Pp]anic|PANIC|CRITICAL|FAIL|FAILED|FAILURE)" + _MARK_AFTER,
        r"(?:ERROR|FAILED|FAIL) [\w./-]+(?:::|\.py\b|\.js\b|\.ts\b|\.go\b)",
        r"(?:Fatal|Error|ERROR) (?:in|at|while|during|running|reading|opening|loading)\b",
        r"npm (?:ERR!|error)",
        r"thread '[^']*' (?:\(\d+\) )?panicked",
        r"(?:Segmentation fault|Killed|Aborted)(?: \(core dumped\))?\s*$",
        r"(?:Error|Exception|Interrupt)(?:: |\s*$)",
    ),
    "warning": (
        r"(?:[Ww]arning|WARNING|WARN|warn)" + _MARK_AFTER,
        r"npm (?:WARN|warn)\b",
    ),
    "debug": (r"(?:debug|DEBUG|trace|TRACE|verbose|VERBOSE)(?::|\s*(?:–|—|[|-])\s)",),
}
"""Level -> what a message begins with, perhaps after a bullet, the name of a tool, or as the end of a first word."""
ANYWHERE = {
    "error": (
        r"✗|✘|❌",
        r"(?:\b|\d)[1-9] (?:failed|errors?|failures?)\b|\d0 (?:failed|errors?|failures?)\b",
        r": (?:fatal )?error(?: \w+)?: ",
        r": command not found\b",
        r"\b[Pp]ermission denied\b",
        r"\b[Nn]o such file or directory\b",
        r"\b[Oo]ut of memory\b",
        r"\b[Nn]o space left on device\b",
    ),
    "warning": (r"⚠", r"Warning: ", r": warning(?: \w+)?: ", r"\b(?:[Dd]eprecated|DEPRECATED)\b"),
}
"""Level -> what a message has anywhere."""

FACT = r"\b(?:FACT|KNOWLEDGE): *\S"
WAITING = (
    r"(?i:[\[(](?:y/n|yes/no)[\])])",
    r"(?i:\bpress (?:any key|enter|return)\b)",
    r"(?i:\bwaiting for (?:user |your )?(?:input|confirmation|approval|permission)\b)",
    r"(?i:\bdo you want to (?:proceed|continue)\b)",
    r"(?i:\bproceed\?\s*$)",
)
RATE_LIMIT = (
    r"(?i:\brate.?limit(?:ed|s)?\b.{0,40}\b(?:reached|exceeded|hit|error)\b)",
    r"\brate_limit_error\b",
    r"(?i:\btoo many requests\b)",
    r"(?i:\b(?:hit|reached) your (?:\w+ )?limit\b)",
    r"(?i:\b(?:usage|rate|session) limit (?:has been )?(?:reached|exceeded)\b)",
)
TESTS = (
    r"=+ .*\b\d+ (?:passed|failed|errors?|skipped)\b.* in [\d.]+",
    r"\bTests?:? .*\b\d+ (?:passed|failed)\b",
    r"\btest result: (?:ok|FAILED)\.",
    r"^\W*\d+ (?:passed|failed)\b",
)
HINTS = (r"\d (?:passed|failed|errors?|skipped)\b", r"\btest result: ")
"""What every line has that `TESTS` finds."""

_BEGIN = r"^[^\w]*(?:[\w./@-]{1,60}: )?(?:Uncaught )?[\w.]*"
_IN_LINES = tuple(
    (level, compiled(*(f"{_BEGIN}(?:{each})" for each in AT_BEGIN[level]), *ANYWHERE.get(level, ())))
    for level in ("error", "warning", "debug")
)
_LEVELS = tuple((level, expression.is_in) for level, expression in _IN_LINES)
_ANY_FACT = compiled(FACT, *WAITING, *RATE_LIMIT, *HINTS).is_in
_WAITING, _RATE_LIMIT, _TESTS = (compiled(*group).is_in for group in (WAITING, RATE_LIMIT, TESTS))
_FACT = re.compile(r"^\W*(?:FACT|KNOWLEDGE): *(\S.*)", re.MULTILINE)
_COUNT = re.compile(r"\b(\d{1,7}) (passed|failed|skipped|ignored|errors?)\b")
_SECONDS = re.compile(r"\bin ([\d.]{1,12}) ?s")
_MAX_TEXT, _MAX_FACTS, _EXAMINED = 2_000, 20, 4_000


def level_of_words(message: str) -> str:
    """The level of a message that does not say it: "error", "warning", "debug", else "info"."""
    data = message[:_EXAMINED].encode("utf-8", "replace")
    return next((level for level, is_in in _LEVELS if is_in(data)), "info")


def levels_of_words(messages: Sequence[str]) -> list[str]:
    """The same of many: each search goes over all of them."""
    data = "\n".join([message[:_EXAMINED] for message in messages]).encode("utf-8", "replace")
    levels, marks = ["info"] * len(messages), bytearray(len(messages) + 1)
    for number, (_, expression) in enumerate(reversed(_IN_LINES)):  # the last one that finds something counts
        mark_lines(expression, 1 << number, data, marks)
    for place, mark in enumerate(marks):
        if mark:
            levels[place] = _IN_LINES[-mark.bit_length()][0]
    return levels


def facts_of_words(text: str) -> list[Fact]:
    """The facts in a text of one or more lines, none of them recorded but the proposed ones:

    - "fact" `{text}`: proposed knowledge, of `FACT: …` or `KNOWLEDGE: …` at the beginning of a line.
    - "waiting" `{question}`: it asks a person on the terminal.
    - "rate_limit" `{status: "rejected", text}`.
    - "tests" `{passed, failed, skipped, errors, duration_s}`: a test runner's last line; 0 for what it does not name,
      None for an unknown duration.
    """
    if not _ANY_FACT(text.encode("utf-8", "replace")):
        return []
    facts = [Fact("fact", {"text": each[:_MAX_TEXT].rstrip()}) for each in _FACT.findall(text)[:_MAX_FACTS]]
    line = text[:_EXAMINED]
    data = line.encode("utf-8", "replace")
    if _WAITING(data):
        facts.append(Fact("waiting", {"question": line[:_MAX_TEXT]}, is_recorded=False))
    if _RATE_LIMIT(data):
        facts.append(Fact("rate_limit", {"status": "rejected", "text": line[:_MAX_TEXT]}, is_recorded=False))
    if _TESTS(data):
        facts += _tests(line)
    return facts


def _tests(line: str) -> list[Fact]:
    counts: dict[str, Any] = {"passed": 0, "failed": 0, "skipped": 0, "errors": 0}
    for number, word in _COUNT.findall(line):
        counts["errors" if word == "error" else "skipped" if word == "ignored" else word] = int(number)
    if not any(counts.values()):
        return []
    seconds = _SECONDS.search(line)
    try:
        counts["duration_s"] = float(seconds[1]) if seconds else None
    except ValueError:
        counts["duration_s"] = None
    return [Fact("tests", counts, is_recorded=False)]
