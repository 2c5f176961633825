"""Which folders somebody may take for lanes although their tasks are not on the board."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_AROUND = " \t._-\u200b\u200c\u200d\u2060\ufeff"


def lane_meant_by(path: str, lanes: Sequence[str]) -> str | None:
    """The lane whose name a folder directly below the root has but for case, blanks or accents, None if it has none."""
    if not path or "/" in path or path in lanes:
        return None
    plain = _plain(path)
    return next((lane for lane in lanes if _plain(lane) == plain), None)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip(_AROUND)
