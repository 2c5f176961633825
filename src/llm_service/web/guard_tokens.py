"""Tokens: who has one, by header, address or cookie, and who sent a wrong one (`TokenCheck`).

The cookie is not the token: it is valid for one port and until a time, which are part of what it proves. A browser
sends it to every other port of this host too; there it opens nothing, and it does not give the token away. Of users'
tokens only the SHA-256 is known; a key proves their cookies, so that who learns the hash still has no way in.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote
from wsgiref.types import WSGIEnvironment

from ..errors import Unauthorized
from .guard_throttle import Throttle
from .people import LOCAL_ADMIN, Person, person_of

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


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who has a token: its SHA-256, and the key that proves a cookie."""

    person: Person
    digest: bytes
    key: bytes


class TokenCheck:
    """Checks requests for the one token, that of the local admin, and for those of users."""

    def __init__(
        self,
        token: str | None,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = lambda: time.time(),
        people: Sequence[Person] = (),
        cookie_key: bytes = b"",
    ) -> None:
        """`clock` is the time in seconds since 1970; `cookie_key` a secret for the cookies of `people`."""
        self._own = [] if token is None else [_Holder(LOCAL_ADMIN, sha256(token.encode()).digest(), token.encode())]
        self._cookie_key = cookie_key
        self.set_people(people)
        self._name_key = token.encode() if token is not None else cookie_key
        self._throttle = throttle or Throttle()
        self._clock = clock

    def set_people(self, people: Iterable[Person]) -> None:
        """From now on these are the users."""
        self._holders = self._own + [
            _Holder(
                one, bytes.fromhex(one.token_sha256), hmac.digest(self._cookie_key, one.token_sha256.encode(), sha256)
            )
            for one in people
        ]

    def knows(self, person: Person) -> bool:
        """True if somebody with just these rights still has a token."""
        return any(holder.person == person for holder in self._holders)

    def admit(self, environ: Mapping[str, Any], token: str | None) -> Person:
        """Who sent a token that came later than the request, in a packet, or the request. Raises Unauthorized or
        TooManyTokens."""
        person = self.holder(token) if token is not None else None
        if person is not None:
            return person
        if environ.get(AUTHENTICATED):
            return person_of(environ)
        if token is not None:
            self._throttle.count(environ["REMOTE_ADDR"])
        raise Unauthorized("A valid token is needed.")

    def person(self, environ: WSGIEnvironment) -> Person | None:
        """Who sent a request, by a token in its header or a valid cookie; None if it has none."""
        given = _bearer(environ)
        person = self.holder(given) if given is not None else None
        if person is not None:
            return person
        valid = self._valid_cookie(environ)
        return None if valid is None else valid[1]

    def is_authenticated(self, environ: WSGIEnvironment) -> bool:
        """True if the request has a token in its header, or a valid cookie."""
        return self.person(environ) is not None

    def holder(self, text: str) -> Person | None:
        """Who has this token; None if nobody. It takes the same time for each."""
        digest, found = sha256(text.encode(errors="surrogatepass")).digest(), None
        for holder in self._holders:
            if hmac.compare_digest(digest, holder.digest):
                found = holder.person
        return found

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
        """If this is the GET of a page with a token in its query: the same address without the token. Else None."""
        return address_of(environ) if self.person_in_query(environ) is not None else None

    def person_in_query(self, environ: WSGIEnvironment) -> Person | None:
        """If this is the GET of a page with a token in its query: whose it is. Else None."""
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_UPGRADE" in environ:
            return None
        # A token has no spaces, so a `+` is not decoded.
        tokens = [unquote(part.partition("=")[2]) for is_token, part in _query(environ) if is_token]
        return self.holder(tokens[0]) if len(tokens) == 1 else None

    def cookie(self, environ: WSGIEnvironment, person: Person = LOCAL_ADMIN) -> str:
        """A new cookie of a person for the port of this request, as the value of Set-Cookie."""
        expires = int(self._clock()) + COOKIE_S
        secure = "; Secure" if environ["wsgi.url_scheme"] == "https" else ""
        key = next((one.key for one in self._holders if one.person == person), secrets.token_bytes(32))
        name, value = self._cookie_name(environ), _cookie_value(key, environ, expires)
        return f"{name}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={COOKIE_S}{secure}"

    def is_cookie_half_over(self, environ: WSGIEnvironment) -> bool:
        """True if the request has a valid cookie that should be replaced."""
        valid = self._valid_cookie(environ)
        return valid is not None and valid[0] < COOKIE_S / 2

    def _valid_cookie(self, environ: WSGIEnvironment) -> tuple[float, Person] | None:
        """(how long the cookie of the request is still valid, whose it is); None if it has no valid one."""
        now, name = self._clock(), self._cookie_name(environ)
        found: tuple[float, Person] | None = None
        for cookie in environ.get("HTTP_COOKIE", "").split(";"):
            key, _, value = cookie.strip().partition("=")
            until = value.partition(".")[0]
            if key != name or not (until.isascii() and until.isdigit()) or len(until) > 12:
                continue
            left_s = int(until) - now
            if not 0 < left_s <= COOKIE_S or (found is not None and left_s <= found[0]):
                continue
            for holder in self._holders:
                if same_text(value, _cookie_value(holder.key, environ, int(until))):
                    found = left_s, holder.person
        return found

    def _cookie_name(self, environ: WSGIEnvironment) -> str:
        # Cookies are shared by all ports: dashboards on one host must not overwrite each other's.
        return f"llm_service_{environ['SERVER_PORT']}_" + hmac.digest(self._name_key, b"cookie name", sha256).hex()[:12]


def _cookie_value(key: bytes, environ: WSGIEnvironment, expires: int) -> str:
    proved = f"cookie {environ['SERVER_PORT']} {expires}".encode()
    return f"{expires}." + hmac.digest(key, proved, sha256).hex()


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
