"""The fact that a root is watched in another way than before; each feature that watches a root publishes it."""

from __future__ import annotations

from .event import Event, ServiceDegraded, ServiceRecovered


def root_mode_event(root: str, mode: str, reason: str | None) -> Event:
    """`service.degraded` if `mode` is "polling", "missing" or "refused", else `service.recovered`."""
    if mode in ("polling", "missing", "refused"):
        return ServiceDegraded(root=root, mode=mode, reason=reason or "unknown")
    return ServiceRecovered(root=root, mode=mode)
