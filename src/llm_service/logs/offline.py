"""`OfflineLogs` reads the logs of a workspace, whether or not a dashboard is running; it writes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from ..errors import FileRefused, NotFound
from ..processes.board import RunBoard
from ..processes.feature import RUNS_FOLDER
from ..processes.model import Run
from ..processes.records import read_key
from ..settings.load import Settings
from ..settings.user_folder import is_in_workspace, user_folder
from .batch import job_of, log_line
from .blocks import BlockReader
from .line_search import searched_text
from .marks import Mark
from .model import LogLine
from .parser import LineParser
from .redacted_text import SEARCHED_BYTES
from .redaction import Redactor
from .store import LogStore

_FOLLOW_S = 0.2


class OfflineLogs:
    """The logs of a workspace, read without a dashboard; nothing is written."""

    def __init__(self, settings: Settings) -> None:
        self._workspace = os.path.abspath(settings.workspace)
        self.store = LogStore(self._workspace, os.path.join(settings.state_path, "segments"), self._run)

    def runs(self, owner: str | None = None) -> list[Run]:
        """The runs that are surely ours, the latest last: an agent must not add lines to a job."""
        root = os.path.join(self._workspace, *RUNS_FOLDER.split("/"))
        folder = user_folder()
        key = None if folder is None or is_in_workspace(folder, self._workspace) else read_key(folder)
        board = RunBoard(root, RUNS_FOLDER, os.path.realpath(self._workspace), lambda: key, lambda *_: None)
        try:
            board.read_new()
        except FileRefused:
            return []
        return [run for run in board.runs(owner) if run.is_proven]

    def run_of(self, job: str, run_id: str | None) -> Run:
        """A run of a job, the latest unless it is named. Raises NotFound."""
        runs = [run for run in self.runs(f"job:{job}") if run_id in (None, run.run_id)]
        if not runs:
            raise NotFound(f"The job {job} has no {'run' if run_id is None else 'such run'}.")
        return runs[-1]

    def begin(self, run: Run, rows: int, classes: frozenset[int]) -> Mark:
        """A place in the log, as far as it is indexed, after which there are at least so many rows; else its start."""
        loaded = self.store.load(run)
        if loaded is None:
            return Mark()
        view = loaded[0].view()
        known = view.rows(classes)
        return view.segment(view.with_row(max(0, known - rows), classes)).begin if known > rows else Mark()

    def lines(self, run: Run, begin: Mark, follow: bool = False) -> Iterator[LogLine | None]:
        """The lines from a mark on, None where those that there are end; `follow`: wait for more until the run ends.
        Raises FileRefused."""
        parser, reader = LineParser(project_dir=run.cwd, state=begin.state), BlockReader()
        offset, seq, phase = begin.offset, begin.lines, begin.phase
        while True:
            run = self._run(run.run_id)
            is_final = not follow or run.exit is not None
            handle = self.store.open(run)
            try:
                while (block := reader.next(handle, offset, 0, is_final)) is not None:
                    for line in parser.parse(block.data):
                        seq, phase = seq + 1, line.phase or phase
                        yield log_line(line, run.run_id, job_of(run.owner), seq, phase)
                    offset = block.end
            finally:
                os.close(handle)
            yield None
            if is_final:
                return
            time.sleep(_FOLLOW_S)

    def texts(self, run: Run) -> Iterator[tuple[int, bytes]]:
        """(number of the first line, redacted lines without codes of terminals) block by block. Raises FileRefused."""
        redactor, reader = Redactor(), BlockReader()
        offset, seq = 0, 1
        handle = self.store.open(run)
        try:
            while (block := reader.next(handle, offset, 0, True)) is not None:
                text = searched_text(redactor.redact(block.data))
                yield seq, text[:SEARCHED_BYTES].rstrip(b"\n") + b"\n" if block.is_overlong else text
                seq += text.count(b"\n")
                offset = block.end
        finally:
            os.close(handle)

    def _run(self, run_id: str) -> Run:
        found = next((run for run in self.runs() if run.run_id == run_id), None)
        if found is None:
            raise NotFound(f"There is no run {run_id}.")
        return found
