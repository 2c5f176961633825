"""What names a board, its hosts and their Redis: settings, identity, what doctor says. No server is needed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import NoPermissionError, ResponseError

from llm_service.hub import identity, redis_check
from llm_service.hub.board_link import board_rules, open_board
from llm_service.hub.board_settings import BoardSettings, _label_problem, _redis_problem, url_problem
from llm_service.hub.event import Event
from llm_service.hub.redis_link import BoardKeys, RedisLink, RedisMissing, RedisUnusable, kind_of, reason_of
from llm_service.web.guard import origins_of
from llm_service.web.guard_headers import readable

KEYS, OBSERVER = BoardKeys("team"), "a" * 16


@pytest.mark.parametrize(
    ("url", "is_good"),
    [("rediss://h:6379", True), ("http://h", False), ("redis://", False), ("redis://h:x", False), ("redis://[", False)],
)
def test_addresses_of_a_redis(url: str, is_good: bool) -> None:
    assert (_redis_problem(url) is None) == is_good


@pytest.mark.parametrize("url", ["http://[", "http://h:99999", "ftp://h", "http://a@h", "http://h?q", "http://h/ x"])
def test_what_is_no_address_of_a_dashboard(url: str) -> None:
    assert url_problem(url) is not None
    assert url_problem("https://h:8080/board") is None


def test_a_label_is_one_line() -> None:
    assert _label_problem("laptop") is None
    assert all(_label_problem(text) for text in ("", " ", "a\nb", "x" * 65))


def test_an_event_says_nothing_to_other_hosts_by_default() -> None:
    assert list(Event.entries(None)) == []  # type: ignore[arg-type]


def test_an_identity_is_made_once_and_is_bound_to_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / name for name in ("none", "empty", "new", "id")]
    for file, text in zip(files[1:], ("\n", "uninitialized\n", "0123\n"), strict=True):
        file.write_text(text)
    monkeypatch.setattr(identity, "_MACHINE_FILES", [(str(tmp_path), file.name) for file in files])
    assert identity.machine_id() == "0123"
    state = tmp_path / "state"
    made = identity.keep_identity(str(state), str(tmp_path))
    assert made.observer and identity.keep_identity(str(state), str(tmp_path)) == made
    monkeypatch.setattr(identity, "_MACHINE_FILES", [(str(tmp_path), "none")])
    assert identity.machine_id() == ""
    assert "two observers" in (identity.keep_identity(str(state), str(tmp_path)).problem or "")
    (state / identity.NAME).write_text(json.dumps({"observer": "../x", "bound": ""}))
    assert "has no observer" in (identity.keep_identity(str(state), str(tmp_path)).problem or "")
    (state / identity.NAME).write_text("[")
    assert "cannot be read" in (identity.keep_identity(str(state), str(tmp_path)).problem or "")


def test_an_identity_that_cannot_be_kept_shares_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(identity, "write_atomic", refuse)
    made = identity.keep_identity(str(tmp_path / "state"), str(tmp_path))
    assert made.observer is None and "No space left on device" in (made.problem or "")


class Answers:
    """A client of Redis that answers as told. `refused`: the words in commands that it may not give."""

    def __init__(self, refused: tuple[str, ...] = (), ahead_s: float = 0.0, **facts: Any) -> None:
        self._facts, self._refused, self._ahead_s = facts, refused, ahead_s

    def info(self) -> dict[str, Any]:
        return {"redis_version": "7.0.15", "maxmemory_policy": "noeviction"} | self._facts

    def time(self) -> tuple[int, int]:
        return int(time.time() + self._ahead_s), 0

    def execute_command(self, *command: object) -> int:
        if any(word in str(part) for word in self._refused for part in command):
            raise NoPermissionError("No permissions to run this")
        return 0

    def pipeline(self, *, transaction: bool) -> Answers:
        assert transaction
        return self

    def hset(self, *arguments: str) -> None:
        self.execute_command("HSET", *arguments)

    def delete(self, *arguments: str) -> None:
        self.execute_command("DEL", *arguments)

    def execute(self) -> None:
        self.execute_command("EXEC")


@pytest.mark.parametrize(
    ("client", "level", "text"),
    [
        (Answers(redis_version="5.0.7"), "problem", "version 5.0.7; 6.2 or later"),
        (Answers(maxmemory_policy="allkeys-lru"), "problem", "set it to noeviction"),
        (Answers(maxmemory_policy="unknown"), "note", "is not known"),
        (Answers(maxmemory=1_000_000, used_memory=950_000), "problem", "memory is nearly full"),
        (Answers(maxmemory=1_000_000, used_memory=10_000), "ok", "1% of 1 MB used"),
        (Answers(aof_enabled=1), "ok", "persists by AOF"),
        (Answers(aof_enabled=1, aof_last_write_status="err"), "problem", "last write of the AOF failed"),
        (Answers(rdb_last_bgsave_status="err"), "problem", "last save failed"),
        (Answers(), "note", "does not persist by AOF"),
        (Answers(ahead_s=60), "problem", "s apart: ages of hosts are wrong"),
        (Answers(), "ok", "ms apart"),
        (Answers(refused=("EXISTS",)), "problem", "what a host does on its board: EXISTS; "),
        (Answers(refused=(OBSERVER,)), "problem", "GET, EXISTS, DEL, HSCAN"),
        (Answers(refused=("EXEC",)), "problem", "MULTI, HSET, EXEC"),
        (Answers(refused=("0" * 16,)), "ok", "writes its own keys only"),
        (Answers(), "note", ""),
    ],
)
def test_what_doctor_says_of_a_redis(client: Answers, level: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RedisLink, "run", lambda _, work: work(client))
    said = list(redis_check.examine(RedisLink("redis://h"), KEYS, OBSERVER))
    assert [one for one in said if one[0] == level and text in one[1]], said


def test_a_redis_refuses_in_one_line_without_what_was_written() -> None:
    packed = ResponseError("Command # 2 (XADD llm:team:a:evz MAXLEN (x) \x28\xb5 t t) of pipeline caused error: OOM.")
    assert reason_of(packed) == "XADD llm:team:a:evz: OOM" and kind_of(packed) == "Redis refuses"
    assert reason_of(ResponseError("no\nmore.")) == "no more" and reason_of(OSError()) == "OSError"
    assert reason_of(RedisMissing("It is missing.")) == "It is missing" and kind_of(RedisMissing("x")) == ""
    assert kind_of(OSError()) == "Redis cannot be reached"


@pytest.mark.parametrize("problem", [RedisMissing("redis-py is missing"), RedisUnusable("refused")])
def test_doctor_names_a_redis_that_cannot_be_used(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise problem

    monkeypatch.setattr(RedisLink, "run", fail)
    ((level, _),) = redis_check.examine(RedisLink("redis://h"), KEYS, OBSERVER)
    assert level == "problem"


def test_what_the_page_may_ask_and_who_may_read_refusals() -> None:
    assert origins_of(["http://h:8080/x", "javascript:alert(1)", "http://h:8080"]) == ["http://h:8080"]
    own = [("Access-Control-Allow-Origin", "http://a")]
    assert readable(own, "http://b") == own
    assert ("Access-Control-Allow-Origin", "http://b") in readable([], "http://b")


def test_the_rights_are_printed_for_the_board_of_the_settings() -> None:
    assert board_rules("team") == redis_check.acl("team")
    assert "%R~llm:team:*" in board_rules("team") and "~llm:other:" not in board_rules("team")


def test_settings_without_a_board_open_none() -> None:
    assert open_board(BoardSettings()) is None
    board = open_board(BoardSettings(board="team", redis_url="redis://h"))
    assert board is not None and board.kind == "redis"
