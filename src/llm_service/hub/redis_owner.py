"""`Owner`: that one process only writes under an identity, by a key that it holds and renews."""

from __future__ import annotations

from .redis_link import Client
from .redis_session import JoinAnew, Refused
from .run_token import Run

OWNER_MS = 10_000


class Owner:
    """`run`: see `begin_run`; without one, no other's place is taken. Used by one thread."""

    def __init__(self, key: str, observer: str, run: Run | None) -> None:
        run = run or Run()
        self.key, self._observer = key, observer
        self._token, self._ended = run.token.encode(), run.ended

    def claim(self, client: Client) -> None:
        """Become the one that writes. Raises Refused, JoinAnew."""
        if client.set(self.key, self._token, nx=True, px=OWNER_MS):
            self._ended = frozenset()
            return
        holder = client.get(self.key)
        if holder == self._token:
            self.renew(client)
        elif holder is not None and holder.decode("ascii", "replace") in self._ended:
            self._ended = frozenset()  # once: the runs after this one are none of those
            replaced = client.set(self.key, self._token, px=OWNER_MS, get=True)
            if replaced not in (None, holder):
                client.set(self.key, replaced, px=OWNER_MS)  # it came in between, and is there
                raise JoinAnew
        elif holder is not None:
            raise Refused(
                f"two observers with one identity, {self._observer}: another dashboard writes under it, such as "
                "one of a copied workspace, or one that was killed less than 10 s ago"
            )
        else:
            raise JoinAnew

    def is_held_by(self, holder: bytes | None) -> bool:
        """True if this process is the one whose token the key has."""
        return holder == self._token

    def renew(self, client: Client) -> None:
        """Hold it for some time more."""
        client.pexpire(self.key, OWNER_MS)

    def is_mine(self, client: Client) -> bool:
        """True if this process holds the key now."""
        return self.is_held_by(client.get(self.key))
