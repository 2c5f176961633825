"""Telling a flood of hints from what a person or an agent at work makes."""

from __future__ import annotations

_SLOT_S = 0.1
_MAX_CALM = 64
"""Hints in one slot, at most, that are no flood."""


class FloodDetector:
    """Counts hints in slots of 100 ms. Pure bookkeeping: the caller brings the clock."""

    def __init__(self) -> None:
        self._slot_began = float("-inf")
        self._in_slot = self._in_slot_before = 0

    def is_flooded(self, hints: int, now: float) -> bool:
        """Count `hints` that came now; True if this slot or the one before it held more than a calm one does."""
        passed = now - self._slot_began
        if passed > _SLOT_S:
            self._in_slot_before = self._in_slot if passed <= 2 * _SLOT_S else 0
            self._slot_began, self._in_slot = now, 0
        self._in_slot += hints
        return max(self._in_slot, self._in_slot_before) > _MAX_CALM
