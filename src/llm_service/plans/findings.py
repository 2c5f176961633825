"""Which findings belong to which task: by the beginning of the file's name. Pure.

`1.1.md`, `1-1.md`, `1.1-some-title.md` are of task 1.1; `6-summary.md` of no task, unless one is called 6;
`verify-0.md` of `VERIFY 0`, by whatever id that goes: "V0", "verify-0".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

_NUMBERS = re.compile(r"(\d+(?:[.\-_]\d+)*)(?![0-9])")
_VERIFY = re.compile(r"v(?:erify)?[\-_ .]?(\d+(?:[.\-_]\d+)*)", re.I)
_SPLIT = re.compile(r"[.\-_]")
_SUFFIXES = ".md"


def task_of_finding(name: str, ids: Collection[str]) -> str | None:
    """The id, of these, of the task that a file of findings belongs to: the longest that its name begins with."""
    stem = name.removesuffix(_SUFFIXES)
    if stem in ids:
        return stem
    if found := _NUMBERS.match(stem):
        parts = _SPLIT.split(found[1])
        for length in range(len(parts), 0, -1):
            for joined in (".".join(parts[:length]), "-".join(parts[:length])):
                if joined in ids and (length > 1 or len(parts) == 1 or _is_alone(ids)):
                    return joined
        return None
    if found := _VERIFY.match(stem):
        number = ".".join(_SPLIT.split(found[1]))
        wanted = {f"v{number}", f"verify-{number}", f"verify {number}", f"verify_{number}", f"verify{number}"}
        return next((task_id for task_id in ids if task_id.lower() in wanted), None)
    return next((task_id for task_id in sorted(ids, key=len, reverse=True) if _begins_with(stem, task_id)), None)


def findings_by_task(names: Iterable[str], ids: Collection[str]) -> Mapping[str, str | None]:
    """File name -> id of its task, None if it fits none."""
    known = frozenset(ids)
    return {name: task_of_finding(name, known) for name in names}


def _is_alone(ids: Collection[str]) -> bool:
    """True if ids are single numbers: then "3-audit" is of task 3, and so is "3-2"."""
    return not any("." in task_id for task_id in ids)


def _begins_with(stem: str, task_id: str) -> bool:
    rest = stem[len(task_id) :]
    return stem.lower().startswith(task_id.lower()) and (not rest or not rest[0].isalnum())
