"""Writes docs/dependencies.md at the end of `make test-latest`: locked versions, tested versions, result.

Run it with the Python of the tested environment: `dependencies.py "make test" 0`, 0 being its exit code. A third
argument is a sentence that explains the result: `make test-latest NOTE="..."`.
"""

from __future__ import annotations

import datetime
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/dependencies.md"
TEXT = """\
# Dependencies

`requirements.txt`, `requirements-mcp.txt` (the extra `mcp`) and `requirements-dev.txt` say which releases are admitted;
`pip install .` goes by them.
`requirements.lock` and `requirements-dev.lock` say which ones `make run` and `make test` install, with hashes, for
Python 3.11 to 3.14 on Linux, macOS and Windows. `make lock` makes them. `make test-latest` tests the newest releases
within the bounds in a new environment and writes this page.

{result}

| package | locked | tested |
|---|---|---|
{rows}
"""


def direct() -> list[str]:
    """The packages of the two requirement lists, in their order."""
    lines = [
        line
        for name in ("requirements.txt", "requirements-mcp.txt", "requirements-dev.txt")
        for line in (ROOT / name).open()
    ]
    found = [re.match(r"[\w.-]+", line) for line in lines]
    return list(dict.fromkeys(name.group() for name in found if name))


def main() -> None:
    """Write the page."""
    ran, code = sys.argv[1], int(sys.argv[2])
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))
    rows = []
    for name in direct():
        try:
            tested = version(name)
        except PackageNotFoundError:
            tested = "not on this system"
        rows.append(f"| {name} | {locked[re.sub('[-_.]+', '-', name).lower()]} | {tested} |")
    day = datetime.datetime.now(datetime.UTC).date()
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    parser = f"libyaml {yaml._yaml.get_version_string()}" if yaml.__with_libyaml__ else "no libyaml"
    outcome = "passed" if code == 0 else f"failed with exit code {code}"
    result = f"**{day}: `{ran}` {outcome}** on {machine}, {parser}."
    if note := " ".join(sys.argv[3:]).strip():
        result += f" {note}"
    PAGE.write_text(TEXT.format(result=result, rows="\n".join(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
