"""The interface between the web and the running service (`app.Dashboard`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..hub.event import Event
from ..hub.journal import Journal
from ..hub.ring import Hub

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class Service(Protocol):
    """The running service. Its methods may be called from any thread."""

    @property
    def hub(self) -> Hub:
        """The hub on which events are published."""

    @property
    def journal(self) -> Journal | None:
        """The journal of the events; None if it is switched off."""

    @property
    def events(self) -> Sequence[type[Event]]:
        """All classes of events that may be published."""

    @property
    def observer(self) -> str | None:
        """The id of this host on its board; None if it is on none."""

    @property
    def topics(self) -> Sequence[str]:
        """The topics that a client may subscribe to."""

    def snapshot(self, topics: Collection[str], projects: frozenset[str] | None = None) -> dict[str, Any]:
        """The state of the topics, for `json_text`, for who may see these projects (None: all); the caller adds `seq`,
        which it reads *before* this call."""

    def opening(self) -> dict[str, Any]:
        """What a page shows before it has the snapshot, for `json_text`; the caller adds `seq`, as for a snapshot."""

    def health(self) -> Mapping[str, Any]:
        """The body of `/health`."""

    def stats(self) -> Mapping[str, Any]:
        """The body of `/api/stats`."""

    def metrics(self) -> Iterable[Metric]:
        """All metrics."""

    def degraded(self) -> list[dict[str, Any]]:
        """`{root, mode, reason}` for each thing that does not work as it should."""

    def prove(self, nonce: str) -> str:
        """The proof that this is the dashboard of its state folder. Raises NotFound if it keeps none."""

    def sync(self, timeout_s: float) -> int:
        """Wait until everything written before this call is applied; returns the `seq` then. Raises NotInSync."""
