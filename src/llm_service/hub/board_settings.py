"""The settings of several hosts on one board. A workspace can set none of them: they name where its contents go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import BadSettings
from ..settings.fields import setting
from ..settings.section import Section
from ..settings.table import is_loopback

if TYPE_CHECKING:
    from ..settings.table import Settings

_HARM = "would send what is in it elsewhere"
_BOARD = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MAX_LABEL = 64


def _board_problem(value: str) -> str | None:
    return None if _BOARD.fullmatch(value) else "a name of small letters, digits, - and _, at most 64"


def _redis_problem(value: str) -> str | None:
    expected = "the address of a Redis server, redis:// or rediss:// (the value is not shown here)"
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return expected
    return None if is_good else expected


def _label_problem(value: str) -> str | None:
    is_good = value.isprintable() and len(value.strip()) > 0 and len(value) <= _MAX_LABEL
    return None if is_good else f"a text of at most {_MAX_LABEL} characters in one line"


def url_problem(value: str) -> str | None:
    """What is expected instead of the address of a dashboard; None if it is one."""
    expected = "an address that people open, http:// or https://, without user, password, query and fragment"
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return expected
    is_plain = "@" not in parts.netloc and not parts.query and not parts.fragment and value.isascii()
    return None if is_good and is_plain and value.isprintable() and " " not in value and len(value) <= 300 else expected


MAX_FOLLOWED = 20


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: where a token for it may go."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def is_overheard(url: str) -> bool:
    """True if what is sent to this address crosses a network unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def _follow_problem(urls: list[str]) -> str | None:
    if len(urls) > MAX_FOLLOWED:
        return f"at most {MAX_FOLLOWED} addresses; more hosts than a few share a Redis"
    expected = "addresses of dashboards, http:// or https://, without user, password, query and fragment"
    return None if all(url_problem(url) is None for url in urls) else expected


def _tokens_problem(pairs: list[str]) -> str | None:
    expected = "one `address=token` for each followed dashboard that asks for one (the values are not shown here)"
    for pair in pairs:
        url, _, token = pair.partition("=")
        if url_problem(url) is not None or not token or not token.isascii() or not token.isprintable() or " " in token:
            return expected
    return None


@dataclass(frozen=True)
class BoardSettings(Section):
    """Several hosts on one board."""

    board: str | None = setting(
        None,
        "Name of the board that this dashboard shares with those of other hosts; with `redis_url`.",
        check=_board_problem,
        workspace="never",
        harm=_HARM,
    )
    redis_url: str | None = setting(
        None,
        "Redis server of the board, `redis://` or `rediss://` with user and password; never printed.",
        check=_redis_problem,
        secret=True,
        workspace="never",
        harm=_HARM,
    )
    host_label: str | None = setting(
        None,
        "What the other hosts of the board call this one. Unset: the name of the machine.",
        check=_label_problem,
        workspace="never",
        harm="would let it pass for another host",
    )
    public_url: str | None = setting(
        None,
        "Address under which people who look at other hosts of the board reach this one. Unset: where it listens.",
        check=url_problem,
        workspace="never",
        harm="would lead people elsewhere",
    )
    share: bool = setting(
        False,
        "Let dashboards of other hosts follow this one, if they have the token of an admin; a board and `follow` do "
        "that too.",
        workspace="never",
        harm=_HARM,
    )
    follow: list[str] = setting(
        [],
        "Addresses of the dashboards of other hosts to show here too, without a Redis.",
        check=_follow_problem,
        workspace="never",
        harm="would have it connect elsewhere",
    )
    follow_tokens: list[str] = setting(
        [],
        "Tokens for followed dashboards, each as `address=token`; each is sent to its own address only, never printed.",
        check=_tokens_problem,
        secret=True,
        workspace="never",
        harm="would have it send what is no secret of ours",
    )

    @property
    def is_on(self) -> bool:
        """True if this dashboard is one of a board."""
        return self.board is not None and self.redis_url is not None

    @property
    def is_shared(self) -> bool:
        """True if other hosts may get what this one knows: it has an identity among them."""
        return self.is_on or self.share or bool(self.follow)

    @property
    def followed(self) -> list[str]:
        """The addresses to follow, each once."""
        return list(dict.fromkeys(url.rstrip("/") for url in self.follow))

    def token_for(self, url: str) -> str | None:
        """The token for a followed address: that which is given for its scheme, host and port."""
        pairs = (pair.partition("=") for pair in self.follow_tokens)
        return next((token for its, _, token in pairs if origin_of(its) == origin_of(url)), None)

    def secrets(self) -> list[str]:
        """The address of Redis, and the tokens alone."""
        tokens = [pair.partition("=")[2] for pair in self.follow_tokens]
        return [*([self.redis_url] if self.redis_url else []), *tokens]

    def check(self, settings: Settings) -> None:
        """Both or none. Raises BadSettings."""
        if (self.board is None) != (self.redis_url is None):
            missing, given = ("board", "redis_url") if self.board is None else ("redis_url", "board")
            raise BadSettings(f"{given} is set and {missing} is not: several hosts on one board need both.")
