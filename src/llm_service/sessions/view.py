"""How a session is shown: `SessionViewer.row(known)`, without secrets."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..calls.store.session_cost import SessionCost
from ..times import iso_time
from .board import Known
from .clean import Cleaner
from .model import Glance, SessionRow
from .needs import Neighbours, Reported
from .state import state_of

_WINDOW, _LARGE_WINDOW = 200_000, 1_000_000
"""Tokens that a model can be given, where the log does not say it: the second if it was given more than the first."""


@dataclass(frozen=True, slots=True)
class SessionViewer:
    """`workspace` is absolute; `now()` is Unix time."""

    workspace: str
    home: str
    clean: Cleaner
    neighbours: Neighbours
    now: Callable[[], float] = time.time

    def row(
        self, known: Known, reported: Mapping[str, Reported], children: Mapping[str, int], with_cost: bool = True
    ) -> SessionRow:
        """The session as lists show it; its glance has to be made."""
        glance, clean = known.glance or Glance(), self.clean.line
        state, certainty, rests_on = state_of(glance, self.now() - known.active_s)
        question = glance.question
        hook = reported.get(glance.session or known.id) if not known.log.is_sub_agent else None
        if hook is not None and hook.certainty != "cannot tell":
            state, certainty, rests_on, question = hook.state, hook.certainty, hook.rests_on, hook.text or question
        waits = state in ("question", "permission", "failed")
        return SessionRow(
            id=known.id,
            program=known.log.program,
            agent=clean(glance.agent, 100),
            title=clean(glance.title, 300),
            project=self.project(glance.cwd),
            folder=clean(self.folder(glance.cwd), 500),
            branch=clean(glance.branch, 200),
            model=clean(glance.model, 200),
            parent=clean(glance.parent, 200),
            state=state,
            certainty=certainty,
            rests_on=clean(rests_on) or "",
            question=clean(question) if waits else None,
            context=glance.context,
            window=window_of(glance),
            window_is_known=glance.window is not None,
            started_at=valid_time(glance.started_at),
            last_at=iso_time(known.active_s),
            bytes=None if known.log.kind == "opencode" else known.signature.size_bytes,
            children=children.get(glance.session or known.id, 0) or children.get(known.id, 0),
            counted_as=clean(glance.session, 200) or known.id,
            cost=self.cost(known) if with_cost else None,
        )

    def cost(self, known: Known) -> SessionCost | None:
        """What its calls cost; None for a sub-agent whose calls have the id of its parent."""
        glance = known.glance or Glance()
        if known.log.is_sub_agent:
            return None
        return self.neighbours.cost(
            glance.session or known.id, valid_time(glance.started_at), valid_time(glance.last_at)
        )

    def project(self, cwd: str | None) -> str:
        """The project of a working folder; "" for none."""
        return (self.neighbours.project_of(self.absolute(cwd)) or "") if cwd else ""

    def absolute(self, folder: str) -> str:
        """A folder that a log names; a relative one is below the workspace."""
        return os.path.normpath(os.path.join(self.workspace, folder))

    def folder(self, cwd: str | None) -> str | None:
        """A working folder as people know it: below the workspace ("." for itself), or from `~` on."""
        if not cwd:
            return None
        folder = self.absolute(cwd)
        for root, sign in ((self.workspace, "."), (self.home, "~")):
            if folder == root:
                return sign
            if folder.startswith(root.rstrip(os.sep) + os.sep):
                inside = folder[len(root.rstrip(os.sep)) + 1 :]
                return inside if sign == "." else f"~/{inside}"
        return folder


def window_of(glance: Glance) -> int | None:
    """How many tokens the model can be given; a guess where the log does not say it, None without tokens."""
    if glance.window is not None or glance.context is None:
        return glance.window
    is_large = glance.context > _WINDOW or "[1m]" in (glance.model or "")
    return _LARGE_WINDOW if is_large else _WINDOW


def valid_time(text: str | None) -> str | None:
    """A time as ISO-8601 UTC; None if it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
