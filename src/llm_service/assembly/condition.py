"""What works and what does not, of the kernel and all features: for `/health`, the start-up message and clients."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..feature import Feature, Kernel, Trouble
from ..watch import reports
from ..watch.follower import Follower


class Condition:
    """Of one dashboard. Each call asks anew."""

    def __init__(self, kernel: Kernel, features: Sequence[Feature]) -> None:
        self._kernel = kernel
        self._features = features

    @property
    def followers(self) -> list[Follower]:
        """The followers of all features that run now."""
        return [follower for feature in self._features for follower in feature.followers]

    def watchers(self) -> list[dict[str, Any]]:
        """`Follower.status` of each watched root."""
        return reports.statuses(self.followers)

    def health(self) -> dict[str, Any]:
        """`{status, watchers, troubles}` for `/health`."""
        watchers = self.watchers()
        troubles = list(self._other_troubles(watchers))
        is_degraded = bool(troubles) or any("error" in watcher for watcher in watchers)
        status = "degraded" if is_degraded else "healthy"
        return {"status": status, "watchers": watchers, "troubles": self._described(troubles)}

    def degraded(self) -> list[dict[str, Any]]:
        """`{root, mode, reason}` for each thing that does not work as it should."""
        return self._described(self._other_troubles(self.watchers()))

    def banner(self) -> list[tuple[str, str]]:
        """Rows of the start-up message, as (label, text): watched roots, rows of the features, database, troubles."""
        watchers = self.watchers()
        absent = [one["root"] for one in watchers if _is_absent(one)]
        rows = [("watching", f"{one['root']} ({_mode(one)})") for one in watchers if one["root"] not in absent]
        if absent:
            names = (os.path.relpath(root, self._kernel.settings.workspace) for root in absent)
            rows.append(("later", f"{', '.join(names)} (watched as soon as they are there)"))
        for feature in self._features:
            rows += feature.banner()
        database = self._kernel.database
        rows.append(("history", database.path if database else "off"))
        troubles = (*self._watch_troubles(), *self._other_troubles(watchers))
        return rows + [(one.mode, f"{one.root}: {one.reason}") for one in troubles]

    def _described(self, others: Iterable[Trouble]) -> list[dict[str, Any]]:
        everything = (*self._watch_troubles(), *self._kernel.notes(), *others)
        return [{"root": one.root, "mode": one.mode, "reason": one.reason} for one in everything]

    def _watch_troubles(self) -> Iterator[Trouble]:
        return (Trouble(one.root, one.mode, one.reason or "unknown") for one in reports.troubles(self.followers))

    def _other_troubles(self, watchers: Iterable[dict[str, Any]]) -> Iterator[Trouble]:
        reported = {watcher["root"] for watcher in watchers if watcher["mode"] == "refused"}
        yield from (trouble for trouble in self._kernel.troubles() if trouble.root not in reported)
        for feature in self._features:
            yield from feature.troubles()


def _is_absent(status: Mapping[str, Any]) -> bool:
    """True for a root that nobody misses: it need not be there, and it is not."""
    return status["mode"] == "missing" and "error" not in status and not os.path.isdir(status["root"])


def _mode(status: Mapping[str, Any]) -> str:
    """How a root is watched. One that is there and not watched yet is about to be."""
    return "starting" if status["mode"] == "missing" and os.path.isdir(status["root"]) else str(status["mode"])
