"""Search in a log of 10 million lines: the first page of any expression, and the exact number of lines that match.

`python -m benchmarks log_search`, or `python -m benchmarks.log_search LINES`. The log is parsed and indexed by the code
that follows logs; the bytes of the index are those on disk. Beside the clock's time is that of the processor, which
others on the machine cannot make longer. The first count is that of a dashboard that has followed the log; the last one
that of a dashboard that was started after that, and knows of no segment that it has no secrets.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from kit.run_logs import FakeRuns
from kit.tables import table

from llm_service.files.search_pattern import pattern_of
from llm_service.logs.feature import redact
from llm_service.logs.followed import FollowedLog
from llm_service.logs.line_search import searched_text
from llm_service.logs.parser import LineParser
from llm_service.logs.queries import LogQueries
from llm_service.logs.redacted_text import RedactedText
from llm_service.logs.rows import RowFilter
from llm_service.logs.search import LogSearch
from llm_service.logs.store import LogStore

from .log_samples import mixed_lines

ROUNDS = 5
QUERIES = (
    ("a word that is nowhere", "NeverThereAtAll", False),
    ("a word in one line, the first", "LighthouseKeeper", False),
    ("a word in every 16th line", "WARNING", False),
    ("an expression in many lines", r"worker\.\w+ - INFO", True),
    ("an expression that is nowhere", r"\bkraken\d{4,}\b.*(?:sinks|dives)$", True),
    ("an expression in most lines", r"[aeiou]\w+ \w", True),
)


def main(count: int = 10_000_000) -> None:
    """Print the table."""
    folder = Path(tempfile.mkdtemp(prefix="llm-service-bench-"))
    try:
        measure(folder, count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, count: int) -> None:
    """Write the log, index it, search."""
    runs = FakeRuns(folder)
    runs.add()
    part = b"\n".join(mixed_lines(100_000)) + b"\n"
    with open(runs.log(), "wb") as log:
        log.write(b"LighthouseKeeper wakes\n")
        for _ in range(count // 100_000):
            log.write(part)
    run = runs.end()
    os.utime(runs.log())

    def make(_: object, state: bytes) -> LineParser:
        return LineParser(state=state)

    store = LogStore(str(folder), str(folder / "segments"), runs.run)
    followed = FollowedLog(run, store, make, [])
    computing = time.process_time()
    while not followed.is_complete:
        followed.read()
    took_s = time.process_time() - computing
    queries = LogQueries(store, make)
    lines = queries.view(run).end.lines
    index_bytes = os.path.getsize(store.file(run.run_id).path)
    size_mb = runs.log().stat().st_size / 1e6
    print(f"{lines:,} lines, {size_mb:,.0f} MB, indexed at {lines / took_s:,.0f} lines/s of a core;")
    print(f"index: {index_bytes:,} bytes, {index_bytes / lines:.3f} bytes a line\n")
    rows = []
    time.sleep(2.1)  # a file that has just changed is redacted each time
    for name, query, is_regex in QUERIES:
        pattern, every = pattern_of(query, is_regex), RowFilter("all")
        search = LogSearch(queries, RedactedText(store, redact, searched_text))
        pages = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            page = search.page(run, pattern, every, 50)
            pages.append((time.perf_counter() - began) * 1000)
        counts = []
        for _ in range(2):
            computing = time.process_time()
            found = search.count(run, pattern, every, seconds=600)
            counts.append(time.process_time() - computing)
        rows.append(
            [name, f"{found.count:,}", f"{max(pages):.0f}", str(len(page.matches)), *(f"{each:.2f}" for each in counts)]
        )
    reopened = LogStore(str(folder), str(folder / "segments"), runs.run)
    search = LogSearch(LogQueries(reopened, make), RedactedText(reopened, redact, searched_text))
    computing = time.process_time()
    search.count(run, pattern_of(QUERIES[0][1]), RowFilter("all"), seconds=600)
    print(f"count without knowing what has secrets: {time.process_time() - computing:.2f} s of a core")
    head = ["what", "lines found", "first page ms", "matches in it", "count, s of a core", "again"]
    table(f"Search in a log of {lines:,} lines", head, rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
