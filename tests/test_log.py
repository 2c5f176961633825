"""Log lines: their format, and what they never contain."""

from __future__ import annotations

import json
import logging
import re
import threading
from pathlib import Path

import pytest

from llm_service import log


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_a_text_line_has_time_level_logger_message_and_pairs(tmp_path: Path) -> None:
    log.setup(file=str(tmp_path / "log"))
    logging.getLogger("llm_service.observer").warning("slow %s", "scan", extra={"ms": 12, "path": "a b"})
    (line,) = lines(tmp_path / "log")
    assert re.fullmatch(
        r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING llm_service\.observer slow scan ms=12 path="a b"', line
    )


def test_a_json_line_is_one_object(tmp_path: Path) -> None:
    log.setup(format="json", file=str(tmp_path / "log"))
    try:
        raise ValueError("odd\nname")
    except ValueError:
        logging.getLogger("llm_service.x").exception("two\nlines", extra={"path": Path("/p")})
    (line,) = lines(tmp_path / "log")
    entry = json.loads(line)
    assert (entry["level"], entry["message"], entry["path"]) == ("ERROR", "two\nlines", "/p")
    assert "ValueError: odd\nname" in entry["exception"]


def test_a_name_with_a_newline_does_not_forge_a_line(tmp_path: Path) -> None:
    log.setup(file=str(tmp_path / "log"))
    logging.getLogger("llm_service").warning("cannot read %s", "x\n2026-01-01 ERROR forged\x1b[31m\udc80")
    (line,) = lines(tmp_path / "log")
    assert "\\n2026-01-01 ERROR forged\\x1b[31m\\udc80" in line


def test_a_traceback_follows_the_line_indented(tmp_path: Path) -> None:
    log.setup(file=str(tmp_path / "log"))
    try:
        raise ValueError("odd")
    except ValueError:
        logging.getLogger("llm_service").exception("failed")
    first, *rest = lines(tmp_path / "log")
    assert first.endswith("failed")
    assert rest[-1] == "    ValueError: odd"
    assert all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_redacted_anywhere_in_a_line(tmp_path: Path, form: str) -> None:
    log.setup(format=form, file=str(tmp_path / "log"), secrets=['s3"cret'])
    logger = logging.getLogger("llm_service")
    logger.warning('GET /?token=abc&x=1 and s3"cret and Authorization: Bearer qwertz', extra={"token": 's3"cret'})
    text = (tmp_path / "log").read_text()
    assert "x=1" in text
    assert "token=***" in text
    assert not any(secret in text for secret in ("abc", "cret", "qwertz"))


def test_only_warnings_are_logged_by_default_and_only_errors_of_the_server_libraries(tmp_path: Path) -> None:
    log.setup(file=str(tmp_path / "log"))
    logging.getLogger("llm_service").info("not this")
    for name in log.SERVER_LOGGERS:
        logging.getLogger(name).warning("nor this of %s", name)
    logging.getLogger("gunicorn.error").error("but this")
    (line,) = lines(tmp_path / "log")
    assert line.endswith("but this")


def test_a_failed_thread_is_logged_but_a_disconnect_is_not(tmp_path: Path) -> None:
    def writer() -> None:
        raise OSError(9, "Bad file descriptor")

    def worker() -> None:
        raise ValueError("odd")

    log.setup(file=str(tmp_path / "log"))
    for target in (writer, worker):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    first, *rest = lines(tmp_path / "log")
    assert "ERROR llm_service.log A thread failed thread_name=" in first
    assert rest[-1] == "    ValueError: odd"
    assert not any("file descriptor" in line for line in rest)


def test_another_setup_replaces_the_handler(tmp_path: Path) -> None:
    log.setup(file=str(tmp_path / "first"))
    log.setup("info", file=str(tmp_path / "second"))
    logging.getLogger("llm_service").info("once")
    assert lines(tmp_path / "first") == []
    assert len(lines(tmp_path / "second")) == 1
