"""Where hints reported files before they were read."""

from __future__ import annotations

import pytest

from llm_service.tasks import trails as module
from llm_service.tasks.model import Location
from llm_service.tasks.trails import Trails


def at(path: str) -> Location:
    return Location(path.split("/")[0], None, path)


def test_locations_come_in_order_each_once_in_a_row_and_are_taken_once() -> None:
    trails = Trails()
    for path in ("inbox/a.yaml", "inbox/a.yaml", "done/a.yaml", "inbox/a.yaml", "inbox/b.yaml"):
        trails.add(at(path), 1.0)
    assert trails.take("inbox/a.yaml", at("inbox/a.yaml"), 1.0) == [
        at("inbox/a.yaml"), at("done/a.yaml"), at("inbox/a.yaml"),
    ]  # fmt: skip
    assert trails.take("inbox/a.yaml", at("inbox/a.yaml"), 1.0) == []
    assert trails.names() == ["b.yaml"]


def test_a_file_is_known_by_its_name_in_folders_of_any_depth() -> None:
    trails = Trails()
    there = [at("inbox/a.yaml"), at("assigned/ada/a.yaml"), at("done/a.yaml")]
    for place in there:
        trails.add(place, 1.0)
    assert trails.names() == ["a.yaml"]
    assert trails.take("done/a.yaml", at("done/a.yaml"), 1.0) == there


def test_what_came_after_the_place_that_is_read_is_for_the_next_check() -> None:
    trails = Trails()
    for path in ("inbox/a.yaml", "assigned/a.yaml", "done/a.yaml"):
        trails.add(at(path), 1.0)
    assert trails.take("inbox/a.yaml", at("inbox/a.yaml"), 1.0) == [at("inbox/a.yaml")]
    assert trails.take("other/a.yaml", at("other/a.yaml"), 11.0) == [at("assigned/a.yaml"), at("done/a.yaml")]


@pytest.mark.parametrize(("later_s", "count"), [(10.0, 1), (10.01, 0)])
def test_locations_count_for_ten_seconds(later_s: float, count: int) -> None:
    trails = Trails()
    trails.add(at("inbox/a.yaml"), 1.0)
    assert len(trails.take("done/a.yaml", at("done/a.yaml"), 1.0 + later_s)) == count


def test_an_old_trail_does_not_go_on() -> None:
    trails = Trails()
    trails.add(at("inbox/b.yaml"), 1.0)
    trails.add(at("done/b.yaml"), 11.0)
    assert trails.take("done/b.yaml", at("done/b.yaml"), 11.0) == [at("inbox/b.yaml"), at("done/b.yaml")]
    trails.add(at("inbox/a.yaml"), 1.0)
    trails.add(at("done/a.yaml"), 12.0)
    assert trails.take("done/a.yaml", at("done/a.yaml"), 12.0) == [at("done/a.yaml")]


def test_of_many_names_the_old_are_forgotten_and_the_recent_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NAMES", 3)
    trails = Trails()
    for number in range(4):
        trails.add(at(f"inbox/t{number}.yaml"), 100.0 + number)
    assert trails.names() == [f"t{number}.yaml" for number in range(4)]
    trails.add(at("inbox/new.yaml"), 111.5)
    assert trails.names() == ["t2.yaml", "t3.yaml", "new.yaml"]


def test_a_name_that_comes_again_is_not_among_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NAMES", 2)
    trails = Trails()
    for name, now in (("a", 1.0), ("b", 2.0), ("a", 12.0), ("c", 13.0)):
        trails.add(at(f"inbox/{name}.yaml"), now)
    assert trails.names() == ["a.yaml", "c.yaml"]


def test_the_locations_of_one_name_are_bounded() -> None:
    trails = Trails()
    for number in range(40):
        trails.add(at(f"{'ab'[number % 2]}/new.yaml"), 12.0)
    assert len(trails.take("new.yaml", None, 12.0)) == 32
