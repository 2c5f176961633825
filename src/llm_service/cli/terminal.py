"""What this process can ask and show: `is_terminal()`, `has_display()`."""

from __future__ import annotations

import os
import sys


def is_terminal() -> bool:
    """True if a person can read the output and answer."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def has_display() -> bool:
    """True if a browser can open a window on this machine for this user."""
    if sys.platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
