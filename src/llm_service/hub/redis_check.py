"""What `llm-service doctor` says of the Redis of a board, `examine(link, keys, observer)`; and the ACL of a board."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from .board import Level
from .redis_link import PREFIX, BoardKeys, Client, RedisLink, RedisMissing, RedisUnusable, module

OLDEST = (6, 2)
MAX_CLOCK_S = 2.0
_COMMON = "+ping +multi +exec +info +time +hello +auth +client|setname"
OBSERVER_RULES = f"-@all {_COMMON} +xadd +xrevrange +get +set +del +exists +pexpire +hset +hget +hdel"
DASHBOARD_RULES = f"-@all {_COMMON} +xread +get +hgetall +hscan +exists"


def acl(board: str, observer: str = "<observer>", password: str = "<password>") -> str:  # noqa: S107 - a place
    """The lines of an ACL file for one host of a board (Redis 7): it reads the board, and writes its own keys only.

    The index of members is the one key that all write: it only says which observers there are.
    """
    own = f"~{PREFIX}:{board}:{observer}:* ~{PREFIX}:{board}:members"
    return (
        f"user {board}-{observer} on >{password} resetchannels {own} %R~{PREFIX}:{board}:* "
        f"{OBSERVER_RULES} +xread +hgetall +hscan\n"
        f"user {board}-reader on >{password} resetchannels %R~{PREFIX}:{board}:* {DASHBOARD_RULES}\n"
    )


def examine(link: RedisLink, keys: BoardKeys, observer: str) -> Iterator[tuple[Level, str]]:
    """(level, text) for each thing that matters."""
    try:
        found: list[tuple[Level, str]] = link.run(lambda client: list(_findings(client, keys, observer)))
    except RedisMissing as problem:
        yield "problem", problem.message
        return
    except RedisUnusable as problem:
        yield "problem", f"it cannot be used: {problem}"
        return
    yield from found


def _findings(client: Client, keys: BoardKeys, observer: str) -> Iterator[tuple[Level, str]]:
    try:
        facts: dict[str, Any] = client.info()
    except module().exceptions.NoPermissionError:
        yield "note", "this user may not ask for its version, memory policy and persistence (INFO)"
    else:
        yield _version(facts)
        yield _policy(facts)
        yield _persistence(facts)
    try:
        yield _clock(client)
    except module().exceptions.NoPermissionError:
        yield "note", "this user may not ask for its clock (TIME)"
    yield from _rights(client, keys, observer)


def _version(facts: dict[str, Any]) -> tuple[Level, str]:
    text = str(facts.get("redis_version", "0"))
    numbers = tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        return "problem", f"version {text}; 6.2 or later is needed"
    return "ok", f"version {text}"


def _policy(facts: dict[str, Any]) -> tuple[Level, str]:
    policy, limit = str(facts.get("maxmemory_policy", "unknown")), int(facts.get("maxmemory", 0))
    if policy.startswith("allkeys"):
        return "problem", (
            f"maxmemory-policy {policy} removes what hosts share when memory is full, without telling anybody; "
            "set it to noeviction"
        )
    if policy == "unknown":
        return "note", "its maxmemory-policy is not known; noeviction is the right one"
    full = f", {facts.get('used_memory', 0) / limit:.0%} of {limit / 1e6:,.0f} MB used" if limit else ", no limit"
    if limit and facts.get("used_memory", 0) > 0.9 * limit:
        return "problem", f"memory is nearly full ({policy}{full})"
    return "ok", f"maxmemory-policy {policy}{full}"


def _persistence(facts: dict[str, Any]) -> tuple[Level, str]:
    if facts.get("aof_enabled"):
        is_good = facts.get("aof_last_write_status", "ok") == "ok"
        return ("ok", "it persists by AOF") if is_good else ("problem", "its last write of the AOF failed")
    if facts.get("rdb_last_bgsave_status", "ok") != "ok":
        return "problem", "its last save failed, so that it may refuse to write"
    return (
        "note",
        "it does not persist by AOF: after its end, hosts that are not there are missing until they come back",
    )


def _clock(client: Client) -> tuple[Level, str]:
    before = time.time()
    seconds, microseconds = client.time()
    apart = seconds + microseconds / 1e6 - (before + time.time()) / 2
    if abs(apart) > MAX_CLOCK_S:
        return "problem", f"its clock and that of this machine are {abs(apart):,.1f} s apart: ages of hosts are wrong"
    return "ok", f"clocks are {abs(apart) * 1000:,.0f} ms apart"


def _rights(client: Client, keys: BoardKeys, observer: str) -> Iterator[tuple[Level, str]]:
    """What this user may do, and what it should not be able to do."""
    missing = [name for name, command in _needed(keys, keys.of(observer, "probe")) if not _may(client, *command)]
    if not missing and not _may_write_at_once(client, keys.of(observer, "probe")):
        missing = ["MULTI, HSET, EXEC"]
    if missing:
        yield (
            "problem",
            (
                f"this user may not do what a host does on its board: {', '.join(missing)}; "
                "`llm-service members --acl` has the rules"
            ),
        )
    if _may(client, "HDEL", keys.of("0" * 16, "probe"), "x"):
        yield "note", "this user may write the keys of other hosts too; `llm-service members --acl` has rules"
    else:
        yield "ok", "this user writes its own keys only"


def _needed(keys: BoardKeys, probe: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """What a host does, so that nothing is changed: `probe` is a key that is not there."""
    yield "HGETALL", ("HGETALL", keys.members)
    yield "HGET", ("HGET", keys.members, "x")
    arguments_of: dict[str, tuple[str | int, ...]] = {
        "GET": (), "EXISTS": (), "DEL": (), "HSCAN": (0,), "HDEL": ("x",), "PEXPIRE": (1,), "SET": ("x", "XX"),
        "XREVRANGE": ("+", "-", "COUNT", 1), "XADD": ("NOMKSTREAM", "*", "e", "x"),
    }  # fmt: skip
    for name, arguments in arguments_of.items():
        yield name, (name, probe, *arguments)
    yield "XREAD", ("XREAD", "STREAMS", probe, 0)


def _may(client: Client, *command: str | int) -> bool:
    """False if the user has no right to it, as the server says before it does anything."""
    try:
        client.execute_command(*command)
    except module().exceptions.NoPermissionError:
        return False
    return True


def _may_write_at_once(client: Client, probe: str) -> bool:
    """HSET makes a key: only together with its removal."""
    pipe = client.pipeline(transaction=True)
    pipe.hset(probe, "x", "x")
    pipe.delete(probe)
    try:
        pipe.execute()
    except module().exceptions.ResponseError:  # without the right to MULTI, EXEC is what fails
        return False
    return True
