"""The system's Chromium, as tests and benchmarks start it."""

from __future__ import annotations

import shutil

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-component-update"]
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first is Debian's Chromium without windows, which computes a third less."""
PATH = next((path for name in NAMES if (path := shutil.which(name))), None)
