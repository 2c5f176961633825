"""How a person gives the token in a browser: by the form of the page that asks for it, or once in the address.

The right one leads to the same address without it, with a cookie; a wrong one to the form, which says so, and does not
stay in the address either: `?token=` is left of it.
"""

from __future__ import annotations

from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from .guard_answers import NO_STORE, is_navigation
from .guard_headers import Headers
from .guard_tokens import TokenCheck, WrongToken, address_of

STYLES = ("/styles/tokens.css", "/styles/token-page.css")
"""What the page that asks for the token looks like: these files need none."""
_MAX_FORM_BYTES = 4_096


def login_redirect(tokens: TokenCheck, environ: WSGIEnvironment) -> Headers | None:
    """The headers of the redirect that answers a token in the address or in a form; None if there is none to answer.

    Raises WrongToken for a wrong one in a form, TooManyTokens.
    """
    person = tokens.person_in_query(environ)
    if person is not None:
        return _redirect(address_of(environ), ("Set-Cookie", tokens.cookie(environ, person)))
    if not is_navigation(environ) or tokens.is_authenticated(environ):
        return None
    given = _posted(environ)
    if given is not None:
        person = tokens.holder(given)
        if person is not None:
            return _redirect(address_of(environ), ("Set-Cookie", tokens.cookie(environ, person)))
        tokens.count(environ)
        raise WrongToken("That is not the token of this dashboard.")
    if environ["REQUEST_METHOD"] == "GET" and tokens.has_text_in_query(environ):
        tokens.count(environ)
        address = address_of(environ)
        return _redirect(f"{address}{'&' if '?' in address else '?'}token=")
    return None


def _redirect(location: str, *more: tuple[str, str]) -> Headers:
    return [("Location", location), *more, *NO_STORE, ("Content-Length", "0")]


def _posted(environ: WSGIEnvironment) -> str | None:
    """The token of a form; None if this is no form with one."""
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    length = int(environ.get("CONTENT_LENGTH") or 0)  # the guard has checked that it is a number
    if environ["REQUEST_METHOD"] != "POST" or kind != "application/x-www-form-urlencoded" or length > _MAX_FORM_BYTES:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    given = parse_qs(body.decode("latin-1"), encoding="utf-8", errors="replace").get("token", [])
    return given[0] if len(given) == 1 else None
