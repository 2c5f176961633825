"""Secrets in base64: of HTTP's basic authentication, of Kubernetes, Docker and CI variables."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from .rule import Rule

_REST = "[0-9A-Za-z+/]"
_KNOWN = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-ant-", "sk-proj-", "sk_live_", "rk_live_",
    "xoxb-", "xoxp-", "xapp-", "npm_", "pypi-", "dckr_pat_", "AKIA", "ASIA", "AIza", "ya29.", "hvs.", "hf_", "SG.",
    "glsa_", "dop_v1_", "shpat_", "eyJhbGciOi", "postgres://", "postgresql://", "mysql://", "mongodb://",
    "mongodb+srv://", "redis://", "rediss://", "amqp://", "amqps://",
)  # fmt: skip
"""How what is encoded begins: a token, or an address that has a password."""
_TOKEN = re.compile(
    rb"(?:" + b"|".join(re.escape(known.encode()) for known in _KNOWN if "://" not in known) + rb")[\w.+/=-]{12,}"
)
_URL = re.compile(rb"\w[\w+.-]*://[^\s/:@]*:[^\s/@]+@")
_USER = re.compile(rb"[^\s:\x00-\x1f\x7f]{0,100}:[^\x00-\x1f\x7f]{3,}$")
_DOCKER = ('{"auths":', '{"auth":', '{\n    "auths"', '{\n  "auths"', '{\n\t"auths"', '{\r\n\t"auths"')


def encoded_beginning(text: str) -> str:
    """What base64 of everything that begins with this text begins with."""
    data = text.encode()
    return base64.b64encode(data).decode().rstrip("=")[: len(data) * 8 // 6]


def decoded(text: bytes) -> bytes:
    """What is encoded; b"" if nothing can be read."""
    whole = text.rstrip(b"=")
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return b""


def _is_user_and_password(_: bytes, secret: bytes) -> bool:
    return len(secret) % 4 == 0 and _USER.match(decoded(secret)) is not None


def _is_private_key(_: bytes, secret: bytes) -> bool:
    return b"PRIVATE KEY" in decoded(secret)[:100]


def _is_token(_: bytes, secret: bytes) -> bool:
    data = decoded(secret)
    return _TOKEN.match(data) is not None or _URL.match(data) is not None


def _beginnings(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(encoded_beginning(text) for text in texts))


def _rule(name: str, texts: tuple[str, ...], least: int, is_secret: Callable[[bytes, bytes], bool] | None) -> Rule:
    begins = _beginnings(texts)
    alternatives = "|".join(re.escape(begin) for begin in begins)
    expression = rf"(?:^|[^0-9A-Za-z+/])((?:{alternatives}){_REST}{{{least},}}={{0,2}})"
    keywords = tuple(begin.lower() for begin in begins)
    return Rule(name, expression, keywords, is_secret, hint=rf"(?:{alternatives}){_REST}{{{least}}}")


ENCODED: tuple[Rule, ...] = (
    Rule(
        "basic-credentials",
        rf"\b(?i:basic)\s+({_REST}{{6,}}={{0,2}})",
        ("basic",),
        _is_user_and_password,
        hint=r"(?i:basic)\s+[0-9A-Za-z+/]{6}",
    ),
    _rule("encoded-private-key", ("-----BEGIN ",), 30, _is_private_key),
    _rule("encoded-docker-config", _DOCKER, 16, None),
    _rule("encoded-token", _KNOWN, 12, _is_token),
)
