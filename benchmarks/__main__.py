"""`python -m benchmarks [NAME ...]` prints the tables of the benchmarks named, of all by default."""

from __future__ import annotations

import importlib
import os
import platform
import sys

NAMES = ("latency", "manners", "bursts", "fanout", "scale", "browser", "telemetry", "search", "artifacts")


def main() -> None:
    """Run the benchmarks named on the command line."""
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"Machine: {machine}, load {os.getloadavg()[0]:.1f}")
    for name in sys.argv[1:] or NAMES:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
