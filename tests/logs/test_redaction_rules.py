"""Every rule finds its kind of secret, wherever it is written; ordinary text is left as it is."""

import json
import re
from random import Random

import pytest
from kit.log_mix import LogMix
from kit.planted_secrets import ASSIGNED, EVERY, planted

from llm_service.logs.redaction import redact
from llm_service.logs.redaction.expressions import RULES, expressions

BY_NAME = {rule.name: rule for rule in RULES}


def hide(line: str) -> str:
    return redact(line.encode()).decode()


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_each_rule_finds_its_secret_by_itself(name: str) -> None:
    random = Random(name)
    for _ in range(5):
        line, secret = planted(EVERY[name], random)
        assert any(word in line.lower() for word in BY_NAME[name].keywords)
        compiled = next(each for each in expressions().keywords.rules_of(line.lower().encode()) if each.name == name)
        assert compiled in expressions().keywords.rules_of(line.lower().encode() + b" " * 3_000)
        data = line.encode()
        whole, group = (data[slice(*span)] for span in compiled.expression.spans(data, 0, len(data))[:2])
        assert secret.encode() in group
        assert compiled.is_secret is None or compiled.is_secret(whole, group)
        assert expressions().any.is_in(f"x\n{line}\nx".encode())
        assert expressions().of_rule.is_in(data)
        hidden = hide(line)
        assert secret not in hidden and secret[-8:] not in hidden and "[redacted:" in hidden
        assert hide(hidden) == hidden


def test_there_are_rules_for_forty_kinds_and_more_each_with_an_example() -> None:
    assert len(RULES) == len(BY_NAME) >= 40
    assert BY_NAME.keys() == EVERY.keys()


@pytest.mark.parametrize("template", ASSIGNED)
def test_secrets_behind_a_name(template: str) -> None:
    random = Random(template)
    for _ in range(5):
        line, secret = planted(template, random)
        hidden = hide(line)
        assert secret not in hidden and secret[-6:] not in hidden
        assert hide(hidden) == hidden


@pytest.mark.parametrize("template", [*EVERY.values(), *ASSIGNED[:6]])
def test_a_secret_is_found_in_other_wrappings(template: str) -> None:
    line, secret = planted(template, Random(template))
    colours = re.sub(r"([=: ])", "\x1b[1m\\1\x1b[0m", line.replace(secret, "\x00")).replace("\x00", secret)
    in_json = json.dumps({"type": "user", "message": {"content": [{"type": "text", "text": f"a\n{line}\nb"}]}})
    escaped = line.replace(
        secret, "".join(f"\\u{ord(letter):04x}" if letter not in '"\\' else letter for letter in secret)
    )
    assert secret not in hide(colours)
    assert secret not in hide(f"2026-11-30T05:22:42Z INFO {line}")
    hidden = hide(in_json)
    assert json.dumps(secret)[1:-1] not in hidden
    assert json.loads(hidden)["type"] == "user"
    assert secret not in json.loads(f'"{hide(escaped)}"') if '"' not in line else True


@pytest.mark.parametrize(
    "line",
    [
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709 fix the parser",
        "image sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 pulled",
        "request 0f7f0f3c-3c0e-4b43-9c5e-0d7f0a1b2c3d took 12 ms",
        'session_id=0f7f0f3c-3c0e-4b43-9c5e-0d7f0a1b2c3d "uuid":"0f7f0f3c-3c0e-4b43-9c5e-0d7f0a1b2c3d"',
        "src=data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
        "integrity sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==",
        "max_tokens=4096 input_tokens: 12345678 output_tokens=200",
        "token_count: 1234567 tokenizer=cl100k_base next_page_token=abc123def456",
        "password: required, secret: missing, token: expired",
        "password = settings.password; token = get_token(user1)",
        "api_key=${API_KEY} token=$TOKEN secret=<your-secret-1> password=********",
        "api_key: str = Field(...), password: Optional[str] = None",
        "secret_name: my-app-secret-1 password_file=/run/secrets/db1",
        "primary key: users_2024 cache key=user:17:profile99",
        "Authorization: Bearer $TOKEN and Authorization: required",
        "https://example.com:8080/a@b?page=2 ssh://git@github.com/a/b",
        "author: bob@example.com, keyboard: qwerty12, monkey=banana2000",
        "git@github.com:user/repo.git 10.0.0.1:5432 12:30:45",
        "-----BEGIN PUBLIC KEY----- and -----BEGIN CERTIFICATE-----",
        "the token 'x' is not valid, expected token: ')' at 1:2",
    ],
)
def test_what_is_no_secret_is_left(line: str) -> None:
    assert hide(line) == line


def test_no_line_of_ordinary_logs_is_changed() -> None:
    block = LogMix(7).block(5_000)
    assert redact(block) is block
