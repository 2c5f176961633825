"""`LineParser`: any bytes, any blocks, the same lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from llm_service.logs.parser import LineParser, parse_log_line
from llm_service.logs.visible import should_show_to_user

PIECES = st.sampled_from(
    [
        b"2026-11-30T05:22:42.123Z INFO started",
        b"2026-11-30 05:22:42,123 - app.core - ERROR - failed",
        b"05:22:42 [DEBUG] cache miss for key 17",
        b"Traceback (most recent call last):",
        b'  File "/work/project/src/a.py", line 3, in f',
        b"ValueError: no number",
        b"    at run (/work/project/src/a.js:3:4)",
        b"goroutine 1 [running]:",
        b"main.main()",
        b'{"level": 40, "msg": "pino", "time": 1764480162123}',
        b'{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"Running plan"}]}}',
        b'{"type":"item.completed","item":{"id":"1","type":"agent_message","text":"Done"}}',
        b'level=warn msg="slow \\" query" took=3s',
        b"-----BEGIN RSA PRIVATE KEY-----",
        b"MIIEowIBAAKCAQEAx0z3Yq0E7b1H5mWc8k2nQv9sJ4dLrT6uPzXa",
        b"-----END RSA PRIVATE KEY-----",
        b"password=hunter22 api_key: 'Zx81kLmN0pQrStUv'",
        b"10%\r50%\r100%",
        b"\x1b[31mERROR\x1b[0m bad",
        b"\x00\xff\xfe\x80",
        b"FACT: the port is 8080",
        b"/speckit.plan now",
        b"",
        b"\r",
        b"{",
        b"[",
        b"7",
    ]
)
LINES = st.lists(st.one_of(PIECES, st.binary(max_size=40).map(lambda line: line.replace(b"\n", b""))), max_size=20)


@given(LINES, st.data())
@settings(max_examples=150, deadline=None)
def test_the_same_lines_come_out_wherever_a_log_is_cut(lines: list[bytes], data: st.DataObject) -> None:
    whole = LineParser("/work/project").parse(b"".join(line + b"\n" for line in lines))
    assert len(whole) == len(lines)
    parser, cut = LineParser("/work/project"), []
    while lines:
        size = data.draw(st.integers(1, len(lines)))
        cut += parser.parse(b"".join(line + b"\n" for line in lines[:size]))
        lines = lines[size:]
        if data.draw(st.booleans()):
            parser = LineParser("/work/project", state=parser.state())
    assert cut == whole
    for line in whole:
        assert line.is_shown == should_show_to_user(line)
        assert not any(ord(character) < 32 and character != "\t" for character in line.message)
        line.message.encode()
        assert all(0 <= start < end <= len(line.message) for start, end, _ in line.spans)


def test_one_line_by_itself_is_parsed() -> None:
    line = parse_log_line("2026-11-30T05:22:42Z WARN disk is full\nsecond")
    assert (line.level, line.message, line.time) == ("warning", "disk is full", "2026-11-30T05:22:42.000Z")
    assert parse_log_line("").message == ""


def test_bytes_that_are_no_text_do_no_harm() -> None:
    lines = LineParser().parse(b"a\x00b\xff\r\n\x1b[31m\x07\x9b\n" + bytes(range(256)).replace(b"\n", b"") + b"\n")
    assert [line.message for line in lines[:2]] == ["a\ufffdb\ufffd", "\ufffd\ufffd"]
    assert len(lines) == 3


def test_progress_collapses_to_its_last_state() -> None:
    lines = LineParser().parse(b"10%\r50%\r100%\n5%\b\b9%\nwindows\r\n\x1b[2K\r 70%\r\n")
    assert [line.message for line in lines] == ["100%", "9%", "windows", " 70%"]
    assert lines[0].raw == "100%"


def test_a_long_line_is_cut_and_says_so() -> None:
    short, long, event = LineParser().parse(
        b"x\n" + b"y" * 200_000 + b"\n" + b'{"type":"turn.started","pad":"' + b"z" * 100_000 + b'"}\n'
    )
    assert long.message.endswith(" … (cut: 200,000 characters)") and len(long.message) < 66_000
    assert long.raw == long.message and short.message == "x"
    assert event.facts[0].kind == "turn" and len(event.raw) < 66_000


def test_paths_of_the_project_are_relative_in_messages() -> None:
    parser = LineParser("/work/shop")
    block = (
        "open /work/shop/src/a.py:3\nin /work/shop now\n/work/shop2/b /mnt/work/shop/c\n"
        "\x1b[1m/work/shop/a\x1b[0m and \x1b[31m/work/shop/b\x1b[0m\nERROR in file:///work/shop/x.md\n"
        'level=info msg="in /work/shop/y"\n'
    )
    lines = parser.parse(block.encode())
    assert [line.message for line in lines] == [
        "open src/a.py:3", "in . now", "/work/shop2/b /mnt/work/shop/c", "a and b", "in file://x.md", "in y",
    ]  # fmt: skip
    assert lines[3].spans == ((0, 1, "bold"), (6, 7, "red"))
    assert lines[0].raw == "open /work/shop/src/a.py:3"


def test_facts_of_words() -> None:
    lines = LineParser().parse(
        b"Overwrite? [y/N]\nRate limit exceeded, retry\n===== 2 failed, 3 passed, 1 skipped in 0.52s =====\n"
        b"Tests:       1 failed, 5 passed, 6 total\ntest result: ok. 12 passed; 0 failed; 1 ignored\n"
        b"2026-11-30T05:22:42Z INFO KNOWLEDGE: redis is needed\nno facts: 3 passed by\n"
    )
    assert [[fact.kind for fact in line.facts] for line in lines] == [
        ["waiting"], ["rate_limit"], ["tests"], ["tests"], ["tests"], ["fact"], [],
    ]  # fmt: skip
    assert lines[2].facts[0].data == {"passed": 3, "failed": 2, "skipped": 1, "errors": 0, "duration_s": 0.52}
    assert lines[4].facts[0].data == {"passed": 12, "failed": 0, "skipped": 1, "errors": 0, "duration_s": None}
    assert lines[5].facts[0].data == {"text": "redis is needed"} and lines[5].facts[0].is_recorded
    assert not lines[0].facts[0].is_recorded
