"""What the name of a task file says about where it comes from: a copy that a program made of another file, or a
temporary file that is about to be renamed. Pure functions of the stem of the file name and the id of the task.

A copy has the content of its original and so its id. Some names are certain by themselves
(`x.sync-conflict-20261105-101010-ABCDEFG`); others (`x (1)`, `x copy`, `x-LAPTOP-1A2B3C4`) are names that people give,
too, and count only if the id in the file is what remains of the name.
"""

from __future__ import annotations

import re

_CONFLICT = "conflict|konflik|conflit|conflito|skonflikt|конфликт|конфлікт"
_CONFLICT_INSIDE = "冲突|衝突|競合|충돌"
_COPY = "copy|kopie|copie|copia|cópia|kopia|kopi|kopio|kopya|kópia|kopija|másolat|копия|копія|αντίγραφο"
_COPY_INSIDE = "コピー|副本|複本|複製|拷贝|拷貝|복사본|사본"
"""What programs call a conflict and a copy in other languages."""

_CERTAIN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Syncthing", re.compile(r"[.~]sync-conflict-\d{8}-\d{6}(?:-[A-Z0-9]{7})?$")),
    ("Nextcloud", re.compile(r" ?\(conflicted copy \d{4}-\d{2}-\d{2} \d{6}\)$", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"_conflict-(?:[^/]*-)?\d{8}-\d{6}$", re.IGNORECASE)),
    ("Nextcloud", re.compile(r" ?\(case clash from .+\)$", re.IGNORECASE)),
    ("Seafile", re.compile(r" ?\(SFConflict\b.*\)$", re.IGNORECASE)),
    ("Synology Drive", re.compile(r"_[^/]+_[A-Za-z]{3}-\d{2}-\d{4,6}-\d{4}_Conflict(?: ?\(\d+\))?$")),
    ("Proton Drive", re.compile(r" ?\(# Name clash \d{4}-\d{2}-\d{2} \w+ #\)$", re.IGNORECASE)),
    ("Windows File History", re.compile(r" \(\d{4}_\d{2}_\d{2} \d{2}_\d{2}_\d{2} UTC\)$")),
    (
        "Dropbox",
        re.compile(
            r" ?\((?:.*\bconflicted copy\b|.*\bin Konflikt stehende Kopie\b|copie en conflit\b|copia en conflicto\b"
            r"|copia in conflitto\b|case conflict\b|selective sync conflict\b|unicode encoding conflict\b).*\)$",
            re.IGNORECASE,
        ),
    ),
)
_MAY_BE_CERTAIN = re.compile(r"onfli|clash| UTC\)$", re.IGNORECASE)
_WITH_THE_ID: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "OneDrive",
        re.compile(
            r"-(?:(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{4,12}|[A-Z0-9]{2,12}-PC|PC-[A-Z0-9]{2,12}"
            r"|(?:\w+-){0,3}(?:MacBook|MBP|MBA|iMac|Mac)(?:-(?:Pro|Air|mini|Studio))?)(?:-\d+)?$"
        ),
    ),
    ("git", re.compile(r"_(?:BACKUP|BASE|LOCAL|REMOTE)_\d+$|\.(?:BACKUP|BASE|LOCAL|REMOTE)(?:\.\d+)?$")),
    (
        "a sync program",
        re.compile(
            rf"(?: ?[(\[（][^()\[\]（）]*(?:\b(?:{_CONFLICT})|{_CONFLICT_INSIDE})[^()\[\]（）]*[)\]）]"
            r"|[._-]conflict\d*)$",
            re.IGNORECASE,
        ),
    ),
    ("an editor", re.compile(r"(?:\.orig|~|\.~\d+~|\.bak|\.backup|\.old|\.save|\.rej)\d*$", re.IGNORECASE)),
    ("a backup", re.compile(r"[._-](?:backup|bak|old|orig|copy|kopie)[._ -]?\d*$", re.IGNORECASE)),
    (
        "a file manager",
        re.compile(
            r"(?: [-–—]|_)? ?\(?(?:(?:another|\d+(?:st|nd|rd|th)) )?"
            rf"\b(?:{_COPY})\b"
            r"(?: ?\(?\d{1,3}\)?)?\)?$",
            re.IGNORECASE,
        ),
    ),
    # Written without spaces, so the word needs none before it.
    ("a file manager", re.compile(rf"(?: [-–—])? ?\(?(?:の|的|의 ?)?(?:{_COPY_INSIDE})(?: ?\(?\d{{1,3}}\)?)?\)?$")),
    ("a sync program or browser", re.compile(r" ?\(\d{1,3}\)$")),
    ("a file manager", re.compile(r" \d{1,2}$")),
)
_PREFIXES = re.compile(r"^(?:copy of|kopie von|copie de|copia de|copia di) ", re.IGNORECASE)
_MOST_COPIES = 4
"""How many times a copy of a copy is followed to its original."""

_TEMPORARY = re.compile(
    r"tmp[a-z0-9_]{8}"  # Python's tempfile
    r"|tmp\.[A-Za-z0-9]{6,}"  # mktemp
    r"|te?mp"
    r"|.*[._-](?:te?mp|part|partial|swp|atomic)"
    r"|.*\.(?:te?mp|new)[._-]?\w*"
    r"|.*[._-]te?mp[._-]?(?=\w*\d)\w{3,}",
    re.DOTALL,
)
_RANDOM_END = re.compile(r"[a-z0-9_]{8}|[._-]?(?=\w*\d)[A-Za-z0-9_]{6,20}")
_RANDOM_NAME = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\d{8,20}")


def copied_by(stem: str, task_id: str) -> str | None:
    """The program that made the copy with this name ("Syncthing", "a file manager"), None if it is not a copy."""
    if _MAY_BE_CERTAIN.search(stem):  # most names need no further search
        for program, pattern in _CERTAIN:
            if pattern.search(stem):
                return program
    if stem == task_id:
        return None
    made_by, name = None, stem
    for _ in range(_MOST_COPIES):
        maker, name = _without_mark(name)
        made_by = made_by or maker
        if maker is None or _is_named_after(name, task_id):
            break
    return made_by if _is_named_after(name, task_id) else None


def _is_named_after(name: str, task_id: str) -> bool:
    """True for the id, and for the whole file name, to which old releases of git add (`x.yaml.LOCAL.123.yaml`)."""
    return name.removesuffix(".yaml").removesuffix(".yml") == task_id or name == task_id


def looks_temporary(stem: str, task_id: str) -> bool:
    """True for names of files that programs write to rename them at once, with a letter or number that they made up."""
    if _TEMPORARY.fullmatch(stem):
        return True
    if stem == task_id:
        return False
    if stem.startswith(task_id) and _RANDOM_END.fullmatch(stem, len(task_id)):
        return True
    return _RANDOM_NAME.fullmatch(stem) is not None


def _without_mark(name: str) -> tuple[str | None, str]:
    for program, pattern in _WITH_THE_ID:
        found = pattern.search(name)
        if found:
            return program, name[: found.start()]
    prefix = _PREFIXES.match(name)
    return ("a file manager", name[prefix.end() :]) if prefix else (None, name)
