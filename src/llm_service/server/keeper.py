"""`Keeper`: keeps the state folder of a running dashboard: its lock, record and key are made again if they are removed.

Built by the process that starts the dashboard, runs in the one that serves it, which may be a child.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from ..errors import StartFailed
from ..settings.state_folder import remake
from ..settings.troubles import Troubles
from . import instance, proof
from .instance import Instance
from .lock import Lock
from .log_file import reopen_removed

CHECK_INTERVAL_S = 0.25


class Keeper:
    """Keeps the folder. `reclaim` and `prove` may be called from any thread."""

    def __init__(self, folder: str, lock: Lock, record: Instance, has_log: bool = False) -> None:
        """`has_log`: the output of this process is the log in the folder."""
        self.folder = folder
        self.record = record
        self._lock = lock
        self._has_log = has_log
        self._key = proof.new_key()
        self._identity = proof.folder_identity(folder)
        self._written: list[tuple[int, ...] | None] = []
        self._troubles = Troubles(lambda reason: None)
        self._mutex = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def trouble(self) -> str | None:
        """What a user should know: the folder is gone, or was made again some seconds ago; else None."""
        return self._troubles.shown

    def write(self) -> None:
        """Write record and key. Raises OSError."""
        proof.write_key(self.folder, self._key)
        instance.write_record(self.folder, self.record)
        self._written = self._signatures()
        self._identity = proof.folder_identity(self.folder)

    def start(self, on_trouble: Callable[[str | None], None]) -> None:
        """Check the folder four times a second from now on; `on_trouble(reason)` as `Database` does."""
        self._troubles = Troubles(on_trouble)
        self._thread = threading.Thread(target=self._run, name="state-folder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop checking."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def reclaim(self) -> str | None:
        """Make everything again that is missing; the reason if this process may not, or cannot."""
        with self._mutex:
            lost = self._lost()
            if lost is None:
                if self._has_log:
                    reopen_removed(self.folder)
                self._troubles.end()
                self._troubles.settle()
                return None
            refusal = self._remake()
            if refusal is None:
                self._troubles.restore(f"{lost} while the dashboard runs; it was made again")
            else:
                self._troubles.begin(f"{lost} while the dashboard runs: {refusal}")
            return refusal

    def prove(self, nonce: str) -> str:
        """The proof that this is the dashboard of the folder: see `proof.py`."""
        return proof.answer(self._key, nonce, self.record, self._identity)

    def close(self) -> None:
        """Remove the record and release the lock."""
        instance.remove_record(self.folder, self.record)
        self._lock.release()

    def _run(self) -> None:
        # After a crash of the serving process its parent may have only the lock of a file that is gone.
        self._renew_lock()
        while not self._stopping.wait(CHECK_INTERVAL_S):
            self.reclaim()

    def _lost(self) -> str | None:
        if not os.path.isdir(self.folder):
            return "the state folder was removed or moved"
        if not self._lock.is_current():
            return "the lock was removed"
        if self._signatures() != self._written:
            return "the record or its key was removed or changed"
        return None

    def _remake(self) -> str | None:
        refusal = remake(self.record.workspace, self.folder) or self._renew_lock()
        if refusal is None:
            try:
                self.write()
            except OSError as problem:
                refusal = f"it cannot be written: {problem.strerror}"
        return refusal

    def _renew_lock(self) -> str | None:
        try:
            return None if self._lock.renew() else "another process has locked it, perhaps a second dashboard"
        except StartFailed as problem:
            return problem.message

    def _signatures(self) -> list[tuple[int, ...] | None]:
        return [_signature(os.path.join(self.folder, name)) for name in (instance.RECORD_NAME, proof.KEY_NAME)]


def _signature(path: str) -> tuple[int, ...] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
