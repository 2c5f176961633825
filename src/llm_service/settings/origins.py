"""Host names and origins as values that can be compared; None for anything that is not exactly one.

The settings and the guard use the same functions: what the settings accept, the guard matches.
"""

from __future__ import annotations

import ipaddress
import re

_DEFAULT_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::([0-9]{1,5}))?")


def parse_authority(text: str) -> tuple[str, int | None] | None:
    """(name in lower case, port) of a Host header; None if it is not exactly one `name` or `name:port`."""
    match = _AUTHORITY.fullmatch(text.lower()) if text.isascii() else None
    if match is None or int(match[2] or 0) > 65_535:
        return None
    try:
        return host_name(match[1]), int(match[2]) if match[2] else None
    except ValueError:
        return None


def parse_origin(text: str) -> tuple[str, str, int] | None:
    """(scheme, name, port) of an Origin header; None for `null` and for schemes other than http and https."""
    scheme, _, rest = text.partition("://")
    authority = parse_authority(rest)
    if scheme not in _DEFAULT_PORTS or authority is None:
        return None
    return scheme, authority[0], authority[1] if authority[1] is not None else _DEFAULT_PORTS[scheme]


def origin_text(origin: tuple[str, str, int]) -> str:
    """The origin as a browser sends it: without a default port."""
    scheme, name, port = origin
    return f"{scheme}://{name}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")


def host_name(host: str) -> str:
    """A host name in normal form, for comparing. Raises ValueError for an invalid IPv6 address."""
    return f"[{ipaddress.IPv6Address(host[1:-1])}]" if host.startswith("[") else host.lower()
