"""The two followers of the feature: of the files of streams, and of the files of facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..feature import Kernel
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from ..watch.tail import Position
from .board import FactBoard
from .clean import Cleaner
from .fact_follow import FILTER as FACT_FILES
from .fact_follow import FactTracker
from .follow import FILTER as STREAM_FILES
from .follow import StreamTracker
from .intake import Intake


def stream_follower(
    kernel: Kernel,
    folder: str,
    intake: Intake,
    positions: Callable[[], Mapping[str, Position] | None],
    on_probe: Callable[[str], object],
) -> Follower:
    """Gives new lines of streams to the intake; see `StreamTracker`."""
    root, inbox = _watched(kernel, folder, STREAM_FILES)
    tracker = StreamTracker(root, _settler(kernel), intake.take_lines, intake.refuse, positions, on_probe)
    return Follower(tracker, root, inbox)


def fact_follower(
    kernel: Kernel,
    folder: str,
    board: FactBoard,
    cleaner: Cleaner,
    decisions: Callable[[], Mapping[str, tuple[str, str]] | None],
) -> tuple[FactTracker, Follower]:
    """Applies the files of facts to the board, and publishes what changes; see `FactTracker`."""
    root, inbox = _watched(kernel, folder, FACT_FILES)
    tracker = FactTracker(root, _settler(kernel), board, cleaner, kernel.hub.publish, decisions)
    return tracker, Follower(tracker, root, inbox)


def _watched(kernel: Kernel, folder: str, files: Filter) -> tuple[WatchedRoot, HintInbox]:
    inbox = HintInbox()
    return kernel.watched_root(folder, files.folder, inbox.put, optional=True), inbox


def _settler(kernel: Kernel) -> Settler:
    return Settler(kernel.settings.debounce_ms / 1000, kernel.settings.max_wait_ms / 1000)
