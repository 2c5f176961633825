"""The browser boundary of the whole service: every route that exists, both Socket.IO transports, real sockets.

The same requests are sent to the same app behind a guard whose rule is off, to show that the guard is what
refused them.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from kit.frames import UPGRADE
from kit.live import Listener, Live
from kit.paths import SRC
from werkzeug.serving import WSGIRequestHandler, make_server

from llm_service.server.instance import url_of
from llm_service.web.guard import CONTENT_SECURITY_POLICY, Guard, GuardPolicy

SAMPLES = {
    "topic": "tasks", "task_id": "t1", "project": "quayside", "filename": "index.html", "version": "0",
    "path": "app.js", "top": "lib", "rest": "dom", "name": "demo", "run_id": "20261130T052512-0123abcd",
    "job": "j1", "job_id": "j1", "fact_id": "f1", "pipeline_id": "p1", "need_id": "n1", "task": "1.1",
    "orchestrator_id": "o1", "session": "s1", "line": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Foreign:
    """One kind of foreign request, and the rules that refuse it."""

    name: str
    off: frozenset[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    host: str | None = "127.0.0.1:{port}"
    target: str = "{path}"
    query: str = ""


def _foreign(name: str, *off: str, **more: Any) -> Any:
    return pytest.param(Foreign(name, frozenset(off), **more), id=name.replace(" ", "-"))


FOREIGN = [
    _foreign("foreign host", "host", host="evil.example:{port}"),
    _foreign(
        "rebound name whose page looks like our own",
        "host",
        host="evil.example:{port}",
        headers={"Origin": "http://evil.example:{port}", "Sec-Fetch-Site": "same-origin"},
    ),
    _foreign("no host", "host", host=None),
    _foreign("two hosts", "host", headers={"host": "evil.example"}),
    _foreign("absolute form with another host", "host", target="http://evil.example{path}"),
    _foreign("absolute form with our own host", "host", target="http://127.0.0.1:{port}{path}"),
    _foreign("foreign origin", "origin", headers={"Origin": "http://evil.example"}),
    _foreign("null origin", "origin", headers={"Origin": "null"}),
    _foreign("same host other port", "origin", headers={"Origin": "http://127.0.0.1:1"}),
    _foreign("other loopback name", "origin", headers={"Origin": "http://localhost:{port}"}),
    _foreign("other scheme", "origin", headers={"Origin": "https://127.0.0.1:{port}"}),
    _foreign("cross-site", "fetch_site", headers={"Sec-Fetch-Site": "cross-site"}),
    _foreign("same-site", "fetch_site", headers={"Sec-Fetch-Site": "same-site"}),
    _foreign(
        "a form of another page",
        "origin",
        "fetch_site",
        headers={"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ),
    _foreign("forwarded host", "forwarded", headers={"X-Forwarded-Host": "127.0.0.1:{port}"}),
    _foreign("forwarded for", "forwarded", headers={"X-Forwarded-For": "127.0.0.1"}),
    _foreign("forwarded", "forwarded", headers={"Forwarded": "host=127.0.0.1"}),
    _foreign("rewritten", "forwarded", headers={"X-Rewrite-URL": "/health"}),
    _foreign("jsonp", "jsonp", query="callback=steal"),
]


@dataclass(frozen=True)
class Route:
    """A request for one route; `path` may have a query."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False  # for events, when it is not refused


def routes(live: Live) -> list[Route]:
    """Every route of the app with every method it accepts, as plain request and as upgrade, and Socket.IO."""
    found = []
    for rule in live.dashboard.site.flask.url_map.iter_rules():
        path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda match: SAMPLES[match[1]], rule.rule)
        for method in sorted(rule.methods or ()):
            found.append(Route(method, path))
        found.append(Route("GET", path, UPGRADE))
    engine = "/socket.io/?EIO=4&transport="
    sid = json.loads(live.get(engine + "polling").text[1:])["sid"]
    found += [Route(method, engine + "polling") for method in ("GET", "POST", "OPTIONS")]
    found += [Route("GET", f"{engine}polling&sid={sid}", waits=True), Route("POST", f"{engine}polling&sid={sid}")]
    found += [Route("GET", engine + "websocket", UPGRADE)]
    found += [Route("GET", f"{engine}websocket&sid={sid}", UPGRADE, waits=True)]
    found += [Route("GET", "/no/such/page"), Route("POST", "/api/tasks")]
    assert len(found) > 50
    return found


def passing(live: Live) -> list[Route]:
    """The routes that answer at once."""
    return [route for route in routes(live) if not route.waits]


@dataclass(frozen=True)
class Answer:
    """A response: status, headers in lower case, body if it has a length."""

    status: int
    headers: dict[str, str]
    body: str


def exchange(port: int, route: Route, foreign: Foreign | None = None) -> Answer:
    """Send one request byte by byte as written here; reads the head, and a body of known length."""
    foreign = foreign or Foreign("none", frozenset())
    path = route.path
    if foreign.query:
        path += ("&" if "?" in path else "?") + foreign.query
    target = foreign.target.format(path=path, port=port)
    head = [f"{route.method} {target} HTTP/{'1.1' if foreign.host else '1.0'}"]
    if foreign.host:
        head.append(f"Host: {foreign.host.format(port=port)}")
    head += [f"{name}: {value.format(port=port)}" for name, value in {**route.headers, **foreign.headers}.items()]
    if route.method == "POST":
        head.append("Content-Length: 0")
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        with connection.makefile("rb") as reader:
            status = int(reader.readline().split()[1])
            headers = {}
            while (line := reader.readline().decode().strip()) != "":
                name, _, value = line.partition(": ")
                headers[name.lower()] = value
            has_body = route.method != "HEAD" and "content-length" in headers
            body = reader.read(int(headers["content-length"])).decode() if has_body else ""
    return Answer(status, headers, body)


@contextmanager
def asked_of(live: Live) -> Iterator[list[str]]:
    """The paths of the requests that reach the app behind the guard."""
    asked: list[str] = []
    inside = live.dashboard.site.flask.wsgi_app

    def ask(environ: dict[str, Any], start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return inside(environ, start_response)

    live.dashboard.site.flask.wsgi_app = ask  # type: ignore[method-assign]
    yield asked
    live.dashboard.site.flask.wsgi_app = inside  # type: ignore[method-assign]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def unguarded(live: Live, off: frozenset[str]) -> Iterator[int]:
    """The port of a second server for the same app, behind a guard without these rules."""
    guard = Guard(live.dashboard.site.flask, GuardPolicy(), off=off)
    server = make_server("127.0.0.1", 0, guard, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    # Not server_close: it would wait for streams that end with the dashboard.
    server.socket.close()
    thread.join(timeout=60)


@pytest.fixture
def board(live: Live) -> Live:
    """A dashboard with one task."""
    live.write("inbox/t1.yaml")
    live.sync()
    return live


def is_refused(answer: Answer) -> bool:
    """True if the guard refused the request: a handler refuses too, while nothing may be started here."""
    return answer.status in (401, 403) and '"CONTROL_OFF"' not in answer.body


def test_every_route_answers_own_requests(board: Live) -> None:
    with asked_of(board) as asked:
        for route in passing(board):
            answer = exchange(board.port, route)
            assert answer.status != 500 and not is_refused(answer), route
        assert len(asked) > 50


def share(all_routes: list[Route], kind: int, of: int) -> list[Route]:
    """One in `of` of the routes, others for each kind of foreign request: each route is asked by several kinds, each
    kind asks dozens of routes. All pairs were ten thousand connections, and the guard answers before any route."""
    return all_routes[kind % of :: of]


KINDS = [pytest.param(number, kind.values[0], id=kind.id) for number, kind in enumerate(FOREIGN)]


@pytest.mark.parametrize(("kind", "foreign"), KINDS)
def test_every_route_refuses_foreign_requests_before_any_handler(board: Live, kind: int, foreign: Foreign) -> None:
    asked_for = share(routes(board), kind, 5)
    with asked_of(board) as asked:
        for route in asked_for:
            answer = exchange(board.port, route, foreign)
            assert answer.status == 403, (route, answer)
            assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
            assert answer.headers["content-type"] == "application/json"
            if route.method != "HEAD":
                assert json.loads(answer.body)["code"] == "FORBIDDEN"
            assert "access-control-allow-origin" not in answer.headers
        assert asked == []


@pytest.mark.parametrize(("kind", "foreign"), KINDS)
def test_without_its_rule_the_guard_lets_the_same_requests_through(board: Live, kind: int, foreign: Foreign) -> None:
    asked_for = share([route for route in passing(board) if route.method in ("GET", "POST")], kind, 7)
    with asked_of(board) as asked, unguarded(board, foreign.off) as port:
        for route in asked_for:
            assert not is_refused(exchange(port, route, foreign)), route
        assert len(asked) == len(asked_for)


def test_a_jsonp_poll_of_socketio_is_refused_and_works_only_without_the_rule(board: Live) -> None:
    path = "/socket.io/?EIO=4&transport=polling&j=0"
    assert board.get(path).status_code == 403
    with unguarded(board, frozenset({"jsonp"})) as port:
        assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=60).text.startswith("___eio[0](")


def test_every_response_has_the_security_headers(board: Live) -> None:
    for route in passing(board):
        answer = exchange(board.port, route)
        if answer.status == 101:
            continue
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY, route
        assert answer.headers["x-content-type-options"] == "nosniff", route
        assert answer.headers["referrer-policy"] == "no-referrer", route
        assert answer.headers["x-frame-options"] == "DENY", route
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", route
        assert "access-control-allow-origin" not in answer.headers, route


# --- other settings ---

APP = "https://app.example.org"


def test_an_allowed_origin_and_our_own_page_may_both_read_and_connect(start: Callable[..., Live]) -> None:
    live = start(cors_origins=[APP])
    for origin in (APP, live.url):
        answer = live.get("/api/tasks", headers={"Origin": origin})
        assert answer.status_code == 200
        polled = live.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": origin})
        assert polled.status_code == 200, (origin, polled.text)
        upgrade = Route("GET", "/socket.io/?EIO=4&transport=websocket", UPGRADE | {"Origin": origin})
        assert exchange(live.port, upgrade).status == 101
    assert live.get("/api/tasks", headers={"Origin": APP}).headers["Access-Control-Allow-Origin"] == APP
    assert live.get("/api/tasks", headers={"Origin": "https://other.example.org"}).status_code == 403


# An origin in the settings, and as a browser sends it (html.spec.whatwg.org, "serialization of an origin").
@pytest.mark.parametrize(
    ("setting", "sent"),
    [
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
        ("http://app.example.org:80", "http://app.example.org"),
        ("https://app.example.org:443", "https://app.example.org"),
        ("http://app.example.org:080", "http://app.example.org"),
        ("http://App.Example.org:8080", "http://app.example.org:8080"),
        ("http://app_1.example.org", "http://app_1.example.org"),
    ],
)
def test_an_allowed_origin_counts_however_it_is_written(start: Callable[..., Live], setting: str, sent: str) -> None:
    live = start(cors_origins=[setting])
    for origin in (sent, live.url):
        answer = live.get(
            "/api/tasks", headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"} if origin == sent else {}
        )
        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin") == (sent if origin == sent else None)
    preflight = {
        "Origin": sent,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = requests.options(f"{live.url}/api/telemetry", headers=preflight, timeout=60)
    assert answer.headers["Access-Control-Allow-Origin"] == sent
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
    polled = live.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": sent})
    assert polled.headers["Access-Control-Allow-Origin"] == sent
    for other in (
        "http://1",
        "http://:",
        "http://[::2]:3000",
        f"{sent}0",
        f"{sent}.evil.example",
        sent.replace(".", "x"),
    ):
        if other != sent:
            assert live.get("/api/tasks", headers={"Origin": other}).status_code == 403, other


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("127.0.0.2", "127.0.0.2"),
        ("127.1.2.3", "127.1.2.3:80"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]:1"),
        ("192.168.1.4", "192.168.1.4"),
        ("2001:db8::4", "[2001:db8::4]:8080"),
        ("board.example.org", "board.example.org"),
        ("LocalHost", "localhost"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
    ],
)
def test_the_address_that_the_banner_shows_is_answered(start: Callable[..., Live], host: str, named: str) -> None:
    live = start(host=host)  # it listens on 127.0.0.1 all the same: what counts is the name in the request
    shown = url_of(host, 8080).removeprefix("http://")
    for name in (named, shown):
        assert live.get("/health", headers={"Host": name}).status_code == 200, name
    for name in ("127.0.0.3", "0.0.0.0", "[::]", "evil.example"):
        assert live.get("/health", headers={"Host": name}).status_code == 403, name


def test_wrong_tokens_of_socket_clients_are_slowed_down_too(start: Callable[..., Live]) -> None:
    live = start(token=TOKEN)
    codes: list[str] = []
    while "TOO_MANY_REQUESTS" not in codes and len(codes) < 40:  # one more is allowed every six seconds
        codes.append(live.listen(token="wrong").first("error")["code"])
    assert codes == ["UNAUTHORIZED"] * (len(codes) - 1) + ["TOO_MANY_REQUESTS"]
    assert len(codes) > 10
    live.listen(token=TOKEN).first("connection_ack")
    assert live.get("/api/tasks", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_cookie_has_the_port_that_the_service_listens_on(start: Callable[..., Live]) -> None:
    live = start(token=TOKEN)
    answer = requests.get(f"{live.url}/?token={TOKEN}", timeout=60, allow_redirects=False)
    assert answer.headers["Set-Cookie"].startswith(f"llm_service_{live.port}_")


TOKEN = "correct-horse"


def test_with_a_token_every_route_requires_it(start: Callable[..., Live]) -> None:
    live = start(token=TOKEN)
    with asked_of(live) as asked:
        for route in routes(live):
            # /api/proof is asked before the token is sent, and says nothing else; see server/proof.py.
            if not route.path.startswith(("/socket.io/", "/api/proof")):
                assert exchange(live.port, route).status == 401, route
        assert {path for path in asked if not path.startswith(("/socket.io/", "/api/proof"))} == set()
    assert live.get("/api/tasks", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_token_in_the_address_opens_the_page_and_its_socket_by_cookie(start: Callable[..., Live]) -> None:
    live = start(token=TOKEN)
    session = requests.Session()
    page = session.get(f"{live.url}/health?token={TOKEN}", timeout=60)
    assert (page.status_code, page.url) == (200, f"{live.url}/health")
    assert session.get(f"{live.url}/api/tasks", timeout=60).status_code == 200
    assert TOKEN not in str(session.cookies)
    listener = Listener(live.url, http_session=session)
    listener.first("connection_ack")
    listener.close()


@pytest.mark.parametrize("token", [None, "", "wrong", 7, TOKEN + "x"])
def test_a_socket_without_the_token_gets_an_error_and_no_events(start: Callable[..., Live], token: Any) -> None:
    live = start(token=TOKEN)
    right = live.listen(token=TOKEN)
    right.first("connection_ack")
    wrong = live.listen(token=token)
    assert wrong.first("error")["code"] == "UNAUTHORIZED"
    live.write("inbox/secret.yaml")
    right.first("task.created", id="secret")
    assert {name for name, _ in wrong.got} <= {"error"}


# --- the server that users run ---


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of `llm-service dashboard start`: gunicorn, in its own process, one for all that it refuses."""
    workspace = tmp_path_factory.mktemp("served")
    (workspace / "work/collaboration/inbox").mkdir(parents=True)
    environ = {key: value for key, value in os.environ.items() if not key.startswith("LLM_SERVICE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "llm_service", "dashboard", "start", "--no-open", "--port", "0"],
        cwd=workspace,
        env=environ | {"PYTHONPATH": str(SRC), "FORWARDED_ALLOW_IPS": "*"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = next(int(found[1]) for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
    yield port
    process.terminate()
    process.communicate(timeout=60)


@pytest.mark.parametrize("foreign", FOREIGN)
def test_under_gunicorn_foreign_requests_are_refused_too(served: int, foreign: Foreign) -> None:
    engine = "/socket.io/?EIO=4&transport="
    asked = [Route("GET", "/"), Route("GET", "/api/tasks"), Route("GET", "/ws/all", UPGRADE)]
    asked += [Route("GET", engine + "polling"), Route("GET", engine + "websocket", UPGRADE)]
    for route in asked:
        # A server that refuses two Host lines by itself does so with 400.
        assert exchange(served, route, foreign).status in (403, 400 if foreign.name == "two hosts" else 403), route


def test_under_gunicorn_a_refused_connection_is_closed_and_an_accepted_one_stays_open(served: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=60)

    def ask(host: str) -> int:
        connection.request("GET", "/health", headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    with closing(connection):
        connection.connect()
        opened = connection.sock
        assert [ask(f"127.0.0.1:{served}") for _ in range(3)] == [200, 200, 200]
        assert ask("evil.example") == 403
        assert connection.sock is opened
        assert opened.recv(1) == b""


@pytest.mark.parametrize("size_bytes", [1_048_577, 20_000_000])
def test_under_gunicorn_a_client_that_sends_too_much_can_read_the_refusal(served: int, size_bytes: int) -> None:
    answer = requests.post(f"http://127.0.0.1:{served}/api/tasks", data=bytes(size_bytes), timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("POST /api/tasks HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1048577", {413}),
        ("POST /socket.io/?EIO=4 HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999999", {413}),
        ("POST /api/tasks HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked", {411}),
        ("POST /api/tasks HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", {400}),
        ("POST /api/tasks HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1", {400}),
        ("TRACE / HTTP/1.1\r\nHost: {host}", {405}),
        ("CONNECT {host} HTTP/1.1\r\nHost: {host}", {400, 403, 405}),
    ],
)
def test_under_gunicorn_bodies_and_methods_that_are_not_accepted_are_answered_at_once(
    served: int, head: str, status: set[int]
) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=60) as connection:
        connection.sendall((head.format(host=f"127.0.0.1:{served}") + "\r\n\r\n").encode())
        with connection.makefile("rb") as reader:
            assert int(reader.readline().split()[1]) in status
