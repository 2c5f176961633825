"""What `llm-service doctor` says about starting programs: `examine_processes(...)`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

from ..feature import Finding
from ..files import printable
from .board import RunBoard
from .model import RunStatus
from .profile_book import ProfileBook
from .stopping import HAS_SUBREAPER

_MOST_SHOWN = 5


def examine_processes(
    control: bool,
    book: ProfileBook,
    board: RunBoard,
    min_disk_bytes: int,
    user_folder: str | None,
    left_of: Callable[[str], int],
) -> Iterator[Finding]:
    """The findings, in the order of what has to be done first. `left_of(run_id)`: how many processes of a run go on
    though its shim was killed."""
    if control:
        yield Finding("ok", "control", "programs may be started")
    else:
        yield Finding("ok", "control", "off: programs are only shown; `control: true` in your own configuration")
    if control and user_folder is None:
        yield Finding("problem", "control", "no folder of yours for approvals and keys; set XDG_CONFIG_HOME")
    profiles, problems = book.read()
    for profile in profiles:
        name = printable(profile.name)
        if not book.is_approved(profile):
            yield Finding("note", "profiles", f"{name} is not approved; `llm-service approve` shows it whole")
        elif control and "/" not in profile.argv[0] and shutil.which(profile.argv[0]) is None:
            yield Finding("problem", "profiles", f"{name}: there is no program {printable(profile.argv[0])} in PATH")
    for problem in problems:
        yield Finding("problem", "profiles", f"{printable(problem.where)}: {printable(problem.reason)}")
    if control and not HAS_SUBREAPER:
        yield Finding("note", "runs", "this system lets programs leave their session; they are found by their parents")
    unknown = [run for run in board.runs() if run.status is RunStatus.UNKNOWN]
    for run in unknown[-_MOST_SHOWN:]:
        if count := left_of(run.run_id):
            yield Finding(
                "problem", "runs", f"{printable(run.folder)}: its shim was killed, and {count} processes go on"
            )
            continue
        why = "its shim was killed" if run.is_proven else "its files are not ours"
        yield Finding("note", "runs", f"{printable(run.folder)}: how it ended is not known, as {why}")
    place = board.root if os.path.isdir(board.root) else os.path.dirname(os.path.dirname(board.root))
    if control and os.path.isdir(place):
        free = shutil.disk_usage(place).free
        if free < min_disk_bytes:
            yield Finding("problem", "disk", f"{free / 1e6:,.0f} MB are free, fewer than min_disk_space_mb")
