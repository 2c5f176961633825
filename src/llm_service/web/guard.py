"""The browser boundary: `Guard(app, policy)` is a WSGI app that refuses foreign requests before any handler runs.

It is the outermost layer, so that all routes, Socket.IO polling and WebSocket upgrades are checked in the same way:
Flask's own host check does not cover Socket.IO, and engineio takes its allowed origin from the Host header, which DNS
rebinding forges. A refusal is an error body of the protocol. Every response has the security headers.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import LimitedStream

from ..errors import BadRequest, Forbidden, MethodNotAllowed, ServiceError, TooLarge, Unauthorized
from ..settings.origins import host_name, parse_authority, parse_origin

LOG = logging.getLogger(__name__)

AUTHENTICATED = "llm_service.authenticated"
"""Key of the WSGI environment: True if this request needs no further token."""
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types llm-service dompurify"
)
_SECURITY_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_NO_STORE = (("Cache-Control", "no-store"),)
_REPLACED_HEADERS = {name.lower() for name, _ in _SECURITY_HEADERS} | {"server"}
_FORWARDING = re.compile(r"HTTP_(X_FORWARDED.*|FORWARDED|X_ORIGINAL_.*|X_REWRITE_.*|X_HOST)")
_URL_SAFE = "/-._~!$&'()*+,;=:@%?"
_TOKEN_PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Token needed</title></head>
<body><h1>Token needed</h1><p>Enter the token of this dashboard.</p>
<form method="get"><label>Token <input name="token" type="password" autocomplete="off" required autofocus></label>
<button>Open</button></form></body></html>
"""

Headers = list[tuple[str, str]]


class Rule(StrEnum):
    """The checks, in this order. Tests switch each off, to show that it is needed."""

    HOST = "host"
    FORWARDED = "forwarded"
    ORIGIN = "origin"
    FETCH_SITE = "fetch_site"
    METHOD = "method"
    JSONP = "jsonp"
    BODY = "body"
    TOKEN = "token"  # noqa: S105 - a name
    HEADERS = "headers"


class LengthRequired(BadRequest):
    """A body of unknown length."""

    code = "LENGTH_REQUIRED"
    http_status = 411


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """Which requests are allowed. Hosts are names without a port, origins `scheme://host[:port]`."""

    allowed_hosts: frozenset[str] = frozenset()
    cors_origins: frozenset[str] = frozenset()
    token: str | None = field(default=None, repr=False)
    open_paths: frozenset[str] = frozenset()
    """Paths that need no token; all other rules apply."""
    max_body_bytes: int = 1_048_576
    streams: Mapping[str, int] = field(default_factory=dict)
    """Prefixes of paths that accept larger and chunked bodies -> the limit in bytes: for exporters of telemetry."""

    def __post_init__(self) -> None:
        if self.token == "":
            raise ValueError("An empty token would give everyone access.")

    def token_matches(self, text: str) -> bool:
        """True if this is the token, compared in constant time; False if the policy has none."""
        expected = "" if self.token is None else self.token
        given, wanted = (sha256(one.encode("utf-8", "surrogatepass")).digest() for one in (text, expected))
        return hmac.compare_digest(given, wanted) and self.token is not None


class Guard:
    """A WSGI app around another. `off` has the rules that are not checked, for tests only."""

    def __init__(self, app: WSGIApplication, policy: GuardPolicy, off: Iterable[str] = ()) -> None:
        self._app = app
        self._policy = policy
        self._off = frozenset(map(Rule, off))
        self._hosts = LOOPBACK_HOSTS | {host_name(host) for host in policy.allowed_hosts}
        self._origins = {origin for text in policy.cors_origins if (origin := parse_origin(text))}
        key = (policy.token or "").encode()
        # Cookies are shared by all ports: dashboards on one host must not overwrite each other's.
        self._cookie_name = "llm_service_" + hmac.digest(key, b"cookie name", "sha256").hex()[:12]
        self._cookie_value = hmac.digest(key, b"cookie value", "sha256").hex()
        checks: dict[Rule, Callable[[WSGIEnvironment], None]] = {
            Rule.HOST: self._check_host,
            Rule.FORWARDED: _check_forwarded,
            Rule.ORIGIN: self._check_origin,
            Rule.FETCH_SITE: self._check_fetch_site,
            Rule.METHOD: _check_method,
            Rule.JSONP: _check_jsonp,
            Rule.BODY: self._check_body,
        }
        self._checks = [check for rule, check in checks.items() if rule not in self._off]
        self._requires_token = policy.token is not None and Rule.TOKEN not in self._off

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the request, or refuse it."""
        start = start_response if Rule.HEADERS in self._off else self._with_headers(environ, start_response)
        environ[AUTHENTICATED] = not self._requires_token
        try:
            for check in self._checks:
                check(environ)
            if self._requires_token:
                location = self._redirect_target(environ)
                if location is not None:
                    return self._redirect(environ, start, location)
                self._check_token(environ)
        except ServiceError as refusal:
            return _refuse(environ, start, refusal)
        return self._app(environ, start)

    def _check_host(self, environ: WSGIEnvironment) -> None:
        # A request line in absolute form has another host, and servers differ in which of the two they use.
        if not all(environ.get(key, "/").startswith("/") for key in ("RAW_URI", "REQUEST_URI")):
            raise Forbidden("The request line has to start with a path; this is not a proxy.")
        text = environ.get("HTTP_HOST", "")
        authority = parse_authority(text)
        if authority is None or authority[0] not in self._hosts:
            raise Forbidden(f"The host “{text[:100]}” is not allowed; the setting `allowed_hosts` adds names.")

    def _check_origin(self, environ: WSGIEnvironment) -> None:
        text = environ.get("HTTP_ORIGIN")
        if text is None or self._may_cross(environ):
            return
        own = parse_origin(f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}")
        if own is None or parse_origin(text) != own:
            raise Forbidden(f"The origin “{text[:100]}” is not allowed; the setting `cors_origins` adds others.")

    def _check_fetch_site(self, environ: WSGIEnvironment) -> None:
        site = environ.get("HTTP_SEC_FETCH_SITE", "none")
        if site not in ("same-origin", "none") and not self._may_cross(environ):
            raise Forbidden("Pages of other sites have no access; open the address in its own tab.")

    def _may_cross(self, environ: WSGIEnvironment) -> bool:
        return parse_origin(environ.get("HTTP_ORIGIN", "")) in self._origins

    def _check_body(self, environ: WSGIEnvironment) -> None:
        length: str = environ.get("CONTENT_LENGTH") or ""
        path = environ.get("PATH_INFO", "")
        cap = next((bytes_ for start, bytes_ in self._policy.streams.items() if path.startswith(start)), None)
        if "HTTP_TRANSFER_ENCODING" in environ:
            if length:
                raise BadRequest("A body has either Content-Length or Transfer-Encoding, not both.")
            if cap is None or environ["HTTP_TRANSFER_ENCODING"].strip().lower() != "chunked":
                raise LengthRequired("A body needs a Content-Length; chunks are not accepted.")
            if not environ.get("wsgi.input_terminated"):
                raise LengthRequired("This server does not accept a body in chunks; send a Content-Length.")
            environ["wsgi.input"] = LimitedStream(environ["wsgi.input"], cap, is_max=True)
            return
        if length and not (length.isascii() and length.isdigit()):
            raise BadRequest("Content-Length has to be a number of bytes.")
        if cap is None:
            cap = self._policy.max_body_bytes
        if len(length) > 18 or int(length or 0) > cap:
            raise TooLarge(f"A body may have at most {cap:,} bytes.", max_body_bytes=cap)

    def _check_token(self, environ: WSGIEnvironment) -> None:
        preflight = environ["REQUEST_METHOD"] == "OPTIONS" and self._may_cross(environ)
        environ[AUTHENTICATED] = self._authenticated(environ)
        # A Socket.IO client may send its token in the CONNECT packet, which only the namespace can read;
        # a browser never sends credentials with the preflight of a cross-origin request.
        is_open = environ.get("PATH_INFO", "") in self._policy.open_paths
        if not (environ[AUTHENTICATED] or _is_socketio(environ) or preflight or is_open):
            raise Unauthorized("A token is required: `Authorization: Bearer <token>`, or open the page with `?token=`.")

    def _authenticated(self, environ: WSGIEnvironment) -> bool:
        scheme, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer" and self._policy.token_matches(credentials.strip()):
            return True
        wanted = f"{self._cookie_name}={self._cookie_value}".encode()
        cookies = environ.get("HTTP_COOKIE", "").split(";")
        return any(hmac.compare_digest(cookie.strip().encode(), wanted) for cookie in cookies)

    def _redirect_target(self, environ: WSGIEnvironment) -> str | None:
        """If this is the GET of a page with the token in its query: the same address without the token. Else None."""
        if environ["REQUEST_METHOD"] != "GET" or _is_socketio(environ) or "HTTP_UPGRADE" in environ:
            return None
        query = environ.get("QUERY_STRING", "").split("&")
        parts = [(unquote(part.partition("=")[0]) == "token", part) for part in query]
        # A token has no spaces, so a `+` is not decoded.
        tokens = [unquote(part.partition("=")[2]) for is_token, part in parts if is_token]
        if len(tokens) != 1 or not self._policy.token_matches(tokens[0]):
            return None
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        rest = "&".join(part for is_token, part in parts if not is_token)
        # Two slashes at the start would be another host.
        location = "/" + quote(path.lstrip("/").encode("latin-1"), safe=_URL_SAFE.replace("%?", ""))
        return location + (f"?{quote(rest.encode('latin-1'), safe=_URL_SAFE)}" if rest else "")

    def _redirect(self, environ: WSGIEnvironment, start: StartResponse, location: str) -> Iterable[bytes]:
        cookie = f"{self._cookie_name}={self._cookie_value}; HttpOnly; SameSite=Strict; Path=/"
        cookie += "; Secure" if environ["wsgi.url_scheme"] == "https" else ""
        start("303 See Other", [("Location", location), ("Set-Cookie", cookie), *_NO_STORE, ("Content-Length", "0")])
        return []

    def _with_headers(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        crosses = self._may_cross(environ)

        def start(status: str, headers: Headers, *exc_info: object) -> Callable[[bytes], object]:
            return start_response(status, _secured(headers, crosses), *exc_info)  # type: ignore[arg-type]

        return start


def _check_forwarded(environ: WSGIEnvironment) -> None:
    found = next(filter(_FORWARDING.fullmatch, environ), None)
    if found is not None:
        name = found.removeprefix("HTTP_").replace("_", "-").title()
        raise Forbidden(f"Forwarded requests are refused; let the proxy strip the header {name}.")


def _check_method(environ: WSGIEnvironment) -> None:
    if environ["REQUEST_METHOD"] not in METHODS:
        raise MethodNotAllowed("That method is not accepted here.", allowed=list(METHODS))


def _check_jsonp(environ: WSGIEnvironment) -> None:
    names = {name.lower() for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
    if names & {"callback", "jsonp"} or ("j" in names and environ.get("PATH_INFO", "").startswith("/socket.io")):
        raise Forbidden("JSONP is refused: it would give the data to any page.")


def _is_socketio(environ: WSGIEnvironment) -> bool:
    # Exactly the paths that engineio handles: others reach Flask, and need the token here.
    return str(environ.get("PATH_INFO", "")).startswith("/socket.io/")


def _secured(headers: Headers, crosses: bool) -> Headers:
    policies = [value for name, value in headers if name.lower() == "content-security-policy"]
    directives = [directive.split() for value in policies for directive in value.lower().split(";")]
    sandboxed = any(words[:1] == ["sandbox"] and "allow-same-origin" not in words for words in directives)
    result = [pair for pair in headers if pair[0].lower() not in _REPLACED_HEADERS]
    for name, value in _SECURITY_HEADERS:
        if name == "Content-Security-Policy" and sandboxed:
            result += [(name, policy) for policy in policies]
        elif not (crosses and name == "Cross-Origin-Resource-Policy"):
            result.append((name, value))
    return result


def _refuse(environ: WSGIEnvironment, start: StartResponse, refusal: ServiceError) -> Iterable[bytes]:
    facts = {"method": environ["REQUEST_METHOD"], "path": environ.get("PATH_INFO", "")[:200], "code": refusal.code}
    LOG.info("Refused a request: %s", refusal.message, extra=facts | {"client": environ.get("REMOTE_ADDR", "")})
    headers = [*_NO_STORE, ("Connection", "close")]
    if isinstance(refusal, MethodNotAllowed):
        headers.append(("Allow", ", ".join(METHODS)))
    body, kind = json.dumps(refusal.as_json()).encode(), "application/json"
    if isinstance(refusal, Unauthorized):
        headers.append(("WWW-Authenticate", "Bearer"))
        if _is_navigation(environ):
            body, kind = _TOKEN_PAGE, "text/html; charset=utf-8"
    headers += [("Content-Type", kind), ("Content-Length", str(len(body)))]
    start(f"{refusal.http_status} {HTTPStatus(refusal.http_status).phrase}", headers)
    return _ClosingBody([] if environ["REQUEST_METHOD"] == "HEAD" else [body], environ.get("gunicorn.socket"))


def _is_navigation(environ: WSGIEnvironment) -> bool:
    mode: str = environ.get("HTTP_SEC_FETCH_MODE", "")
    return mode == "navigate" or (not mode and "text/html" in environ.get("HTTP_ACCEPT", ""))


class _ClosingBody(list[bytes]):
    """The body of a response that closes its connection, which gunicorn does not do for `Connection: close`.

    It closes only our side: a client that is still sending must be able to read why it was refused.
    """

    def __init__(self, parts: Iterable[bytes], connection: socket.socket | None) -> None:
        super().__init__(parts)
        self._connection = connection

    def close(self) -> None:
        """Called by the server when the body has been sent."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_WR)
