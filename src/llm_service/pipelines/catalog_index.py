"""`CatalogIndex`: what is known of each pipeline, in a file of the state folder, so that the next process need not read
all of them: 5,000 take a second to read, and 30 ms to look up.

An entry counts only as long as the signature of its `pipeline.yaml` is the same. Agents can write to the state folder;
they can write the pipelines as well, so nothing that an entry says is believed more than what a file says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from .. import __version__
from ..errors import FileRefused
from ..files import read_file, write_atomic
from .board import Known
from .limits import MAX_PIPELINES
from .model import BROKEN, PIPELINE_STATUSES, seconds_of
from .store import FileSignature, PipelineStore

NAME = "pipelines.index"
_MAX_BYTES = 64 << 20
Entries = Mapping[str, tuple[FileSignature, Known]]


@dataclass(frozen=True, slots=True)
class _Index:
    version: str
    root: str
    entries: list[tuple[FileSignature, Known]]


_decode = msgspec.msgpack.Decoder(_Index).decode


class CatalogIndex:
    """The index in a folder. `remake()` makes the folder if it is missing; the reason if that cannot be."""

    def __init__(self, folder: str, store: PipelineStore, remake: Callable[[], str | None]) -> None:
        self._folder, self._store, self._remake = folder, store, remake

    def load(self) -> Entries:
        """Folder -> its signature when it was read, and what was known then; {} if there is nothing to be used."""
        try:
            index = _decode(read_file(self._folder, NAME, _MAX_BYTES).data)
        except (FileRefused, ValueError, RecursionError):  # msgspec.ValidationError is a ValueError
            return {}
        if (index.version, index.root) != (__version__, self._store.root):
            return {}
        found = {known.row.id: (signature, known) for signature, known in index.entries[:MAX_PIPELINES]}
        return {name: entry for name, entry in found.items() if self._is_sound(entry[1])}

    def save(self, entries: Entries) -> None:
        """Write it, if that can be done. Those that are broken are read anew by each process."""
        found = [(signature, known) for signature, known in entries.values() if known.row.status != BROKEN]
        data = msgspec.msgpack.encode(_Index(__version__, self._store.root, found))
        if len(data) <= _MAX_BYTES and self._remake() is None:
            with suppress(OSError):
                write_atomic(Path(self._folder, NAME), data, durable=False)

    def _is_sound(self, known: Known) -> bool:
        row = known.row
        return (
            row.status in PIPELINE_STATUSES
            and row.problem is None
            and row.path == self._store.path_of(row.id)
            and os.sep not in row.id
            and known.sort_key == (seconds_of(row.created_at) or 0.0, row.id)
        )
