"""`python -m benchmarks [NAME ...]` prints the tables of the benchmarks named, of all by default.

`python -m benchmarks observer --against CHECKOUT --rounds 5` measures another checkout of this repository in the same
run: `git worktree add ../before COMMIT` makes one.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from pathlib import Path

NAMES = (
    "latency",
    "manners",
    "bursts",
    "fanout",
    "scale",
    "browser",
    "now",
    "telemetry",
    "agent_logs",
    "search",
    "log_search",
    "log_flood",
    "log_lines",
    "log_viewer",
    "pipelines_page",
    "plans_page",
    "artifacts",
    "hostile",
    "attacks",
    "survival",
    "journal",
    "processes",
    "needs_you",
    "derived",
    "palette",
    "mcp",
    "pipelines",
    "plans",
    "orchestrators",
    "sessions",
    "reach",
)
LONG = ("soak", "page_soak")
"""Take an hour, 20 minutes, or as long as `--minutes` says: does memory grow? Not among those that run by default."""
COMPARING = ("observer", "first_card")
"""Measure two checkouts in one run, if another is given. Not among those that run by default."""


def main() -> None:
    """Run the benchmarks named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", choices=[*NAMES, *COMPARING, *LONG], metavar="NAME", help=" ".join(NAMES))
    parser.add_argument("--against", type=Path, help="another checkout, measured too (observer, first_card)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (observer, first_card)")
    parser.add_argument("--minutes", type=float, help="how long the load lasts (soak: 60, page_soak: 20)")
    options = parser.parse_args()
    comparison = {"against": options.against and options.against.resolve(), "rounds": options.rounds}
    lasting = {} if options.minutes is None else {"minutes": options.minutes}
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"Machine: {machine}, load {os.getloadavg()[0]:.1f}")
    for name in options.names or NAMES:
        importlib.import_module(f"benchmarks.{name}").main(
            **(comparison if name in COMPARING else lasting if name in LONG else {})
        )


if __name__ == "__main__":
    main()
