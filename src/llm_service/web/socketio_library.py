"""Flask-SocketIO's `SocketIO`, imported without the Redis client.

`import socketio` imports it where it is installed, for a way to join several servers that is not used here: an eighth
of the time that a dashboard takes to start.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = ("redis", "valkey")


@contextmanager
def hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let `import` not find these packages, but for those that are imported already."""
    absent = {name: None for name in names if name not in sys.modules}
    sys.modules.update(absent)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


with hidden(UNUSED):
    from flask_socketio import SocketIO

__all__ = ["SocketIO"]
