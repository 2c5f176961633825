"""Two writers, one berth: `python -m quayside.testing.race --rounds 500`."""

from __future__ import annotations

import argparse
import tempfile
import threading
from datetime import date
from pathlib import Path

from ..availability import Boat
from ..booking import Taken, book
from ..store.bookings import connect


def round_of(folder: Path, number: int) -> int:
    """How many of two writers were told that they have the berth."""
    file = folder / f"{number}.sqlite"
    with connect(file) as db:
        db.execute("INSERT INTO berth (id, pontoon, length_cm, beam_cm, depth_cm) VALUES (17, 'B', 1200, 400, 180)")
    told: list[str] = []

    def writer(name: str) -> None:
        try:
            book(connect(file), 17, Boat(name, 1120, 360, 170), date(2026, 11, 7), date(2026, 11, 8))
            told.append(name)
        except Taken:
            pass

    both = [threading.Thread(target=writer, args=(name,)) for name in ("Petrel", "Annie May")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    return len(told)


def main() -> None:
    """Print the count of rounds in which both were confirmed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        told = [round_of(Path(folder), number) for number in range(rounds)]
    print(f"rounds {rounds}  confirmed twice {told.count(2)}  lost {told.count(0)}")


if __name__ == "__main__":
    main()
