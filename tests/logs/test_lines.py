"""`Lines` are made when they are asked for, and `Newest` of them are the last ones."""

from llm_service.logs.lines import Lines, Newest
from llm_service.logs.model import Fact, ParsedLine
from llm_service.logs.tally import CLASSES, INDEX

FACT = ParsedLine("fact", "error", facts=(Fact("fact", {}),))
PHASE = ParsedLine("phase", phase="plan")


class Maker:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[bytes], classes: bytes) -> list[ParsedLine]:
        made = [
            ParsedLine(text.decode(), CLASSES[one][0], is_shown=CLASSES[one][1])
            for text, one in zip(texts, classes, strict=True)
        ]
        self.asked += [line.message for line in made]
        return made


def some(make: Maker) -> Lines:
    classes = [INDEX["debug", False]] * 4
    classes[1], classes[3] = INDEX["info", True], INDEX["error", True]
    return Lines([b"a", b"b", b"c", b"d"], bytes(classes), {3: FACT, 1: PHASE}, make)


def test_nothing_is_made_to_count_lines_and_to_find_the_notable() -> None:
    make = Maker()
    lines = some(make)
    assert (len(lines), lines.notable(), lines.errors()) == (4, [1, 3], (1, 3))
    assert lines.counts[INDEX["debug", False]] == 2 and sum(lines.counts) == 4
    assert lines.has_shown and not lines[2:3].has_shown
    assert lines[1:][1:].notable() == [1] and lines[:1].errors() == (0, -1)
    assert not make.asked


def test_only_what_is_asked_for_is_made_and_all_of_it_once() -> None:
    make = Maker()
    lines = some(make)
    assert [lines[-2].message, lines[3].message, lines[:2][0].message] == ["c", "fact", "a"]
    assert make.asked == ["c", "a"]
    assert [line.message for line in lines] == ["a", "phase", "c", "fact"]
    assert [line.message for line in lines] == ["a", "phase", "c", "fact"]
    assert lines[0].message == "a" and make.asked == ["c", "a", "a", "c"]


def test_each_is_made_of_its_class() -> None:
    make = Maker()
    lines = some(make)
    assert [(lines[at].level, lines[at].is_shown) for at in (0, 1, 2)] == [
        ("debug", False),
        ("info", True),
        ("debug", False),
    ]
    classes = bytes([INDEX["error", True], INDEX["warning", True]])
    others = Lines([b"a", b"b"], classes, {}, make)
    assert [line.level for line in others.some([1, 0])] == ["warning", "error"]
    assert [line.level for line in others[1:]] == ["warning"]
    assert [line.level for line in others] == ["error", "warning"]


def test_some_are_made_together() -> None:
    make = Maker()
    lines = some(make)
    assert [line.message for line in lines.some([0, 1, 2])] == ["a", "phase", "c"] and make.asked == ["a", "c"]
    made = list(lines)
    assert lines.some([3, 0]) == [made[3], made[0]] and make.asked == ["a", "c", "a", "c"]
    assert lines.some([]) == []


def test_lines_are_equal_to_a_list_of_the_same_lines() -> None:
    make = Maker()
    made = list(some(make))
    assert some(make) == made and made == some(make) and some(make) == some(make)
    assert some(make) != made[:-1] and some(make) != 7
    assert Lines.of(made) == made and Lines.of(made).notable() == [1, 3]
    assert Lines.of(made)[2:] == made[2:]


def test_lines_of_the_system_alone() -> None:
    system = ParsedLine("x", source="system")
    assert Lines.of([system, system]).is_of_system()
    assert not Lines.of([system, PHASE]).is_of_system()
    assert not some(Maker())[:1].is_of_system()


def test_the_newest_are_the_last_ones_of_all_parts() -> None:
    newest, everything = Newest(5), []
    for size in (0, 1, 2, 9, 3, 1, 1, 4):
        part = [ParsedLine(f"{size}-{number}") for number in range(size)]
        newest.add(Lines.of(part))
        everything += part
        assert list(newest) == everything[-5:] and len(newest) == len(everything[-5:])
        assert newest[-1:] == everything[-1:]
    newest.clear()
    assert not newest and list(newest) == []


def test_the_newest_hold_no_more_than_that() -> None:
    make, newest = Maker(), Newest(2)
    for _ in range(3):
        newest.add(some(make))
    assert [line.message for line in newest] == ["c", "fact"] and make.asked == ["c"]
