"""Full text in a project of 200 MB: the first hit and all of them, in the process and through the real server, beside
grep on the same files in the same run."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from kit.processes import Server, dashboard
from kit.tables import spread, table

from llm_service.artifacts.contents.search import Done, Hit, SearchFile, SearchLimits, search
from llm_service.files.search_pattern import pattern_of

FILES, FILE_BYTES, ROUNDS = 20_000, 10_000, 5
QUERIES = (
    ("a word in every 50th file", "HarborMaster", False),
    ("a word in one file, the last", "LighthouseKeeper", False),
    ("a word that is nowhere", "NeverThereAtAll", False),
    ("an expression in every 50th file", r"harbor\w+\(", True),
)


@contextmanager
def project() -> Iterator[Path]:
    """A temporary project of 20,000 files of 10 kB in 1,000 folders, text as code looks like."""
    workspace = Path(tempfile.mkdtemp(prefix="llm-service-bench-"))
    (workspace / "work/collaboration/inbox").mkdir(parents=True)
    root = workspace / "generated_projects/big"
    random.seed(4)
    names = ["".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(3, 10))) for _ in range(3_000)]
    lines = [f"    {' '.join(random.choices(names, k=random.randint(2, 12)))}(value)" for _ in range(20_000)]
    for number in range(FILES):
        folder = root / f"package_{number // 200:03d}" / f"part_{number // 20 % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        text, size = [], 0
        while size < FILE_BYTES:
            text.append(random.choice(lines))
            size += len(text[-1]) + 1
        if number % 50 == 49:
            text[len(text) // 2] = "    ship = HarborMaster(berth)"
        if number == FILES - 1:
            text[-1] = "    LighthouseKeeper().wake()"
        (folder / f"module_{number:05d}.py").write_text("\n".join(text) + "\n")
    try:
        yield root
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def ours(root: Path, paths: list[str], query: str, regex: bool) -> tuple[float, float, int]:
    """(milliseconds until the first hit or the end, until the end, hits)."""
    began = time.perf_counter()
    first, hits = None, 0
    limits = SearchLimits(hits=10**6, seconds=60)
    for found in search(str(root), (SearchFile(path, path) for path in paths), pattern_of(query, regex), limits):
        if isinstance(found, Hit):
            first = first or time.perf_counter()
            hits += 1
        elif isinstance(found, Done):
            assert not found.progress.truncated
    end = time.perf_counter()
    return ((first or end) - began) * 1000, (end - began) * 1000, hits


def served(server: Server, query: str, regex: bool) -> tuple[float, float, int]:
    """The same through the server, of up to 1,000 hits, as a page would ask."""
    url = f"{server.url}/api/artifacts/big/search?limit=1000&q={quote(query)}&regex={int(regex)}"
    began = time.perf_counter()
    first, hits = None, 0
    with urllib.request.urlopen(url, timeout=60) as answer:
        for line in answer:
            found = json.loads(line)
            if "hit" in found:
                first = first or time.perf_counter()
                hits += 1
    assert not found["done"]["truncated"]
    end = time.perf_counter()
    return ((first or end) - began) * 1000, (end - began) * 1000, hits


def settled(server: Server) -> None:
    """Wait until the server has listed the project and counted its lines."""
    deadline = time.perf_counter() + 120
    while time.perf_counter() < deadline:
        found = server.get("/api/projects")
        if found["loading"] is None and all(project["uncounted"] == 0 for project in found["projects"]):
            return
        time.sleep(0.1)
    raise TimeoutError("the lines were not counted")


def grep(root: Path, query: str, regex: bool) -> tuple[float, float, int]:
    """The same of `grep -ri`, the floor."""
    began = time.perf_counter()
    command = ["grep", "-rinI", "--line-buffered", "-P" if regex else "-F", query, "."]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first, hits = None, 0
        for _ in process.stdout:
            first = first or time.perf_counter()
            hits += 1
    end = time.perf_counter()
    return ((first or end) - began) * 1000, (end - began) * 1000, hits


def main() -> None:
    """Print the table."""
    with project() as root, dashboard(root.parents[1]) as server:
        settled(server)
        paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.py"))
        megabytes = sum((root / path).stat().st_size for path in paths) / 1e6
        rows: list[list[object]] = []
        for title, query, regex in QUERIES:
            runs: dict[str, Callable[[], tuple[float, float, int]]] = {
                "the server": lambda query=query, regex=regex: served(server, query, regex),
                "in the process": lambda query=query, regex=regex: ours(root, paths, query, regex),
                "grep -ri": lambda query=query, regex=regex: grep(root, query, regex),
            }
            counts = set()
            for name, run in runs.items():
                run()
                measured = [run() for _ in range(ROUNDS)]
                counts |= {hits for _, _, hits in measured}
                first, whole = (spread([one[index] for one in measured])[0] for index in (0, 1))
                rows.append([title, name, first, whole, measured[0][2]])
            assert len(counts) == 1, f"the numbers of hits differ: {counts}"
        head = ["pattern", "by", "first hit (ms)", "all (ms)", "hits"]
        table(f"Content search: {len(paths):,} files, {megabytes:.0f} MB, median of {ROUNDS}, warm", head, rows)
