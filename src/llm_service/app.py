"""The composition root: builds the parts, joins them, starts and stops them. The only module that knows all.

settings -> source, root, inbox, settler -> followers -> state, hub -> outlets -> guard -> `wsgi`
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

from flask import Flask, Response
from flask_cors import CORS
from flask_socketio import SocketIO
from werkzeug.exceptions import HTTPException

from . import __version__
from .artifacts.feature import Artifacts
from .calls.feature import Telemetry
from .calls.otlp.routes import otlp_blueprint
from .database.database import History
from .errors import MethodNotAllowed, NotFound, ServiceError
from .evidence.feature import Evidence
from .evidence.locations import Places
from .hub.event import (
    Event,
    ServiceDegraded,
    ServiceReady,
    ServiceRecovered,
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskEvent,
    TaskMoved,
    TaskRemoved,
)
from .hub.ring import Envelope, Hub
from .hub.root_mode import root_mode_event
from .settings.load import Settings
from .tasks.board import TaskBoard
from .tasks.follow import TaskFollowed
from .tasks.lane_history import LaneChange, LaneHistory
from .tasks.model import iso_time
from .tasks.queries import TaskList, TaskQuery
from .tasks.reader import TaskSource, details, document_of
from .watch.backends import MakeBackend, backend_for
from .watch.follower import Follower, wait_for_all
from .watch.hints import HintInbox
from .watch.root import RootChange, WatchedRoot
from .watch.settle import Settler
from .web import rest
from .web.api import reply
from .web.guard import Guard, GuardPolicy
from .web.metrics import Gauges, metrics_blueprint
from .web.snapshot import State
from .web.socketio import DashboardNamespace
from .web.sse import stream_blueprint
from .web.websocket import websocket_blueprint

log = logging.getLogger(__name__)

LARGE_BODIES = {"/v1/": 8 << 20, "/api/telemetry": 8 << 20}
"""Bytes that a body may have at most where batches of telemetry come in; OTLP batches stay below one."""
_LANE_FACTS = (TaskCreated, TaskAssigned, TaskCompleted, TaskMoved, TaskRemoved)


class Dashboard:
    """One running dashboard for one workspace. `wsgi` is what a WSGI server serves."""

    def __init__(self, settings: Settings, make_backend: MakeBackend = backend_for) -> None:
        self.settings = settings
        workspace = os.path.abspath(settings.workspace)
        lanes = tuple(settings.lanes)
        window_s, max_wait_s = settings.debounce_ms / 1000, settings.max_wait_ms / 1000
        source = TaskSource(os.path.join(workspace, settings.collaboration_dir), lanes, settings.max_file_bytes)
        inbox = HintInbox()
        self.hub = Hub(settings.ring_events)
        self.state = State(TaskBoard(document_of, window_s, max_wait_s), lanes)
        self.history = History(os.path.join(workspace, settings.state_dir, "history.db")) if settings.history else None
        if self.history is not None:
            self.history.on_trouble = self._on_history_trouble
        self._lanes = LaneHistory(self.history) if self.history else None
        self.telemetry: Telemetry | None = None
        if self.history is not None and settings.telemetry:
            self.telemetry = Telemetry(settings, self.history, self.hub.publish, make_backend)
            self.state.costs = self.telemetry.costs
        self.artifacts: Artifacts | None = None
        if settings.artifacts:
            self.artifacts = Artifacts(settings, self.hub.publish, make_backend)
            self.state.artifacts = self.artifacts
        self.evidence = self.state.evidence = self._evidence()
        self.root = WatchedRoot(
            source.root,
            source.wanted.folder,
            inbox.put,
            self._on_root_change,
            sweep_interval_s=settings.sweep_interval_s,
            poll_interval_s=settings.poll_interval_s,
            force_polling=settings.force_polling,
            make_backend=make_backend,
        )
        followed = TaskFollowed(source, self.root, self.state, self.hub, Settler(window_s, max_wait_s), self._remember)
        self._followers = [Follower(followed, self.root, inbox)]
        self._task_list = TaskList(self.state.tasks, lanes)
        self.hub.subscribe(self._warm)
        self._started_at = iso_time(time.time())
        self._stopped = False
        self.flask, self.namespace = self._outlets()
        self.wsgi = Guard(self.flask, self._policy())

    def start(self) -> None:
        """Start history and followers; returns at once, the board fills in the background."""
        if self.history is not None:
            self.history.start()
        if self.telemetry is not None:
            self.telemetry.start()
        for follower in self._followers:
            follower.start()
        if self.artifacts is not None:
            self.artifacts.start()
        self.evidence.start()

    def stop(self) -> None:
        """Disconnect every client, end every thread; may be called twice."""
        if self._stopped:
            return
        self._stopped = True
        self.hub.close()
        self.namespace.clients.close()
        for follower in self._followers:
            follower.stop()
        self.evidence.stop()
        if self.artifacts is not None:
            self.artifacts.stop()
        if self.telemetry is not None:
            self.telemetry.stop()
        if self.history is not None:
            self.history.stop()

    @property
    def followers(self) -> list[Follower]:
        """Everything that follows a root now."""
        artifacts = [self.artifacts.follower] if self.artifacts else []
        return [*self._followers, *artifacts, *(self.telemetry.followers if self.telemetry else [])]

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the board is complete; False if that took longer."""
        deadline = time.monotonic() + timeout_s
        while not self.state.progress.ready and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.state.progress.ready

    def sync(self, timeout_s: float) -> int:
        """Wait until everything written to any watched root before this call is applied; the `seq` by then.

        Raises NotInSync when the time is over.
        """
        wait_for_all(self.followers, timeout_s)
        return self.hub.seq

    def report(self) -> dict[str, Any]:
        """`{roots, tasks, history, loading}` for the start-up banner."""
        tasks = self.state.tasks.tasks()
        return {
            "roots": [follower.status() for follower in self.followers],
            "tasks": self.state.counts() | {"total": len(tasks), "invalid": sum(1 for task in tasks if task.error)},
            "history": self.history.path if self.history else None,
            "loading": self.state.progress.as_json(),
        }

    def health(self) -> dict[str, Any]:
        """The body of `/health`."""
        watchers = [follower.status() for follower in self.followers]
        history = self.history.status() if self.history else {"path": None, "ok": False, "problem": "off"}
        well = not any("error" in watcher for watcher in watchers) and (self.history is None or history["ok"])
        return {
            "status": "healthy" if well else "degraded",
            "service": "llm-service-dashboard",
            "version": __version__,
            "timestamp": iso_time(time.time()),
            "started_at": self._started_at,
            "workspace": os.path.abspath(self.settings.workspace),
            "epoch": self.hub.epoch,
            "seq": self.hub.seq,
            "loading": self.state.progress.as_json(),
            "tasks": len(self.state.tasks),
            "clients": {"socketio": len(self.namespace.clients), "cut_off": self.namespace.clients.cut_off},
            "watchers": watchers,
            "history": history,
        }

    def _evidence(self) -> Evidence:
        """Compares what tasks name with the disk; where no projects are watched, with no links to them."""
        artifacts, settings = self.artifacts, self.settings
        folder = settings.folder(settings.artifacts_dir)
        tree = artifacts.tree if artifacts else None
        places = Places(settings, lambda: artifacts.root.root if artifacts else folder, tree)
        evidence = Evidence(self.state, places, self.hub.publish)
        self.hub.subscribe(evidence.on_event)
        if artifacts is not None:
            artifacts.listeners.append(evidence.on_changes)
        return evidence

    def _gauges(self) -> Gauges:
        telemetry = self.telemetry
        return Gauges(
            tasks=self.state.counts,
            health=self.health,
            lags=lambda: {follower.status()["root"]: follower.lags for follower in self.followers},
            queries=telemetry.queries if telemetry else None,
            refused=telemetry.refused if telemetry else lambda: 0,
        )

    def _policy(self) -> GuardPolicy:
        return GuardPolicy(
            allowed_hosts=frozenset(self.settings.allowed_hosts),
            cors_origins=frozenset(self.settings.cors_origins),
            token=self.settings.token,
            streams=LARGE_BODIES,
        )

    def _degraded(self) -> list[dict[str, Any]]:
        return [
            {"root": status["root"], "mode": status["mode"], "reason": status["error"]}
            for status in (follower.status() for follower in self.followers)
            if "error" in status
        ] + self._history_trouble()

    def _history_trouble(self) -> list[dict[str, Any]]:
        if self.history is None or not (self.history.problem or self.history.moved_aside):
            return []
        reason = self.history.problem or f"it was damaged and lies now at {self.history.moved_aside}"
        return [{"root": self.history.path, "mode": "history", "reason": reason}]

    def _on_history_trouble(self, reason: str | None) -> None:
        path = self.history.path if self.history else ""
        if reason is None:
            self.hub.publish(ServiceRecovered(root=path, mode="history"))
        else:
            self.hub.publish(ServiceDegraded(root=path, mode="history", reason=reason))

    def _on_root_change(self, change: RootChange) -> None:
        self.hub.publish(root_mode_event(change.root, change.mode, change.reason))

    def _remember(self, events: list[Event]) -> None:
        """Keep the lane changes among the facts."""
        if self._lanes is None:
            return
        now = iso_time(time.time())
        self._lanes.record(
            [
                LaneChange(
                    event.task.id,
                    now,
                    event.previous_lane,
                    None if isinstance(event, TaskRemoved) else event.lane,
                    event.agent,
                    event.path,
                )
                for event in events
                if isinstance(event, TaskEvent) and isinstance(event, _LANE_FACTS)
            ]
        )

    def _warm(self, envelope: Envelope) -> None:
        """Sort the list and join its texts once when the board is complete, not in the first request."""
        if envelope.type == ServiceReady.type:
            self._task_list.select(TaskQuery(q="-"))

    def _outlets(self) -> tuple[Flask, DashboardNamespace]:
        static = static_folder()
        flask = Flask("llm_service", static_folder=str(static), static_url_path="")
        flask.add_url_rule("/", "index", lambda: flask.send_static_file("index.html"))
        parts = rest.Parts(
            state=self.state,
            hub=self.hub,
            task_list=self._task_list,
            lanes=self._lanes,
            telemetry=self.telemetry.parts() if self.telemetry else None,
            artifacts=self.artifacts.parts() if self.artifacts else None,
            evidence=self.evidence,
            sync=self.sync,
            health=self.health,
            read_details=details,
            started_at=self._started_at,
            version=__version__,
        )
        blueprint, self.api = rest.create(parts)
        flask.register_blueprint(blueprint)
        flask.register_blueprint(stream_blueprint(self.hub, self.state))
        flask.register_blueprint(websocket_blueprint(self.hub, self.state))
        flask.register_blueprint(otlp_blueprint(self.telemetry.arrivals.otlp if self.telemetry else None))
        flask.register_blueprint(metrics_blueprint(self._gauges()))
        flask.register_error_handler(ServiceError, lambda error: reply(error.as_json(), error.http_status))
        flask.register_error_handler(HTTPException, _http_error)
        flask.register_error_handler(Exception, _unexpected)
        if self.settings.cors_origins:
            CORS(flask, origins=list(self.settings.cors_origins), supports_credentials=True)
        socketio = SocketIO(
            flask,
            async_mode="threading",
            always_connect=True,  # CONNECT first, then ack and events: no client has to buffer
            # The guard has refused every foreign origin before; engineio only adds the headers for the allowed.
            cors_allowed_origins=(lambda origin, environ: True) if self.settings.cors_origins else [],
            ping_interval=25,
            ping_timeout=20,
            max_http_buffer_size=1_000_000,
            manage_session=False,
        )
        policy = self._policy()
        namespace = DashboardNamespace(
            socketio,
            self.hub,
            self.state,
            degraded=self._degraded,
            may_connect=lambda environ, token: (
                policy.token is None
                or bool(environ.get("llm_service.authenticated"))
                or (token is not None and policy.token_matches(token))
            ),
            version=__version__,
            queue_limit=self.settings.client_queue_events,
        )
        return flask, namespace


def static_folder() -> Path:
    """Where the page's files are: inside the installed package, or beside `src/` in a checkout."""
    packaged = Path(__file__).parent / "static"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "static"


def _http_error(error: HTTPException) -> Response:
    """Flask's own errors in the form of the protocol; an unknown route is JSON too."""
    status = error.code or 500
    if status == 404:
        return reply(NotFound("There is nothing at this address.").as_json(), 404)
    if status == 405:
        return reply(MethodNotAllowed("This address does not take that method.").as_json(), 405)
    body = {
        "success": False,
        "error": error.description or error.name,
        "code": error.name.upper().replace(" ", "_"),
    }
    return reply(body | {"details": {}}, status)


def _unexpected(error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return reply(ServiceError("The service met an internal error; its log says more.").as_json(), 500)
