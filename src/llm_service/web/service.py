"""What the web serves: the running service as its routes and streams see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..hub.event import Event
from ..hub.ring import Hub

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class Service(Protocol):
    """Every method may be called from any thread."""

    @property
    def hub(self) -> Hub:
        """Where events come from."""

    @property
    def events(self) -> Sequence[type[Event]]:
        """The vocabulary: every class of event that can be announced."""

    @property
    def topics(self) -> Sequence[str]:
        """What a client may subscribe to."""

    def snapshot(self, topics: Collection[str]) -> dict[str, Any]:
        """The state of the topics, as plain JSON; the caller adds `seq`, read *before* calling."""

    def health(self) -> Mapping[str, Any]:
        """The body of `/health`."""

    def stats(self) -> Mapping[str, Any]:
        """The body of `/api/stats`."""

    def metrics(self) -> Iterable[Metric]:
        """All metrics."""

    def degraded(self) -> list[dict[str, Any]]:
        """`{root, mode, reason}` of all that does not work as it should."""

    def sync(self, timeout_s: float) -> int:
        """Wait until everything written before this call is applied; the `seq` by then. Raises NotInSync."""
