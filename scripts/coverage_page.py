"""Checks the coverage minimums; with `--write`, writes docs/coverage.md. Run by `make coverage` and `make test`.

Branches count: a line with a branch that is never taken is not fully covered.
"""

from __future__ import annotations

import datetime
import json
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/coverage.md"
FLOOR = 90.0
FULL = ("files/", "hub/", "web/guard")
NETWORK = ("hub/follow_", "hub/redis_journal", "hub/redis_link", "hub/redis_reader")
"""Of `FULL`, but which of their lines run depends on when a connection breaks: at least `FLOOR` of each."""
TEXT = """\
# Coverage

`make coverage` runs the tests without a browser with coverage of lines and branches over `src/llm_service`, the
processes that tests start included, and writes this page. `make test` fails below {floor:.0f} % over all, or below
100 % of {whole}; {floor:.0f} % of what depends on when a connection breaks ({network}).

**{total:.1f} %** on {day}, {machine}.

| part | lines and branches covered |
|---|---|
{parts}

Modules below {floor:.0f} %:

| module | covered | lines never run |
|---|---|---|
{below}
"""
BY_HAND = "\n## Mutants\n"
"""From here on the page is written by hand, after runs of `make mutants`, and stays as it is."""


def measured() -> dict[str, Any]:
    """The coverage report as JSON, from the data of all processes."""
    coverage = [sys.executable, "-m", "coverage"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "coverage.json")
        subprocess.run([*coverage, "combine", "--quiet"], cwd=ROOT, check=True)
        subprocess.run([*coverage, "json", "--quiet", "-o", str(target)], cwd=ROOT, check=True)
        report: dict[str, Any] = json.loads(target.read_bytes())
    return report


def percent(summaries: list[dict[str, Any]]) -> float:
    """Covered lines and branches, in percent."""
    covered = sum(one["covered_lines"] + one["covered_branches"] for one in summaries)
    total = sum(one["num_statements"] + one["num_branches"] for one in summaries)
    return 100.0 * covered / total if total else 100.0


def main() -> None:
    """Check and write; exits 1 below a minimum."""
    report = measured()
    files = {name.removeprefix("src/llm_service/"): entry for name, entry in report["files"].items()}
    parts = defaultdict(list)
    for name, entry in files.items():
        parts[name.partition("/")[0] if "/" in name else "(root)"].append(entry["summary"])
    total = percent([entry["summary"] for entry in files.values()])
    shares = {name: percent([entry["summary"]]) for name, entry in files.items()}
    below = sorted((share, name) for name, share in shares.items() if share < FLOOR)
    least = {name: FLOOR if name.startswith(NETWORK) else 100.0 for name in shares if name.startswith(FULL)}
    incomplete = [f"{name}: {shares[name]:.1f} %" for name, floor in sorted(least.items()) if shares[name] < floor]
    if "--write" in sys.argv:
        rows = [f"| `{name}` | {share:.1f} % | {files[name]['summary']['missing_lines']} |" for share, name in below]
        text = TEXT.format(
            floor=FLOOR,
            whole=", ".join(f"`{name}`" for name in FULL),
            network=", ".join(f"`{name}`" for name in NETWORK),
            total=total,
            day=datetime.datetime.now(datetime.UTC).date(),
            machine=f"{platform.system()}, Python {platform.python_version()}",
            parts="\n".join(f"| `{name}` | {percent(summaries):.1f} % |" for name, summaries in sorted(parts.items())),
            below="\n".join(rows) or "| none | | |",
        )
        _, heading, mutants = PAGE.read_text(encoding="utf-8").partition(BY_HAND)
        PAGE.write_text(text + heading + mutants, encoding="utf-8")
    print(f"coverage: {total:.1f} % of src/llm_service")
    if incomplete:
        print("These must be fully covered: " + ", ".join(incomplete), file=sys.stderr)
    if total < FLOOR:
        print(f"That is less than {FLOOR:.0f} %.", file=sys.stderr)
    sys.exit(bool(incomplete) or total < FLOOR)


if __name__ == "__main__":
    main()
