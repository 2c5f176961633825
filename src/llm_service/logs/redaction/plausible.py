"""Is what stands behind a name like `password` or `token` a secret, or a word, a placeholder, a piece of code?"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

_MAX_CACHED = 100
"""Bytes of a name: a log has few different ones, unless somebody wants to fill the memory."""

_PLACEHOLDER = re.compile(
    rb"\s*(?:\[redacted|[{<\[(,;:=)|]|\*{2,}|\.{2,}|-+$|_+$|[xX]{3,}[xX-]*$"
    rb"|\$(?:[{(]|[A-Z_][A-Z0-9_]*$|[a-z_]+$)|%(?:[sdr(]|[A-Z_]+%$)|@[A-Z_]+@$|&[a-z_]+$"
    rb"|(?:None|null|nil|undefined|true|false|True|False|str|string|bytes|int|bool|any|Any|Optional|number|SecretStr)\b"
    rb"|(?:your|my)[_ -]|change[_-]?(?:me|it)\b|(?:example|placeholder|dummy|redacted|REDACTED|hidden|masked|unset)\b"
    rb"|not[ _-]?set\b|(?:empty|required|optional|missing|invalid|expired|incorrect|wrong)\b)"
)
_OBJECTS = rb"os|process|settings|config|self|this|env|environ|ctx|request|req|args|options|params"
_CODE = re.compile(rb"[(){}\[\]<>|]|\b(?:" + _OBJECTS + rb")\.|::|->|=>")
_IDENTIFIER = re.compile(rb"[A-Za-z_][A-Za-z]*(?:[._-][A-Za-z]+)*[,;.:!?)]*$")
_OF_NAMES = re.compile(
    rb"(?i:passw|secret|token|key|credential|auth|value|none|null|string|type|field|param|input|user|name|id\b)"
)
_SUFFIXES = rb"py|js|ts|json|yaml|yml|toml|md|txt|env|pem|key|log|sh|go|rs"
_PATH = re.compile(rb"(?:[A-Za-z]:)?\.{0,2}/(?:[\w .@+-]+/)*[\w .@+-]*$|[\w./-]+\.(?:" + _SUFFIXES + rb")\b")
_COUNTED = (
    rb"max|min|next|page|prev|continuation|sync|cancel|cancellation|stop|eos|bos|pad|unk|mask|special|end|start|csrf|xsrf"
    rb"|public|primary|foreign|cache|partition|sort|hot|design|total|sub|syntax|lexer|chat|num|n"
)
_PROPERTY = (
    rb"type|name|id|ids|url|uri|file|path|dir|count|len|length|size|limit|expir\w*|ttl|usage|policy|arn|ref|version"
    rb"|rotat\w*|endpoint|field|prefix|index|class|kind|format|status|age|min|max|regex|pattern|manager|store|provider"
    rb"|scope|budget|rate|used|left|hint|prompt|created|updated|at|vault|alias|ring|board|words?|fingerprint|algo\w*"
    rb"|bits|map|set|list|schema|spec|label|title|description|method|mode|helper|source"
)
_NO_SECRET = re.compile(
    rb"(?i:(?:\b|_|-|\.)(?:" + _COUNTED + rb")[_.-]?(?:token|key)s?$"
    rb"|(?:token|secret|passw(?:or)?d|pass[_.-]|keys?|credentials?|creds?|auth)[_.-]?(?:" + _PROPERTY + rb")$)"
)
_PASSWORD = re.compile(rb"(?i:passw|passphrase|passcode|pwd|secret)")
_RANDOM = re.compile(rb"[0-9A-Za-z_\-+/=.~:!@#$%^&*|]{8,}$")
_WORD = re.compile(rb"[A-Za-z]+(?:[_.:/-][A-Za-z]+)*$")
_BASE64 = re.compile(rb"(?=(?:[^A-Z]*[A-Z]){3})(?=(?:[^a-z]*[a-z]){3})(?=[^0-9]*[0-9])[0-9A-Za-z+/]+=*$")
_NUMBER = re.compile(rb"[\d.,:_%-]+(?:ms|s|m|h|d|k|kb|mb|gb|b)?$", re.IGNORECASE)


def is_placeholder(secret: bytes) -> bool:
    """True for `***`, `<token>`, `${TOKEN}`, `None`, `changeme` and what was redacted already."""
    return _PLACEHOLDER.match(secret) is not None


def is_word(secret: bytes) -> bool:
    """True for words and names without a digit."""
    return _WORD.match(secret) is not None


def is_name_of_no_secret(name: bytes) -> bool:
    """True for `max_tokens`, `secret_name` and the like."""
    return _is_of_no_secret(name) if len(name) < _MAX_CACHED else _NO_SECRET.search(name) is not None


@lru_cache(1024)
def _is_of_no_secret(name: bytes) -> bool:
    return _NO_SECRET.search(name) is not None


def entropy(secret: bytes) -> float:
    """Bits per byte (Shannon): words have 2 to 3, random letters and digits over 3.5."""
    size = len(secret)
    return -sum(count / size * math.log2(count / size) for count in Counter(secret).values())


def is_secret_of_name(whole: bytes, secret: bytes) -> bool:
    """Of `--password hunter2`, whose name is in `whole`."""
    name = whole[: len(whole) - len(secret)].strip(b" \t=,\"'\\[")
    return is_secret_value(name, b"=", secret, is_quoted=False)


def is_secret_value(name: bytes, between: bytes, secret: bytes, is_quoted: bool, is_first: bool = False) -> bool:
    """Of `name<between>secret`; `is_quoted`: it is in quotes, `is_first`: the name is the first in its line."""
    if len(secret) < 4 or (not is_quoted and _CODE.search(secret)):
        return False
    if is_name_of_no_secret(name) or is_placeholder(secret):
        return False
    if _PASSWORD.search(name):
        return _is_password(name, between, secret, is_quoted, is_first)
    return _is_random(secret, least=16 if name.endswith(b"_KEY") else 8)


def _is_password(name: bytes, between: bytes, secret: bytes, is_quoted: bool, is_first: bool) -> bool:
    if is_quoted:
        return b" " not in secret.strip() or b"=" in between or b'"' in between or is_first
    if (_NUMBER.match(secret) and len(secret) < 6) or _is_path(secret):
        return False
    if not _IDENTIFIER.match(secret):
        return True  # it has digits or other characters
    if _OF_NAMES.search(secret) or b"_" in secret or b"." in secret.rstrip(b".,;:!?)"):
        return False  # password=user_password
    is_tight = between in (b"=", b":", b":=")
    return is_tight or (is_first and b":" in between and name.islower() and len(secret) >= 8)


def _is_random(secret: bytes, least: int) -> bool:
    secret = secret.rstrip(b",;.)")
    if len(secret) < least or not _RANDOM.match(secret) or b"://" in secret:
        return False
    if _is_path(secret) or _NUMBER.match(secret):
        return False
    digits = sum(48 <= byte < 58 for byte in secret)
    if not digits:  # letters can be random too, if upper and lower case are mixed beyond what names do
        return len(secret) >= 20 and entropy(secret) > 4.0 and not _WORD.match(secret.lower().title())
    return entropy(secret) >= (3.0 if len(secret) >= 16 else 2.75)


def _is_path(secret: bytes) -> bool:
    """Base64 may begin with "/", but is long, mixed as names of files are not, and has no other characters."""
    return _PATH.match(secret) is not None and not (len(secret) >= 20 and _BASE64.match(secret))
