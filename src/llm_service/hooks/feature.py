"""The feature `Hooks`: what the sessions of agents do, as the hooks of their programs report it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..feature import Feature, Finding, Kernel, Trouble, problems
from ..times import iso_time
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.scan import walk
from ..watch.settle import Settler
from .board import SessionBoard
from .clients import CLIENTS
from .events import EVENTS, TOPIC
from .follow import FILTER, HookTracker
from .install import installed
from .model import Session, State
from .retention import HookRetention
from .routes import hook_routes
from .settings import HookSettings
from .view import Viewer, place_in

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from ..web.api import Api

_MAX_TEXT = 500
_MAX_WAIT_S = 0.5
_MOST_TROUBLES = 20
_INSTALL = "llm-service hooks install --client claude-code (or codex)"
_RECENT_S = 86_400.0
_INSTALLED_S = 30.0


class Hooks(Feature):
    """The sessions of agents."""

    name, topic = "hooks", TOPIC
    events = EVENTS
    collections = MappingProxyType({"sessions": Session})

    def __init__(
        self,
        kernel: Kernel,
        redact: Callable[[bytes], bytes],
        project_of: Callable[[str], str | None],
        may_see: Callable[[str | None], bool],
        places: Callable[[], object] = lambda: None,
    ) -> None:
        """`redact` replaces secrets in texts; `project_of(folder)` is the project of an absolute folder, None if it is
        in none, as long as `places()` gives the same; `may_see(project)`: whether the sender of the current request
        may."""
        settings, own = kernel.settings, kernel.settings.of(HookSettings)
        self._workspace = os.path.abspath(settings.workspace)
        self._folder = settings.folder(own.hooks_dir)
        self._may_see, self._redact, self._project_of = may_see, redact, project_of
        shown = os.path.relpath(self._folder, self._workspace).replace(os.sep, "/")
        viewer = Viewer(own.session_silent_min * 60, self._place_of, self._clean, shown, places)
        self.board = SessionBoard(viewer, kernel.hub.publish)
        self._retention = HookRetention(own.hooks_max_mb * 1_000_000, self.board.sessions)
        inbox = HintInbox()
        root = kernel.watched_root(self._folder, FILTER.folder, inbox.put, optional=True)
        # Lines are appended whole, so there is nothing to wait for.
        settler = Settler(0.0, _MAX_WAIT_S)
        self._tracker = HookTracker(root, settler, self.board, self._tidy)
        self._follower = Follower(self._tracker, root, inbox)
        self._installed = float("-inf"), False

    @property
    def followers(self) -> Sequence[Follower]:
        """That of the folder of the hooks."""
        return (self._follower,)

    def routes(self, api: Api) -> None:
        """Declare the REST route."""
        hook_routes(api, self.board.sessions, self._refused, self._may_see)

    def shared(self) -> Mapping[str, Mapping[str, Any]]:
        """The sessions that have not ended."""
        return {"sessions": {one.id: one for one in self.board.sessions() if one.state != State.ENDED}}

    def snapshot(self) -> Mapping[str, Any]:
        """`{sessions}`: those that have not ended."""
        return {"sessions": [one for one in self.board.sessions() if one.state != State.ENDED]}

    def stats(self) -> Mapping[str, Any]:
        """`{sessions: {state: n}}`."""
        return {"sessions": self.counts()}

    def counts(self) -> dict[str, int]:
        """The number of sessions in each state."""
        found = Counter(session.state for session in self.board.sessions())
        return {str(state): found[state] for state in State}

    def metrics(self) -> Iterable[Metric]:
        """Sessions by state."""
        from prometheus_client.core import GaugeMetricFamily

        sessions = GaugeMetricFamily("llm_service_sessions", "Sessions of agents, by state.", labels=["state"])
        for state, count in self.counts().items():
            sessions.add_metric([state], count)
        yield sessions

    def troubles(self) -> Iterable[Trouble]:
        """Files in which no line could be read."""
        for row in self._refused()[:_MOST_TROUBLES]:
            if row["file"].rpartition("/")[2] not in self.board:
                yield Trouble(os.path.join(self._workspace, row["file"]), "hooks", f"no hook wrote this: {row['last']}")

    def examine(self) -> Iterator[Finding]:
        """Where our hook is installed, and what of it is missing."""
        found = [
            (client.label, path, hook)
            for client in CLIENTS.values()
            for for_user in (False, True)
            for path in (client.file(self._workspace, for_user),)
            for hook in installed(path)
        ]
        here = [(label, path) for label, path, (_, _, folder) in found if folder == self._folder]
        if here:
            yield Finding("ok", "hooks", "; ".join(f"{label} reports ({path})" for label, path in here))
        else:
            reports = len(walk(self._folder, FILTER).files) if os.path.isdir(self._folder) else 0
            known = f"{reports:,} sessions have reported; " if reports else ""
            yield Finding(
                "note",
                "hooks",
                f"{known}no hook is installed: llm-service hooks install --client claude-code (or codex)",
            )
        lost = [
            f"{path}: {each} is missing; run llm-service hooks install again"
            for _, path, (interpreter, script, _) in found
            for each in (interpreter, script)
            if not os.path.exists(each)
        ]
        yield from problems("hooks", lost, "parts of installed hooks are missing")

    def is_on(self) -> bool:
        """True if it would be known that a session waits: some have reported, and one did so within a day, or our hook
        is installed here."""
        last_at = max((session.last_at for session in self.board.sessions()), default=None)
        if last_at is None:
            return False
        return last_at >= iso_time(time.time() - _RECENT_S) or self._is_installed()

    def why_off(self) -> str:
        """Why it would not be known that a session waits, where `is_on` is False, and what helps."""
        if not self.board.sessions():
            return f"no session has reported yet: {_INSTALL}"
        return f"no session has reported for a day, and no hook is installed: {_INSTALL}"

    def _is_installed(self) -> bool:
        """Whether a hook reports here, as of half a minute ago."""
        now = time.monotonic()
        if now >= self._installed[0]:
            files = [client.file(self._workspace, user) for client in CLIENTS.values() for user in (False, True)]
            is_there = any(folder == self._folder for file in files for _, _, folder in installed(file))
            self._installed = now + _INSTALLED_S, is_there
        return self._installed[1]

    def _tidy(self, tracker: HookTracker) -> None:
        self._retention(tracker.root.root, tracker.mirror.files, tracker.refused)

    def _refused(self) -> list[dict[str, Any]]:
        folder = os.path.relpath(self._folder, self._workspace).replace(os.sep, "/")
        rows = sorted(self._tracker.refused.copy().items())
        return [
            {"file": f"{folder}/{file}", "lines": count, "last": self._clean(last) or ""}
            for file, (count, last) in rows
        ]

    def _place_of(self, cwd: str | None) -> tuple[str, str | None]:
        if cwd is None:
            return "", None
        folder = os.path.normpath(os.path.join(self._workspace, cwd))
        return self._project_of(folder) or "", place_in(self._workspace, folder)

    def _clean(self, text: str | None) -> str | None:
        """A text without secrets, in one line, cut."""
        if text is None:
            return None
        clean = self._redact(text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace"))
        shown = " ".join(clean.decode("utf-8", "replace").split())
        return shown if len(shown) <= _MAX_TEXT else shown[: _MAX_TEXT - 1] + "…"
