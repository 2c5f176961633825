"""The security headers that every response has: `secured(headers, crosses)`."""

from __future__ import annotations

from collections.abc import Sequence

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
_REPLACED_HEADERS = {name.lower() for name, _ in _SECURITY_HEADERS} | {"server"}

Headers = list[tuple[str, str]]


def secured(headers: Headers, crosses: bool, reachable: Sequence[str] = ()) -> Headers:
    """The headers with ours in place of the app's own. `crosses`: another origin may read the response. `reachable` are
    origins that the page may ask besides ours.

    The policy of a response in a sandbox without an origin is stricter than ours, and stays.
    """
    policies = [value for name, value in headers if name.lower() == "content-security-policy"]
    directives = [directive.split() for value in policies for directive in value.lower().split(";")]
    sandboxed = any(words[:1] == ["sandbox"] and "allow-same-origin" not in words for words in directives)
    result = [pair for pair in headers if pair[0].lower() not in _REPLACED_HEADERS]
    for name, value in _SECURITY_HEADERS:
        if name == "Content-Security-Policy" and sandboxed:
            result += [(name, policy) for policy in policies]
        elif name == "Content-Security-Policy" and reachable:
            result.append((name, value.replace("connect-src 'self'", " ".join(("connect-src 'self'", *reachable)), 1)))
        elif not (crosses and name == "Cross-Origin-Resource-Policy"):
            result.append((name, value))
    return result


def readable(headers: Headers, origin: str) -> Headers:
    """The headers by which a page of that origin may read the response, which is one that may; the app's own stay."""
    if any(name.lower() == "access-control-allow-origin" for name, _ in headers):
        return headers
    return [*headers, ("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
