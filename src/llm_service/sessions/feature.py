"""The feature `Sessions`: the session logs of agents as what they are. Nothing of them is stored or sent away."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..calls.sessions.log_kind import Kind
from ..errors import SessionsOff
from ..feature import Feature, Finding, Kernel, Trouble
from ..files import printable
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from .board import Known, SessionBoard
from .clean import Cleaner
from .events import EVENTS, TOPIC, SessionGrew
from .follow import OpenCodeTracker, SessionTracker
from .needs import Neighbours, Nobody
from .queries import SessionQueries
from .routes import session_routes
from .scope import log_filter, scope_of, transcript_folders
from .settings import SessionSettings
from .view import SessionViewer

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_MOST_TROUBLES = 20


class Sessions(Feature):
    """The session logs of agents. `queries` is None where the setting `sessions` switches them off."""

    name, topic = "sessions", TOPIC
    events = EVENTS

    def __init__(
        self,
        kernel: Kernel,
        redact: Callable[[bytes], bytes],
        may_see: Callable[[str | None], bool] = lambda project: True,
        neighbours: Neighbours | None = None,
    ) -> None:
        """`redact` replaces secrets in whole lines; `may_see(project)`: whether the sender of the current request may;
        `neighbours`: what other features know of sessions."""
        settings = kernel.settings
        self._publish = kernel.hub.publish
        self._followers: list[Follower] = []
        self.queries: SessionQueries | None = None
        if not settings.of(SessionSettings).sessions:
            return
        others = neighbours or Nobody()
        home = os.path.expanduser("~")
        self._viewer = SessionViewer(os.path.abspath(settings.workspace), home, Cleaner(redact), others)
        self.board = SessionBoard(scope_of(settings))
        self.queries = SessionQueries(self.board, self._viewer, others, may_see)
        for kind, folder in transcript_folders(settings):
            self._follow(kernel, kind, folder)

    @property
    def followers(self) -> Sequence[Follower]:
        """One for each folder of logs."""
        return tuple(self._followers)

    def routes(self, api: Api) -> None:
        """Declare the REST routes."""
        session_routes(api, self.require_queries)

    def require_queries(self) -> SessionQueries:
        """The queries. Raises SessionsOff."""
        if self.queries is None:
            raise SessionsOff("Session logs are not shown: the setting `sessions` is off.")
        return self.queries

    def transcript_of(self, session: str, projects: Collection[str] | None) -> str | None:
        """The id under which the log of a session is shown to who may see these projects only (None: all)."""
        known = self.board.of_session(session) if self.queries is not None else None
        if known is None or known.glance is None:
            return None
        is_seen = projects is None or self._viewer.project(known.glance.cwd) in projects
        return known.id if is_seen else None

    def stats(self) -> Mapping[str, Any]:
        """`{session_logs}`: how many logs there are."""
        return {"session_logs": len(self.board) if self.queries is not None else 0}

    def metrics(self) -> Iterable[Metric]:
        """How many logs there are."""
        from prometheus_client.core import GaugeMetricFamily

        logs = GaugeMetricFamily("llm_service_session_logs", "Session logs of agents that can be shown.")
        logs.add_metric([], len(self.board) if self.queries is not None else 0)
        yield logs

    def troubles(self) -> Iterable[Trouble]:
        """Logs that cannot be read."""
        for known in self.board.problems()[:_MOST_TROUBLES] if self.queries is not None else ():
            yield Trouble(printable(os.path.join(known.log.root, known.log.path)), "sessions", known.problem or "")

    def examine(self) -> Iterator[Finding]:
        """Whether they are shown."""
        if self.queries is None:
            yield Finding("note", "sessions", "are off: no session log is shown")

    def _follow(self, kernel: Kernel, kind: Kind, folder: str) -> None:
        inbox = HintInbox()
        wanted = log_filter(kind)
        root = kernel.watched_root(folder, wanted.folder, inbox.put, optional=True)
        tracker = (
            OpenCodeTracker(root, self.board, self._changed)
            if kind == "opencode"
            else SessionTracker(kind, root, wanted, self.board, self._changed)
        )
        self._followers.append(Follower(tracker, root, inbox))

    def _changed(self, known: Known, is_there: bool) -> None:
        if not is_there and self.queries is not None:
            self.queries.indexes.forget(known.log)
        if not self.board.is_shown(known) or known.glance is None:
            return
        self._publish(
            SessionGrew(
                session=known.id,
                parent=self._viewer.clean.line(known.glance.parent, 200),
                project=self._viewer.project(known.glance.cwd),
                size_bytes=known.signature.size_bytes if is_there else None,
            )
        )
