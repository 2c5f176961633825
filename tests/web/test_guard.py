"""The guard alone: each rule refuses its kind of request, which passes when the rule is switched off."""

from __future__ import annotations

import json
import logging
import re
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from llm_service.errors import TooLarge, Unauthorized
from llm_service.settings.origins import parse_authority, parse_origin
from llm_service.web.guard import (
    AUTHENTICATED,
    CONTENT_SECURITY_POLICY,
    METHODS,
    Guard,
    GuardPolicy,
    Rule,
)
from llm_service.web.guard_throttle import TooManyTokens

OPEN = GuardPolicy()
WIDER = GuardPolicy(
    allowed_hosts=frozenset({"Board.Example.org", "[2001:DB8::1]"}), cors_origins=frozenset({"https://app.example.org"})
)
SMALL = GuardPolicy(max_body_bytes=100)
SECRET = GuardPolicy(token="s3cret+&%token")
CORS_SECRET = GuardPolicy(token="s3cret", cors_origins=frozenset({"https://app.example.org"}))

PATHS = ("/", "/health", "/api/tasks", "/nowhere", "/socket.io/?EIO=4&transport=polling")
VISIT = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
"""What a browser says of a link of another page that a person follows (w3c.github.io/webappsec-fetch-metadata)."""
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


@dataclass
class Answer:
    """The response, and the environment that the app got (None: it was not called)."""

    status: int
    headers: Any
    body: bytes
    seen: dict[str, Any] | None

    @property
    def code(self) -> str | None:
        """The error code of the body."""
        code: str | None = json.loads(self.body)["code"]
        return code


@dataclass
class Request:
    """A request as a server would pass it on; `environ` replaces keys, None removes them."""

    path: str = "/api/tasks"
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    environ: dict[str, Any] = field(default_factory=dict)
    host: str | None = "127.0.0.1:8080"


def ask(request: Request, policy: GuardPolicy = OPEN, off: Iterable[str] = (), answer: Any = None) -> Answer:
    """Send a request through a guard to an app that answers 200 with its own name."""
    builder = EnvironBuilder(path=request.path, method=request.method, headers=request.headers)
    environ = builder.get_environ()
    builder.close()
    if request.host is None:
        environ.pop("HTTP_HOST", None)
    else:
        environ["HTTP_HOST"] = request.host
    for key, value in request.environ.items():
        if value is None:
            environ.pop(key, None)
        else:
            environ[key] = value
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ)
        start_response("200 OK", [("Content-Type", "text/plain"), *(answer or [])])
        return [b"inside"]

    body, status, headers = run_wsgi_app(Guard(app, policy, off=off), environ, buffered=True)
    return Answer(int(status.split()[0]), headers, b"".join(body), seen[0] if seen else None)


def headed(**headers: str) -> Request:
    """A GET of an API route with these headers; `_` stands for `-`."""
    return Request(headers={name.replace("_", "-"): value for name, value in headers.items()})


BAD_HOSTS = [
    None,
    "",
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil-localhost",
    "localhost.",
    "localhost.:8080",
    "127.0.0.1:",
    "127.0.0.1:99999",
    "127.0.0.1:80:80",
    "127.0.0.1:8o80",
    "127.0.0.1:-1",
    "localhost:8080@evil.example",
    "localhost@evil.example:8080",
    "evil.example#localhost",
    "evil.example/localhost",
    "evil.example?localhost",
    "evil.example\\localhost",
    "localhost,evil.example",
    "localhost,localhost",
    "localhost, localhost",
    " localhost",
    "localhost ",
    "localhost\t:80",
    "localhost\n",
    "http://localhost",
    "::1",
    "[::1",
    "::1]",
    "[::1]evil.example",
    "[::1]]:80",
    "[::1%25eth0]",
    "[::ffff:127.0.0.1]",
    "[127.0.0.1]",
    "[:::1]",
    "[2001:db8::1]",
    "2130706433",
    "0x7f.1",
    "127.1",
    "0.0.0.0",
    "127.0.0.2",
    "board.example.org",
    "loc\xe1lhost",
    "*",
]
GOOD_HOSTS = ["127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:1", "LOCALHOST", "[::1]", "[::1]:65535"]
GOOD_HOSTS += ["[0:0:0:0:0:0:0:1]:80", "[0000::0001]"]

# rule, policy, request, status
REFUSED: list[tuple[Rule, GuardPolicy, Request, int]] = [
    *((Rule.HOST, OPEN, Request(host=host), 403) for host in BAD_HOSTS),
    (Rule.HOST, WIDER, Request(host="other.example.org"), 403),
    (Rule.HOST, WIDER, Request(host="x.board.example.org"), 403),
    (Rule.HOST, OPEN, Request(environ={"RAW_URI": "http://evil.example/api/tasks"}), 403),
    (Rule.HOST, OPEN, Request(environ={"REQUEST_URI": "HTTP://127.0.0.1:8080/api/tasks"}), 403),
    (Rule.HOST, OPEN, Request(environ={"RAW_URI": "*"}, method="OPTIONS"), 403),
    *(
        (Rule.ORIGIN, OPEN, headed(Origin=origin), 403)
        for origin in (
            "",
            "null",
            "NULL",
            "http://evil.example",
            "http://127.0.0.1",
            "http://127.0.0.1:8081",
            "https://127.0.0.1:8080",
            "http://localhost:8080",
            "http://127.0.0.1:8080/",
            "http://127.0.0.1:8080.evil.example",
            "http://127.0.0.1:8080@evil.example",
            "http://evil.example:8080",
            "http://127.0.0.1:8080,http://127.0.0.1:8080",
            "http://127.0.0.1:8080 http://evil.example",
            "//127.0.0.1:8080",
            "127.0.0.1:8080",
            "file://",
            "chrome-extension://abcdef",
            "https://app.example.org",
        )
    ),
    (Rule.ORIGIN, WIDER, headed(Origin="http://app.example.org"), 403),
    (Rule.ORIGIN, WIDER, headed(Origin="https://app.example.org:8443"), 403),
    (Rule.ORIGIN, WIDER, headed(Origin="https://x.app.example.org"), 403),
    *(
        (Rule.FETCH_SITE, OPEN, headed(Sec_Fetch_Site=site), 403)
        for site in ("cross-site", "same-site", "", "SAME-ORIGIN", "same-origin, cross-site", "unheard-of")
    ),
    (Rule.FETCH_SITE, WIDER, headed(Sec_Fetch_Site="cross-site"), 403),
    *(
        (Rule.FETCH_SITE, OPEN, Request(path="/", method=method, headers=VISIT | changes, environ=environ), 403)
        for method, changes, environ in (
            ("GET", {"Sec-Fetch-Dest": "iframe"}, {}),
            ("GET", {"Sec-Fetch-Dest": "image"}, {}),
            ("GET", {"Sec-Fetch-Dest": ""}, {}),
            ("GET", {"Sec-Fetch-Mode": "no-cors"}, {}),
            ("GET", {"Sec-Fetch-Mode": ""}, {}),
            ("GET", {"Sec-Fetch-Site": "unheard-of"}, {}),
            ("GET", {"Origin": "http://127.0.0.1:8080"}, {}),
            ("GET", {}, {"HTTP_UPGRADE": "websocket"}),
            ("POST", {}, {}),
            ("HEAD", {}, {}),
        )
    ),
    *(
        (Rule.FORWARDED, OPEN, Request(headers={name: value}), 403)
        for name, value in (
            ("X-Forwarded-For", "127.0.0.1"),
            ("X-Forwarded-Host", "127.0.0.1:8080"),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-Port", "8080"),
            ("X-Forwarded-Prefix", "/x"),
            ("X-Forwarded", "for=127.0.0.1"),
            ("x-forwarded-anything", ""),
            ("Forwarded", "host=evil.example"),
            ("X-Original-URL", "/admin"),
            ("X-Original-Host", "evil.example"),
            ("X-Rewrite-URL", "/admin"),
            ("X-Host", "evil.example"),
        )
    ),
    *(
        (Rule.JSONP, OPEN, Request(path=path), 403)
        for path in (
            "/socket.io/?EIO=4&transport=polling&j=0",
            "/socket.io/?j",
            "/socket.io?EIO=4&j=0",
            "/socket.io/?EIO=4&%6a=0",
            "/api/tasks?callback=steal",
            "/api/tasks?CallBack=",
            "/api/tasks?limit=1&jsonp=steal",
            "/socket.io/?EIO=4&callback=steal",
            "/nowhere?callback",
        )
    ),
    *(
        (Rule.METHOD, OPEN, Request(method=method), 405)
        for method in ("TRACE", "CONNECT", "PROPFIND", "TRACK", "get", "FOO")
    ),
    *(
        (Rule.BODY, OPEN, Request(method="POST", environ=environ), status)
        for environ, status in (
            ({"CONTENT_LENGTH": "1048577"}, 413),
            ({"CONTENT_LENGTH": "9" * 18}, 413),
            ({"CONTENT_LENGTH": "9" * 5_000}, 413),
            ({"CONTENT_LENGTH": "-1"}, 400),
            ({"CONTENT_LENGTH": "+5"}, 400),
            ({"CONTENT_LENGTH": "5, 5"}, 400),
            ({"CONTENT_LENGTH": " 5"}, 400),
            ({"CONTENT_LENGTH": "0x10"}, 400),
            ({"CONTENT_LENGTH": "1_0"}, 400),
            ({"CONTENT_LENGTH": "\xb2"}, 400),
            ({"CONTENT_LENGTH": "many"}, 400),
            ({"CONTENT_LENGTH": "5", "HTTP_TRANSFER_ENCODING": "chunked"}, 400),
            ({"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
            ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "gzip, chunked"}, 411),
        )
    ),
    (Rule.BODY, SMALL, Request(method="GET", environ={"CONTENT_LENGTH": "101"}), 413),
    *(
        (Rule.TOKEN, SECRET, request, 401)
        for request in (
            Request(),
            Request(path="/"),
            Request(path="/health"),
            Request(path="/ws/all", headers=UPGRADE),
            Request(path="/streams/all"),
            Request(path="/socket.io"),
            Request(path="//socket.io/"),
            Request(path="/Socket.io/"),
            Request(path="/socket.io./"),
            Request(method="POST"),
            Request(method="OPTIONS"),
            Request(method="HEAD", path="/?token=s3cret%2B%26%25token"),
            Request(method="POST", path="/?token=s3cret%2B%26%25token"),
            Request(path="/ws/all?token=s3cret%2B%26%25token", headers=UPGRADE),
            Request(path="/?token="),
            Request(path="/?token=wrong"),
            Request(path="/?token=s3cret%2B%26%25token&token=s3cret%2B%26%25token"),
            Request(path="/?Token=s3cret%2B%26%25token"),
            headed(Authorization="Bearer"),
            headed(Authorization="Bearer wrong"),
            headed(Authorization="Bearer s3cret+&%tokenx"),
            headed(Authorization="Bearer S3CRET+&%TOKEN"),
            headed(Authorization="Basic s3cret+&%token"),
            headed(Authorization="s3cret+&%token"),
            headed(Authorization="Bearer s3cret+&%token, Bearer x"),
            headed(Authorization="Bearer \xe9"),
            headed(Cookie="llm_service=s3cret+&%token"),
            headed(Cookie="\xe9=\xff; ;;=;"),
        )
    ),
    (Rule.TOKEN, CORS_SECRET, headed(Origin="https://app.example.org"), 401),
]


def test_a_page_that_may_cross_can_read_why_it_is_refused_and_no_other_can() -> None:
    mine, other = "https://app.example.org", "https://evil.example"
    refused = ask(headed(Origin=mine), CORS_SECRET)
    assert refused.status == 401 and refused.headers["Access-Control-Allow-Origin"] == mine
    assert "Origin" in refused.headers["Vary"] and "Access-Control-Allow-Credentials" not in refused.headers
    for policy in (CORS_SECRET, SECRET, OPEN):
        assert "Access-Control-Allow-Origin" not in ask(headed(Origin=other), policy).headers
    assert "Access-Control-Allow-Origin" not in ask(headed(), CORS_SECRET).headers


def shown(case: Any) -> str:
    """The name of a case, of characters that every tool takes in the name of a test."""
    if isinstance(case, Request):
        extra = [f"{name}={value}" for name, value in (case.headers | case.environ).items()]
        return re.sub(r"[^A-Za-z0-9.:/?=%]+", "-", " ".join([case.method, case.path, str(case.host), *extra]))[:120]
    return str(case) if isinstance(case, Rule) else ""


@pytest.mark.parametrize(("rule", "policy", "request_", "status"), REFUSED, ids=shown)
def test_each_rule_refuses_before_the_app_is_called_and_passes_when_it_is_off(
    rule: Rule, policy: GuardPolicy, request_: Request, status: int
) -> None:
    refused = ask(request_, policy)
    assert (refused.status, refused.seen) == (status, None)
    if request_.method != "HEAD":
        body = json.loads(refused.body)
        assert body["success"] is False and body["error"] and isinstance(body["details"], dict)
    assert refused.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert refused.headers["Connection"] == "close"
    assert refused.headers["Cache-Control"] == "no-store"

    passed = ask(request_, policy, off=frozenset({str(rule)}))
    assert passed.seen is not None
    assert passed.status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "foreign",
    [
        Request(host="evil.example"),
        headed(Origin="http://evil.example"),
        headed(Origin="null"),
        headed(Sec_Fetch_Site="same-site"),
        headed(X_Forwarded_For="1.2.3.4"),
    ],
    ids=shown,
)
@pytest.mark.parametrize("upgrade", [{}, UPGRADE], ids=["plain", "upgrade"])
@pytest.mark.parametrize("method", METHODS)
def test_a_foreign_request_is_refused_on_every_path_and_by_every_method(
    path: str, foreign: Request, upgrade: dict[str, str], method: str
) -> None:
    request = Request(path=path, method=method, headers=foreign.headers | upgrade, host=foreign.host)
    answer = ask(request)
    assert (answer.status, answer.seen) == (403, None)


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_loopback_names_pass_in_every_spelling(host: str) -> None:
    assert ask(Request(host=host)).status == 200


@pytest.mark.parametrize("host", ["board.example.org", "BOARD.example.org:443", "[2001:db8:0::1]:80", "localhost"])
def test_hosts_of_the_settings_pass_as_well_as_loopback(host: str) -> None:
    assert ask(Request(host=host), WIDER).status == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("localhost", "http://localhost:80"),
        ("LOCALHOST:1", "http://localhost:1"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_our_own_origin_passes(host: str, origin: str) -> None:
    request = Request(host=host, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"}, method="POST")
    assert ask(request).status == 200


def test_our_own_origin_has_the_scheme_of_the_request() -> None:
    by_tls = {"wsgi.url_scheme": "https"}
    assert ask(Request(headers={"Origin": "https://127.0.0.1:8080"}, environ=by_tls)).status == 200
    assert ask(Request(headers={"Origin": "http://127.0.0.1:8080"}, environ=by_tls)).status == 403


def test_an_allowed_origin_passes_from_another_site_and_may_embed_the_response() -> None:
    request = headed(Origin="https://app.example.org", Sec_Fetch_Site="cross-site")
    answer = ask(request, WIDER)
    assert answer.status == 200
    assert "Cross-Origin-Resource-Policy" not in answer.headers
    assert ask(Request(), WIDER).headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_an_opened_tab_and_our_own_page_pass(site: str) -> None:
    assert ask(headed(Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate")).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_the_refusal_of_a_forwarded_request_names_the_header_to_strip(header: str) -> None:
    error = json.loads(ask(Request(headers={header: "x"})).body)["error"]
    assert "strip" in error and header in error and "proxy" in error


@pytest.mark.parametrize("path", ["/api/tasks?j=1", "/api/tasks?q=callback", "/socket.io/?EIO=4&t=j", "/?jsonp_=1"])
def test_a_request_that_only_looks_like_jsonp_passes(path: str) -> None:
    assert ask(Request(path=path)).status == 200


@pytest.mark.parametrize("method", METHODS)
def test_ordinary_methods_pass(method: str) -> None:
    assert ask(Request(method=method)).status == 200


def test_the_refusal_of_a_method_names_the_accepted_ones() -> None:
    answer = ask(Request(method="TRACE"))
    assert answer.code == "METHOD_NOT_ALLOWED"
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS, PUT, DELETE, PATCH"


@pytest.mark.parametrize("length", ["", "0", "1048576"])
def test_a_body_up_to_the_limit_passes(length: str) -> None:
    assert ask(Request(method="POST", environ={"CONTENT_LENGTH": length})).status == 200


@pytest.mark.parametrize(
    ("request_", "policy", "code"),
    [
        (Request(host="evil.example"), OPEN, "FORBIDDEN"),
        (Request(method="POST", environ={"CONTENT_LENGTH": "9999999"}), OPEN, "TOO_LARGE"),
        (Request(method="POST", environ={"CONTENT_LENGTH": "x"}), OPEN, "BAD_REQUEST"),
        (Request(method="POST", environ={"HTTP_TRANSFER_ENCODING": "chunked"}), OPEN, "LENGTH_REQUIRED"),
        (Request(), SECRET, "UNAUTHORIZED"),
    ],
)
def test_a_refusal_has_its_code(request_: Request, policy: GuardPolicy, code: str) -> None:
    answer = ask(request_, policy)
    assert answer.code == code
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": " Chunked ", "wsgi.input_terminated": True}, 200),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"HTTP_TRANSFER_ENCODING": "gzip, chunked", "wsgi.input_terminated": True}, 411),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "PATH_INFO": "/v2/logs"}, 411),
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": "9"}, 400),
        ({"CONTENT_LENGTH": "10"}, 200),
        ({"CONTENT_LENGTH": "11"}, 413),
    ],
)
def test_a_stream_takes_chunks_where_the_server_ends_them_and_has_a_cap_of_its_own(
    environ: dict[str, Any], status: int
) -> None:
    policy = GuardPolicy(max_body_bytes=5, streams={"/v1/": 10})
    assert ask(Request(path="/v1/logs", method="POST", environ=environ), policy).status == status


def test_a_body_in_chunks_is_never_read_beyond_its_cap() -> None:
    chunks = BytesIO(b"x" * 100)
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": chunks}
    request = Request(path="/v1/logs", method="POST", environ=environ)
    seen = ask(request, GuardPolicy(streams={"/v1/": 10})).seen
    assert seen is not None
    with pytest.raises(TooLarge):
        seen["wsgi.input"].read()
    assert chunks.tell() == 11


def test_a_refusal_of_head_has_no_body() -> None:
    answer = ask(Request(method="HEAD", host="evil.example"))
    assert (answer.status, answer.body) == (403, b"")


def test_the_host_is_checked_first_and_the_token_last() -> None:
    assert ask(Request(host="evil.example", path="/?token=s3cret%2B%26%25token"), SECRET).status == 403
    assert ask(Request(headers={"X-Forwarded-For": "x"}), SECRET).status == 403


# --- token ---


def test_a_bearer_token_passes_in_any_case_of_the_scheme() -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = ask(headed(Authorization=f"{scheme} s3cret+&%token"), SECRET)
        assert answer.status == 200
        assert answer.seen is not None and answer.seen[AUTHENTICATED] is True


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/?token=s3cret%2B%26%25token", "/"),
        ("/?token=s3cret+%26%25token", "/"),
        ("/?%74oken=s3cret%2B%26%25token", "/"),
        ("/?a=1&token=s3cret%2B%26%25token&b=%2F%26&c", "/?a=1&b=%2F%26&c"),
        ("/sub/page.html?x=a%20b&token=s3cret%2B%26%25token", "/sub/page.html?x=a%20b"),
        ("/t%C3%A4sk%20%3F%23?token=s3cret%2B%26%25token", "/t%C3%A4sk%20%3F%23"),
        ("//evil.example/x?token=s3cret%2B%26%25token", "/evil.example/x"),
        ("///evil.example?token=s3cret%2B%26%25token", "/evil.example"),
        ("/%5Cevil.example?token=s3cret%2B%26%25token", "/%5Cevil.example"),
        ("/%2F/evil.example?token=s3cret%2B%26%25token", "/evil.example"),
        ("/%0D%0ASet-Cookie:x?token=s3cret%2B%26%25token", "/%0D%0ASet-Cookie:x"),
    ],
)
def test_the_token_in_a_page_address_becomes_a_cookie_and_leaves_the_address(path: str, location: str) -> None:
    path_info, _, query = path.partition("?")
    environ = Request(path="/").environ | {"QUERY_STRING": query}
    environ["PATH_INFO"] = _decoded(path_info)
    answer = ask(Request(path="/", environ=environ), SECRET)
    assert (answer.status, answer.seen) == (303, None)
    assert answer.headers["Location"] == location
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    name_value, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert attributes == ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"]
    assert "s3cret" not in answer.headers["Set-Cookie"]

    again = ask(headed(Cookie=f"theme=dark; {name_value};x=y"), SECRET)
    assert again.status == 200
    assert again.seen is not None and again.seen[AUTHENTICATED] is True


def _decoded(path: str) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


def _cookie(policy: GuardPolicy, token: str, **environ: str) -> str:
    answer = ask(Request(path=f"/?token={token}", environ=environ), policy)
    cookie: str = answer.headers["Set-Cookie"]
    return cookie


def test_the_cookie_is_secure_over_tls() -> None:
    assert _cookie(CORS_SECRET, "s3cret", **{"wsgi.url_scheme": "https"}).endswith("; Path=/; Max-Age=604800; Secure")


def test_the_cookie_of_one_token_neither_matches_nor_replaces_that_of_another() -> None:
    one, other = _cookie(CORS_SECRET, "s3cret"), _cookie(GuardPolicy(token="other"), "other")
    assert one.partition("=")[0] != other.partition("=")[0]
    assert ask(headed(Cookie=other.partition(";")[0]), CORS_SECRET).status == 401
    value = other.partition("=")[2].partition(";")[0]
    assert ask(headed(Cookie=f"{one.partition('=')[0]}={value}"), CORS_SECRET).status == 401


def test_a_second_cookie_of_the_same_name_does_not_lock_the_owner_out() -> None:
    mine = _cookie(CORS_SECRET, "s3cret").partition(";")[0]
    assert ask(headed(Cookie=f"{mine.partition('=')[0]}=planted; {mine}"), CORS_SECRET).status == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_cookie_is_of_one_port(scheme: str) -> None:
    """A browser sends it to all ports of a host (RFC 6265, section 8.5): that of one opens nothing on another."""
    one, other = (_cookie(CORS_SECRET, "s3cret", SERVER_PORT=port) for port in ("8080", "9090"))
    assert one.startswith("llm_service_8080_") and other.startswith("llm_service_9090_")
    pair = one.partition(";")[0]
    assert ask(Request(headers={"Cookie": pair}, environ={"SERVER_PORT": "8080"}), CORS_SECRET).status == 200
    assert ask(Request(headers={"Cookie": pair}, environ={"SERVER_PORT": "9090"}), CORS_SECRET).status == 401
    renamed = pair.replace("_8080_", "_9090_")
    assert ask(Request(headers={"Cookie": renamed}, environ={"SERVER_PORT": "9090"}), CORS_SECRET).status == 401


@pytest.mark.parametrize("path", ["/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=websocket"])
def test_socketio_passes_without_a_token_but_is_marked(path: str) -> None:
    stranger = ask(Request(path=path, headers=UPGRADE), SECRET)
    assert stranger.seen is not None and stranger.seen[AUTHENTICATED] is False
    friend = ask(Request(path=path, headers={"Authorization": "Bearer s3cret+&%token"}), SECRET)
    assert friend.seen is not None and friend.seen[AUTHENTICATED] is True
    anybody = ask(Request(path=path), OPEN)
    assert anybody.seen is not None and anybody.seen[AUTHENTICATED] is True


def test_a_token_in_the_address_of_socketio_is_not_accepted() -> None:
    answer = ask(Request(path="/socket.io/?EIO=4&token=s3cret%2B%26%25token"), SECRET)
    assert answer.seen is not None and answer.seen[AUTHENTICATED] is False


def test_a_request_cannot_mark_itself_as_authenticated() -> None:
    answer = ask(Request(path="/socket.io/", environ={AUTHENTICATED: True}), SECRET)
    assert answer.seen is not None and answer.seen[AUTHENTICATED] is False


def test_a_preflight_of_an_allowed_origin_needs_no_token() -> None:
    asking = {"Access-Control-Request-Method": "GET"}
    allowed = Request(method="OPTIONS", headers={"Origin": "https://app.example.org"} | asking)
    own = Request(method="OPTIONS", headers={"Origin": "http://127.0.0.1:8080"} | asking)
    assert ask(allowed, CORS_SECRET).status == 200
    assert ask(own, CORS_SECRET).status == 401


@pytest.mark.parametrize(
    ("headers", "html"),
    [
        ({"Accept": "text/html,application/xhtml+xml"}, True),
        ({"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}, True),
        ({"Accept": "text/html", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Accept": "application/json"}, False),
        ({}, False),
    ],
)
def test_a_browser_gets_a_page_that_asks_for_the_token_and_a_program_json(headers: dict[str, str], html: bool) -> None:
    answer = ask(Request(path="/", headers=headers), SECRET)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    if html:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"<form" in answer.body
        assert not any(word in answer.body for word in (b"<script", b"<style", b"style=", b" on"))
    else:
        assert answer.code == "UNAUTHORIZED"


@pytest.mark.parametrize(
    ("token", "text", "matches"),
    [
        ("s3cret", "s3cret", True),
        ("s3cret", "s3cre", False),
        ("s3cret", "s3crets", False),
        ("s3cret", "", False),
        ("s3cret", "\ud800", False),
        ("s3cret", "s3cr\xe9t", False),
        (None, "", False),
        (None, "s3cret", False),
    ],
)
def test_a_token_matches_itself_only(token: str | None, text: str, matches: bool) -> None:
    assert GuardPolicy(token=token).token_matches(text) is matches


def test_an_empty_token_is_refused_and_no_token_is_ever_printed() -> None:
    with pytest.raises(ValueError, match="empty token"):
        GuardPolicy(token="")
    assert "s3cret" not in repr(SECRET)


# --- headers ---


def test_every_response_has_the_security_headers_in_place_of_the_apps_own() -> None:
    loose = [("content-security-policy", "default-src *"), ("X-Frame-Options", "ALLOWALL"), ("Server", "ours/1.0")]
    answer = ask(Request(), answer=loose)
    assert answer.headers.getlist("Content-Security-Policy") == [CONTENT_SECURITY_POLICY]
    assert answer.headers.getlist("X-Frame-Options") == ["DENY"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers
    assert answer.headers["Content-Type"] == "text/plain"

    bare = ask(Request(), off={"headers"}, answer=loose)
    assert bare.headers["Content-Security-Policy"] == "default-src *"
    assert "X-Content-Type-Options" not in bare.headers


@pytest.mark.parametrize(
    ("policy", "retained"),
    [
        ("sandbox", True),
        ("sandbox allow-scripts", True),
        ("default-src 'none'; sandbox; style-src 'unsafe-inline'", True),
        ("sandbox allow-scripts allow-same-origin", False),
        ("default-src 'none'; script-src *", False),
        ("", False),
    ],
)
def test_a_sandbox_of_the_app_is_retained_and_any_other_policy_is_replaced(policy: str, retained: bool) -> None:
    answer = ask(Request(), answer=[("Content-Security-Policy", policy)])
    assert answer.headers.getlist("Content-Security-Policy") == [policy if retained else CONTENT_SECURITY_POLICY]
    assert (answer.headers["Content-Type"], answer.headers["X-Frame-Options"]) == ("text/plain", "DENY")


def test_the_content_security_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


def test_an_error_of_the_app_after_its_first_headers_reaches_the_server() -> None:
    calls: list[tuple[Any, ...]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            raise RuntimeError("late")
        except RuntimeError as error:
            start_response("500 Oops", [], (RuntimeError, error, None))
        return []

    builder = EnvironBuilder(headers={"Host": "localhost"})
    Guard(app, OPEN)(builder.get_environ(), lambda *arguments: calls.append(arguments))  # type: ignore[arg-type, return-value]
    builder.close()
    assert calls[0][2][0] is RuntimeError


# --- the rest ---


def test_unknown_rule_names_are_refused() -> None:
    with pytest.raises(ValueError, match="hosts"):
        Guard(lambda environ, start_response: [], OPEN, off={"hosts"})


def test_refusals_are_logged_at_info_without_the_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="llm_service.web.guard"):
        ask(Request(path="/x?token=hidden", host="evil.example"))
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert (record.__dict__["path"], record.__dict__["code"]) == ("/x", "FORBIDDEN")
    assert "evil.example" in record.getMessage() and "hidden" not in str(vars(record))


def test_a_refused_gunicorn_connection_is_closed_after_the_response() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"answer")
        ask(Request(host="evil.example", environ={"gunicorn.socket": ours}))
        assert theirs.recv(10) + theirs.recv(10) == b"answer"
        theirs.sendall(b"rest of a body")


@pytest.mark.parametrize("text", ["a..b", "host:080", "a_b:1"])
def test_an_authority_is_a_name_and_a_port(text: str) -> None:
    assert parse_authority(text) is not None


def test_an_origin_gets_the_default_port_of_its_scheme() -> None:
    assert parse_origin("https://a") == ("https", "a", 443) == parse_origin("https://a:443")
    assert parse_origin("ftp://a") is None


# --- links of other pages ---


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/", "/?x=1", "/index.html"])
def test_a_link_of_another_page_opens_the_page_itself(site: str, path: str) -> None:
    answer = ask(Request(path=path, headers=VISIT | {"Sec-Fetch-Site": site}))
    assert (answer.status, answer.body) == (200, b"inside")


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/api/tasks", "/api/tasks"),
        ("/api/tasks?lane=done&limit=2", "/api/tasks?lane=done&amp;limit=2"),
        ("/health", "/health"),
        ("/app.js", "/app.js"),
        ("/index.html/", "/index.html/"),
        ("/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&amp;transport=polling"),
        ("/a%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/a%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        ("/x?q=%22%3E%3Cb%3E'", "/x?q=%22%3E%3Cb%3E&#x27;"),
    ],
)
def test_a_link_of_another_page_to_data_is_answered_with_a_page_to_open_it_from(path: str, link: str) -> None:
    answer = ask(Request(path=path, headers=VISIT))
    assert (answer.status, answer.seen) == (403, None)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'<a href="{link}">'.encode() in answer.body
    assert not any(word in answer.body for word in (b"<script", b"<b>", b"<style"))


def test_that_page_never_links_to_another_host() -> None:
    answer = ask(Request(path="/", environ={"PATH_INFO": "//evil.example/x"}, headers=VISIT))
    assert b'<a href="/evil.example/x">/evil.example/x</a>' in answer.body


def test_a_long_address_is_linked_whole_and_shown_short() -> None:
    path = "/api/tasks/" + "x" * 500
    body = ask(Request(path=path, headers=VISIT)).body.decode()
    assert f'<a href="{path}">{path[:200]}</a>' in body


@pytest.mark.parametrize("refused", [{"Host": "evil.example"}, {"X-Forwarded-For": "1.2.3.4"}])
def test_no_other_rule_is_loosened_by_a_link(refused: dict[str, str]) -> None:
    answer = ask(Request(path="/", headers=VISIT | refused, host=refused.get("Host", "127.0.0.1:8080")))
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_with_a_token_a_link_of_another_page_needs_it_and_can_be_opened_from_here() -> None:
    """Browsers do not send a cookie with SameSite=Strict along with such a link (RFC 6265bis, section 5.2)."""
    answer = ask(Request(path="/?page=2", headers=VISIT), SECRET)
    assert answer.status == 401
    assert b"<form" in answer.body
    assert b'<a href="/?page=2">' in answer.body
    assert b"<a href" not in ask(Request(path="/", headers=VISIT | {"Sec-Fetch-Site": "none"}), SECRET).body
    with_token = ask(Request(path="/?token=s3cret%2B%26%25token&page=2", headers=VISIT), SECRET)
    assert (with_token.status, with_token.headers["Location"]) == (303, "/?page=2")


# --- wrong tokens ---


class Door:
    """One guard that is asked often."""

    def __init__(self) -> None:
        def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            start_response("200 OK", [])
            return [b"inside"]

        self.guard = Guard(app, SECRET)

    def ask(self, token: str | None, address: str = "10.0.0.1", path: str = "/api/tasks", **headers: str) -> Any:
        builder = EnvironBuilder(path=path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        environ = builder.get_environ() | {"HTTP_HOST": "127.0.0.1:8080", "REMOTE_ADDR": address}
        builder.close()
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        body, status, sent = run_wsgi_app(self.guard, environ, buffered=True)
        return int(status.split()[0]), sent, b"".join(body)


def test_wrong_tokens_of_an_address_are_slowed_down_and_the_right_one_is_never_locked_out() -> None:
    door = Door()
    assert [door.ask(f"wrong{number}")[0] for number in range(12)] == [401] * 10 + [429] * 2
    status, headers, body = door.ask("wrong")
    assert (status, headers["Retry-After"], json.loads(body)["details"]) == (429, "6", {"retry_after_s": 6})
    assert json.loads(body)["code"] == "TOO_MANY_REQUESTS"
    assert door.ask("s3cret+&%token")[0] == 200
    assert door.ask("wrong")[0] == 429, "the right one does not reset it"
    assert door.ask("wrong", "10.0.0.2")[0] == 401
    assert door.ask(None)[0] == 401, "without a token there is nothing to count"
    cookie = ask(Request(path="/?token=s3cret%2B%26%25token"), SECRET).headers["Set-Cookie"].partition(";")[0]
    assert door.ask(None, Cookie=cookie)[0] == 200
    assert door.ask("wrong", Cookie=cookie)[0] == 200
    assert door.ask(None, path="/?token=s3cret%2B%26%25token")[0] == 303


@pytest.mark.parametrize("path", ["/?token=no", "/api/tasks?%74oken=no", "/?token=no&token=s3cret", "/ws/all?token=x"])
def test_a_wrong_token_in_an_address_counts_too(path: str) -> None:
    door = Door()
    assert [door.ask(None, path=path)[0] for _ in range(11)] == [401] * 10 + [429]


def test_wrong_tokens_of_socketio_count_in_both_ways() -> None:
    door = Door()
    path = "/socket.io/?EIO=4&transport=polling"
    assert [door.ask("wrong", path=path)[0] for _ in range(11)] == [200] * 10 + [429]
    assert door.ask(None, path=path)[0] == 200
    environ = {"REMOTE_ADDR": "10.0.0.9", AUTHENTICATED: False}
    for _ in range(10):
        with pytest.raises(Unauthorized):
            door.guard.admit(environ, "wrong")
    with pytest.raises(TooManyTokens) as caught:
        door.guard.admit(environ, "wrong")
    assert caught.value.details == {"retry_after_s": 6}
    with pytest.raises(Unauthorized):
        door.guard.admit(environ, None)
    door.guard.admit(environ, "s3cret+&%token")
    door.guard.admit(environ | {AUTHENTICATED: True}, None)
    Guard(door.guard, OPEN).admit(environ, None)
    assert door.ask("wrong", "10.0.0.9")[0] == 429


def test_a_person_is_told_that_the_token_was_wrong() -> None:
    door = Door()
    page = {"Accept": "text/html", "Sec_Fetch_Mode": "navigate"}
    assert b"Enter the token" in door.ask(None, path="/", **page)[2]
    status, headers, body = door.ask(None, path="/?a=1&token=no", **page)
    assert (status, headers["Location"], body) == (303, "/?a=1&token=", b"")  # it does not stay in the address
    assert "Set-Cookie" not in headers
    for _ in range(12):  # to look at that page is not to try again
        status, _, body = door.ask(None, path="/?a=1&token=", **page)
        assert (status, b"That is not the token of this dashboard." in body) == (401, True)
    for _ in range(10):
        status, headers, body = door.ask(None, path="/?token=no", **page)
    assert (status, headers["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert b"Too many wrong tokens" in body and b"<form" in body
    assert "no-store" in headers["Cache-Control"]


FORM = {"Sec-Fetch-Mode": "navigate", "Content-Type": "application/x-www-form-urlencoded"}


def posted(body: bytes, path: str = "/api/tasks?a=1&token=", **environ: Any) -> Answer:
    sent = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))} | environ
    return ask(Request(path=path, method="POST", headers=FORM, environ=sent), SECRET)


def test_the_right_token_of_the_form_opens_the_address_and_a_wrong_one_is_said() -> None:
    opened = posted(b"token=s3cret%2B%26%25token")
    assert (opened.status, opened.headers["Location"], opened.seen) == (303, "/api/tasks?a=1", None)
    cookie = opened.headers["Set-Cookie"].partition(";")[0]
    assert ask(headed(Cookie=cookie), SECRET).status == 200
    for body in (b"token=no", b"token=", b"token=%FF", b"token=s3cret%2B%26%25tokenx"):
        wrong = posted(body)
        assert (wrong.status, "Set-Cookie" in wrong.headers) == (401, False), body
    assert b"That is not the token" in posted(b"token=no").body


@pytest.mark.parametrize(
    ("body", "environ"),
    [
        (b"", {}),
        (b"x=1", {}),
        (b"token=s3cret%2B%26%25token&token=no", {}),
        (b"token=s3cret%2B%26%25token" + b"&x=" + b"y" * 4_096, {}),
        (b"token=s3cret%2B%26%25token", {"CONTENT_TYPE": "text/plain"}),
        (b"token=s3cret%2B%26%25token", {"CONTENT_TYPE": "application/json"}),
        (b"token=s3cret%2B%26%25token", {"HTTP_SEC_FETCH_MODE": "cors"}),
        (b"token=s3cret%2B%26%25token", {"REQUEST_METHOD": "PUT"}),
    ],
)
def test_no_other_body_is_a_login(body: bytes, environ: dict[str, str]) -> None:
    answer = posted(body, **environ)
    assert (answer.status, answer.seen) == (401, None)


def test_a_form_of_another_site_is_no_login() -> None:
    evil = posted(b"token=s3cret%2B%26%25token", HTTP_SEC_FETCH_SITE="cross-site")
    assert (evil.status, evil.code) == (403, "FORBIDDEN")


def test_wrong_tokens_of_the_form_are_slowed_down() -> None:
    door = Door()
    builder = EnvironBuilder(path="/", method="POST", headers=FORM)
    environ = builder.get_environ() | {"HTTP_HOST": "127.0.0.1:8080", "REMOTE_ADDR": "10.0.0.1", "CONTENT_LENGTH": "8"}
    builder.close()
    codes = [
        run_wsgi_app(door.guard, environ | {"wsgi.input": BytesIO(b"token=no")}, buffered=True)[1][:3]
        for _ in range(11)
    ]
    assert codes == ["401"] * 10 + ["429"]


def test_opening_the_page_with_an_old_cookie_gives_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = ask(Request(path="/?token=s3cret%2B%26%25token"), SECRET).headers["Set-Cookie"].partition(";")[0]
    opened = Request(path="/", headers={"Cookie": cookie})
    assert "Set-Cookie" not in ask(opened, SECRET).headers
    later = time.time() + 4 * 86_400
    monkeypatch.setattr("llm_service.web.guard_tokens.time.time", lambda: later)
    renewed = ask(opened, SECRET)
    assert renewed.status == 200
    assert renewed.headers["Set-Cookie"].partition("=")[0] == cookie.partition("=")[0]
    assert renewed.headers["Content-Type"] == "text/plain"
    assert "Set-Cookie" not in ask(Request(path="/api/tasks", headers={"Cookie": cookie}), SECRET).headers
    assert (
        "Set-Cookie" not in ask(Request(path="/", headers={"Authorization": "Bearer s3cret+&%token"}), SECRET).headers
    )
    later += 4 * 86_400
    assert ask(opened, SECRET).status == 401
