"""Working on whole blocks gives the lines, counts, facts, phases and state that reading line after line gives."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit.log_mix import LogMix
from kit.log_pieces import Lines as Pieces

from llm_service.logs.details import DetailReader
from llm_service.logs.made_lines import with_phase
from llm_service.logs.model import ParsedLine
from llm_service.logs.parser import LineParser
from llm_service.logs.parsing import survey
from llm_service.logs.phases import PhasePatterns
from llm_service.logs.project_paths import ProjectPaths
from llm_service.logs.redaction import Redactor
from llm_service.logs.scan import LEVEL, OTHER, RARE
from llm_service.logs.tally import CLASSES

PROJECT = "/work/project"
PHASES: Sequence[Mapping[str, Sequence[str]]] = (
    {},
    {"plan": ["planning started"], "test": ["^the run", r"TESTING \d+"]},
    {"plan": ["^started|finished$"], "review": ["(?i)cache (hit|miss)"]},
    {"plan": ["rows=3", "app.core: [a-z]"], "review": ["characters"]},
)
WHOLE = (
    b"Traceback (most recent call last):", b'  File "/work/project/src/a.py", line 3, in f', b"    return a[0]",
    b"ValueError: no number", b"app.Missing", b"  + Exception Group Traceback (most recent call last):",
    b"  | KeyError: 1", b"    at run (/work/project/src/a.js:3:4)", b"goroutine 1 [running]:", b"main.main()",
    b"\t/go/main.go:7", b"stack backtrace:", b"   0: rust_begin_unwind",
    b"2026-11-30T05:22:42Z INFO of another thread", b"[INFO] of another thread",
    b'{"level": 40, "msg": "planning started", "time": 1764480162123, "rows": 3}',
    b'{"event": "x", "level": null, "lvl": "warn"}', b'{"msg": "x", "stack": "E\\n at"}',
    b'{"message": "the run", "severity": "ERROR"}', b'{"level": 7}', b"{}", b'{"a": ',
    b'{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"Running plan"}]}}',
    b'{"type":"assistant","message":{"id":"m2","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]}}',
    b'{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"no","is_error":true}]}}',
    b'{"type":"item.completed","item":{"type":"command_execution","command":"ls","exit_code":1}}',
    b'{"type":"assistant","message":{"content":[{"type":"text","text":"shall it proceed?"}]}}',
    b'{"type":"item.comp\x1b[0mleted","item":{"type":"command_execution","command":"ls","exit_code":1}}',
    b'{"event": "a \x1b[1mb", "level": "warn\x1b[0ming"}',
    b'{"type":"x","msg":"y"}', b'\x1b[32m{"type":"turn.started"}\x1b[0m', b'level=warn msg="slow \\" query" took=3s',
    b'msg=hi rows=3 took=1ms', b'time="2026-11-30T05:22:42Z" level=error msg="planning started" rows=3',
    b'time=x level=debug msg="" a', b"ts=1 x", b'time="2026-11-30T05:22:42Z" level=error msg="cache hit" rows=3',
    b'time=2026-11-30T05:22:42Z level=info msg="cache hit"', b"-----BEGIN RSA PRIVATE KEY-----",
    b"MIIEowIBAAKCAQEAx0z3Yq0E7b1H5mWc8k2nQv9sJ4dLrT6uPzXa", b"-----END RSA PRIVATE KEY-----",
    b"password=hunter22 api_key: 'Zx81kLmN0pQrStUv'",
    b"\x1b[31mtoken\x1b[0m=ghp_0123456789abcdefghijABCDEFGHIJ012345", b"10%\r50%\r100%", b"\x1b[31mERROR\x1b[0m bad",
    b"\x1b[2m2026-11-30T05:22:42Z\x1b[0m \x1b[32m INFO\x1b[0m app: planning started", b"ER\x08ROR: x",
    b"\x1b[1mError:\x1b[0m no", b"\x1b]0;title\x07ERROR: x", b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ WARN",
    b"\x1b[33mwarning\x1b[0m: unused", b"\x1b[31m \x1b", b"Err\x1b[0mor: x", b"\xe2\x1b[0m\x9c\x97",
    b"\xe2\x9c\x97 one", b"\xc2\x85ERROR: x\xc2\x9b", b"\x00\xff\xfe\x80", b"FACT: the port is 8080",
    b"/speckit.plan now", b"INFO /speckit.plan now", b"DEBUG: cache hit",
    b"2026-11-30 05:22:42,123 - sqlalchemy.engine.Engine - INFO - SELECT a",
    b"05:22:42 [DEBUG] cache miss for key 17", b"[2026-11-30 05:22:42] [WARN] slow", b"<warning> odd",
    b"2026-11-30 05:22:42 main INFO x", b"2026-13-30 05:22:42 ERROR x", b"INFO - planning started",
    b"INFO:app.core:the run", b"E1130 05:22:42.123456 1 main.go:12] x", b"testing 7", b"Testing 7 rows",
    b"x" * 65_530 + b" planning started", b"INFO " + b"y" * 70_000, b"3 failed", b"", b"\r", b"\r\r", b"[", b"7",
    b"proceed?", b"see /work/project/src/a.py", b"2026-11-30T05:22:42Z ERROR in /work/project",
    b"do you want to continue?", b"\t", b"  ", b"2026-11-30T05:22:42Z INFO a \xc2\x85 b", b"odd \xc2\x9b",
    "E1130 05:22:42.1 1 名前.go:12] x".encode(), ("I1130 05:22:42.1 1 " + "é" * 120 + "] x").encode(),
    ("W1130 05:22:42.1 1 " + "é" * 121 + "] x").encode(), b"E1130 05:22:42.1 1 \xff\x80.go:12] x", b"E1130 no \xc3\xa9",
)  # fmt: skip
ANY = st.one_of(
    st.sampled_from(WHOLE),
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    st.integers(0, 10_000).map(lambda seed: Pieces(seed).line().replace("\n", " ").encode()),
    st.integers(0, 10_000).map(lambda seed: next(LogMix(seed).lines()).encode()),
)


def line_by_line(lines: list[bytes], phases: Mapping[str, Sequence[str]]) -> list[ParsedLine]:
    """Each line redacted by itself, read by itself, and looked at for each pattern."""
    redactor, reader, patterns = Redactor(), DetailReader(ProjectPaths(PROJECT)), PhasePatterns(phases)
    parsed = []
    for line in lines:
        text = redactor.redact(line + b"\n").removesuffix(b"\n").decode("utf-8", "replace").removesuffix("\r")
        one = reader.read(text, LEVEL | RARE | OTHER)
        for _, phase in patterns.found([one.message]):
            one = with_phase(one, phase)
        parsed.append(one)
    return parsed


@given(st.lists(ANY, max_size=30), st.sampled_from(PHASES), st.data())
@settings(max_examples=300, deadline=None)
@example([*WHOLE], PHASES[1], None)
@example([*reversed(WHOLE)], PHASES[3], None)
def test_blocks_give_what_lines_give(
    lines: list[bytes], phases: Mapping[str, Sequence[str]], data: st.DataObject | None
) -> None:
    expected = line_by_line(lines, phases)
    parser, place = LineParser(PROJECT, phases), 0
    while place < len(lines):
        size = data.draw(st.integers(1, len(lines) - place)) if data else len(lines)
        part = parser.parse(b"".join(line + b"\n" for line in lines[place : place + size]))
        wanted = expected[place : place + size]
        assert [CLASSES[number] for number in part.classes] == [(one.level, one.is_shown) for one in wanted]
        assert part.notable() == [at for at, one in enumerate(wanted) if one.facts or one.phase is not None]
        assert survey(part) == survey(wanted)
        assert survey(part).time == next((one.time for one in reversed(wanted) if one.time is not None), None)
        assert [part[at] for at in range(min(size, 5))] == wanted[:5]
        assert part[size // 2 :] == wanted[size // 2 :]
        assert list(part) == wanted
        place += size
        if data and data.draw(st.booleans()):
            parser = LineParser(PROJECT, phases, parser.state())


@pytest.mark.parametrize("seed", range(4))
def test_believable_logs_give_what_lines_give(seed: int) -> None:
    block = LogMix(seed).block(3_000).replace(b"/srv/demo", PROJECT.encode())
    lines = block.split(b"\n")[:-1]
    for phases in PHASES[:2]:
        assert LineParser(PROJECT, phases).parse(block) == line_by_line(lines, phases)
