"""Reading the files of plans, whose authors are not trusted: `read_plan_file`, `read_status_file`; and which paths are
theirs.
"""

from __future__ import annotations

from ..errors import FileChanging, FileRefused, FileUnreadable, FileVanished
from ..files import SafeRoot, decode, printable, read_file
from ..times import iso_time
from .plan_file import read_plan
from .sources import PlanSource, StatusSource
from .status_file import NotAStatus, ReadTasks, read_status

MAX_PLAN_BYTES = 4 << 20
MAX_STATUS_BYTES = 32 << 20
MAX_FINDING_BYTES = 4 << 20
STATUS_NAME = "status.json"
FINDINGS_FOLDER = "findings"
MAX_NAME = 200


def is_plan_name(name: str) -> bool:
    """True if a plan may have that name: one component of a path, not hidden, that can be shown and sent."""
    return 0 < len(name) <= MAX_NAME and name[0] not in ".~" and "/" not in name and printable(name) == name


def plan_of_file(path: str) -> str | None:
    """The plan of a path below the folder of the plans, None if it is no file of a plan."""
    name = path.removesuffix(".md")
    return name if name != path and is_plan_name(name) else None


def is_status(path: str) -> bool:
    """True for `<name>/status.json` below the folder of the outputs."""
    name, _, rest = path.partition("/")
    return rest == STATUS_NAME and is_plan_name(name)


def is_finding(path: str) -> bool:
    """True for `<name>/findings/<file>.md`."""
    parts = path.split("/")
    return (
        len(parts) == 3
        and parts[1] == FINDINGS_FOLDER
        and is_plan_name(parts[0])
        and parts[2].endswith(".md")
        and not parts[2].startswith(".")
    )


def read_plan_file(root: SafeRoot, path: str, shown_path: str) -> PlanSource | None:
    """What a plan file says; None if it has no task, or cannot be read as a plan for good (too large, no regular file).

    Raises FileVanished, FileChanging, FileUnreadable.
    """
    try:
        content = read_file(root, path, MAX_PLAN_BYTES)
    except (FileVanished, FileChanging, FileUnreadable):
        raise
    except FileRefused:
        return None
    file = read_plan(decode(content.data).text)
    return PlanSource(shown_path, file, iso_time(content.signature.mtime_ns / 1e9)) if file.tasks else None


def read_status_file(root: SafeRoot, path: str, known: ReadTasks | None = None) -> tuple[StatusSource, float]:
    """What a status file says, and its time in seconds since 1970 (0 if unknown). One that cannot be used has a
    `problem`. `known`: see `read_status`.

    Raises FileVanished, FileChanging, FileUnreadable.
    """
    try:
        content = read_file(root, path, MAX_STATUS_BYTES)
    except (FileVanished, FileChanging, FileUnreadable):
        raise
    except FileRefused as problem:
        return StatusSource(None, None, problem.message), 0.0
    written = content.signature.mtime_ns / 1e9
    at = iso_time(written)
    try:
        return StatusSource(at, read_status(content.data, known)), written
    except NotAStatus as problem:
        return StatusSource(at, None, str(problem)), written
