"""What the user view shows."""

import pytest

from llm_service.logs.model import Fact, ParsedLine
from llm_service.logs.parser import LineParser, parse_log_line
from llm_service.logs.visible import should_show_to_user


@pytest.mark.parametrize(
    "line",
    [
        "DEBUG details",
        "2026-11-30 05:22:42,123 INFO sqlalchemy.engine.Engine SELECT users.id FROM users",
        "INFO sqlalchemy.engine.Engine BEGIN (implicit)",
        "INFO sqlalchemy.engine.Engine [generated in 0.0001s] ()",
        "FROM users ",
        "WHERE users.id = ?",
        "Cache hit for key user:17",
        "loaded from the template cache",
        "GET /health 200",
        "INFO heartbeat sent",
        '{"logger":"sqlalchemy.pool","level":"info","msg":"checked out"}',
    ],
)
def test_details_are_hidden(line: str) -> None:
    assert not parse_log_line(line).is_shown


@pytest.mark.parametrize(
    "line",
    [
        "I build the page now",
        "ERROR sqlalchemy.engine.Engine BEGIN (implicit)",
        "WARNING cache miss",
        "Cache warm: cache entries 45%",
        "[3/10] cache put",
        "FACT: cache keys are strings",
        "",
    ],
)
def test_errors_progress_and_what_speaks_to_the_user_are_shown(line: str) -> None:
    assert parse_log_line(line).is_shown


def test_it_works_on_a_value_that_somebody_else_made() -> None:
    assert should_show_to_user(ParsedLine("x"))
    assert not should_show_to_user(ParsedLine("x", level="debug"))
    assert not should_show_to_user(ParsedLine("x", is_folded=True))
    assert not should_show_to_user(ParsedLine("cache hit"))
    assert should_show_to_user(ParsedLine("cache hit", facts=(Fact("fact", {"text": "x"}),)))
    assert not should_show_to_user(ParsedLine("cache hit", facts=(Fact("turn", {"id": "x"}),)))


TRACEBACK = """\
ERROR it failed
Traceback (most recent call last):
  File "/p/a.py", line 1, in f
    g()
ValueError: no number

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/p/a.py", line 3, in f
05:22:42 [INFO] another thread
    h()
app.Missing: nothing
going on
TypeError: x is not a function
    at run (/p/a.js:3:4)
    at async Promise.all (index 0)
    at /p/b.js:1:1
java.lang.IllegalStateException: bad
\tat com.foo.Bar.run(Bar.java:12)
\t... 12 more
panic: oh no
goroutine 1 [running]:
main.main()
\t/p/main.go:3 +0x1d
exit status 2
after
  + Exception Group Traceback (most recent call last):
  |   File "/p/a.py", line 1
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
done
   at last it works
"""


def test_tracebacks_are_folded_under_their_error() -> None:
    lines = LineParser().parse(TRACEBACK.encode())
    shown = [(line.level, line.message) for line in lines if not line.is_folded]
    assert shown == [
        ("error", "it failed"),
        ("error", "ValueError: no number"),
        ("info", ""),
        ("info", ""),
        ("info", "another thread"),
        ("error", "app.Missing: nothing"),
        ("info", "going on"),
        ("error", "TypeError: x is not a function"),
        ("error", "java.lang.IllegalStateException: bad"),
        ("error", "panic: oh no"),
        ("info", "after"),
        ("error", "  | ExceptionGroup: two (2 sub-exceptions)"),
        ("info", "done"),
        ("info", "   at last it works"),
    ]
    assert not any(line.is_shown for line in lines if line.is_folded)
    assert {line.level for line in lines if line.is_folded} == {"info"}
