"""The redacted text of segments, which is what is searched: `RedactedText.of(run, view, segments)`.

Redacting takes many times as long as searching. So it is noted which segments redaction leaves as they are. Those
that were followed have a digest of their bytes: bytes with that digest are that text. Of others it is noted when they
are searched, and holds as long as the log is the very same file, unchanged for two seconds (device, inode, size, time
of change, which no program can set). Anything else is redacted each time.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from ..errors import FileVanished
from ..processes.model import Run
from ..watch.tail import read_at
from .blocks import segment_bytes
from .marks import OVERLONG, AheadBlock, FileIdentity, Segment, digest_of
from .segments import LogView
from .store import LogStore, identity_of

Redact = Callable[[bytes, bytes], bytes]
"""(block of whole lines, the parser's state before it) -> the block redacted, with as many lines; the same object if
that changes nothing."""
Strip = Callable[[bytes], bytes]
"""The bytes without the codes of terminals, with as many lines."""
SEARCHED_BYTES = 65_536
"""Of a line that is too long to be read: behind its beginning a secret may have been cut in two."""
_MOST_LOGS = 64
_SETTLED_NS = 2_000_000_000
"""Two changes of a file may have the same time, to a few milliseconds."""


class RedactedText:
    """May be used from any thread."""

    def __init__(self, store: LogStore, redact: Redact, strip: Strip, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._store = store
        self._redact = redact
        self._strip = strip
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._clean: OrderedDict[str, tuple[FileIdentity, dict[int, int]]] = OrderedDict()

    def of(self, run: Run, view: LogView, segments: Iterable[Segment]) -> Iterator[tuple[Segment, bytes]]:
        """(segment, its text) of these segments, redacted and without codes of terminals. Nothing if the log is gone.
        Raises FileRefused."""
        try:
            handle = self._store.open(run)
        except FileVanished:
            return
        try:
            for segment in segments:
                identity = identity_of(os.fstat(handle))
                data = segment_bytes(handle, segment)
                is_same = identity_of(os.fstat(handle)) == identity and self._is_settled(identity)
                clean = self._clean_segments(run, identity) if is_same else {}
                begin, end = segment.begin.offset, segment.end.offset
                is_clean = clean.get(begin) == end or (segment.digest and digest_of(data) == segment.digest)
                text = data if is_clean else self._redact(data, segment.begin.state)
                if segment.flags & OVERLONG:
                    text = text[:SEARCHED_BYTES].rstrip(b"\n") + b"\n"
                elif text is data:
                    clean[begin] = end
                yield segment, self._strip(text)
        finally:
            os.close(handle)

    def of_ahead(self, run: Run, blocks: Iterable[AheadBlock]) -> Iterator[tuple[AheadBlock, bytes]]:
        """The same of blocks that are not parsed yet."""
        try:
            handle = self._store.open(run)
        except FileVanished:
            return
        try:
            for block in blocks:
                data = read_at(handle, block.end - block.begin, block.begin)
                yield block, self._strip(self._redact(data, block.state))
        finally:
            os.close(handle)

    def _is_settled(self, identity: FileIdentity) -> bool:
        return self._now_ns() - identity.changed_ns > _SETTLED_NS

    def _clean_segments(self, run: Run, identity: FileIdentity) -> dict[int, int]:
        """Begin -> end of the segments of this very file that redaction leaves as they are."""
        with self._lock:
            known = self._clean.get(run.run_id)
            if known is None or known[0] != identity:
                known = self._clean[run.run_id] = identity, {}
            self._clean.move_to_end(run.run_id)
            while len(self._clean) > _MOST_LOGS:
                self._clean.popitem(last=False)
            return known[1]
