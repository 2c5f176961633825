"""Hints as tests collect them."""

from __future__ import annotations

import threading
from typing import Any

from llm_service.watch.hints import Hint, HintKind


class CollectedHints:
    """A sink: hints as they come, with a way to wait for one."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []
        self._changed = threading.Condition()

    def __call__(self, hint: Hint) -> None:
        """Take a hint from an observer."""
        with self._changed:
            self.hints.append(hint)
            self._changed.notify_all()

    def wait(self, path: str, *kinds: HintKind) -> Hint:
        """The first hint about a path, of one of these kinds if any is given; fails after 60 s."""

        def find() -> Any:
            return next((hint for hint in self.hints if hint.path == path and (not kinds or hint.kind in kinds)), None)

        with self._changed:
            hint = self._changed.wait_for(find, 60)
            assert hint, f"no hint for {path!r}; got {self.hints}"
            return hint  # type: ignore[no-any-return]

    def pairs(self) -> list[tuple[str, HintKind]]:
        """(path, kind) of all hints so far."""
        with self._changed:
            return [(hint.path, hint.kind) for hint in self.hints]
