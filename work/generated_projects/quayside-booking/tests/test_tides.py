"""Windows of berths that dry out."""

from datetime import UTC, datetime, timedelta

from quayside.tides import height_cm, windows

LOW = datetime(2026, 11, 19, 7, 12, tzinfo=UTC)
TABLE = [(LOW, 60), (LOW + timedelta(hours=6, minutes=10), 480), (LOW + timedelta(hours=12, minutes=25), 40)]


def test_half_way_up_is_half_the_range() -> None:
    assert height_cm(LOW + timedelta(hours=3, minutes=5), TABLE) == 270


def test_outside_the_table_nothing_is_predicted() -> None:
    assert height_cm(LOW - timedelta(minutes=1), TABLE) is None


def test_a_window_lies_around_high_water() -> None:
    ((opens, closes),) = windows(TABLE, depth_cm=-100, draught_cm=150)
    assert opens < TABLE[1][0] < closes
    assert height_cm(opens, TABLE) >= 300
