"""What followers report together, each root once: several features may follow one folder, as that of the runs is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..histogram import Histogram
from .follower import Follower
from .troubles import RootChange

_BEST_FIRST = ("inotify", "native", "polling", "missing", "unreadable", "refused")


def statuses(followers: Iterable[Follower]) -> list[dict[str, Any]]:
    """`Follower.status` of each root, in the order of the first ones. Of several, the worse mode and the longer times
    count, and all errors and paths are there."""
    found: dict[str, dict[str, Any]] = {}
    for follower in followers:
        status = follower.status()
        known = found.get(status["root"])
        found[status["root"]] = status if known is None else _joined(known, status)
    return list(found.values())


def troubles(followers: Iterable[Follower]) -> list[RootChange]:
    """The troubles of all followers; one that several have is there once."""
    return list(dict.fromkeys(change for follower in followers for change in follower.troubles()))


def lags(followers: Iterable[Follower]) -> dict[str, Histogram]:
    """Root -> the times from a hint to the published events."""
    found: dict[str, list[Histogram]] = {}
    for follower in followers:
        found.setdefault(follower.root, []).append(follower.lags)
    return {root: several[0] if len(several) == 1 else Histogram.total(several) for root, several in found.items()}


def _joined(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    joined = {**left, "mode": max(left["mode"], right["mode"], key=_BEST_FIRST.index)}
    for name in ("last_scan_ms", "lag_ms"):
        times = [one[name] for one in (left, right) if one[name] is not None]
        joined[name] = max(times, default=None)
    errors = dict.fromkeys(one["error"] for one in (left, right) if "error" in one)
    if errors:
        joined["error"] = "; ".join(errors)
    for name in ("unreadable", "skipped"):
        if name in left or name in right:
            joined[name] = {**left.get(name, {}), **right.get(name, {})}
    return joined
