"""Level, time and message of every format that programs write."""

import time

import pytest

from llm_service.logs.parser import parse_log_line

NOW = "2026-11-30T05:22:42.123Z"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize(
    ("line", "level", "when", "message"),
    [
        ("2026-11-30T05:22:42.123Z INFO Building", "info", NOW, "Building"),
        ("2026-11-30T05:22:42.123456+00:00 warn  slow", "warning", NOW, "slow"),
        ("2026-11-30T06:22:42.123+01:00 [ERROR] bad", "error", NOW, "bad"),
        ("2026-11-30 05:22:42,123 - app.core - ERROR - failed", "error", NOW, "app.core: failed"),
        ("2026-11-30 05:22:42,123 INFO app: text", "info", NOW, "app: text"),
        ("2026-11-30 05:22:42.123 | DEBUG    | app.mod:f:12 - hi", "debug", NOW, "app.mod:f:12 - hi"),
        ("2026-11-30 05:22:42,123 [main] WARN  com.foo.Bar - slow", "warning", NOW, "com.foo.Bar - slow"),
        ("[2026-11-30 05:22:42 +0000] [123] [INFO] Booting", "info", "2026-11-30T05:22:42.000Z", "Booting"),
        ("[2026-11-30T05:22:42Z ERROR crate::mod] no", "error", "2026-11-30T05:22:42.000Z", "crate::mod] no"),
        ("2026/11/30 05:22:42 [error] 7#0: no file", "error", "2026-11-30T05:22:42.000Z", "7#0: no file"),
        ("2026/11/30 05:22:42 listening", "info", "2026-11-30T05:22:42.000Z", "listening"),
        ("2026-11-30T05:22:42Z Error: no port", "error", "2026-11-30T05:22:42.000Z", "no port"),
        ("05:22:42 [WARNING] disk low", "warning", None, "disk low"),
        ("[05:22:42.5] INFO hi", "info", None, "hi"),
        ("05:22:42 hi there", "info", None, "hi there"),
        ("INFO:root:text", "info", None, "root:text"),
        ("WARNING: careful", "warning", None, "careful"),
        ("[debug] details", "debug", None, "details"),
        ("CRITICAL - all lost", "error", None, "all lost"),
        ("E1130 05:22:42.123456    1 main.go:12] failed", "error", None, "failed"),
        ("W1130 05:22:42.123456 1 main.go:12] hm", "warning", None, "hm"),
        ('{"level":30,"time":1796016162123,"pid":1,"hostname":"h","msg":"pino","a":1}', "info", NOW, "pino a=1"),
        ('{"level":50,"time":"2026-11-30T05:22:42.123Z","name":"b","msg":"bunyan","v":0}', "error", NOW, "b: bunyan"),
        (
            '{"event":"hi","level":"warning","timestamp":"2026-11-30T05:22:42.123456Z","u":"x"}',
            "warning",
            NOW,
            "hi u=x",
        ),
        ('{"severity":"ERROR","message":"two\\nlines"}', "error", None, "two ⏎ lines"),
        ('{"msg":"x","exc_info":"Traceback\\n  File\\nValueError: y"}', "error", None, "x ValueError: y"),
        ('{"msg":"ok","nested":{"a":[1]},"none":null}', "info", None, 'ok nested={"a":[1]} none=null'),
        ('{"level": "info", broken', "info", None, '{"level": "info", broken'),
        ('time="2026-11-30T05:22:42.123Z" level=warning msg="a \\"b\\"" k=v', "warning", NOW, 'a "b" k=v'),
        ("ts=1796016162.123 lvl=error msg=short", "error", NOW, "short"),
        ("time=never I said", "info", None, "time=never I said"),
        ("Plain text", "info", None, "Plain text"),
        ("2026-99-99T05:22:42Z INFO x", "info", None, "x"),
        ("Information: about it", "info", None, "Information: about it"),
        ("ERRORS are shown below", "info", None, "ERRORS are shown below"),
    ],
)
def test_formats(line: str, level: str, when: str | None, message: str) -> None:
    parsed = parse_log_line(line)
    assert (parsed.level, parsed.time, parsed.message) == (level, when, message)
    assert parsed.raw == line


@pytest.mark.parametrize(
    "number", ["9" * 30, "9" * 400, "9" * 5_000, "1e400", "-1e400", "NaN"], ids=lambda one: one[:9]
)
def test_a_number_that_is_no_time_costs_no_line(number: str) -> None:
    for line in (f'{{"time": {number}, "level": "error", "msg": "x"}}', f"time={number} level=error msg=x"):
        parsed = parse_log_line(line)
        assert parsed.time is None and parsed.raw == line


def test_a_time_without_a_zone_is_that_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert parse_log_line("2025-01-30 06:22:41 INFO x").time == "2025-01-30T05:22:41.000Z"
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("Error: cannot open", "error"),
        ("  - error: nested", "error"),
        ("npm ERR! code 1", "error"),
        ("ValueError: no number", "error"),
        ("app.errors.NotFound: nothing", "info"),
        ("requests.exceptions.ConnectionError: refused", "error"),
        ("FAILED tests/test_a.py::test_b", "error"),
        ("3 passed, 1 failed in 0.1s", "error"),
        ("3 passed, 10 failed", "error"),
        ("Found 0 errors", "info"),
        ("no error was found", "info"),
        ("bash: foo: command not found", "error"),
        ("main.c:3:1: error: expected", "error"),
        ("main.c:3:1: warning: unused", "warning"),
        ("tool: warning: careful", "warning"),
        ("⚠ careful", "warning"),
        ("✗ build", "error"),
        ("DeprecationWarning: old", "warning"),
        ("debug: x is 3", "debug"),
        ("Segmentation fault (core dumped)", "error"),
        ("thread 'main' panicked at src/main.rs", "error"),
        ("the error handling is done", "info"),
    ],
)
def test_a_line_without_a_level_has_that_of_its_words(line: str, level: str) -> None:
    assert parse_log_line(line).level == level
