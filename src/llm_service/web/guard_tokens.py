"""The token: who has it, by header, address or cookie, and who sent a wrong one (`TokenCheck`).

The cookie is not the token: it is valid for one port and until a time, which are part of what it proves. A browser
sends it to every other port of this host too; there it opens nothing, and it does not give the token away.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote
from wsgiref.types import WSGIEnvironment

from ..errors import Unauthorized
from .guard_throttle import Throttle

AUTHENTICATED = "llm_service.authenticated"
"""Key of the WSGI environment: True if this request needs no further token."""
COOKIE_S = 7 * 86_400
"""A cookie is valid for this long; opening the page after half of it gives a new one."""
_PATH_SAFE = "/-._~!$&'()*+,;=:@"
_QUERY_SAFE = _PATH_SAFE + "%?"
_NATIVE = "latin-1"
"""The characters of a WSGI environment are the bytes of the request, decoded so (PEP 3333)."""


class WrongToken(Unauthorized):
    """A token was given, and it is not the right one."""


def same_text(given: str, wanted: str) -> bool:
    """True if the texts are the same, compared in a time that depends on neither."""
    one, other = (sha256(text.encode(errors="surrogatepass")).digest() for text in (given, wanted))
    return hmac.compare_digest(one, other)


class TokenCheck:
    """Checks requests for one token. `clock` is the time in seconds since 1970."""

    def __init__(
        self, token: str, throttle: Throttle | None = None, clock: Callable[[], float] = lambda: time.time()
    ) -> None:
        self._token = token
        self._key = token.encode()
        self._throttle = throttle or Throttle()
        self._clock = clock

    def admit(self, environ: Mapping[str, Any], token: str | None) -> None:
        """Check a token that came later than the request, in a packet. Raises Unauthorized or TooManyTokens."""
        if environ.get(AUTHENTICATED) or (token is not None and same_text(token, self._token)):
            return
        if token is not None:
            self._throttle.count(environ["REMOTE_ADDR"])
        raise Unauthorized("A valid token is needed.")

    def is_authenticated(self, environ: WSGIEnvironment) -> bool:
        """True if the request has the token in its header, or a valid cookie."""
        given = _bearer(environ)
        return (given is not None and same_text(given, self._token)) or self._cookie_left_s(environ) is not None

    def is_right(self, text: str) -> bool:
        """True if this is the token."""
        return same_text(text, self._token)

    def count(self, environ: WSGIEnvironment) -> None:
        """Count a wrong token of this client. Raises TooManyTokens."""
        self._throttle.count(environ["REMOTE_ADDR"])

    def count_wrong(self, environ: WSGIEnvironment) -> bool:
        """True if the request, which is not authenticated, has a token all the same, be it an empty one. Raises
        TooManyTokens."""
        if _bearer(environ) is None and not any(is_token for is_token, _ in _query(environ)):
            return False
        if _bearer(environ) is not None or self.has_text_in_query(environ):
            self.count(environ)
        return True

    def has_text_in_query(self, environ: WSGIEnvironment) -> bool:
        """True if the address has a token that is not empty, right or wrong."""
        return any(is_token and part.partition("=")[2] for is_token, part in _query(environ))

    def redirect_target(self, environ: WSGIEnvironment) -> str | None:
        """If this is the GET of a page with the token in its query: the same address without the token. Else None."""
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_UPGRADE" in environ:
            return None
        # A token has no spaces, so a `+` is not decoded.
        tokens = [unquote(part.partition("=")[2]) for is_token, part in _query(environ) if is_token]
        return address_of(environ) if len(tokens) == 1 and same_text(tokens[0], self._token) else None

    def cookie(self, environ: WSGIEnvironment) -> str:
        """A new cookie for the port of this request, as the value of Set-Cookie."""
        expires = int(self._clock()) + COOKIE_S
        secure = "; Secure" if environ["wsgi.url_scheme"] == "https" else ""
        name, value = self._cookie_name(environ), self._cookie_value(environ, expires)
        return f"{name}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={COOKIE_S}{secure}"

    def is_cookie_half_over(self, environ: WSGIEnvironment) -> bool:
        """True if the request has a valid cookie that should be replaced."""
        left_s = self._cookie_left_s(environ)
        return left_s is not None and left_s < COOKIE_S / 2

    def _cookie_left_s(self, environ: WSGIEnvironment) -> float | None:
        """How long the cookie of the request is still valid; None if it has no valid one."""
        now, name = self._clock(), self._cookie_name(environ)
        valid: list[float] = []
        for cookie in environ.get("HTTP_COOKIE", "").split(";"):
            key, _, value = cookie.strip().partition("=")
            until = value.partition(".")[0]
            if key != name or not (until.isascii() and until.isdigit()) or len(until) > 12:
                continue
            left_s = int(until) - now
            if 0 < left_s <= COOKIE_S and same_text(value, self._cookie_value(environ, int(until))):
                valid.append(left_s)
        return max(valid, default=None)

    def _cookie_name(self, environ: WSGIEnvironment) -> str:
        # Cookies are shared by all ports: dashboards on one host must not overwrite each other's.
        return f"llm_service_{environ['SERVER_PORT']}_" + hmac.digest(self._key, b"cookie name", sha256).hex()[:12]

    def _cookie_value(self, environ: WSGIEnvironment, expires: int) -> str:
        proved = f"cookie {environ['SERVER_PORT']} {expires}".encode()
        return f"{expires}." + hmac.digest(self._key, proved, sha256).hex()


def address_of(environ: WSGIEnvironment) -> str:
    """The address of the request on this host, without a token in it."""
    path = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
    rest = "&".join(part for is_token, part in _query(environ) if not is_token)
    # Two slashes at the start would be another host.
    address = "/" + quote(path.lstrip("/").encode(_NATIVE), safe=_PATH_SAFE)
    return address + (f"?{quote(rest.encode(_NATIVE), safe=_QUERY_SAFE)}" if rest else "")


def _bearer(environ: WSGIEnvironment) -> str | None:
    scheme, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


def _query(environ: WSGIEnvironment) -> list[tuple[bool, str]]:
    """(is it a token, part) of the query."""
    parts = environ["QUERY_STRING"].split("&")
    return [(unquote(part.partition("=")[0]) == "token", part) for part in parts]
