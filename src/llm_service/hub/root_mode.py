"""The fact that a root, or a folder below it, is followed in another way than before."""

from __future__ import annotations

from .event import Event, ServiceDegraded, ServiceRecovered


def root_mode_event(root: str, mode: str, reason: str | None) -> Event:
    """`service.degraded` if there is a reason why it is not as it should be, else `service.recovered`."""
    if reason is not None:
        return ServiceDegraded(root=root, mode=mode, reason=reason)
    return ServiceRecovered(root=root, mode=mode)
