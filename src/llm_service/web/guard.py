"""The browser boundary: `Guard(app, policy)` is a WSGI app that refuses a foreign request before any handler runs.

It is the outermost layer, so every route, Socket.IO polling and the WebSocket upgrade are checked alike: Flask's
own host check does not cover Socket.IO, and engineio takes its allowed origin from the Host header, which DNS
rebinding forges. A refusal is the error body of the protocol. Every answer carries the security headers.
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
from .origins import host_name, parse_authority, parse_origin

LOG = logging.getLogger(__name__)

AUTHENTICATED = "llm_service.authenticated"
"""Key of the WSGI environment: True if this request may use the service without showing a token again."""
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
_UNCACHED = (("Cache-Control", "no-store"),)
_REPLACED = {name.lower() for name, _ in _SECURITY_HEADERS} | {"server"}
_FORWARDING = re.compile(r"HTTP_(X_FORWARDED.*|FORWARDED|X_ORIGINAL_.*|X_REWRITE_.*|X_HOST)")
_URL_SAFE = "/-._~!$&'()*+,;=:@%?"
_TOKEN_PAGE = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Token needed</title></head>
<body><h1>Token needed</h1><p>This dashboard is open to those who know its token.</p>
<form method="get"><label>Token <input name="token" type="password" autocomplete="off" required autofocus></label>
<button>Open</button></form></body></html>
"""

Headers = list[tuple[str, str]]


class Rule(StrEnum):
    """What is checked, in this order. A test can switch each off, to show that it fails then."""

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
    """Who may come in. Hosts are names without a port, origins `scheme://host[:port]`."""

    allowed_hosts: frozenset[str] = frozenset()
    cors_origins: frozenset[str] = frozenset()
    token: str | None = field(default=None, repr=False)
    max_body_bytes: int = 1_048_576
    streams: Mapping[str, int] = field(default_factory=dict)
    """Addresses (their beginnings) that take larger bodies, in bytes, and bodies in chunks: exporters of telemetry."""

    def __post_init__(self) -> None:
        if self.token == "":
            raise ValueError("An empty token would let everybody in.")

    def token_matches(self, text: str) -> bool:
        """True if this is the token; takes the same time whatever is wrong. False when there is no token."""
        expected = "" if self.token is None else self.token
        given, wanted = (sha256(one.encode("utf-8", "surrogatepass")).digest() for one in (text, expected))
        return hmac.compare_digest(given, wanted) and self.token is not None


class Guard:
    """A WSGI app around another. `off` names the rules that are left out, for tests only."""

    def __init__(self, app: WSGIApplication, policy: GuardPolicy, off: Iterable[str] = ()) -> None:
        self._app = app
        self._policy = policy
        self._off = frozenset(map(Rule, off))
        self._hosts = LOOPBACK_HOSTS | {host_name(host) for host in policy.allowed_hosts}
        self._origins = {origin for text in policy.cors_origins if (origin := parse_origin(text))}
        key = (policy.token or "").encode()
        # Cookies do not know ports: two dashboards on one host must not overwrite each other's.
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
        self._asks_token = policy.token is not None and Rule.TOKEN not in self._off

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the request, or refuse it."""
        begin = start_response if Rule.HEADERS in self._off else self._with_headers(environ, start_response)
        environ[AUTHENTICATED] = not self._asks_token
        try:
            for check in self._checks:
                check(environ)
            if self._asks_token:
                location = self._redeemed(environ)
                if location is not None:
                    return self._redirect(environ, begin, location)
                self._check_token(environ)
        except ServiceError as refusal:
            return _refuse(environ, begin, refusal)
        return self._app(environ, begin)

    def _check_host(self, environ: WSGIEnvironment) -> None:
        # The absolute form names a host of its own, and servers differ in which of the two they believe.
        if not all(environ.get(key, "/").startswith("/") for key in ("RAW_URI", "REQUEST_URI")):
            raise Forbidden("The request line has to begin with a path; this is not a proxy.")
        text = environ.get("HTTP_HOST", "")
        authority = parse_authority(text)
        if authority is None or authority[0] not in self._hosts:
            raise Forbidden(f"The host “{text[:100]}” is not one of ours; the setting `allowed_hosts` adds names.")

    def _check_origin(self, environ: WSGIEnvironment) -> None:
        text = environ.get("HTTP_ORIGIN")
        if text is None or self._may_cross(environ):
            return
        own = parse_origin(f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}")
        if own is None or parse_origin(text) != own:
            raise Forbidden(f"The origin “{text[:100]}” is not ours; the setting `cors_origins` adds others.")

    def _check_fetch_site(self, environ: WSGIEnvironment) -> None:
        site = environ.get("HTTP_SEC_FETCH_SITE", "none")
        if site not in ("same-origin", "none") and not self._may_cross(environ):
            raise Forbidden("Pages of other sites may not ask here; open the address in a tab of its own.")

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
                raise LengthRequired("A body needs a Content-Length; chunks are not taken.")
            if not environ.get("wsgi.input_terminated"):
                raise LengthRequired("This server cannot take a body in chunks; send a Content-Length.")
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
        # A Socket.IO client may bring its token in the CONNECT packet, which only the namespace can read;
        # a browser never sends credentials with the preflight of a cross-origin request.
        if not (environ[AUTHENTICATED] or _is_socketio(environ) or preflight):
            raise Unauthorized("A token is needed: `Authorization: Bearer <token>`, or open the page with `?token=`.")

    def _authenticated(self, environ: WSGIEnvironment) -> bool:
        scheme, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer" and self._policy.token_matches(credentials.strip()):
            return True
        wanted = f"{self._cookie_name}={self._cookie_value}".encode()
        cookies = environ.get("HTTP_COOKIE", "").split(";")
        return any(hmac.compare_digest(cookie.strip().encode(), wanted) for cookie in cookies)

    def _redeemed(self, environ: WSGIEnvironment) -> str | None:
        """Where to go on if this is the GET of a page with the token in its query; the token is not in it."""
        if environ["REQUEST_METHOD"] != "GET" or _is_socketio(environ) or "HTTP_UPGRADE" in environ:
            return None
        query = environ.get("QUERY_STRING", "").split("&")
        parts = [(unquote(part.partition("=")[0]) == "token", part) for part in query]
        # A token has no blanks, so a `+` stands for itself here.
        tokens = [unquote(part.partition("=")[2]) for is_token, part in parts if is_token]
        if len(tokens) != 1 or not self._policy.token_matches(tokens[0]):
            return None
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        rest = "&".join(part for is_token, part in parts if not is_token)
        # Two slashes at the start would be another host.
        location = "/" + quote(path.lstrip("/").encode("latin-1"), safe=_URL_SAFE.replace("%?", ""))
        return location + (f"?{quote(rest.encode('latin-1'), safe=_URL_SAFE)}" if rest else "")

    def _redirect(self, environ: WSGIEnvironment, begin: StartResponse, location: str) -> Iterable[bytes]:
        cookie = f"{self._cookie_name}={self._cookie_value}; HttpOnly; SameSite=Strict; Path=/"
        cookie += "; Secure" if environ["wsgi.url_scheme"] == "https" else ""
        begin("303 See Other", [("Location", location), ("Set-Cookie", cookie), *_UNCACHED, ("Content-Length", "0")])
        return []

    def _with_headers(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        crosses = self._may_cross(environ)

        def begin(status: str, headers: Headers, *exc_info: object) -> Callable[[bytes], object]:
            return start_response(status, _secured(headers, crosses), *exc_info)  # type: ignore[arg-type]

        return begin


def _check_forwarded(environ: WSGIEnvironment) -> None:
    found = next(filter(_FORWARDING.fullmatch, environ), None)
    if found is not None:
        name = found.removeprefix("HTTP_").replace("_", "-").title()
        raise Forbidden(f"Forwarded requests are refused; let the proxy strip the header {name}.")


def _check_method(environ: WSGIEnvironment) -> None:
    if environ["REQUEST_METHOD"] not in METHODS:
        raise MethodNotAllowed("That method is not taken here.", allowed=list(METHODS))


def _check_jsonp(environ: WSGIEnvironment) -> None:
    names = {name.lower() for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
    if names & {"callback", "jsonp"} or ("j" in names and environ.get("PATH_INFO", "").startswith("/socket.io")):
        raise Forbidden("JSONP is refused: it would hand our data to any page.")


def _is_socketio(environ: WSGIEnvironment) -> bool:
    # Exactly what engineio takes for itself: anything else goes on to Flask and needs the token here.
    return str(environ.get("PATH_INFO", "")).startswith("/socket.io/")


def _secured(headers: Headers, crosses: bool) -> Headers:
    policies = [value for name, value in headers if name.lower() == "content-security-policy"]
    directives = [directive.split() for value in policies for directive in value.lower().split(";")]
    sandboxed = any(words[:1] == ["sandbox"] and "allow-same-origin" not in words for words in directives)
    kept = [pair for pair in headers if pair[0].lower() not in _REPLACED]
    for name, value in _SECURITY_HEADERS:
        if name == "Content-Security-Policy" and sandboxed:
            kept += [(name, policy) for policy in policies]
        elif not (crosses and name == "Cross-Origin-Resource-Policy"):
            kept.append((name, value))
    return kept


def _refuse(environ: WSGIEnvironment, begin: StartResponse, refusal: ServiceError) -> Iterable[bytes]:
    facts = {"method": environ["REQUEST_METHOD"], "path": environ.get("PATH_INFO", "")[:200], "code": refusal.code}
    LOG.info("Refused a request: %s", refusal.message, extra=facts | {"client": environ.get("REMOTE_ADDR", "")})
    headers = [*_UNCACHED, ("Connection", "close")]
    if isinstance(refusal, MethodNotAllowed):
        headers.append(("Allow", ", ".join(METHODS)))
    body, kind = json.dumps(refusal.as_json()).encode(), "application/json"
    if isinstance(refusal, Unauthorized):
        headers.append(("WWW-Authenticate", "Bearer"))
        if _is_navigation(environ):
            body, kind = _TOKEN_PAGE, "text/html; charset=utf-8"
    headers += [("Content-Type", kind), ("Content-Length", str(len(body)))]
    begin(f"{refusal.http_status} {HTTPStatus(refusal.http_status).phrase}", headers)
    return _LastWords([] if environ["REQUEST_METHOD"] == "HEAD" else [body], environ.get("gunicorn.socket"))


def _is_navigation(environ: WSGIEnvironment) -> bool:
    mode: str = environ.get("HTTP_SEC_FETCH_MODE", "")
    return mode == "navigate" or (not mode and "text/html" in environ.get("HTTP_ACCEPT", ""))


class _LastWords(list[bytes]):
    """The body of an answer that ends its connection, which gunicorn does not do for `Connection: close`.

    Only our side of it: who still sends a body must be able to read why it is refused.
    """

    def __init__(self, parts: Iterable[bytes], connection: socket.socket | None) -> None:
        super().__init__(parts)
        self._connection = connection

    def close(self) -> None:
        """Called by the server when all has been sent."""
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_WR)
