"""Random bookings never overlap: the store against a slow and simple model."""

import random
from datetime import date, timedelta

from quayside.availability import Boat
from quayside.booking import Taken, book
from quayside.store.bookings import connect

START = date(2026, 6, 1)


def test_a_thousand_random_bookings_agree_with_a_list_of_nights() -> None:
    draw = random.Random(17)
    db = connect(":memory:")
    db.execute("INSERT INTO berth (id, pontoon, length_cm, beam_cm, depth_cm) VALUES (1, 'A', 900, 320, 200)")
    nights: set[date] = set()
    for number in range(1000):
        arrival = START + timedelta(days=draw.randrange(120))
        length = draw.randrange(1, 6)
        wanted = {arrival + timedelta(days=day) for day in range(length)}
        try:
            book(db, 1, Boat(f"boat {number}", 800, 290, 120), arrival, arrival + timedelta(days=length))
            assert not wanted & nights
            nights |= wanted
        except Taken:
            assert wanted & nights
