"""Parsing, filtering and redacting logs: lines a second on one core beside the floor, and 1,000 planted secrets of
every kind among 100,000 lines without one."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable
from random import Random

import psutil
from kit.log_mix import LogMix
from kit.planted_secrets import ASSIGNED, EVERY, planted
from kit.tables import table

from llm_service.logs.parser import LineParser
from llm_service.logs.parsing import survey
from llm_service.logs.redaction import Redactor, redact
from llm_service.logs.redaction.expressions import expressions

LINES, ROUNDS, BLOCK_BYTES, SECRETS = 200_000, 7, 100_000, 1_000
HOSTILE_LINES = 1_000
"""With a secret each, none of which was there before: so many a round."""


def blocks(log: bytes) -> list[bytes]:
    """The log in blocks of whole lines, as the store reads it."""
    pieces, at = [], 0
    while at < len(log):
        end = log.find(b"\n", min(at + BLOCK_BYTES, len(log) - 1)) + 1
        pieces.append(log[at:end])
        at = end
    return pieces


def rates(pieces: list[bytes], work: Callable[[list[bytes]], object]) -> list[float]:
    """Lines a second of CPU time, once a round; other programs on this machine do not count."""
    lines = sum(piece.count(b"\n") for piece in pieces)
    work(pieces)
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work(pieces)
        found.append(lines / (time.process_time() - began))
    return found


def follow(pieces: list[bytes]) -> None:
    """As a log is followed: redact, parse, decide what is shown, count, find facts, phases and the last time."""
    parser = new_parser()
    for piece in pieces:
        survey(parser.parse(piece))


def make(pieces: list[bytes]) -> None:
    """The same, and every line as it is given to somebody who asks for all of them."""
    parser = new_parser()
    for piece in pieces:
        lines = parser.parse(piece)
        survey(lines)
        deque(lines, 0)


def new_parser() -> LineParser:
    """The parser of a job with a pattern of its own."""
    return LineParser("/srv/demo", {"plan": ["planning started"]})


def redact_all(pieces: list[bytes]) -> None:
    """Redaction alone."""
    redactor = Redactor()
    for piece in pieces:
        redactor.redact(piece)


def search(pieces: list[bytes]) -> None:
    """A floor: one search of RE2 over everything, for what may be a secret."""
    for piece in pieces:
        deque(expressions().any.every(piece), 0)


def split(pieces: list[bytes]) -> None:
    """A floor: text and lines, nothing known of them."""
    for piece in pieces:
        piece.decode("utf-8", "replace").splitlines()


def leaks() -> tuple[int, int, int, int]:
    """(secrets planted, kinds, secrets that are left, lines without a secret that were changed of 100,000)."""
    random = Random(11)
    templates = [*EVERY.values(), *ASSIGNED]
    each = LogMix(3).lines()
    left = 0
    for number in range(SECRETS):
        line, secret = planted(templates[number % len(templates)], random)
        around = [next(each), line, next(each)]
        left += secret in redact("\n".join(around).encode()).decode()
    clean = LogMix(4).block(100_000)
    changed = sum(before != after for before, after in zip(clean.split(b"\n"), redact(clean).split(b"\n"), strict=True))
    return SECRETS, len(templates), left, changed


def hostile() -> tuple[list[float], float]:
    """(milliseconds of CPU time for a line with a secret, once a round, MB that the search for them has grown by)."""
    random = Random(12)
    templates = [*EVERY.values(), *ASSIGNED]
    before, found = psutil.Process().memory_info().rss, []
    expressions()
    for _ in range(ROUNDS):
        lines = [planted(templates[number % len(templates)], random)[0] for number in range(HOSTILE_LINES)]
        block = "\n".join(lines).encode()
        began = time.process_time()
        Redactor().redact(block)
        found.append((time.process_time() - began) / HOSTILE_LINES * 1000)
    return found, (psutil.Process().memory_info().rss - before) / 1e6


def main() -> None:
    """Print the tables."""
    milliseconds, grown_mb = hostile()
    log = LogMix().block(LINES)
    pieces = blocks(log)
    rows = (
        ("parse, filter, redact, as logs are followed", "≥ 300,000", follow),
        ("the same, and every line made", "", make),
        ("redact alone", "", redact_all),
        ("floor: one search of RE2", "", search),
        ("floor: splitlines", "", split),
    )
    measured = [[what, goal, *figures(rates(pieces, work))] for what, goal, work in rows]
    title = f"Logs: {LINES:,} mixed lines of {len(log) / LINES:.0f} B, lines a second of CPU time, one thread"
    table(title, ["what", "goal", "median", "best"], measured)
    hostile_rows: list[list[object]] = [
        [f"the first {HOSTILE_LINES:,} lines of a process, ms a line", "≤ 0.3", f"{milliseconds[0]:.2f}"],
        [f"later ones, ms a line, the worst of {ROUNDS - 1}", "≤ 0.3", f"{max(milliseconds[1:]):.2f}"],
        ["memory grew by, MB", "", f"{grown_mb:.0f}"],
    ]
    table("Logs in which every line has a secret", ["what", "goal", "found"], hostile_rows)
    planted_count, kinds, left, changed = leaks()
    found: list[list[object]] = [
        [f"{planted_count:,} planted, of {kinds} kinds: left", "0", left],
        ["100,000 lines without one: changed", "≤ 10", changed],
    ]
    table("Secrets in logs", ["what", "goal", "found"], found)


def figures(found: list[float]) -> tuple[str, str]:
    """(median, best), as text."""
    return f"{statistics.median(found):,.0f}", f"{max(found):,.0f}"
