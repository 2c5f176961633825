"""Counts wrong tokens by address: `Throttle.count(address)`; too many raise TooManyTokens.

It only answers those who were wrong. The right token is let in before anything is counted, so nobody can lock out its
owner, not even from the same address, which all programs of a machine share.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from ..errors import ServiceError

BURST = 10
"""Wrong tokens that an address may send at once."""
PAUSE_S = 6.0
"""After that, one in this time: ten a minute."""
_MAX_ADDRESSES = 10_000


class TooManyTokens(ServiceError):
    """An address sent too many wrong tokens; `details` has `retry_after_s`."""

    code = "TOO_MANY_REQUESTS"
    http_status = 429


class Throttle:
    """One for each guard; used by all its threads. Forgets the addresses that have been quiet the longest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._full_again: OrderedDict[str, float] = OrderedDict()
        """When an address may send the whole burst again; each wrong token moves it by PAUSE_S."""

    def count(self, address: str) -> None:
        """An address sent a wrong token. Raises TooManyTokens if that was one too many."""
        key, now = _network(address), self._clock()
        with self._lock:
            full_again = max(self._full_again.pop(key, now), now) + PAUSE_S
            wait_s = full_again - now - BURST * PAUSE_S
            self._full_again[key] = full_again if wait_s <= 0 else full_again - PAUSE_S
            if len(self._full_again) > _MAX_ADDRESSES:
                self._full_again.popitem(last=False)
        if wait_s > 0:
            seconds = math.ceil(wait_s)
            raise TooManyTokens(
                f"Too many wrong tokens from this address; try again in {seconds} s. The right token always works.",
                retry_after_s=seconds,
            )


def _network(address: str) -> str:
    """The address; of IPv6 the half that is given to one customer as a whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
