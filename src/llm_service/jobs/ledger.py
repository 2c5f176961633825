"""`Ledger`: what was asked for and what is charged for, in the user's own folder, where no workspace can write.

One file for each workspace, as with approvals. Without that folder it holds for this process alone.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from ..errors import FileRefused
from ..files import read_file, write_atomic
from .model import Charge, Request

log = logging.getLogger(__name__)

_MAX_BYTES = 64 << 20
ONLY_USER = ""
"""The key of lines that are charged to nobody in particular."""


class Ledger:
    """Requests by job, charges by run that goes on, and the lines that each user has used. Thread-safe."""

    def __init__(self, user_folder: str | None, workspace: str) -> None:
        self._folder = os.path.join(user_folder, "jobs") if user_folder else None
        self._workspace = os.path.realpath(workspace)
        self._name = sha256(os.fsencode(self._workspace)).hexdigest()[:32] + ".json"
        self._lock = threading.Lock()
        stored = self._read()
        self._requests: dict[str, Request] = _values(stored.get("requests"), Request, "job")
        self._charges: dict[str, Charge] = _values(stored.get("charges"), Charge, "run")
        used = stored.get("used")
        self._used: dict[str, int] = {
            str(user): lines for user, lines in (used if isinstance(used, dict) else {}).items() if type(lines) is int
        }

    def request(self, job: str) -> Request | None:
        """What was asked for and is not done yet; None if the job was not asked for."""
        return self._requests.get(job)

    def requests(self) -> list[Request]:
        """All, in the order in which they were asked for."""
        with self._lock:
            found = list(self._requests.values())
        return sorted(found, key=lambda one: (one.requested_at, one.job))

    def ask(self, request: Request) -> None:
        """Take a request, in place of an earlier one of the job."""
        with self._lock:
            self._requests[request.job] = request
            self._write()

    def withdraw(self, job: str) -> Request | None:
        """It is done, or not wanted any more."""
        with self._lock:
            found = self._requests.pop(job, None)
            if found is not None:
                self._write()
        return found

    def exchange(self, request: Request, another: Request | None) -> bool:
        """Put another request, or none, in the place of this one; False if that is not there any more."""
        with self._lock:
            if self._requests.get(request.job) != request:
                return False
            if another is None:
                del self._requests[request.job]
            else:
                self._requests[request.job] = another
            self._write()
        return True

    def charges(self) -> list[Charge]:
        """Those of runs that are not settled."""
        with self._lock:
            return list(self._charges.values())

    def open(self, charge: Charge) -> None:
        """A run starts. Those of other jobs in the same project are shared with it from now on."""
        with self._lock:
            others = [one for one in self._charges.values() if one.project == charge.project and one.job != charge.job]
            for one in others:
                self._charges[one.run] = replace(one, shared=True)
            self._charges[charge.run] = replace(charge, shared=charge.shared or bool(others))
            self._write()

    def charge(self, run: str) -> Charge | None:
        """That of a run which is not settled."""
        return self._charges.get(run)

    def settle(self, run: str, lines: int | None) -> Charge | None:
        """The run has ended and `lines` were written: charge its user, unless they are shared."""
        with self._lock:
            charge = self._charges.pop(run, None)
            if charge is None:
                return None
            if lines and not charge.shared:
                user = charge.user or ONLY_USER
                self._used[user] = self._used.get(user, 0) + max(0, lines)
            self._write()
        return charge

    def used(self, user: str | None) -> int:
        """The lines that were charged to a user."""
        return self._used.get(user or ONLY_USER, 0)

    def _read(self) -> dict[str, Any]:
        if self._folder is None:
            return {}
        try:
            facts = json.loads(read_file(self._folder, self._name, _MAX_BYTES).data)
        except (FileRefused, ValueError, RecursionError):
            return {}
        return facts if isinstance(facts, dict) and facts.get("workspace") == self._workspace else {}

    def _write(self) -> None:
        if self._folder is None:
            return
        facts = {
            "workspace": self._workspace,
            "requests": [asdict(one) for one in self._requests.values()],
            "charges": [asdict(one) for one in self._charges.values()],
            "used": self._used,
        }
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            write_atomic(Path(self._folder) / self._name, json.dumps(facts).encode(), durable=False)
        except OSError as problem:
            log.warning("what was asked for could not be stored in %s: %s", self._folder, problem.strerror)


def _values(stored: Any, kind: Any, key: str) -> dict[str, Any]:
    found = {}
    for one in stored if isinstance(stored, Iterable) else ():
        try:
            value = msgspec.convert(one, kind)
        except msgspec.ValidationError:
            continue
        found[getattr(value, key)] = value
    return found
