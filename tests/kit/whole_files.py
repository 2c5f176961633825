"""Files that come, or become others, in one moment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def put(path: Path, content: str | bytes) -> None:
    """Write a file, of which nobody finds less than the whole: `write_text` empties or makes it, and a busy machine may
    go on with its content so much later that an empty file was seen, published, and stored as a version."""
    handle, aside = tempfile.mkstemp()
    with open(handle, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.chmod(aside, 0o644)
    os.replace(aside, path)
