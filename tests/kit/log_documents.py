"""`documents(folder)`: the whole JSON objects in the lines of logs, for the judges of the totals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def documents(folder: Path, pattern: str = "*.jsonl*") -> Iterator[tuple[Path, dict[str, Any]]]:
    """(file, object) for each whole line that is a JSON object, file by file."""
    for path in sorted(folder.rglob(pattern)):
        for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
            try:
                value = json.loads(line.strip(b"\x00\r\n"))
            except ValueError:
                continue
            if isinstance(value, dict) and line.endswith(b"\n"):
                yield path, value
