"""Old names of `observer` and `limits`, until those who use them are renamed."""

from __future__ import annotations

from .events import Sink, WantsFolder
from .limits import WatchesExhausted, network_file_system, watch_limit
from .observer import MakeObserver as MakeBackend
from .observer import RootObserver as Backend
from .observer import RootObserver as InotifyBackend
from .observer import RootObserver as backend_for

__all__ = [
    "Backend", "InotifyBackend", "MakeBackend", "Sink", "WantsFolder", "WatchesExhausted", "backend_for",
    "network_file_system", "watch_limit",
]  # fmt: skip
