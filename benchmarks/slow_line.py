"""A slow line in front of a server: `python -m benchmarks.slow_line PORT TARGET ROUND_TRIP_MS BYTES_PER_S`.

Chromium's own emulation delays requests, but not connecting, and knows no slow start. Here every byte takes half a
round trip, connecting takes one, all connections share the rate, and each begins with ten segments in flight, as Linux
does (RFC 6928), and doubles that with each round trip. On SIGUSR1 it prints how many bytes have passed down and up.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass

_CHUNK = 8_192
_FIRST_WINDOW = 14_600
_LARGEST_WINDOW = 4_000_000


@dataclass(slots=True)
class Direction:
    """One direction of the line: when it is free again, and how many bytes have passed."""

    rate: float
    free_at: float = 0.0
    passed: int = 0

    def send(self, size: int, now: float) -> float:
        """The time at which so many bytes have left."""
        self.free_at = max(now, self.free_at) + size / self.rate
        self.passed += size
        return self.free_at


class Window:
    """How many bytes a connection may have in flight."""

    def __init__(self) -> None:
        self._size, self._in_flight = _FIRST_WINDOW, 0
        self._changed = asyncio.Event()

    async def take(self, size: int) -> None:
        """Wait until so many may leave."""
        while self._in_flight and self._in_flight + size > self._size:
            self._changed.clear()
            await self._changed.wait()
        self._in_flight += size

    def acknowledge(self, size: int) -> None:
        """They have arrived, and the sender knows it."""
        self._in_flight -= size
        self._size = min(_LARGEST_WINDOW, self._size + size)
        self._changed.set()


async def carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction, one_way_s: float, starts_at: float
) -> None:
    """Carry bytes until the end, then close the other side."""
    loop, window = asyncio.get_running_loop(), Window()
    arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            at, data = await arriving.get()
            await asyncio.sleep(at - loop.time())
            if not data:
                break
            writer.write(data)
            await writer.drain()
            loop.call_later(one_way_s, window.acknowledge, len(data))
        writer.write_eof()

    delivering = asyncio.create_task(deliver())
    try:
        while data := await reader.read(_CHUNK):
            await window.take(len(data))
            left_at = direction.send(len(data), max(loop.time(), starts_at))
            arriving.put_nowait((left_at + one_way_s, data))
            await asyncio.sleep(left_at - loop.time())
        arriving.put_nowait((loop.time() + one_way_s, b""))
        await delivering
    except OSError:
        delivering.cancel()
        writer.close()


async def serve(port: int, target: int, round_trip_s: float, rate: float) -> None:
    """Carry connections until SIGTERM."""
    up, down = Direction(rate), Direction(rate)
    loop = asyncio.get_running_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        starts_at = loop.time() + round_trip_s  # SYN and its answer
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", target)
            await asyncio.gather(
                carry(reader, to_server, up, round_trip_s / 2, starts_at),
                carry(from_server, writer, down, round_trip_s / 2, starts_at),
                return_exceptions=True,
            )
            to_server.close()
        except (OSError, asyncio.CancelledError):
            pass
        writer.close()

    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: print(down.passed, up.passed, flush=True))
    await asyncio.start_server(connected, "127.0.0.1", port)
    print("ready", flush=True)
    await ended.wait()


if __name__ == "__main__":
    own, server, milliseconds, bytes_per_s = map(int, sys.argv[1:])
    asyncio.run(serve(own, server, milliseconds / 1000, bytes_per_s))
