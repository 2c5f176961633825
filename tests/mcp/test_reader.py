"""`.mcp.json` is an agent's file: what is in it is read within limits, and what cannot be used is told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from llm_service.mcp.model import DeclaredServer
from llm_service.mcp.reader import filled, read_declared


def declare(place: Path, **servers: Any) -> None:
    (place / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))


def test_programs_and_addresses_are_read(place: Path) -> None:
    declare(
        place,
        a={"command": "x", "args": ["-y", "ü"], "env": {"K": "${V:-1}"}},
        b={"type": "http", "url": "https://h/mcp", "headers": {"A": "b"}},
    )
    assert read_declared(str(place)) == (
        [
            DeclaredServer(name="a", origin="workspace", argv=("x", "-y", "ü"), env={"K": "${V:-1}"}),
            DeclaredServer(name="b", origin="workspace", url="https://h/mcp", headers={"A": "b"}),
        ],
        [],
    )


def test_comments_are_no_mistake(place: Path) -> None:
    (place / ".mcp.json").write_text('{// mine\n"mcpServers": {"a": {"command": "x",},},}')
    assert [server.name for server in read_declared(str(place))[0]] == ["a"]


def test_without_a_file_nothing_is_declared(place: Path) -> None:
    assert read_declared(str(place)) == ([], [])


@pytest.mark.parametrize(
    "entry",
    [
        None, [], "x", {}, {"command": ""}, {"command": 7}, {"command": "x", "args": "y"},
        {"command": "x", "args": [1]},
        {"command": "x\0y"}, {"command": "\ud800"}, {"command": "x", "env": {"A B": "c"}}, {"command": "x", "env": []},
        {"command": "x", "env": {"A": 1}}, {"url": "file:///etc/passwd"}, {"url": 7}, {"url": "http://a@b/"},
        {"command": "x", "args": ["y" * 10_001]}, {"command": "x", "args": ["y"] * 201}, {"url": "ftp://h"},
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_told(place: Path, entry: Any) -> None:
    declare(place, good={"command": "x"}, bad=entry)
    found, problems = read_declared(str(place))
    assert [server.name for server in found] == ["good"]
    assert [problem.where for problem in problems] == [".mcp.json: bad"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({}, "neither `command` nor `url`"),
        ({"command": ""}, "neither"),
        ({"command": 7}, "`command` that is no program"),
    ],
)
def test_what_is_missing_is_told_from_what_is_wrong(place: Path, entry: Any, reason: str) -> None:
    declare(place, bad=entry)
    (problem,) = read_declared(str(place))[1]
    assert reason in problem.reason


@pytest.mark.parametrize("name", ["", "a b", "../x", "a" * 65, "‮x", "a:b"])
def test_a_name_that_cannot_be_used_is_told(place: Path, name: str) -> None:
    declare(place, **{name: {"command": "x"}})
    found, problems = read_declared(str(place))
    assert found == [] and len(problems) == 1


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"7", b"\xff\xfe\x00", b"[" * 100_000, b'{"mcpServers": 3}', b" " * 300_000]
)
def test_a_file_that_is_none_is_told(place: Path, data: bytes) -> None:
    (place / ".mcp.json").write_bytes(data)
    found, problems = read_declared(str(place))
    assert found == [] and len(problems) == 1


def test_neither_a_link_nor_a_fifo_is_read(place: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    (place / ".mcp.json").symlink_to(tmp_path / "other.json")
    assert read_declared(str(place))[0] == []
    (place / ".mcp.json").unlink()
    os.mkfifo(place / ".mcp.json")
    assert read_declared(str(place))[0] == []


def test_at_most_a_hundred_are_shown(place: Path) -> None:
    declare(place, **{f"s{number}": {"command": "x"} for number in range(120)})
    found, problems = read_declared(str(place))
    assert len(found) == 100 and "120 servers" in problems[0].reason


def test_every_part_of_a_declaration_is_in_its_digest() -> None:
    base = DeclaredServer(name="a", origin="workspace", argv=("x",), env={"A": "b"})
    others = [
        DeclaredServer(name="b", origin="workspace", argv=("x",), env={"A": "b"}),
        DeclaredServer(name="a", origin="user", argv=("x",), env={"A": "b"}),
        DeclaredServer(name="a", origin="workspace", argv=("x", ""), env={"A": "b"}),
        DeclaredServer(name="a", origin="workspace", argv=("x",), env={"A": "c"}),
        DeclaredServer(name="a", origin="workspace", argv=("x",), env={"A": "b"}, url="http://x"),
        DeclaredServer(name="a", origin="workspace", argv=("x",), env={"A": "b"}, headers={"A": "b"}),
    ]
    assert len({base.digest(), *(one.digest() for one in others)}) == 7


def test_variables_are_filled_in() -> None:
    assert filled("${A}/${B:-c d}/${A:-x}", {"A": "1"}) == "1/c d/1"
    assert filled("$A {B} $(C)", {}) == "$A {B} $(C)"
    with pytest.raises(KeyError):
        filled("${B}", {})
