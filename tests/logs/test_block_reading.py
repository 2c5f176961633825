"""What is quick for whole blocks gives the same lines as reading each by itself, with all that may be in it."""

import pytest
from kit.log_mix import LogMix
from kit.log_pieces import Lines

from llm_service.logs.details import DetailReader
from llm_service.logs.formats.block_heads import block_heads
from llm_service.logs.formats.heads import read_head
from llm_service.logs.formats.levels import LEVELS
from llm_service.logs.model import ParsedLine
from llm_service.logs.parser import LineParser
from llm_service.logs.project_paths import ProjectPaths
from llm_service.logs.redaction import redact
from llm_service.logs.scan import LEVEL, OTHER, RARE

PROJECT = "/work/project"


def read_by_itself(lines: list[str]) -> list[ParsedLine]:
    reader = DetailReader(ProjectPaths(PROJECT))
    return [reader.read(line, LEVEL | RARE | OTHER) for line in lines]


@pytest.mark.parametrize("seed", range(20))
def test_a_block_gives_the_lines_that_each_gives_by_itself(seed: int) -> None:
    each = Lines(seed)
    block = redact("".join(f"{each.line()}\n" for _ in range(300)).encode())  # which reads lines of zeros as UTF-16
    lines = block.decode().split("\n")[:-1]
    for ours, expected in zip(LineParser(PROJECT).parse(block), read_by_itself(lines), strict=True):
        assert ours == expected


@pytest.mark.parametrize("seed", range(3))
def test_believable_logs_give_the_same_lines(seed: int) -> None:
    block = LogMix(seed).block(3_000)
    lines = block.decode().split("\n")[:-1]
    assert LineParser(PROJECT).parse(block) == read_by_itself(lines)


@pytest.mark.parametrize("seed", range(5))
def test_a_head_of_a_block_is_that_of_the_line_or_none(seed: int) -> None:
    each = Lines(seed)
    for _ in range(500):
        line = each.head() + each.message()
        ((second, _, _, name, word, first_word, rest),) = block_heads(f"{line}\n")
        level = LEVELS.get(word or first_word)
        if level is None:
            continue
        known, time, at, known_name = read_head(line)
        if not second or time is not None:
            assert (level, rest, name) == (known, line[at:], known_name)
