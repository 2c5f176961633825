"""What the guard answers itself, whole: status line, every header as it is sent, body, and what the log says of it.

Which headers a status needs is in RFC 9110: Allow (15.5.6), WWW-Authenticate (15.5.2), Content-Length (8.6), Location
(15.4.4); Retry-After with 429 is in RFC 6585, section 4.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from llm_service.errors import BadRequest
from llm_service.web.guard import AUTHENTICATED, Guard, GuardPolicy

REFUSED = [("Cache-Control", "no-store"), ("Connection", "close")]
OPEN = GuardPolicy()
SECRET = GuardPolicy(token="s3cret")
PERSON = {"HTTP_ACCEPT": "text/html"}
VISIT = {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document"}
FORM = """<form method="post"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Open</button></form>"""


def environment(changes: dict[str, Any]) -> dict[str, Any]:
    """A GET of a browser's tab, with these keys; None removes one."""
    builder = EnvironBuilder(path="/api/tasks", headers={"Host": "127.0.0.1:8080"})
    environ = {"REMOTE_ADDR": "10.0.0.1"} | builder.get_environ() | changes
    builder.close()
    return {key: value for key, value in environ.items() if value is not None}


def ask(policy: GuardPolicy = OPEN, inside: Any = None, **changes: Any) -> tuple[str, list[Any], bytes]:
    """(status line, headers as they are spelled, body) of the guard alone; `inside` gets what passes."""
    sent: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        if inside is not None:
            inside(environ)
        return []

    guard = Guard(app, policy, off={"headers"})
    body = guard(environment(changes), lambda *arguments: sent.append(arguments))  # type: ignore[arg-type, return-value]
    return sent[0][0], sent[0][1], b"".join(body)


def test_an_environment_may_be_without_what_is_empty() -> None:
    """PEP 3333: SCRIPT_NAME, PATH_INFO and QUERY_STRING may be left out then; RAW_URI is no part of it."""
    seen: list[dict[str, Any]] = []
    missing = dict.fromkeys(["SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "RAW_URI", "REQUEST_URI"])
    assert ask(inside=seen.append, **missing)[0] == "200 OK"
    assert [seen[0][key] for key in list(missing)[:4]] == [""] * 4
    status, _, body = ask(SECRET, **missing, **VISIT)
    assert status == "403 Forbidden"
    assert b'<a href="/">/</a>' in body


def test_the_app_reads_the_body_that_was_sent() -> None:
    read: list[bytes] = []
    builder = EnvironBuilder(method="POST", data=b"12345")
    body = builder.get_environ()["wsgi.input"]
    changes = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "5", "wsgi.input": body}
    ask(inside=lambda environ: read.append(environ["wsgi.input"].read()), **changes)
    builder.close()
    assert read == [b"12345"]


def test_a_body_that_breaks_off_is_an_error_of_the_client() -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError("connection reset")

    with pytest.raises(BadRequest):
        ask(inside=lambda environ: environ["wsgi.input"].read(), **{"wsgi.input": Broken()})


def test_a_policy_without_bodies_accepts_requests_without_one() -> None:
    assert ask(GuardPolicy(max_body_bytes=0))[0] == "200 OK"
    assert ask(GuardPolicy(max_body_bytes=0), CONTENT_LENGTH="1")[0].startswith("413 ")


@pytest.mark.parametrize(("path", "status"), [("/v1/traces", "200 OK"), ("/v1/traces/", "401 Unauthorized")])
def test_an_open_path_needs_no_token_and_is_not_authenticated(path: str, status: str) -> None:
    seen: list[Any] = []
    policy = GuardPolicy(token="s3cret", open_paths=frozenset({"/v1/traces"}))
    assert ask(policy, lambda environ: seen.append(environ[AUTHENTICATED]), PATH_INFO=path)[0] == status
    assert seen == ([False] if status == "200 OK" else [])


LONG = "x" * 150
BODY = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": ""}
STREAMS = GuardPolicy(streams={"/v1/": 10}, max_body_bytes=5_000)
CHUNKED = BODY | {"HTTP_TRANSFER_ENCODING": "chunked"}
FOREIGN_HOST = f"The host “{LONG[:100]}” is not allowed; the setting `allowed_hosts` adds names."
FOREIGN_ORIGIN = f"The origin “{LONG[:100]}” is not allowed; the setting `cors_origins` adds others."
NOT_A_PROXY = "The request line has to start with a path; this is not a proxy."
STRIP = "Forwarded requests are refused; let the proxy strip the header"
OTHER_SITE = "Pages of other sites have no access; open the address in its own tab."
TWO_LENGTHS = "A body has either Content-Length or Transfer-Encoding, not both."
NO_CHUNKS = "A body needs a Content-Length; chunks are not accepted."
NO_CHUNKS_HERE = "This server does not accept a body in chunks; send a Content-Length."
NO_TOKEN = "A token is required: `Authorization: Bearer <token>`, or open the page with `?token=`."
WRONG_TOKEN = "That is not the token of this dashboard."
ALLOW = ("Allow", "GET, HEAD, POST, OPTIONS, PUT, DELETE, PATCH")
BEARER = ("WWW-Authenticate", "Bearer")


@pytest.mark.parametrize(
    ("policy", "changes", "status", "code", "message", "header"),
    [
        (OPEN, {"HTTP_HOST": LONG}, "403 Forbidden", "FORBIDDEN", FOREIGN_HOST, None),
        (OPEN, {"HTTP_HOST": None}, "403 Forbidden", "FORBIDDEN", FOREIGN_HOST.replace(LONG[:100], ""), None),
        (OPEN, {"RAW_URI": "http://x/"}, "403 Forbidden", "FORBIDDEN", NOT_A_PROXY, None),
        (OPEN, {"HTTP_ORIGIN": LONG}, "403 Forbidden", "FORBIDDEN", FOREIGN_ORIGIN, None),
        (
            OPEN,
            {"HTTP_X_FORWARDED_FOR": "10.0.0.1"},
            "403 Forbidden",
            "FORBIDDEN",
            f"{STRIP} X-Forwarded-For.",
            None,
        ),
        (OPEN, {"HTTP_FORWARDED": "for=_x"}, "403 Forbidden", "FORBIDDEN", f"{STRIP} Forwarded.", None),
        (OPEN, {"HTTP_SEC_FETCH_SITE": "cross-site"}, "403 Forbidden", "FORBIDDEN", OTHER_SITE, None),
        (
            OPEN,
            {"QUERY_STRING": "callback=x"},
            "403 Forbidden",
            "FORBIDDEN",
            "JSONP is refused: it would give the data to any page.",
            None,
        ),
        (
            STREAMS,
            BODY | {"CONTENT_LENGTH": "x"},
            "400 Bad Request",
            "BAD_REQUEST",
            "Content-Length has to be a number of bytes.",
            None,
        ),
        (STREAMS, CHUNKED | {"CONTENT_LENGTH": "5"}, "400 Bad Request", "BAD_REQUEST", TWO_LENGTHS, None),
        (STREAMS, CHUNKED, "411 Length Required", "LENGTH_REQUIRED", NO_CHUNKS, None),
        (STREAMS, CHUNKED | {"PATH_INFO": "/v1/x"}, "411 Length Required", "LENGTH_REQUIRED", NO_CHUNKS_HERE, None),
        (SECRET, {}, "401 Unauthorized", "UNAUTHORIZED", NO_TOKEN, BEARER),
        (SECRET, {"HTTP_AUTHORIZATION": "Bearer x"}, "401 Unauthorized", "UNAUTHORIZED", WRONG_TOKEN, BEARER),
    ],
)
def test_a_refusal_says_what_is_wrong(
    policy: GuardPolicy, changes: dict[str, Any], status: str, code: str, message: str, header: Any
) -> None:
    line, headers, body = ask(policy, **changes)
    assert line == status
    assert json.loads(body) == {"success": False, "error": message, "code": code, "details": {}}
    kind = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    assert headers == [*REFUSED, *([header] if header else []), *kind]


def test_a_refused_method_is_answered_with_those_that_are_allowed() -> None:
    line, headers, body = ask(REQUEST_METHOD="TRACE")
    assert line == "405 Method Not Allowed"
    assert json.loads(body) == {
        "success": False,
        "error": "That method is not accepted here.",
        "code": "METHOD_NOT_ALLOWED",
        "details": {"allowed": ALLOW[1].split(", ")},
    }
    assert headers[2] == ALLOW


@pytest.mark.parametrize(("path", "limit", "shown"), [("/", 5_000, "5,000"), ("/v1/logs", 10, "10")])
def test_a_body_that_is_too_large_is_answered_with_the_limit(path: str, limit: int, shown: str) -> None:
    line, _, body = ask(STREAMS, PATH_INFO=path, **BODY | {"CONTENT_LENGTH": str(limit + 1)})
    assert line.startswith("413 ")
    assert json.loads(body) == {
        "success": False,
        "error": f"A body may have at most {shown} bytes.",
        "code": "TOO_LARGE",
        "details": {"max_body_bytes": limit},
    }


def test_too_many_wrong_tokens_are_answered_with_a_time_to_wait() -> None:
    guard = Guard(lambda environ, start_response: [], SECRET, off={"headers"})
    sent: list[Any] = []
    for _ in range(11):
        environ = environment({"HTTP_AUTHORIZATION": "Bearer x"})
        body = b"".join(guard(environ, lambda *arguments: sent.append(arguments)))  # type: ignore[arg-type, return-value]
    assert [status for status, _ in sent] == ["401 Unauthorized"] * 10 + ["429 Too Many Requests"]
    kind = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    assert sent[-1][1] == [*REFUSED, ("Retry-After", "6"), *kind]


def test_the_token_in_the_address_is_answered_with_a_redirect() -> None:
    line, headers, body = ask(SECRET, QUERY_STRING="token=s3cret")
    name, cookie = headers.pop(1)
    assert name == "Set-Cookie" and cookie.startswith("llm_service_80_")
    assert line == "303 See Other"
    assert headers == [("Location", "/api/tasks"), ("Cache-Control", "no-store"), ("Content-Length", "0")]
    assert body == b""


@pytest.mark.parametrize(
    ("policy", "changes", "title", "body"),
    [
        (SECRET, PERSON, "Token needed", f"<p>Enter the token of this dashboard.</p>{FORM}"),
        (
            SECRET,
            PERSON | {"HTTP_AUTHORIZATION": "Bearer x"},
            "Token needed",
            f"<p class=wrong role=alert>That is not the token of this dashboard.</p>{FORM}",
        ),
        (
            SECRET,
            VISIT | {"PATH_INFO": "/"},
            "Token needed",
            f"<p>Enter the token of this dashboard.</p>{FORM}"
            '<p><a href="/">Open it without a token</a>, if you opened it in this browser before.</p>',
        ),
        (
            OPEN,
            VISIT,
            "Open this address?",
            '<p>A link of another page leads here. Open it from here:</p><p><a href="/api/tasks">/api/tasks</a></p>',
        ),
    ],
)
def test_a_person_gets_a_page(policy: GuardPolicy, changes: dict[str, Any], title: str, body: str) -> None:
    _, headers, page = ask(policy, **changes)
    text = page.decode()
    assert text.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')
    assert f"<title>{title} · llm-service</title>" in text
    assert f'<body><main><p class="product">llm-service</p><h1>{title}</h1>{body}</main></body>' in text
    assert headers[-2:] == [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]


def test_the_log_says_who_was_refused_and_why(caplog: pytest.LogCaptureFixture) -> None:
    path = "/" + "x" * 300
    with caplog.at_level(logging.INFO, logger="llm_service.web.guard"):
        ask(REQUEST_METHOD="TRACE", PATH_INFO=path)
    (record,) = caplog.records
    assert record.getMessage() == "Refused a request: That method is not accepted here."
    facts = {name: vars(record)[name] for name in ("method", "path", "code", "client")}
    assert facts == {"method": "TRACE", "path": path[:200], "code": "METHOD_NOT_ALLOWED", "client": "10.0.0.1"}


def test_a_refusal_of_a_client_that_has_left_already_is_closed_quietly() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    theirs.close()
    body: Any = Guard(lambda environ, start_response: [], GuardPolicy())(
        environment({"HTTP_HOST": "evil.example", "gunicorn.socket": ours}),
        lambda *arguments: None,  # type: ignore[arg-type, return-value]
    )
    body.close()


def test_a_late_error_of_the_app_reaches_the_server_with_a_new_cookie_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("500 Oops", [], (RuntimeError, None, None))
        return []

    guard = Guard(app, SECRET, off={"headers"})
    sent: list[Any] = []
    guard(environment({"QUERY_STRING": "token=s3cret"}), lambda *arguments: sent.append(arguments))  # type: ignore[arg-type, return-value]
    cookie = sent.pop()[1][1][1].partition(";")[0]
    later = 4 * 86_400 + time.time()
    monkeypatch.setattr("llm_service.web.guard_tokens.time.time", lambda: later)
    guard(environment({"PATH_INFO": "/", "HTTP_COOKIE": cookie}), lambda *arguments: sent.append(arguments))  # type: ignore[arg-type, return-value]
    ((status, headers, error),) = sent
    assert (status, [name for name, _ in headers]) == ("500 Oops", ["Set-Cookie"])
    assert error[0] is RuntimeError
