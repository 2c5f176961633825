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
