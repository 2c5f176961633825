"""Files that come, or become others, in one moment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def put(path: Path, content: str | bytes, aside: Path | None = None) -> Path:
    """Write a file, of which nobody finds less than the whole: `write_text` empties or makes it, and a busy machine may
    go on with its content so much later that an empty file was seen, published, and stored as a version.

    `aside`: the folder of the temporary file, on the same file system; by default where nobody watches.
    """
    handle, temporary = tempfile.mkstemp(prefix=".put-", dir=aside)
    with open(handle, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
    return path
