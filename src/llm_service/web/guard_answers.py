"""What the guard answers itself: refusals as error bodies of the protocol, and as pages for a person in a browser."""

from __future__ import annotations

import html
import json
import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from ..errors import Forbidden, MethodNotAllowed, ServiceError, Unauthorized
from .guard_throttle import TooManyTokens
from .guard_tokens import WrongToken, address_of

LOG = logging.getLogger("llm_service.web.guard")

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH")
NO_STORE = (("Cache-Control", "no-store"),)
# Under `no-referrer`, browsers send the form with `Origin: null`, which is no origin of ours.
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} · llm-service</title>
<meta name="referrer" content="same-origin">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/styles/tokens.css"><link rel="stylesheet" href="/styles/token-page.css"></head>
<body><main><p class="product">llm-service</p><h1>{title}</h1>{body}</main></body></html>
"""
_FORM = """<form method="post"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Open</button></form>"""


class CrossSite(Forbidden):
    """A page of another site sent the request."""


def refuse(environ: WSGIEnvironment, start: StartResponse, refusal: ServiceError) -> Iterable[bytes]:
    """Answer with the refusal and close the connection."""
    facts = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"][:200], "code": refusal.code}
    LOG.info("Refused a request: %s", refusal.message, extra=facts | {"client": environ["REMOTE_ADDR"]})
    headers = [*NO_STORE, ("Connection", "close")]
    if isinstance(refusal, MethodNotAllowed):
        headers.append(("Allow", ", ".join(METHODS)))
    if isinstance(refusal, Unauthorized):
        headers.append(("WWW-Authenticate", "Bearer"))
    if isinstance(refusal, TooManyTokens):
        headers.append(("Retry-After", str(refusal.details["retry_after_s"])))
    page = _page(environ, refusal) if is_navigation(environ) else None
    body = json.dumps(refusal.as_json()).encode() if page is None else page.encode()
    headers.append(("Content-Type", "application/json" if page is None else "text/html; charset=utf-8"))
    headers.append(("Content-Length", str(len(body))))
    start(f"{refusal.http_status} {HTTPStatus(refusal.http_status).phrase}", headers)
    return _ClosingBody([] if environ["REQUEST_METHOD"] == "HEAD" else [body], environ.get("gunicorn.socket"))


def is_navigation(environ: WSGIEnvironment) -> bool:
    """True if a person opens the address in a browser."""
    mode = environ.get("HTTP_SEC_FETCH_MODE")
    return mode == "navigate" or (not mode and "text/html" in environ.get("HTTP_ACCEPT", ""))


def comes_from_elsewhere(environ: WSGIEnvironment) -> bool:
    """True if a person followed a link of another site in a tab: nothing of the answer is seen by that site."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site")
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
        and "HTTP_ORIGIN" not in environ
        and "HTTP_UPGRADE" not in environ
    )


def _page(environ: WSGIEnvironment, refusal: ServiceError) -> str | None:
    """The page for a refusal; None for those that a person can do nothing about."""
    link = f'<p><a href="{html.escape(address_of(environ))}">'
    if isinstance(refusal, CrossSite):
        # The click is a request of our own page, which may read everything; the other site only knows the address.
        shown = html.escape(address_of(environ)[:200])
        text = f"<p>A link of another page leads here. Open it from here:</p>{link}{shown}</a></p>"
        return _PAGE.format(title="Open this address?", body=text) if comes_from_elsewhere(environ) else None
    if not isinstance(refusal, Unauthorized | TooManyTokens):
        return None
    text = refusal.message if isinstance(refusal, TooManyTokens | WrongToken) else "Enter the token of this dashboard."
    is_wrong = isinstance(refusal, TooManyTokens | WrongToken)
    body = f"<p{' class=wrong role=alert' if is_wrong else ''}>{html.escape(text)}</p>{_FORM}"
    if comes_from_elsewhere(environ):
        # Browsers do not send the cookie with a link of another site.
        body += f"{link}Open it without a token</a>, if you opened it in this browser before.</p>"
    return _PAGE.format(title="Token needed", body=body)


class WhileWelcome:
    """The body of a response, which ends in the middle once the person who asked is no longer welcome."""

    def __init__(self, body: Iterable[bytes], is_welcome: Callable[[], bool], connection: socket.socket | None) -> None:
        self._body = body
        self._is_welcome = is_welcome
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        for part in self._body:
            if not self._is_welcome():
                _end(self._connection)
                return
            yield part

    def close(self) -> None:
        """Called by the server when the body has been sent."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


class _ClosingBody(list[bytes]):
    """The body of a response that closes its connection, which gunicorn does not do for `Connection: close`.

    It closes only our side: a client that is still sending must be able to read why it was refused.
    """

    def __init__(self, parts: Iterable[bytes], connection: socket.socket | None) -> None:
        super().__init__(parts)
        self._connection = connection

    def close(self) -> None:
        """Called by the server when the body has been sent."""
        _end(self._connection)


def _end(connection: socket.socket | None) -> None:
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
