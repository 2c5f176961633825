"""Several hosts on one board: `python benchmarks/reach.py [--kills 50] [--only PART]`, with a Redis of its own.

The full counts of the contract (kill -9, SIGSTOP, empty data, FLUSHALL, AOF cut), and its figures: how long an event
takes, how long hosts are deaf after Redis is back, what joining costs, and what an observer and Redis pay per event.
CPU is that of this process, in which the peers run; Redis has its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import psutil

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from kit.boards import BOARD, Peer, is_settled, wrong
from kit.live import running
from kit.redis_server import RedisServer

from llm_service.hub.redis_link import EVENTS, BoardKeys, RedisLink
from llm_service.members.feature import Members

KEYS = BoardKeys(BOARD)
HOSTS, TASKS = 10, 20_000


def until(check: Callable[[], Any], timeout_s: float = 120.0) -> float:
    """Seconds until something is true."""
    began = time.monotonic()
    while not check():
        if time.monotonic() - began > timeout_s:
            raise SystemExit("it did not become true in time")
        time.sleep(0.002)
    return time.monotonic() - began


def percentiles(values: list[float]) -> str:
    """Median, p95 and the largest, in ms."""
    found = sorted(values)
    return " / ".join(f"{found[min(len(found) - 1, int(len(found) * part))]:.2f}" for part in (0.5, 0.95, 1.0))


def survival(folder: Path, persistence: dict[str, str], kills: int, others: int) -> None:
    """Everything that happens to a server, while three hosts write; afterwards nothing may be wrong."""
    name = persistence.get("appendfsync", "no AOF")
    with RedisServer(folder, **persistence) as server:
        peers = [Peer(server.url).start() for _ in range(3)]
        chance, ends = random.Random(7), threading.Event()
        events = [0]

        def write(peer: Peer, seed: int) -> None:
            own = random.Random(seed)
            while not ends.is_set():
                key = f"t{own.randrange(2_000)}"
                if key in peer.tasks and own.random() < 0.1:
                    peer.remove(key)
                else:
                    peer.write(key, f"{time.monotonic_ns()}")
                events[0] += 1
                time.sleep(0.005)

        threads = [threading.Thread(target=write, args=(peer, number)) for number, peer in enumerate(peers)]
        for thread in threads:
            thread.start()
        steps = ["kill"] * kills + [what for what in ("pause", "empty", "flush", "cut") for _ in range(others)]
        chance.shuffle(steps)
        for what in steps:
            if what == "pause":
                server.pause(chance.uniform(1, 10) if kills >= 50 else chance.uniform(0.1, 2))
            elif what == "empty":
                server.empty()
            elif what == "flush":
                with server.client() as client:
                    client.flushall()
            elif what == "cut":
                server.cut_aof(chance.randrange(1, 20_000))
            else:
                server.restart()
            time.sleep(chance.uniform(0.2, 0.8))
        ends.set()
        for thread in threads:
            thread.join()
        settled = until(lambda: is_settled(*peers))
        lost = sum(wrong(peer, other) for peer in peers for other in peers if peer is not other)
        gaps = sum(peer.client.gaps for peer in peers)
        print(
            f"  {name}: {kills} x kill -9, {others} each of SIGSTOP, empty data, FLUSHALL, AOF cut; "
            f"{events[0]:,} events; settled after {settled:.1f} s: {lost} tasks wrong, {gaps} gaps at clients; "
            f"{sum(peer.journal.republished for peer in peers):,} republished, "
            f"{sum(peer.journal.states_written for peer in peers)} states, "
            f"{sum(sum(peer.reader.snapshots.values()) for peer in peers)} snapshots"
        )
        for peer in peers:
            peer.stop()
        if lost or gaps:
            raise SystemExit("something was lost")


def latency(folder: Path) -> None:
    """From a file on host A to a client at dashboard B."""
    with RedisServer(folder / "redis") as server:
        lives = []
        for name in ("a", "b"):
            workspace = folder / name
            for lane in ("inbox", "assigned/ada", "done/ada"):
                (workspace / "work/collaboration" / lane).mkdir(parents=True)
            lives.append(running(workspace, board=BOARD, redis_url=server.url))
        one, other = lives
        arrived: dict[str, float] = {}
        other.dashboard.hub.subscribe(
            lambda envelope: (
                arrived.__setitem__(json.loads(envelope.text)["task"]["id"], time.monotonic())
                if envelope.type == "task.created"
                else None
            )
        )
        until(lambda: len(other.dashboard.hub.positions()) == 2)
        time.sleep(2)
        written = {}
        for number in range(300):
            written[f"t{number}"] = time.monotonic()
            one.write(f"inbox/t{number}.yaml")
            time.sleep(0.02)
        until(lambda: len(arrived) == len(written))
        took = percentiles([(arrived[name] - written[name]) * 1e3 for name in written])
        print(f"  file on A -> hub of B, ms median / p95 / max: {took}")
        deaf, states, name = [], other.feature(Members).states, one.json("/api/members")["self"]
        for number in range(10):
            server.kill()
            time.sleep(1.5)
            one.write(f"inbox/d{number}.yaml")
            server.start()
            deaf.append(until(lambda number=number: f"d{number}" in states.of(name).get("tasks", {})) * 1e3)
        print(f"  deaf after Redis is back, ms median / p95 / max: {percentiles(deaf)}")
        for live in lives:
            live.stop()


def joining(folder: Path) -> None:
    """A dashboard that joins a board of 10 hosts with 20,000 tasks each."""
    with RedisServer(folder) as server:
        first = Peer(server.url)
        for number in range(TASKS):
            first.write(f"2026-11-28T0930-build-part-{number}", f"Build part {number} of the quay, and test it")
        fields = first._state()["tasks"]
        size = sum(map(len, fields.values())) / len(fields)
        with server.client() as client:
            for host in range(HOSTS):
                observer = f"{host:016x}"
                client.hset(KEYS.members, observer, "1")
                entries = list(fields.items())
                for start in range(0, len(entries), 1_000):
                    client.hset(KEYS.state(observer, "tasks"), mapping=dict(entries[start : start + 1_000]))
                client.mset({KEYS.of(observer, "at"): "1-1", KEYS.of(observer, "base"): "b"})
        # In a process of its own: this one has memory that it would use again.
        subprocess.run([sys.executable, __file__, "--join", server.url, "--bytes", f"{size:.0f}"], check=True)


def join(url: str, size: int) -> None:
    """Join the board that `joining` has made, and print what that costs."""
    reader, process = Peer(url), psutil.Process()
    reader.hub._subscribers.clear()  # its client would decode everything
    with RedisLink(url).connect() as client:
        client.ping()
    reader.states.put("f" * 16, "tasks", "a", b"{}")  # what is imported with the first of them
    before, cpu = process.memory_info().rss, time.process_time()
    reader.reader.start()
    seconds = until(lambda: len(reader.reader.snapshots) == HOSTS and len(reader.states.observers()) == HOSTS + 1)
    spent = time.process_time() - cpu
    gc.collect()
    each = (process.memory_info().rss - before) / HOSTS / TASKS
    what = f"{HOSTS} hosts x {TASKS:,} tasks of {size} B"
    print(f"  {what}: {seconds:.2f} s, {spent:.2f} s of CPU, {each:.0f} B of RSS a task")
    reader.stop()


def cost(folder: Path, rate: int = 1_000, seconds: float = 6.0, rounds: int = 7) -> None:
    """What an observer and Redis pay for an event. Without and with take turns, as other programs disturb both."""
    with RedisServer(folder) as server:
        rows = [[_share_of_cpu(server, is_on, rate, seconds) for is_on in (False, True)] for _ in range(rounds)]
    more = sorted(with_it - without for without, with_it in rows)
    without, with_it = (median(column) for column in zip(*rows, strict=True))
    spread = f"+ {median(more):.1%} of one core ({more[0]:.1%} to {more[-1]:.1%} in {rounds} rounds)"
    print(f"  CPU at {rate:,} events/s: {without:.1%} without, {with_it:.1%} with: {spread}")


def _share_of_cpu(server: RedisServer, is_on: bool, rate: int, seconds: float) -> float:
    """The share of a core that a host takes which writes so many events, to a Redis or to nobody."""
    peer = Peer(server.url)
    if is_on:
        peer.journal.start()
        until(lambda: peer.journal.since is None)
    began, cpu, number = time.monotonic(), time.process_time(), 0
    while (now := time.monotonic() - began) < seconds:
        while number < now * rate:
            number += 1
            peer.write(f"t{number % 500}", f"{number}")
        time.sleep(0.002)
    if is_on:
        until(lambda: peer.journal.waiting == 0)
    share = (time.process_time() - cpu) / seconds
    if is_on:
        with server.client() as client:
            name = KEYS.of(peer.observer, EVENTS)
            size, count = client.memory_usage(name, samples=0) or 0, client.xlen(name)
            text = len(peer.hub.newest(1, lambda envelope: True)[0].text)
            print(f"  Redis memory: {size / count:.0f} B an event ({text} B of JSON)")
        peer.journal.stop()
    return share


def main(kills: int = 50, only: str | None = None) -> None:
    """Run it; `only` one part."""
    logging.disable(logging.WARNING)
    others = max(1, kills * 20 // 50)
    modes = ({"appendonly": "yes", "appendfsync": "everysec"}, {"appendonly": "yes", "appendfsync": "always"}, {})
    print("Several hosts on one board")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if only in (None, "cost"):
            cost(folder / "cost")
        if only in (None, "joining"):
            joining(folder / "joining")
        if only in (None, "latency"):
            latency(folder / "latency")
        if only in (None, "survival"):
            survival(folder / "survival", modes[0], kills, others)
            for mode in modes[1:]:
                survival(folder / f"survival-{len(mode)}", mode, -(-kills // 4), 1)


def command(arguments: list[str]) -> None:
    """As a program: `python benchmarks/reach.py --only latency`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--only", choices=("survival", "latency", "joining", "cost"))
    parser.add_argument("--join", help=argparse.SUPPRESS)
    parser.add_argument("--bytes", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.join:
        join(chosen.join, chosen.bytes)
    else:
        main(chosen.kills, chosen.only)


if __name__ == "__main__":
    command(sys.argv[1:])
