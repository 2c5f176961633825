"""Redaction over blocks: any cut, any bytes, private keys over many lines, never another number of lines."""

import json
from itertools import product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit.planted_secrets import ASSIGNED, EVERY, planted

from llm_service.logs.parser import LineParser
from llm_service.logs.redaction import Redactor, redact
from llm_service.logs.redaction.utf16 import as_utf8

BODY = [f"{letter}{'MIIEowIBAAKCAQEAx0z3Yq0E7b1H5mWc8k2nQv9sJ4dLrT6uPzXa'}{letter}" for letter in "ABCDE"]
KEY = ["-----BEGIN RSA PRIVATE KEY-----", *BODY, "Qx7=", "-----END RSA PRIVATE KEY-----"]


def test_a_secret_cut_anywhere_is_found() -> None:
    random = Random(3)
    for template in [*list(EVERY.values())[::12], *ASSIGNED[::5]]:
        line, secret = planted(template, random)
        data = f"before\n{line}\nafter\n".encode()
        whole = redact(data)
        assert secret.encode() not in whole
        for cut in range(len(data) + 1):
            redactor = Redactor()
            assert redactor.feed(data[:cut]) + redactor.feed(data[cut:]) + redactor.flush() == whole


@pytest.mark.parametrize("kind", ["github", "anthropic", "groq", "discord-bot", "telegram"])
def test_a_secret_in_a_line_without_an_end_is_found_wherever_it_is_cut(kind: str) -> None:
    line, secret = planted(EVERY[kind], Random(1))
    for place in range(115_420, 115_640, 20):  # around the cut, which is 16 kB before the end of what is held, 132,000
        redactor, made = Redactor(), b""
        data = b"x " * (place // 2) + line.encode() + b" y" * 40_000
        for at in range(0, len(data), 33_000):
            made += redactor.feed(data[at : at + 33_000])
        made += redactor.flush()
        assert secret.encode() not in made
        assert made == redact(data), "no part of it is left either"


@given(
    st.lists(st.sampled_from([*KEY, "text", "", "token=Zx81kLmN0pQrStUv", "\x1b[1mpassword: hunter22\x1b[0m"])),
    st.data(),
)
@settings(max_examples=80, deadline=None)
def test_blocks_of_lines_give_what_the_whole_gives(lines: list[str], data: st.DataObject) -> None:
    whole = redact("".join(f"{line}\n" for line in lines).encode())
    assert whole.count(b"\n") == len(lines)
    redactor, made = Redactor(), b""
    while lines:
        size = data.draw(st.integers(1, len(lines)))
        made += redactor.redact("".join(f"{line}\n" for line in lines[:size]).encode())
        lines = lines[size:]
        redactor = Redactor(redactor.state())
    assert made == whole
    assert b"hunter22" not in whole and b"Zx81kLmN" not in whole


def test_what_was_made_of_utf_16_is_not_taken_for_it_again() -> None:
    for length in range(1, 6):
        for each in product(b"\0a\n\xfe\xff\xd8\xdc", repeat=length):
            made = as_utf8(bytes(each))
            assert as_utf8(made) == made and made.count(b"\n") == each.count(10), bytes(each)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
@example(b"\0\0")
def test_any_bytes_keep_their_lines(data: bytes) -> None:
    hidden = redact(data)
    assert hidden.count(b"\n") == data.count(b"\n")
    assert redact(hidden) == hidden


_PIECES = (
    "plain text", "\x1b[32mgreen\x1b[0m", "password=hunter22", "\\u0041 \\/ C:\\new", *KEY[:3], KEY[-1], "\0h\0i\0",
    "\x1b[1mtoken\x1b[0m=\x1b[33mghp_16C7e42F292c6912E7710c838347Ae178B4a\x1b[0m", "größe",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(_PIECES), max_size=3).map(" ".join), max_size=8))
@settings(max_examples=300, deadline=None)
def test_it_is_known_of_the_lines_of_a_block_whether_they_are_those_of_the_block(lines: list[str]) -> None:
    block = "".join(f"{line}\n" for line in lines).encode()
    redactor, parser = Redactor(), LineParser()
    given_lines, _ = redactor.lines(block)
    parser.parse(block)
    assert redactor.has_changed == (b"\n".join(given_lines) != block) == (not parser.is_unchanged)


@pytest.mark.parametrize("kind", ["RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "", "PGP "])
def test_a_private_key_over_many_lines(kind: str) -> None:
    block = " BLOCK" if kind == "PGP " else ""
    lines = [
        f"-----BEGIN {kind}PRIVATE KEY{block}-----",
        "Proc-Type: 4,ENCRYPTED",
        "",
        *BODY,
        "Qx7=",
        f"-----END {kind}PRIVATE KEY{block}-----",
    ]
    data = "\n".join(["first", *lines, "da39a3ee5e6b4b0d3255bfef95601890afd80709"]).encode()
    hidden = redact(data).decode().split("\n")
    assert len(hidden) == len(lines) + 2
    assert not any(body[5:30] in line for body in BODY for line in hidden)
    assert "Qx7=" not in hidden
    assert hidden[-1] == "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_a_private_key_in_one_line_and_in_json() -> None:
    for joint in ("\\n", " ", "\\\\n"):
        line = f'{{"key": "{joint.join(KEY)}", "more": 1}}'
        hidden = redact(line.encode()).decode()
        assert "MIIE" not in hidden and '"more": 1' in hidden and "Qx7" not in hidden
    cut = '{"key": "' + "\\n".join(KEY[:4]) + '"}\nda39a3ee5e6b4b0d3255bfef95601890afd80709\n'
    hidden = redact(cut.encode()).decode()
    assert "MIIE" not in hidden and hidden.endswith('"}\nda39a3ee5e6b4b0d3255bfef95601890afd80709\n')


def test_a_key_whose_lines_have_a_prefix_and_lines_of_others_between() -> None:
    lines = [f"web-1  | {line}" for line in KEY]
    lines.insert(3, "web-2  | GET / 200")
    hidden = redact("\n".join(lines).encode()).decode()
    assert "MIIE" not in hidden and "GET / 200" in hidden


def test_a_key_that_never_ends_does_not_hide_the_rest() -> None:
    lines = [
        *KEY[:3],
        *(f"line {number} of the log" for number in range(40)),
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ]
    hidden = redact("\n".join(lines).encode()).decode().split("\n")
    assert hidden[3:] == lines[3:]


def test_putty_keys() -> None:
    data = (
        "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\n"
        + "\n".join(BODY[:2])
        + "\nPrivate-MAC: "
        + "a1" * 20
        + "\n"
    )
    hidden = redact(data.encode()).decode()
    assert "MIIE" not in hidden


def test_nothing_that_the_parser_gives_has_a_secret() -> None:
    random = Random(9)
    for template in [*list(EVERY.values())[::2], *ASSIGNED]:
        line, secret = planted(template, random)
        events = (
            f"{line}\n",
            f"\x1b[31mERROR\x1b[0m {line}\n",
            f"10%\r{line}\r100%\n",
            json.dumps({"type": "result", "subtype": "success", "result": f"FACT: {line}"}) + "\n",
            json.dumps({"level": "error", "msg": line}) + "\n",
        )
        for parsed in LineParser().parse("".join(events).encode()):
            assert secret not in repr(parsed), template
