"""The site: one Flask app with all routes and streams, Socket.IO, and the guard around them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from flask import Flask, Response
from flask_cors import CORS
from werkzeug.exceptions import HTTPException

from ..errors import MethodNotAllowed, NotFound, ServiceError
from ..settings.load import Settings
from ..settings.origins import origin_text, parse_authority, parse_origin
from .api import Api, reply
from .client_error_log import ClientErrorLog
from .compression import compress
from .guard import Guard, GuardPolicy
from .guard_login import STYLES
from .journal_routes import journal_routes
from .metrics import metrics_blueprint
from .openapi import spec_routes
from .page_files import page_blueprint
from .people import Person
from .service import Service
from .snapshots import Snapshots
from .socketio import DashboardNamespace
from .socketio_library import SocketIO
from .socketio_packets import NAMESPACE, CheckedJson, CheckedPacket
from .sse import stream_blueprint
from .system_routes import PROOF_PATH, system_routes
from .transport import TransportLimits
from .url_rules import LazyRule
from .websocket import websocket_blueprint

log = logging.getLogger(__name__)

Routes = Callable[[Api], None]
"""Declares the routes of a feature."""


class Site:
    """Serves a service. `wsgi` is the application for the WSGI server; `clients` are those of Socket.IO."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        routes: Iterable[Routes],
        version: str,
        people: Sequence[Person] = (),
        cookie_key: bytes = b"",
        reachable: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`people` are the users, if there are any, and `cookie_key` a secret that proves their cookies; `reachable()`:
        addresses of other dashboards that the page may ask."""
        self.api = Api("rest")
        for declare in routes:
            declare(self.api)
        snapshots = Snapshots(service)
        system_routes(self.api, service, snapshots)
        journal_routes(self.api, service)
        spec_routes(self.api, service.events, version)
        self.api.other(metrics_blueprint(service.metrics), "`GET /metrics`", "Metrics in the Prometheus text format.")
        self.api.other(
            stream_blueprint(service, snapshots, others=self.api.streams),
            "`GET /streams/<topic>`, also under `/api`",
            "The events of a topic as Server-Sent Events.",
            "since",
        )
        self.api.other(
            websocket_blueprint(service, snapshots),
            "`GET /ws/<topic>`",
            "A topic's events over a WebSocket.",
            "since",
            "epoch",
        )
        self.api.other(
            None, "Socket.IO, namespace `/dashboard`", "The events; `auth` is `{since, epoch, topics, token}`."
        )
        self.flask = self._flask(settings)
        policy = GuardPolicy(
            allowed_hosts=frozenset({*settings.allowed_hosts, *_own_names(settings.host)}),
            cors_origins=frozenset(settings.cors_origins),
            token=settings.token,
            people=tuple(people),
            cookie_key=cookie_key,
            open_paths=frozenset({PROOF_PATH, *STYLES}),
            streams=self.api.large_bodies,
        )
        namespace = DashboardNamespace(
            self._socketio(settings),
            service,
            snapshots,
            admit=lambda environ, token: self.wsgi.admit(environ, token),
            version=version,
            limits=TransportLimits(
                packets=settings.client_queue_events,
                bytes=settings.client_queue_mb * 1_000_000,
                total_bytes=settings.client_queue_mb * 2_000_000,
                pending=max(8, settings.threads // 4),
                accepted=settings.threads * 2,
                per_address=settings.streams_per_address or settings.threads,
            ),
        )
        self.clients = namespace.clients
        self.wsgi = Guard(self.flask, policy, reachable=reachable)

    def set_people(self, people: Sequence[Person]) -> None:
        """From now on these are the users. Socket.IO clients have to come again, with a token that is right now; other
        streams of who is no longer welcome end with the next event."""
        self.wsgi.set_people(people)
        self.clients.disconnect_all()

    def _flask(self, settings: Settings) -> Flask:
        flask = Flask("llm_service", static_folder=str(static_folder()), static_url_path="")
        flask.url_rule_class = LazyRule
        flask.register_blueprint(page_blueprint(static_folder()))
        flask.register_blueprint(self.api.blueprint)
        for blueprint, _ in self.api.others:
            if blueprint is not None:
                flask.register_blueprint(blueprint)
        flask.after_request(compress)
        flask.register_error_handler(ServiceError, lambda error: reply(error.as_json(), error.http_status))
        flask.register_error_handler(HTTPException, _http_error)
        flask.register_error_handler(Exception, _unexpected)
        if settings.cors_origins:
            # As patterns: flask_cors compares texts with the header letter by letter, and takes one with brackets, as
            # of IPv6, for a pattern itself. The guard has already refused all others.
            origins = map(parse_origin, settings.cors_origins)
            patterns = [re.compile(rf"{re.escape(origin_text(origin))}\Z") for origin in origins if origin]
            CORS(flask, origins=patterns, supports_credentials=True)
        return flask

    def _socketio(self, settings: Settings) -> SocketIO:
        return SocketIO(
            self.flask,
            async_mode="threading",
            async_handlers=False,  # a client's events take effect in their order, and no thread each
            namespaces=[NAMESPACE],
            serializer=CheckedPacket,
            json=CheckedJson,
            always_connect=True,  # CONNECT first, then ack and events: no client has to buffer
            # The guard has already refused foreign origins; engineio only adds the headers for allowed ones.
            cors_allowed_origins=(lambda origin, environ: True) if settings.cors_origins else [],
            ping_interval=25,
            ping_timeout=20,
            max_http_buffer_size=65_536,  # a client has little to say, and its unfinished messages are in memory
            manage_session=False,
            logger=ClientErrorLog(),
            engineio_logger=ClientErrorLog(),
        )


def _own_names(host: str) -> list[str]:
    """The address that is listened on, as a browser sends it: the one that the banner shows has to work."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return [name] if parse_authority(name) is not None and host.strip("[]") not in ("0.0.0.0", "::") else []  # noqa: S104


def static_folder() -> Path:
    """The folder of the page's files: in the installed package, or beside `src/` in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "static"
    return packaged if packaged.is_dir() else package.parents[1] / "static"


def _http_error(error: HTTPException) -> Response:
    """Flask's own errors as error bodies of the protocol, also for unknown routes."""
    status = error.code or 500
    if status == 404:
        return reply(NotFound("There is nothing at this address.").as_json(), 404)
    if status == 405:
        return reply(MethodNotAllowed("This address does not accept that method.").as_json(), 405)
    body = {
        "success": False,
        "error": error.description or error.name,
        "code": error.name.upper().replace(" ", "_"),
    }
    return reply(body | {"details": {}}, status)


def _unexpected(error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return reply(ServiceError("The service had an internal error; its log has the details.").as_json(), 500)
