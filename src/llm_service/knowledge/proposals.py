"""What agents state becomes a proposed fact, a file each: `Proposals.offer` takes it, and a thread writes it.

The same statement is one file with several sources. There are limits, as a program in a loop can state anything
any number of times; what is over them is counted.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter

from ..errors import ServiceError
from .board import FactBoard
from .desk import FactDesk
from .fact_reader import MAX_SOURCES
from .model import FactSource, Message, digest_of, normalized

log = logging.getLogger(__name__)

MOST_OF_A_JOB = 100
MOST_PROPOSED = 2_000
_REMEMBERED = 10_000
_QUEUE = 1_000


class Proposals:
    """Thread-safe; `offer` never blocks."""

    def __init__(self, board: FactBoard, desk: FactDesk) -> None:
        self._board, self._desk = board, desk
        self._waiting: queue.Queue[tuple[str, FactSource, str] | None] = queue.Queue(_QUEUE)
        self._of_job: Counter[str] = Counter()
        self._stated: dict[str, set[FactSource]] = {}
        self._proposed = 0
        self._thread = threading.Thread(target=self._run, name="fact-proposals", daemon=True)
        self.dropped = 0
        self.problem: str | None = None

    def start(self) -> None:
        """Start the thread that writes."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end the thread."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join(timeout=5)

    def offer(self, message: Message) -> None:
        """A message of the stream `knowledge` states a fact; `run` and `line` of its data say where."""
        run, line = message.data.get("run"), message.data.get("line")
        source = FactSource(
            source=message.source,
            job=message.job,
            run=run if isinstance(run, str) else None,
            line=line if isinstance(line, int) and not isinstance(line, bool) and line > 0 else None,
        )
        try:
            self._waiting.put_nowait((message.text, source, message.created_at))
        except queue.Full:
            self.dropped += 1

    def flush(self) -> None:
        """Wait until everything offered before is written or refused."""
        self._waiting.join()

    def _run(self) -> None:
        while True:
            item = self._waiting.get()
            try:
                if item is None:
                    return
                self._propose(*item)
                self.problem = None
            except ServiceError as problem:
                self.problem = problem.message
            except Exception:
                log.exception("a proposed fact could not be written")
            finally:
                self._waiting.task_done()

    def _propose(self, text: str, source: FactSource, created_at: str) -> None:
        if not normalized(text):
            return
        digest = digest_of(text)
        known = self._board.of_digest(digest)
        stated = self._stated.get(digest)
        if (known is not None and known.status != "proposed") or (stated is not None and source in stated):
            return  # a person decided about it, or it is written
        if stated is None:
            is_new = known is None
            if is_new and (self._of_job[source.job or ""] >= MOST_OF_A_JOB or self._proposed >= MOST_PROPOSED):
                self.dropped += 1
                return
            self._of_job[source.job or ""] += is_new
            self._proposed += is_new
            if len(self._stated) >= _REMEMBERED:
                self._stated.clear()
            stated = self._stated[digest] = set()
        if len(stated) < MAX_SOURCES:
            self._desk.propose(text, source, created_at)
            stated.add(source)
