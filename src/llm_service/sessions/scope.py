"""Which sessions are shown: the files of a folder that have transcripts, and where they ran (`session_scope`)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial

from ..calls.sessions.folders import session_folders
from ..calls.sessions.kinds import file_filter
from ..calls.sessions.log_kind import Kind
from ..calls.sessions.session_facts import is_within, project_folder
from ..calls.settings import CallSettings
from ..settings.load import Settings
from ..watch.scan import Filter
from .formats.kinds import FORMATS, is_transcript
from .opencode.folder import FILTER

_COPILOT = "session-state"
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def scope_of(settings: Settings) -> Callable[[str | None], bool]:
    """`in_scope(cwd)` as the settings say."""
    if settings.of(CallSettings).session_scope == "all":
        return lambda cwd: True
    workspace = os.path.abspath(settings.workspace)
    places = tuple(path.replace("\\", "/").rstrip("/") for path in {workspace, os.path.realpath(workspace)})

    def in_scope(cwd: str | None) -> bool:
        if not cwd:
            return False
        return is_within(project_folder(os.path.normpath(os.path.join(workspace, cwd))), places)

    return in_scope


def transcript_folders(settings: Settings) -> list[tuple[Kind, str]]:
    """`(kind, absolute path)` of every folder in which transcripts may be: those that calls are read from, except that
    Copilot's spans (`~/.copilot/otel`) are beside its transcripts (`~/.copilot/session-state`)."""
    found = []
    for kind, folder in session_folders(settings):
        above, _, name = folder.rstrip("/").rpartition("/")
        if kind in FORMATS:
            found.append((kind, f"{above}/{_COPILOT}" if kind == "copilot" and name == "otel" else folder))
    return list(dict.fromkeys(found))


def log_filter(kind: Kind) -> Filter:
    """Which folders and files below a folder of this kind have transcripts."""
    if kind == "opencode":
        return FILTER
    wanted = file_filter(kind)
    return Filter(folder=wanted.folder, file=partial(_is_copilot if kind == "copilot" else _is_log, wanted))


def _is_log(wanted: Filter, path: str) -> bool:
    return wanted.file(path) and is_transcript(path)


def _is_copilot(wanted: Filter, path: str) -> bool:
    """True for `<session>/events.jsonl` and `<session>.jsonl`, but not for a file of spans."""
    name = path.rpartition("/")[2]
    return _is_log(wanted, path) and (name == "events.jsonl" or _ID.fullmatch(name.removesuffix(".jsonl")) is not None)
