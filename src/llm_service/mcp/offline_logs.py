"""`OfflineLogSearch`: searches the logs of runs themselves, without their indexes."""

from __future__ import annotations

import time
from collections import deque

from ..errors import FileRefused
from ..files.search_pattern import pattern_of
from ..logs.offline import OfflineLogs
from ..settings.load import Settings
from .sources import Json

_READ_S = 0.7


class OfflineLogSearch:
    """Searches the logs themselves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def search(self, words: str, job: str | None, is_regex: bool, limit: int) -> Json:
        """See `LogTools`."""
        pattern, until = pattern_of(words, is_regex), time.monotonic() + _READ_S
        logs = OfflineLogs(self._settings)
        found: list[Json] = []
        runs = logs.runs(None if job is None else f"job:{job}")
        for run in reversed(runs):
            newest: deque[Json] = deque(maxlen=limit - len(found))
            with_rest = True
            try:
                for first, block in logs.texts(run):
                    for number, line in enumerate(pattern.normalized(block).split(b"\n"), first):
                        if pattern.search(line):
                            text = line.decode("utf-8", "replace")
                            newest.append(
                                {"job": run.owner.removeprefix("job:"), "run": run.run_id, "line": number, "text": text}
                            )
                    if time.monotonic() > until:
                        with_rest = False
                        break
            except FileRefused:
                continue
            found += reversed(newest)
            if not with_rest or len(found) >= limit:
                return {"matches": found[:limit], "more": True}
        return {"matches": found, "more": False}
