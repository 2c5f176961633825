"""Where things are in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
SHARED = ROOT.parent / "shared"
"""Real files of agent teams, where they are present; nothing may depend on them."""
