"""`PipelineStore`: the files of pipelines. Reading never waits; writing is done by one at a time for each pipeline."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

from ..errors import FileRefused, ServiceError
from ..files import SafeRoot, file_error, printable, read_file, scan_folder
from ..knowledge.folder import append_line
from ..times import iso_time
from .folder import Folder, locked, opened
from .ids import has_our_form, is_id, pipeline_of
from .limits import MAX_FILE_BYTES, MAX_JOBS_LISTED, MAX_PIPELINES
from .log_page import FOLDER, LogPart, LogWriter, make_parent, page_name, read_part
from .model import Pipeline, PipelineFile
from .reader import FILE_NAME, read_pipeline
from .tool_error import ToolError
from .writer import bytes_of

WIKI_LOG = "wiki-log.md"
FileSignature = tuple[int, int, int]
"""Inode, bytes, time of the last change in ns: a plain tuple, as a list compares hundreds of them."""


def unknown_pipeline(pipeline_id: object) -> ToolError:
    """The error for a pipeline that does not exist."""
    return ToolError(
        "NOT_FOUND",
        f"There is no pipeline {printable(str(pipeline_id))[:80]}.",
        "list_pipelines has those that exist; create_pipeline makes one.",
    )


class LockedPipeline:
    """The folder of a pipeline, while nobody else writes to it."""

    def __init__(self, folder: Folder, store: PipelineStore, pipeline_id: str) -> None:
        self._folder = folder
        self._store = store
        self.id = pipeline_id

    def read(
        self, require_visible: Callable[[str | None, object], None] = lambda project, what: None
    ) -> Pipeline | None:
        """The pipeline; None if there is none yet. Raises ToolError if its file has an error, before that what
        `require_visible(project, id)` raises."""
        file = self._store.read(self.id)
        if file is not None:
            require_visible(file.project, self.id)
        if file is not None and file.problem is not None:
            raise ToolError(
                "BROKEN_FILE",
                f"{file.path} has an error and is not overwritten: {file.problem}.",
                "Correct the file by hand, or create another pipeline.",
            )
        return None if file is None else file.pipeline

    def save(self, pipeline: Pipeline) -> None:
        """Replace `pipeline.yaml`. Raises ToolError, OSError."""
        data = bytes_of(pipeline)
        if len(data) > MAX_FILE_BYTES:
            raise ToolError(
                "TOO_LARGE",
                f"The pipeline would have {len(data):,} bytes, more than {MAX_FILE_BYTES:,}.",
                "Shorten descriptions and summaries, or create another pipeline.",
            )
        self._folder.replace(FILE_NAME, data)

    @contextlib.contextmanager
    def log(self, job_id: str) -> Iterator[LogWriter]:
        """The log page of a job, made if it is missing. Raises OSError."""
        with self._folder.inner(FOLDER) as logs:
            handle = logs.open_to_append(page_name(job_id))
            try:
                yield LogWriter(handle)
            finally:
                os.close(handle)

    def remove_log(self, job_id: str) -> bool:
        """Remove the page of a job; False if there is none. Raises OSError."""
        if not self._folder.has(FOLDER):
            return False
        with self._folder.inner(FOLDER) as logs:
            return logs.remove(page_name(job_id))

    def tidy(self) -> None:
        """Remove the folder of the logs if it is empty."""
        self._folder.remove_if_empty(FOLDER)


class PipelineStore:
    """The pipelines below `root`, which clients know as `shown`. Thread-safe, and so are several processes."""

    def __init__(self, root: str, shown: str) -> None:
        self.root = root
        self.shown = shown

    def names(self) -> list[str]:
        """The folders that may be those of pipelines; [] if there are none."""
        found: list[str] = []
        with contextlib.suppress(FileRefused, OSError), scan_folder(self.root, "") as entries:
            for entry in entries:
                if len(found) >= MAX_PIPELINES:
                    break
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                    found.append(entry.name)
        return found

    def signature(self, name: str) -> FileSignature | None:
        """The signature of the `pipeline.yaml` in a folder; None if there is none."""
        try:
            # Its status is read, it is not opened, so the path may be an ordinary one: a quarter of the time.
            status = os.lstat(f"{self.root}/{name}/{FILE_NAME}")
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns

    def signatures(self) -> dict[str, FileSignature | None]:
        """Folder -> the signature of its `pipeline.yaml`, None if it has none; {} if there are none."""
        signature = self.signature
        return {name: signature(name) for name in self.names()}

    def changed_at(self) -> tuple[int, int] | None:
        """(inode, time of the last change in ns) of the folder of all pipelines: which there are; None without it."""
        try:
            status = os.stat(self.root)
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def has(self, name: str) -> bool:
        """True if a pipeline has a folder, though perhaps no file yet."""
        return os.path.isdir(f"{self.root}/{name}")

    def path_of(self, name: str) -> str:
        """The path of a `pipeline.yaml`, relative to the workspace."""
        return f"{self.shown}/{printable(f'{name}/{FILE_NAME}')}"

    def read(self, pipeline_id: str, root: SafeRoot | None = None) -> PipelineFile | None:
        """What is in the folder of a pipeline; None if there is no such file."""
        return read_pipeline(root or self.root, pipeline_id, self.shown)

    def pipeline_of(self, job_id: str) -> str | None:
        """The pipeline that has a job, or may have it; None if no file names the job.

        The id of a job says its pipeline, also if that file has an error and names no job any more: who writes is to
        hear of that. For an id that was written by hand all files are searched for its bytes.
        """
        if not is_id(job_id):
            return None
        wanted, usual = job_id.encode(), pipeline_of(job_id)
        if self._names(self.root, usual, wanted):
            return usual
        if has_our_form(job_id):
            file = self.read(usual)
            return usual if file is not None and file.problem is not None else None
        with SafeRoot(self.root) as root:
            return next((name for name in self.signatures() if self._names(root, name, wanted)), None)

    @staticmethod
    def _names(root: str | SafeRoot, pipeline_id: str, wanted: bytes) -> bool:
        try:
            return wanted in read_file(root, f"{pipeline_id}/{FILE_NAME}", MAX_FILE_BYTES).data
        except FileRefused:
            return False

    @contextlib.contextmanager
    def lock(self, pipeline_id: str, create: bool = False) -> Iterator[LockedPipeline]:
        """The folder of a pipeline. Raises ToolError, also for what the system refuses."""
        try:
            with locked(self.root, pipeline_id, create) as folder:
                yield LockedPipeline(folder, self, pipeline_id)
        except FileNotFoundError as problem:
            raise unknown_pipeline(pipeline_id) from problem
        except OSError as problem:
            where = f"{printable(os.fsdecode(problem.filename))}: " if isinstance(problem.filename, str) else ""
            raise ToolError(
                "CANNOT_WRITE",
                f"The pipeline cannot be written: {where}{problem.strerror or problem}.",
                "Go on with the work, and call again later.",
            ) from problem

    def make_parent_page(self) -> None:
        """Make the parent page of the logs, once. Raises OSError."""
        with opened(self.root) as around:
            make_parent(around)

    def add_to_wiki_log(self, line: str) -> None:
        """Add a line to the wiki's log, if that can be done."""
        with contextlib.suppress(ServiceError, OSError):
            append_line(self.root, WIKI_LOG, line.encode("utf-8", "replace"))

    def log_path(self, pipeline_id: str, job_id: str) -> str:
        """The path of a log page, relative to the workspace."""
        return f"{self.shown}/{pipeline_id}/{FOLDER}/{page_name(job_id)}"

    def log(self, pipeline_id: str, job_id: str, most: int, before: int | None = None) -> LogPart | None:
        """A part of a log page; see `read_part`. Raises FileRefused."""
        return read_part(self.root, pipeline_id, job_id, most, before)

    def log_times(self, pipeline_id: str, root: SafeRoot | None = None) -> dict[str, tuple[int, str]]:
        """Job -> (bytes, time of the last change) of each log page of a pipeline."""
        found: dict[str, tuple[int, str]] = {}
        with contextlib.suppress(FileRefused), self._logs(pipeline_id, root) as entries:
            for entry in entries:
                if len(found) >= MAX_JOBS_LISTED:
                    break
                if not entry.name.endswith(".md") or not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError as problem:
                    raise file_error(problem, entry.name) from problem
                found[entry.name.removesuffix(".md")] = (status.st_size, iso_time(status.st_mtime_ns / 1e9))
        return found

    @contextlib.contextmanager
    def _logs(self, pipeline_id: str, root: SafeRoot | None) -> Iterator[Iterable[os.DirEntry[str]]]:
        path = f"{pipeline_id}/{FOLDER}"
        if root is not None:
            yield root.scan(path)
            return
        with scan_folder(self.root, path) as entries:
            yield entries
