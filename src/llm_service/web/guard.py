"""The browser boundary: `Guard(app, policy)` is a WSGI app that refuses foreign requests before any handler runs.

It is the outermost layer, so that all routes, Socket.IO polling and WebSocket upgrades are checked in the same way:
Flask's own host check does not cover Socket.IO, and engineio takes its allowed origin from the Host header, which DNS
rebinding forges. A refusal is an error body of the protocol. Every response has the security headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ..errors import BadRequest, Forbidden, MethodNotAllowed, ServiceError, TooLarge, Unauthorized
from ..settings.origins import host_name, origin_text, parse_authority, parse_origin
from .guard_answers import METHODS, CrossSite, WhileWelcome, comes_from_elsewhere, refuse
from .guard_headers import CONTENT_SECURITY_POLICY, Headers, readable, secured
from .guard_login import login_redirect
from .guard_tokens import AUTHENTICATED, TokenCheck, WrongToken, same_text
from .people import IS_WELCOME, LOCAL_ADMIN, NOBODY, PERSON, Person
from .request_body import RequestBody

__all__ = ["AUTHENTICATED", "CONTENT_SECURITY_POLICY", "METHODS", "Guard", "GuardPolicy", "Rule"]

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
PAGES = frozenset({"/", "/index.html"})
"""The addresses of the page itself, which has no data in it: links of other sites may lead here."""
MAX_REACHABLE = 50
_MAY_BE_MISSING = ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR")
"""Servers may leave these out if they are empty (PEP 3333, "environ Variables")."""
_FORWARDING = re.compile(r"HTTP_(X_FORWARDED.*|FORWARDED|X_ORIGINAL_.*|X_REWRITE_.*|X_HOST)")


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
    people: tuple[Person, ...] = ()
    """Users, each with a token of its own; if there are any, requests need a token also without `token`."""
    cookie_key: bytes = field(default=b"", repr=False)
    """A secret that proves the cookies of users."""
    open_paths: frozenset[str] = frozenset()
    """Paths that need no token; all other rules apply."""
    max_body_bytes: int = 1_048_576
    streams: Mapping[str, int] = field(default_factory=dict)
    """Prefixes of paths that accept larger and chunked bodies -> the limit in bytes: for exporters of telemetry."""

    def __post_init__(self) -> None:
        if self.token == "":
            raise ValueError("An empty token would give everyone access.")
        if self.people and not self.cookie_key:
            raise ValueError("Without a key, who knows the hash of a user's token could make a cookie.")

    def token_matches(self, text: str) -> bool:
        """True if this is the token, compared in constant time; False if the policy has none."""
        return self.token is not None and same_text(text, self.token)


class Guard:
    """A WSGI app around another. `off` has the rules that are not checked, for tests only."""

    def __init__(
        self,
        app: WSGIApplication,
        policy: GuardPolicy,
        off: Iterable[str] = (),
        reachable: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """`reachable()` are addresses of other dashboards, whose origins the page may ask: of those that are any."""
        self._app = app
        self._reachable = reachable
        self._policy = policy
        self._off = frozenset(map(Rule, off))
        self._hosts = LOOPBACK_HOSTS | {host_name(host) for host in policy.allowed_hosts}
        self._origins = {origin for text in policy.cors_origins if (origin := parse_origin(text))}
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
        self._tokens: TokenCheck | None = None
        if policy.token is not None or policy.people:
            self.set_people(policy.people)

    def set_people(self, people: Sequence[Person]) -> None:
        """From now on these are the users. Once there were any, each request needs a token until the service ends, also
        when all are removed: nobody is let in by an empty list."""
        if self._tokens is not None:
            self._tokens.set_people(people)
        elif Rule.TOKEN not in self._off:
            policy = self._policy
            self._tokens = TokenCheck(policy.token, people=people, cookie_key=policy.cookie_key)

    def is_welcome(self, person: Person) -> bool:
        """False if the person has lost the token, or has other rights by now."""
        return self._tokens is None or self._tokens.knows(person)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the request, or refuse it."""
        for key in _MAY_BE_MISSING:
            environ.setdefault(key, "")
        environ[AUTHENTICATED] = self._tokens is None
        environ[PERSON] = LOCAL_ADMIN if self._tokens is None else NOBODY
        start = start_response if Rule.HEADERS in self._off else self._with_headers(environ, start_response)
        try:
            for check in self._checks:
                check(environ)
            if self._tokens is not None:
                redirect = None if _is_socketio(environ) else login_redirect(self._tokens, environ)
                if redirect is not None:
                    start("303 See Other", redirect)
                    return []
                start = self._check_token(self._tokens, environ, start)
        except ServiceError as refusal:
            return refuse(environ, start, refusal)
        person = environ[PERSON]
        environ[IS_WELCOME] = lambda: self.is_welcome(person)
        answer = self._app(environ, start)
        if self._tokens is None or person is NOBODY:
            return answer
        return WhileWelcome(answer, environ[IS_WELCOME], environ.get("gunicorn.socket"))

    def admit(self, environ: Mapping[str, Any], token: str | None) -> Person:
        """Who a Socket.IO client is, by the token that came in a packet. Raises Unauthorized or TooManyTokens."""
        return LOCAL_ADMIN if self._tokens is None else self._tokens.admit(environ, token)

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
        own = parse_origin(f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}")
        if own is None or parse_origin(text) != own:
            raise Forbidden(f"The origin “{text[:100]}” is not allowed; the setting `cors_origins` adds others.")

    def _check_fetch_site(self, environ: WSGIEnvironment) -> None:
        site = environ.get("HTTP_SEC_FETCH_SITE", "none")
        if site in ("same-origin", "none") or self._may_cross(environ):
            return
        if not (comes_from_elsewhere(environ) and environ["PATH_INFO"] in PAGES):
            raise CrossSite("Pages of other sites have no access; open the address in its own tab.")

    def _may_cross(self, environ: WSGIEnvironment) -> bool:
        return parse_origin(environ.get("HTTP_ORIGIN", "")) in self._origins

    def _check_body(self, environ: WSGIEnvironment) -> None:
        length: str = environ.get("CONTENT_LENGTH") or ""
        path = environ["PATH_INFO"]
        cap = next((bytes_ for start, bytes_ in self._policy.streams.items() if path.startswith(start)), None)
        if "HTTP_TRANSFER_ENCODING" in environ:
            if length:
                raise BadRequest("A body has either Content-Length or Transfer-Encoding, not both.")
            if cap is None or environ["HTTP_TRANSFER_ENCODING"].strip().lower() != "chunked":
                raise LengthRequired("A body needs a Content-Length; chunks are not accepted.")
            if not environ.get("wsgi.input_terminated"):
                raise LengthRequired("This server does not accept a body in chunks; send a Content-Length.")
            environ["wsgi.input"] = RequestBody(environ["wsgi.input"], cap)
            return
        environ["wsgi.input"] = RequestBody(environ["wsgi.input"])
        if length and not (length.isascii() and length.isdigit()):
            raise BadRequest("Content-Length has to be a number of bytes.")
        if cap is None:
            cap = self._policy.max_body_bytes
        if len(length) > 18 or int(length or 0) > cap:
            raise TooLarge(f"A body may have at most {cap:,} bytes.", max_body_bytes=cap)

    def _check_token(self, tokens: TokenCheck, environ: WSGIEnvironment, start: StartResponse) -> StartResponse:
        """What the response is started with: it renews the cookie if that is due. Raises ServiceError."""
        person = tokens.person(environ)
        if person is not None:
            environ[AUTHENTICATED], environ[PERSON] = True, person
            is_due = environ["PATH_INFO"] in PAGES and tokens.is_cookie_half_over(environ)
            return _with_cookie(start, tokens.cookie(environ, person)) if is_due else start
        is_wrong = tokens.count_wrong(environ)
        preflight = environ["REQUEST_METHOD"] == "OPTIONS" and self._may_cross(environ)
        # A Socket.IO client may send its token in the CONNECT packet, which only the namespace can read;
        # a browser never sends credentials with the preflight of a cross-origin request.
        is_open = environ["PATH_INFO"] in self._policy.open_paths
        if not (_is_socketio(environ) or preflight or is_open):
            if is_wrong:
                raise WrongToken("That is not the token of this dashboard.")
            raise Unauthorized("A token is required: `Authorization: Bearer <token>`, or open the page with `?token=`.")
        return start

    def _with_headers(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        crosses = self._may_cross(environ)
        reachable = origins_of(self._reachable()) if environ["PATH_INFO"] in PAGES else ()

        def start(status: str, headers: Headers, *exc_info: object) -> Callable[[bytes], object]:
            if crosses:  # what the guard itself refuses, such as a wrong token, has not passed through the app
                headers = readable(headers, environ["HTTP_ORIGIN"])
            return start_response(status, secured(headers, crosses, reachable), *exc_info)  # type: ignore[arg-type]

        return start


def origins_of(addresses: Iterable[str]) -> list[str]:
    """The origins of addresses, each once, at most `MAX_REACHABLE`; what has none is left out: the header is made of
    them, and others wrote them."""
    found = dict[str, None]()
    for address in addresses:
        scheme, _, rest = address.partition("://")
        origin = parse_origin(f"{scheme}://{rest.partition('/')[0]}")
        if origin is not None:
            found[origin_text(origin)] = None
    return list(found)[:MAX_REACHABLE]


def _check_forwarded(environ: WSGIEnvironment) -> None:
    found = next(filter(_FORWARDING.fullmatch, environ), None)
    if found is not None:
        name = found.removeprefix("HTTP_").replace("_", "-").title()
        raise Forbidden(f"Forwarded requests are refused; let the proxy strip the header {name}.")


def _check_method(environ: WSGIEnvironment) -> None:
    if environ["REQUEST_METHOD"] not in METHODS:
        raise MethodNotAllowed("That method is not accepted here.", allowed=list(METHODS))


def _check_jsonp(environ: WSGIEnvironment) -> None:
    names = {name.lower() for name, _ in parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)}
    if names & {"callback", "jsonp"} or ("j" in names and environ["PATH_INFO"].startswith("/socket.io")):
        raise Forbidden("JSONP is refused: it would give the data to any page.")


def _is_socketio(environ: WSGIEnvironment) -> bool:
    # Exactly the paths that engineio handles: others reach Flask, and need the token here.
    return str(environ["PATH_INFO"]).startswith("/socket.io/")


def _with_cookie(start_response: StartResponse, cookie: str) -> StartResponse:
    def start(status: str, headers: Headers, *exc_info: object) -> Callable[[bytes], object]:
        return start_response(status, [*headers, ("Set-Cookie", cookie)], *exc_info)  # type: ignore[arg-type]

    return start
