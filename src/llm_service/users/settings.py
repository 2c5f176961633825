"""The setting `users`, which no workspace can give: whoever could write there could let anybody in."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from typing import Annotated, Any, Literal

import msgspec

from ..settings.entries import Text, read_entries, text
from ..settings.fields import BadValue, display, setting
from ..settings.section import Section
from .model import User

_HASH = "the SHA-256 of a token in 64 hexadecimal digits, as `llm-service users add` writes it"
_CREDITS = "a whole number of lines, 0 or more"
Hash = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Fa-f]{64}\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _UserEntry:
    """A user as the configuration has it."""

    name: Annotated[str, msgspec.Meta(max_length=64)] = text(MISSING, "a name of at most 64 characters")
    token_sha256: Hash = setting(MISSING, expected=_HASH, secret=True)
    role: Literal["admin", "user"] = setting("user", expected="admin or user")
    projects: list[Text] = setting([], expected="a list of names of projects")
    credits: Annotated[int, msgspec.Meta(ge=0)] | None = setting(None, expected=_CREDITS)

    def user(self) -> User:
        """The value."""
        return User(self.name, self.token_sha256.lower(), self.role, tuple(self.projects), self.credits)


def _read_users(value: Any) -> list[User]:
    """The users. Raises BadValue."""
    users = [entry.user() for entry in read_entries(value, _UserEntry)]
    for number, user in enumerate(users):
        if user.name in {other.name for other in users[:number]}:
            raise BadValue(f"has the name of another user, {display(user.name)}", (number,))
        if user.token_sha256 in {other.token_sha256 for other in users[:number]}:
            raise BadValue("has the token of another user; `llm-service users add` makes a new one", (number,))
    return users


@dataclass(frozen=True)
class UserSettings(Section):
    """Who may use the dashboard."""

    users: list[User] = setting(
        [],
        "Users with tokens, each `{name, token_sha256, role?: admin or user, projects?, credits?}`; "
        "`llm-service users` writes them. With any of them each request needs a token.",
        reader=_read_users,
        workspace="never",
        harm="would let others in",
    )

    @property
    def gives_tokens(self) -> bool:
        """True if requests need a token because of this section."""
        return bool(self.users)
