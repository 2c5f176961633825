"""Secrets in base64, in blocks of YAML, and in logs that are UTF-16."""

from __future__ import annotations

import base64
import json
from random import Random

import pytest
from kit.planted_secrets import EVERY, planted

from llm_service.logs.parser import LineParser
from llm_service.logs.redaction import Redactor, redact
from llm_service.logs.redaction.encoded import encoded_beginning


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def hidden(text: str) -> str:
    """The text redacted, as a whole and line by line, which has to be the same."""
    whole = redact(text.encode()).decode()
    redactor, lines = Redactor(), []
    for line in text.encode().splitlines(keepends=True):
        lines.append(redactor.redact(line))
        redactor = Redactor(redactor.state())
    assert b"".join(lines).decode() == whole
    assert whole.count("\n") == text.count("\n")
    assert redact(whole.encode()).decode() == whole
    return whole


@pytest.mark.parametrize(
    "line",
    [
        "proxy says «Basic {}»", "auth = ('Basic {}')", '"Authorization":"basic {}"', "Proxy-Authorization: Basic {}",
    ],
)  # fmt: skip
def test_credentials_of_basic_authentication(line: str) -> None:
    for user, password in (("ada", "hunter2"), ("", "p4ss"), ("svc@example.org", "über geheim")):
        secret = b64(f"{user}:{password}")
        assert secret not in hidden(line.format(secret))


@pytest.mark.parametrize(
    "line", ["basic authentication is on", "Basic dGhpcyBpcyBubyBjcmVkZW50aWFs", "basic settings: aaaa"]
)
def test_what_is_no_credential_stays(line: str) -> None:
    assert hidden(line) == line


@pytest.mark.parametrize(
    "kind", ["github", "github-fine-grained", "gitlab", "anthropic", "slack", "npm", "google-api-key"]
)
def test_tokens_in_base64(kind: str) -> None:
    random = Random(7)
    for _ in range(20):
        secret = b64(planted(EVERY[kind], random)[1])
        for line in (f"  token.txt: {secret}", f'{{"value":"{secret}"}}', f"VALUE={secret}", f"got {secret}."):
            found = hidden(line)
            assert secret[:-4] not in found and "[redacted:" in found, line


def test_keys_addresses_and_docker_logins_in_base64() -> None:
    body = "MIIEowIBAAKCAQEAx0z3Yq0E7b1H5mWc8k2nQv9sJ4dLrT6uPzXa" * 3
    key = b64(f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n")
    certificate = b64(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    login = b64(json.dumps({"auths": {"ghcr.io": {"auth": b64("ada:hunter2hunter2")}}}))
    address = b64("postgres://app:hunter2@db:5432/app")
    for secret in (key, login, address):
        assert secret not in hidden(f"  some.name: {secret}")
    for harmless in (certificate, b64("postgres://db:5432/app"), b64("just a text that is long enough")):
        assert hidden(f"  some.name: {harmless}") == f"  some.name: {harmless}"


def test_what_begins_with_a_text_begins_so_in_base64() -> None:
    for text in ("a", "ab", "abc", "ghp_", "sk-ant-"):
        for more in ("", "x", "\xff\xff", "~~~"):
            assert b64(text + more).startswith(encoded_beginning(text))


SECRET = f"""apiVersion: v1
data:
  username: {b64("administrator")}
  url: {b64("hunter2")}
  blob: {b64("x" * 9)}0123456789abcdef
  mode: standard
  other: somewords
kind: Secret
metadata:
  name: the-name-of-it
"""


def test_the_data_of_a_secret_of_kubernetes() -> None:
    found = hidden(SECRET).split("\n")
    assert found[2:5] == ["  username: [redacted:secret]", "  url: [redacted:secret]", "  blob: [redacted:secret]"]
    assert found[5:] == SECRET.split("\n")[5:]
    one, two = b64("hunter2 and more"), b64("hunter3 and more")
    quoted = f'  "data": {{\n    "a": "{one}",\n    "b": "{two}"\n  }},\n  "kind": "Secret"\n'
    assert hidden(quoted) == (
        '  "data": {\n    "a": "[redacted:secret]",\n    "b": "[redacted:secret]"\n  },\n  "kind": "Secret"\n'
    )
    plain = "stringData:\n  a: anything\n  b: 'at all'\ntype: Opaque\n"
    assert hidden(plain) == "stringData:\n  a: [redacted:secret]\n  b: '[redacted:secret]'\ntype: Opaque\n"


def test_a_config_map_and_words_below_data_stay() -> None:
    text = (
        "data:\n  mode: production\n  level: DEBUGGER\n  port: '80808080'\n  note: |\n    some text\nkind: ConfigMap\n"
    )
    assert hidden(text) == text


@pytest.mark.parametrize(
    "head", ["password: |", "- api_key: >-", "  client_secret: |2+  # here", '"token": |', "DB_PASSWORD: >"]
)
def test_a_text_under_the_name_of_a_secret(head: str) -> None:
    indentation = " " * (len(head) - len(head.lstrip(" ")))
    text = (
        f"first: x\n{head}\n{indentation}  hunter2\n\n{indentation}    and more\n{indentation}next: visible\nlast: y\n"
    )
    found = hidden(text).split("\n")
    assert found[2:6] == [
        f"{indentation}  [redacted:secret]", "", f"{indentation}    [redacted:secret]", f"{indentation}next: visible",
    ]  # fmt: skip
    assert (found[0], found[6]) == ("first: x", "last: y")


@pytest.mark.parametrize("head", ["description: |", "max_tokens: >", "secret_name: |", "the password: | is asked for"])
def test_a_text_under_another_name_stays(head: str) -> None:
    text = f"{head}\n  hunter2\nnext: visible\n"
    assert hidden(text) == text


def test_a_block_that_does_not_end_does_not_hide_the_whole_log() -> None:
    text = "password: |\n" + "".join(f"  line {number}\n" for number in range(700))
    found = hidden(text).split("\n")
    assert found[500] == "  [redacted:secret]" and found[501] == "  line 500"


def test_another_secret_in_a_block_and_a_key_in_it() -> None:
    key = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEowIBAAKCAQEAx0z3Yq0E7b1H5mWc8k2nQv9s",
        "-----END RSA PRIVATE KEY-----",
    ]
    text = (
        "data:\n  config: 'password=hunter2hunter2'\n  key: |\n"
        + "".join(f"    {line}\n" for line in key)
        + "kind: x\n"
    )
    found = hidden(text)
    assert "hunter2" not in found and "MIIE" not in found and found.endswith("kind: x\n")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_logs_in_utf_16(encoding: str, mark: str, end: str) -> None:
    line, secret = planted(EVERY["github"], Random(4))
    lines = ["INFO begin", line, "", "password: hunter2hunter2", "a", "end"]
    data = (mark + "".join(f"{each}{end}" for each in lines)).encode(encoding)
    blocks = [part + b"\n" for part in data.split(b"\n")[:-1]] + [data.split(b"\n")[-1]]
    redactor = Redactor()
    texts = [b"".join(redactor.redact(block) for block in blocks).decode(), redact(data).decode()]
    for text in texts:
        assert secret not in text and "hunter2" not in text
        assert text.replace("\r", "").split("\n")[:1] == ["INFO begin"]
        assert text.replace("\r", "").split("\n")[2:6] == ["", "password: [redacted:secret]", "a", "end"]
        assert "\0" not in text
    parsed = LineParser().parse(data)
    assert parsed[0].message == "begin" and not any("hunter2" in each.raw for each in parsed)


def test_utf_16_beyond_ascii() -> None:
    text = "\ufeffGrüße, Żółw: password=hunter2hunter2\nzweite Zeile: Größe Łódź\n"
    assert redact(text.encode("utf-16-le")).decode() == (
        "Grüße, Żółw: password=[redacted:secret]\nzweite Zeile: Größe Łódź\n"
    )


@pytest.mark.parametrize(
    "data", [b"\0", b"\0\0\0\0\0\0\n", b"a\0b", b"\0" * 50 + b"abc\n", bytes(range(256)), b"a\0b c d e f\n"]
)
def test_what_has_zeros_and_is_no_utf_16_keeps_its_lines(data: bytes) -> None:
    assert redact(data).count(b"\n") == data.count(b"\n")
    assert redact(redact(data)) == redact(data)
