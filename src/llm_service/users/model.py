"""`User`: who may use the dashboard, as the user's own configuration says."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

Role = Literal["admin", "user"]


@dataclass(frozen=True, slots=True)
class User:
    """One user. An admin sees all; a user sees the jobs, logs and artifacts of `projects`, and starts jobs there."""

    name: str
    token_sha256: str = field(repr=False)
    """In small hexadecimal digits; the token itself is stored nowhere."""
    role: Role = "user"
    projects: tuple[str, ...] = ()
    credits: int | None = None
    """How many lines its jobs may write; None: without a limit."""

    @property
    def is_admin(self) -> bool:
        """True if it sees and may do all."""
        return self.role == "admin"

    def may_see(self, project: str | None) -> bool:
        """True if it may see that project; everybody may see what is about none (None)."""
        return self.is_admin or project is None or project in self.projects


def hash_of(token: str) -> str:
    """What is stored of a token. Tokens are long and random, so a plain hash is enough: there is nothing to guess."""
    return sha256(token.encode()).hexdigest()
