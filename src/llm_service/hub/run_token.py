"""Which run of an observer this is: `begin_run(folder)` gives it a token, and those of the runs before.

In Redis the run that writes under an identity has its token. A run that finds there the token of one that had this very
state folder before may take its place at once: only who holds the folder's lock begins a run, so that one has ended. A
copy of the folder knows the tokens until it was made, and no later ones.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import FileRefused
from ..files import read_file, write_atomic

NAME = "board-runs"
_MOST = 8
"""Of the last runs: one that ends before it has reached Redis leaves the token of the one before there."""
_MAX_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its token, and those of the runs of which it is known that they have ended."""

    token: str = field(default_factory=lambda: secrets.token_hex(8))
    ended: frozenset[str] = frozenset()


def begin_run(folder: str) -> Run:
    """A new run, by who holds the lock of the state folder. Where its token cannot be written, the next run waits until
    Redis has forgotten it."""
    known: list[str] = []
    with suppress(FileRefused):
        known = read_file(os.path.abspath(folder), NAME, max_bytes=_MAX_BYTES).data.decode("ascii", "replace").split()
    run = Run(ended=frozenset(known[-_MOST:]))
    with suppress(OSError):
        write_atomic(Path(folder, NAME), " ".join([*known[1 - _MOST :], run.token]).encode())
    return run
