"""When a boat can reach a berth that dries out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import cos, pi

UNDER_THE_KEEL_CM = 50
STEP = timedelta(minutes=1)

Extreme = tuple[datetime, int]
"""High or low water: when (UTC), and how high over chart datum in centimetres."""


def height_cm(at: datetime, extremes: Sequence[Extreme]) -> float | None:
    """The predicted height, by a cosine between two extremes; None outside the table."""
    for (start, first), (end, second) in zip(extremes, extremes[1:], strict=False):
        if start <= at <= end:
            part = (at - start) / (end - start)
            return (first + second) / 2 + (first - second) / 2 * cos(pi * part)
    return None


def windows(extremes: Sequence[Extreme], depth_cm: int, draught_cm: int) -> Iterator[tuple[datetime, datetime]]:
    """From when to when there is enough water; a window that the table cuts off is not given."""
    needed = draught_cm + UNDER_THE_KEEL_CM - depth_cm
    at, opened = extremes[0][0], None
    was_open = (height_cm(at, extremes) or 0) >= needed
    while (height := height_cm(at, extremes)) is not None:
        is_open = height >= needed
        if is_open and not was_open:
            opened = at
        if was_open and not is_open and opened is not None:
            yield opened, at
            opened = None
        was_open = is_open
        at += STEP
