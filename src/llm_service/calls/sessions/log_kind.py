"""`LogKind`, what an agent's module says about its logs: where they are, which files, and who reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ...watch.tail import Part, Position, Tail
from .line_reader import LineReader, NowMs
from .session_facts import TaskPaths

Kind = Literal["lines", "claude", "codex", "pi", "openclaw", "gemini", "qwen", "opencode", "copilot"]

ReaderFactory = Callable[[str, Any], LineReader]
"""(path relative to the folder, saved state or None) -> reader"""


class LineSource(Protocol):
    """One file as numbered lines, from where reading stopped. `Tail` is one: a file that only grows."""

    position: Position
    """What has been read; stored in the checkpoint. `offset` is above 0 as soon as anything has been read."""

    def read(self, max_lines: int) -> Part:
        """About `max_lines` new lines. Raises FileRefused, OSError."""

    def recognises(self) -> bool:
        """True if the file at the path contains what was read before. Raises FileRefused, OSError."""


OpenSource = Callable[[str, str, Position], LineSource]
"""(folder, path relative to it, where reading stopped) -> source"""


@dataclass(frozen=True, slots=True)
class ReadScope:
    """What all readers of one folder need."""

    root: str
    paths: TaskPaths
    workspaces: tuple[str, ...] | None
    """Only sessions in one of these folders count; None: all."""
    now_ms: NowMs
    shared: dict[str, Any] = field(default_factory=dict)
    """What readers of several folders of one kind know together, by names of their own."""


@dataclass(frozen=True, slots=True)
class LogKind:
    """One kind of logs. Paths are relative to the folder, with `/`."""

    agent: str
    """The agent's name for people."""
    setting: str
    """The setting that names the folders."""
    default_folders: Callable[[Mapping[str, str], str], list[str]]
    """(environment, home folder) -> where the agent writes its logs; they need not exist."""
    includes: Callable[[str], bool]
    """True for the path of a file that is read, or that belongs to one (see `log_of`)."""
    readers: Callable[[ReadScope], ReaderFactory]
    recognises: Callable[[str, Sequence[bytes]], bool]
    """(absolute path, first lines) -> True if a file of unknown kind is a log of this one."""
    open: OpenSource = Tail
    sort_key: Callable[[str, int], tuple[bool, str, int]] = lambda path, mtime_ns: (False, "", mtime_ns)
    """(path, mtime in ns) -> key by which a file that others refer to comes before them; else the oldest first."""
    log_of: Callable[[str], str] = str
    """The log that a file belongs to: itself, except for files that a database has beside it."""
    includes_folder: Callable[[str], bool] = lambda path: True
    """False for a folder that is not looked into."""
    hidden_folders: frozenset[str] = frozenset()
    """Names with a dot at the start of folders that are read."""
    max_depth: int = 8
