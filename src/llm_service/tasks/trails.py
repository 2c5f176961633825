"""`Trails`: where hints recently reported files of one name, for the lanes that a file has left before it is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Location

KEPT_S = 10.0
"""Longer than a follower falls behind on a busy machine."""
MAX_NAMES = 4096
"""Of more names the old ones are forgotten."""
MAX_STEPS = 32


@dataclass(slots=True)
class _Trail:
    since: float
    steps: list[Location] = field(default_factory=list)


class Trails:
    """The locations of each file name, in the order of their hints, for ten seconds."""

    def __init__(self) -> None:
        self._trails: dict[str, _Trail] = {}

    def add(self, location: Location, now: float) -> None:
        """A hint reported a file at a location."""
        name = _name(location.path)
        trail = self._trails.get(name)
        if trail is None or now - trail.since > KEPT_S:
            self._trails.pop(name, None)
            self._forget_old(now)
            trail = self._trails[name] = _Trail(now)
        if len(trail.steps) < MAX_STEPS and (not trail.steps or trail.steps[-1] != location):
            trail.steps.append(location)

    def take(self, path: str, here: Location | None, now: float) -> list[Location]:
        """Remove and return the locations of the file at a printable path, up to `here`; those after it stay for the
        next check. All of them if none is `here`."""
        name = _name(path)
        trail = self._trails.pop(name, None)
        if trail is None or now - trail.since > KEPT_S:
            return []
        last = max((index for index, step in enumerate(trail.steps) if step == here), default=None)
        if last is None:
            return trail.steps
        later = trail.steps[last + 1 :]
        if later:
            self._trails[name] = _Trail(trail.since, later)
        return trail.steps[: last + 1]

    def _forget_old(self, now: float) -> None:
        """Each name costs a step or two, however many files come at once: the oldest are the first of the dict."""
        while len(self._trails) >= MAX_NAMES:
            oldest = next(iter(self._trails))
            if now - self._trails[oldest].since <= KEPT_S:
                return
            del self._trails[oldest]

    def names(self) -> list[str]:
        """The file names of which locations are kept."""
        return list(self._trails)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
