"""The system's Chromium, as tests and benchmarks start it."""

from __future__ import annotations

import shutil

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-component-update"]
PATH = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
