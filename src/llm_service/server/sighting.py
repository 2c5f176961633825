"""What to say of a dashboard that cannot be controlled from here: `describe`, `cannot_start`."""

from __future__ import annotations

from ..errors import StartFailed
from ..files import printable
from ..times import iso_time
from . import proof
from .instance import Instance, Sighting
from .lock import LOCK_NAME


def describe(found: Sighting, folder: str) -> str:
    """One or two sentences on a dashboard that is "elsewhere" or "unclear"."""
    record = found.record
    if found.state == "elsewhere" and record is not None:
        return (
            f"A dashboard of this workspace runs where this command cannot see its process, such as in a container. "
            f"Its record says: {record.url}, process {record.pid} there, since {iso_time(record.started_at)}. "
            "Stop it there."
        )
    holder = "A process that cannot be seen from here" if found.holder is None else f"Process {found.holder}"
    what = "its record is missing" if record is None else f"the record names process {record.pid}"
    return f"{holder} has locked this workspace ({printable(folder)}/{LOCK_NAME}), but {what}."


def cannot_start(found: Sighting, folder: str) -> Instance:
    """The dashboard elsewhere, if its address can be reached from here. Raises StartFailed."""
    if found.state == "elsewhere" and found.record is not None and proof.is_proven(found.record, folder):
        return found.record
    raise StartFailed(describe(found, folder))
